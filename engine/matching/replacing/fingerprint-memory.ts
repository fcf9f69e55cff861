/** Words of a slot: four of the fingerprint, then arrival + 1, `until`, `value` and `time` as doubles. */
const SLOT_WORDS = 12;
const SLOT_DOUBLES = SLOT_WORDS / 2;
const ARRIVAL = 2;
const UNTIL = 3;
const VALUE = 4;
const TIME = 5;
const TABLE_BITS = 6;
const FIRST_SLOTS = 16;
/** A table is never fuller than this. */
const MAX_LOAD = 0.75;

/** What is kept of a record. */
export interface Kept {
  readonly arrival: number;
  /** It may be forgotten when `now` is past this. */
  readonly until: number;
  readonly value: number;
  /** Of the record, epoch milliseconds. */
  readonly time: number;
}

interface Table {
  words: Int32Array<ArrayBuffer>;
  doubles: Float64Array<ArrayBuffer>;
  count: number;
}

/**
 * Records by a 128-bit fingerprint of something about them, 48 bytes a slot: their arrival, until when they are
 * remembered, their time, and one number more. Several may have one fingerprint. Tables are small and each grows by itself, so that
 * no growth is ever large; what is out of date goes when its table is full.
 *
 *     for (let slot = memory.first(a, b, c, d); slot >= 0; slot = memory.next(slot)) memory.arrival(slot)
 */
