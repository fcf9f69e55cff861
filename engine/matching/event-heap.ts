import type { Entries } from './entries.ts';
import { laneOf } from './entries.ts';

const SHIFT = 14;
const CHUNK = 1 << SHIFT;
const MASK = CHUNK - 1;

interface Chunk {
  readonly entries: Int32Array;
  /** Two for each entry: the time of its event, and its arrival; so that comparing looks at no entry. */
  readonly keys: Float64Array;
}

/**
 * Events in exact order: by time, then arrival, then the reconciliation's place. A four-ary heap of entry numbers; each
 * entry knows its place, so that it can leave from the middle. It lies in chunks, so that growth copies nothing.
 */
export class EventHeap {
  readonly #entries: Entries;
  /** Place of each lane's reconciliation in the configuration. */
  readonly #order: Int32Array;
  readonly #mark: number;
  readonly #chunks: Chunk[] = [makeChunk()];
  #size = 0;

  /** @param mark `wheelPrevious` of an entry in this heap; its `wheelNext` is its place */
  constructor(entries: Entries, order: Int32Array, mark: number) {
    this.#entries = entries;
    this.#order = order;
    this.#mark = mark;
  }

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#chunks.length * CHUNK * (4 + 16);
  }

  /** The first entry; only when `size` > 0. */
  top(): number {
    return this.#chunks[0]!.entries[0]!;
  }

  /** The time of the first entry's event; only when `size` > 0. */
  topTime(): number {
    return this.#chunks[0]!.keys[0]!;
  }

  /** Whether the first entry comes before one that is not in this heap; only when `size` > 0. */
  comesBefore(entry: number): boolean {
    return !this.#isBefore(entry, this.#entries.event(entry), this.#entries.arrival(entry), 0);
  }

  push(entry: number): void {
    if (this.#size === this.#chunks.length << SHIFT) this.#chunks.push(makeChunk());
    const entries = this.#entries;
    entries.setWheelPrevious(entry, this.#mark);
    this.#rise(this.#size++, entry, entries.event(entry), entries.arrival(entry));
  }

  remove(entry: number): void {
    const place = this.#entries.wheelNext(entry);
    this.#size--;
    const { entries, keys } = this.#chunks[this.#size >>> SHIFT]!;
    const at = this.#size & MASK;
    const last = entries[at]!;
    const time = keys[2 * at]!;
    const arrival = keys[2 * at + 1]!;
    // One chunk more than is needed stays, so that a heap about its edge does not make it again and again.
    if (this.#chunks.length > (this.#size >>> SHIFT) + 2) this.#chunks.pop();
    if (place === this.#size) return;
    if (place > 0 && this.#isBefore(last, time, arrival, (place - 1) >> 2)) {
      this.#rise(place, last, time, arrival);
    } else {
      this.#sink(place, last, time, arrival);
    }
  }

  /** Restores the order after the order of reconciliations changed. */
  rebuild(): void {
    const entries = this.#entries;
    for (let i = (this.#size - 2) >> 2; i >= 0; i--) {
      const entry = this.#chunks[i >>> SHIFT]!.entries[i & MASK]!;
      this.#sink(i, entry, entries.event(entry), entries.arrival(entry));
    }
  }

  /** The entries in heap order, as views, the last of which is short. */
  blocks(): Int32Array[] {
    const used = Math.ceil(this.#size / CHUNK);
    return this.#chunks
      .slice(0, used)
      .map(({ entries }, i) => entries.subarray(0, Math.min(CHUNK, this.#size - i * CHUNK)));
  }

  /** Takes copies of what {@link EventHeap.blocks} gave, once the entries are restored; false when one has a wrong size. */
  restore(blocks: readonly Int32Array[]): boolean {
    if (blocks.slice(0, -1).some((block) => block.length !== CHUNK)) return false;
    if ((blocks.at(-1)?.length ?? 0) > CHUNK) return false;
    this.#size = 0;
    for (const [i, block] of blocks.entries()) {
      const chunk = makeChunk();
      chunk.entries.set(block);
      for (const [at, entry] of block.entries()) {
        chunk.keys[2 * at] = this.#entries.event(entry);
        chunk.keys[2 * at + 1] = this.#entries.arrival(entry);
      }
      this.#chunks[i] = chunk;
      this.#size += block.length;
    }
    // A record may have taken the place of another meanwhile.
    this.rebuild();
    return true;
  }

  #put(place: number, entry: number, time: number, arrival: number): void {
    const { entries, keys } = this.#chunks[place >>> SHIFT]!;
    const at = place & MASK;
    entries[at] = entry;
    keys[2 * at] = time;
    keys[2 * at + 1] = arrival;
    this.#entries.setWheelNext(entry, place);
  }

  /** Whether an entry comes before the one at a place. */
  #isBefore(entry: number, time: number, arrival: number, place: number): boolean {
    const { entries, keys } = this.#chunks[place >>> SHIFT]!;
    const at = place & MASK;
    const byTime = time - keys[2 * at]!;
    if (byTime !== 0) return byTime < 0;
    const byArrival = arrival - keys[2 * at + 1]!;
    if (byArrival !== 0) return byArrival < 0;
    return this.#orderOf(entry) < this.#orderOf(entries[at]!);
  }

  #orderOf(entry: number): number {
    return this.#order[laneOf(this.#entries.packed(entry))]!;
  }

  #rise(from: number, entry: number, time: number, arrival: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#isBefore(entry, time, arrival, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, entry, time, arrival);
  }

  #sink(from: number, entry: number, time: number, arrival: number): void {
    const size = this.#size;
    let place = from;
    for (;;) {
      let child = (place << 2) + 1;
      if (child >= size) break;
      const end = Math.min(child + 4, size);
      for (let other = child + 1; other < end; other++) {
        if (this.#isFirst(other, child)) child = other;
      }
      if (this.#isBefore(entry, time, arrival, child)) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, entry, time, arrival);
  }

  #move(from: number, to: number): void {
    const { entries, keys } = this.#chunks[from >>> SHIFT]!;
    const at = from & MASK;
    this.#put(to, entries[at]!, keys[2 * at]!, keys[2 * at + 1]!);
  }

  /** Whether the entry at one place comes before that at another. */
  #isFirst(place: number, other: number): boolean {
    const { entries, keys } = this.#chunks[place >>> SHIFT]!;
    const at = place & MASK;
    return this.#isBefore(entries[at]!, keys[2 * at]!, keys[2 * at + 1]!, other);
  }
}

function makeChunk(): Chunk {
  return { entries: new Int32Array(CHUNK), keys: new Float64Array(2 * CHUNK) };
}
