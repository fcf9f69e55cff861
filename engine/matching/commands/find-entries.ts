import { ARRIVAL_DOUBLE, type Entries } from '../entries.ts';
import { mix32 } from '../murmur3.ts';
import { SLAB_CHUNK_ENTRIES } from '../slab.ts';

/**
 * Finds entries by their arrivals, by one pass over all of them: commands are rare, and an index of arrivals would cost
 * every record. For each entry with a wanted arrival `found` is called, entries that are free or no longer in memory
 * included: the caller tells them apart.
 * @param found is given the place of the arrival in `wanted`, and the entry
 */
export function findEntries(
  entries: Entries,
  wanted: readonly number[],
  found: (place: number, entry: number) => void,
): void {
  const table = new ArrivalTable(wanted);
  const first = wanted.reduce((least, arrival) => Math.min(least, arrival), Number.POSITIVE_INFINITY);
  const last = wanted.reduce((most, arrival) => Math.max(most, arrival), Number.NEGATIVE_INFINITY);
  const stride = entries.entryBytes / 8;
  for (const [chunk, doubles] of entries.doubles.entries()) {
    const start = chunk * SLAB_CHUNK_ENTRIES;
    const count = Math.min(SLAB_CHUNK_ENTRIES, entries.count - start);
    for (let i = 0, at = ARRIVAL_DOUBLE; i < count; i++, at += stride) {
      const arrival = doubles[at]!;
      if (arrival < first || arrival > last) continue;
      const place = table.find(arrival);
      if (place >= 0) found(place, start + i);
    }
  }
}

/** The places of numbers in a list: an open-addressing table of at most half its slots. */
class ArrivalTable {
  readonly #slots: Int32Array;
  readonly #wanted: Float64Array;

  constructor(wanted: readonly number[]) {
    this.#wanted = Float64Array.from(wanted);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(wanted.length * 2 + 2)));
    for (const [place, arrival] of wanted.entries()) {
      let slot = this.#home(arrival);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = place + 1;
    }
  }

  /** The place of a number, or −1. */
  find(arrival: number): number {
    const slots = this.#slots;
    for (let slot = this.#home(arrival); slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
      const place = slots[slot]! - 1;
      if (this.#wanted[place] === arrival) return place;
    }
    return -1;
  }

  #home(arrival: number): number {
    // Bits beyond the 32nd fall away: the second term brings those of the sequence back.
    return mix32((arrival | 0) ^ (arrival / 65_536)) & (this.#slots.length - 1);
  }
}