export class FingerprintMemory {
  readonly #tables: Table[] = Array.from({ length: 1 << TABLE_BITS }, () => tableOf(FIRST_SLOTS));
  /** Table of the lookup at hand, and its fingerprint. */
  #table: Table = this.#tables[0]!;
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** The first slot with a fingerprint, or −1. Slots stay valid until the memory changes. */
  first(a: number, b: number, c: number, d: number): number {
    this.#table = this.#tables[a >>> (32 - TABLE_BITS)]!;
    [this.#a, this.#b, this.#c, this.#d] = [a, b, c, d];
    return this.#seek(b & (slotsOf(this.#table) - 1));
  }

  /** The next slot with the same fingerprint, or −1. */
  next(slot: number): number {
    return this.#seek((slot + 1) & (slotsOf(this.#table) - 1));
  }

  arrival(slot: number): number {
    return this.#table.doubles[slot * SLOT_DOUBLES + ARRIVAL]! - 1;
  }

  until(slot: number): number {
    return this.#table.doubles[slot * SLOT_DOUBLES + UNTIL]!;
  }

  value(slot: number): number {
    return this.#table.doubles[slot * SLOT_DOUBLES + VALUE]!;
  }

  time(slot: number): number {
    return this.#table.doubles[slot * SLOT_DOUBLES + TIME]!;
  }

  /** Replaces what is kept in a slot found just now. */
  set(slot: number, kept: Kept): void {
    put(this.#table, slot, kept);
  }

  /**
   * Adds a record. What is outdated `now` makes room.
   */
  add(a: number, b: number, c: number, d: number, kept: Kept, now: number): void {
    let table = this.#tables[a >>> (32 - TABLE_BITS)]!;
    if (table.count >= slotsOf(table) * MAX_LOAD) {
      table = renewed(table, now);
      this.#tables[a >>> (32 - TABLE_BITS)] = table;
    }
    insert(table, a, b, c, d, kept);
  }

  /** Removes the slot found just now. */
  remove(slot: number): void {
    const { words, doubles } = this.#table;
    const mask = slotsOf(this.#table) - 1;
    let hole = slot;
    for (let i = (hole + 1) & mask; doubles[i * SLOT_DOUBLES + ARRIVAL] !== 0; i = (i + 1) & mask) {
      const home = words[i * SLOT_WORDS + 1]! & mask;
      // The record at i may move to the hole only if the hole is not before its home.
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      words.copyWithin(hole * SLOT_WORDS, i * SLOT_WORDS, (i + 1) * SLOT_WORDS);
      hole = i;
    }
    words.fill(0, hole * SLOT_WORDS, (hole + 1) * SLOT_WORDS);
    this.#table.count--;
  }

  /** Records in memory, the outdated included. */
  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.count, 0);
  }

  get byteLength(): number {
    return this.#tables.reduce((sum, table) => sum + table.words.byteLength, 0);
  }

  /** Everything that is not outdated, for a snapshot: a copy. */
  state(now: number): Uint8Array {
    const kept = new Int32Array(this.size * SLOT_WORDS);
    let at = 0;
    for (const table of this.#tables) {
      forEachKept(table, now, (slot) => {
        kept.set(table.words.subarray(slot * SLOT_WORDS, (slot + 1) * SLOT_WORDS), at);
        at += SLOT_WORDS;
      });
    }
    return new Uint8Array(kept.buffer, 0, at * 4);
  }

  /** Takes over what {@link FingerprintMemory.state} gave; false when its size is wrong. */
  restore(state: Uint8Array): boolean {
    if (state.length % (SLOT_WORDS * 4) !== 0) return false;
    const words = new Int32Array(state.slice().buffer);
    const doubles = new Float64Array(words.buffer);
    for (let at = 0; at < words.length; at += SLOT_WORDS) {
      const d = at / 2;
      this.add(
        words[at]!,
        words[at + 1]!,
        words[at + 2]!,
        words[at + 3]!,
        keptAt(doubles, d),
        Number.NEGATIVE_INFINITY,
      );
    }
    return true;
  }

  #seek(from: number): number {
    const { words, doubles } = this.#table;
    const mask = slotsOf(this.#table) - 1;
    for (let slot = from; doubles[slot * SLOT_DOUBLES + ARRIVAL] !== 0; slot = (slot + 1) & mask) {
      const w = slot * SLOT_WORDS;
      if (
        words[w] === this.#a &&
        words[w + 1] === this.#b &&
        words[w + 2] === this.#c &&
        words[w + 3] === this.#d
      )
        return slot;
    }
    return -1;
  }
}

function tableOf(slots: number): Table {
  const words = new Int32Array(slots * SLOT_WORDS);
  return { words, doubles: new Float64Array(words.buffer), count: 0 };
}

function slotsOf(table: Table): number {
  return table.words.length / SLOT_WORDS;
}

/** The table without what is outdated, and with room. */
function renewed(table: Table, now: number): Table {
  let kept = 0;
  forEachKept(table, now, () => kept++);
  const grown = tableOf(kept >= (slotsOf(table) * MAX_LOAD) / 2 ? slotsOf(table) * 2 : slotsOf(table));
  forEachKept(table, now, (slot) => {
    const w = slot * SLOT_WORDS;
    const d = slot * SLOT_DOUBLES;
    const { words, doubles } = table;
    insert(grown, words[w]!, words[w + 1]!, words[w + 2]!, words[w + 3]!, keptAt(doubles, d));
  });
  return grown;
}

/** What lies in the slot whose doubles begin at `d`. */
function keptAt(doubles: Float64Array, d: number): Kept {
  return {
    arrival: doubles[d + ARRIVAL]! - 1,
    until: doubles[d + UNTIL]!,
    value: doubles[d + VALUE]!,
    time: doubles[d + TIME]!,
  };
}

function forEachKept(table: Table, now: number, each: (slot: number) => void): void {
  const slots = slotsOf(table);
  for (let slot = 0; slot < slots; slot++) {
    const d = slot * SLOT_DOUBLES;
    if (table.doubles[d + ARRIVAL] !== 0 && now <= table.doubles[d + UNTIL]!) each(slot);
  }
}

function insert(table: Table, a: number, b: number, c: number, d: number, kept: Kept): void {
  const { words, doubles } = table;
  const mask = slotsOf(table) - 1;
  let slot = b & mask;
  while (doubles[slot * SLOT_DOUBLES + ARRIVAL] !== 0) slot = (slot + 1) & mask;
  const w = slot * SLOT_WORDS;
  words[w] = a;
  words[w + 1] = b;
  words[w + 2] = c;
  words[w + 3] = d;
  put(table, slot, kept);
  table.count++;
}

function put({ doubles }: Table, slot: number, { arrival, until, value, time }: Kept): void {
  const d = slot * SLOT_DOUBLES;
  doubles[d + ARRIVAL] = arrival + 1;
  doubles[d + UNTIL] = until;
  doubles[d + VALUE] = value;
  doubles[d + TIME] = time;
}
