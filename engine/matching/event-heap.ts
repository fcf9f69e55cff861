import type { Entries } from './entries.ts';
import { laneOf } from './entries.ts';

/** `wheelPrevious` of an entry in the heap; its `wheelNext` is its place. */
export const IN_HEAP = -2;

/**
 * The events that are near, in exact order: by time, then arrival, then the reconciliation's place. A four-ary heap
 * of entry numbers; each entry knows its place, so that it can leave from the middle.
 */
export class EventHeap {
  readonly #entries: Entries;
  /** Place of each lane's reconciliation in the configuration. */
  readonly #order: Int32Array;
  #heap = new Int32Array(1024);
  #size = 0;

  constructor(entries: Entries, order: Int32Array) {
    this.#entries = entries;
    this.#order = order;
  }

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#heap.byteLength;
  }

  /** The first entry; only when `size` > 0. */
  top(): number {
    return this.#heap[0]!;
  }

  push(entry: number): void {
    if (this.#size === this.#heap.length) {
      const grown = new Int32Array(this.#heap.length * 2);
      grown.set(this.#heap);
      this.#heap = grown;
    }
    this.#entries.setWheelPrevious(entry, IN_HEAP);
    this.#rise(this.#size++, entry);
  }

  remove(entry: number): void {
    const place = this.#entries.wheelNext(entry);
    const last = this.#heap[--this.#size]!;
    if (place === this.#size) return;
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#before(last, this.#heap[parent]!)) this.#rise(place, last);
    else this.#sink(place, last);
  }

  /** Restores the order after the order of reconciliations changed. */
  rebuild(): void {
    for (let i = (this.#size - 2) >> 2; i >= 0; i--) this.#sink(i, this.#heap[i]!);
  }

  /** The entries in heap order, as a view. */
  block(): Int32Array {
    return this.#heap.subarray(0, this.#size);
  }

  restore(block: Int32Array): void {
    this.#size = block.length;
    if (block.length > this.#heap.length) this.#heap = new Int32Array(block.length * 2);
    this.#heap.set(block);
  }

  #before(a: number, b: number): boolean {
    const entries = this.#entries;
    const byTime = entries.event(a) - entries.event(b);
    if (byTime !== 0) return byTime < 0;
    const byArrival = entries.arrival(a) - entries.arrival(b);
    if (byArrival !== 0) return byArrival < 0;
    return this.#order[laneOf(entries.packed(a))]! < this.#order[laneOf(entries.packed(b))]!;
  }

  #rise(place: number, entry: number): void {
    const heap = this.#heap;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const above = heap[parent]!;
      if (!this.#before(entry, above)) break;
      heap[place] = above;
      this.#entries.setWheelNext(above, place);
      place = parent;
    }
    heap[place] = entry;
    this.#entries.setWheelNext(entry, place);
  }

  #sink(place: number, entry: number): void {
    const heap = this.#heap;
    const size = this.#size;
    for (;;) {
      let child = (place << 2) + 1;
      if (child >= size) break;
      const end = Math.min(child + 4, size);
      for (let other = child + 1; other < end; other++) {
        if (this.#before(heap[other]!, heap[child]!)) child = other;
      }
      const below = heap[child]!;
      if (!this.#before(below, entry)) break;
      heap[place] = below;
      this.#entries.setWheelNext(below, place);
      place = child;
    }
    heap[place] = entry;
    this.#entries.setWheelNext(entry, place);
  }
}
