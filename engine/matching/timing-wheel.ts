import type { Entries } from './entries.ts';
import { EventHeap, IN_HEAP } from './event-heap.ts';
import { NO_ENTRY } from './slab.ts';

/** Length of one tick in milliseconds, as a power of two. */
const TICK_MS = 1024;
/** Ticks the levels reach: to the year 2109. */
const MAX_TICK = 2 ** 32;
const LEVELS = 4;
const SLOTS = 256;
/** The list of everything beyond the levels' reach. */
const FAR = LEVELS * SLOTS;

/** `wheelPrevious` of an entry without an event. */
const UNSCHEDULED = NO_ENTRY;
/** `wheelPrevious` of the first entry of list i is FIRST − i. */
const FIRST = -3;

/** What a snapshot keeps of a wheel; the entries hold the rest. */
export interface WheelState {
  readonly now: number;
  readonly heads: Int32Array;
  readonly heap: Int32Array;
}

/**
 * The events of all entries, one each, in order of time. A hierarchical timing wheel of intrusive lists: an event
 * lies on the level of the highest byte in which its tick differs from now, so it moves at most four times and empty
 * stretches are skipped whole. What is due within the tick at hand lies in a heap that knows the exact order.
 */
export class TimingWheel {
  readonly heap: EventHeap;
  readonly #entries: Entries;
  /** First entry of each list: level · 256 + slot, then FAR. */
  readonly #heads: Int32Array = new Int32Array(FAR + 1).fill(NO_ENTRY);
  /** One bit a slot: not empty. */
  readonly #occupied: Int32Array = new Int32Array((LEVELS * SLOTS) / 32);
  /** The tick at hand: events up to its end are in the heap, later ones are not. */
  #now = 0;

  /** @param order place of each lane's reconciliation, which breaks ties of time and arrival */
  constructor(entries: Entries, order: Int32Array) {
    this.#entries = entries;
    this.heap = new EventHeap(entries, order);
  }

  /** Gives an entry that has none an event. */
  schedule(entry: number, time: number): void {
    this.#entries.setEvent(entry, time);
    this.#place(entry, Math.floor(time / TICK_MS));
  }

  /** Whether an entry has an event. */
  isScheduled(entry: number): boolean {
    return this.#entries.wheelPrevious(entry) !== UNSCHEDULED;
  }

  /** Takes an entry's event away, if it has one. */
  cancel(entry: number): void {
    const entries = this.#entries;
    const previous = entries.wheelPrevious(entry);
    if (previous === UNSCHEDULED) return;
    if (previous === IN_HEAP) {
      this.heap.remove(entry);
    } else {
      const next = entries.wheelNext(entry);
      if (next !== NO_ENTRY) entries.setWheelPrevious(next, previous);
      if (previous >= 0) {
        entries.setWheelNext(previous, next);
      } else {
        const list = FIRST - previous;
        this.#heads[list] = next;
        if (next === NO_ENTRY && list < FAR) this.#occupied[list >>> 5]! &= ~(1 << (list & 31));
      }
    }
    entries.setWheelPrevious(entry, UNSCHEDULED);
  }

  /** Takes out the entry with the earliest event strictly before `watermark`, or gives −1. */
  take(watermark: number): number {
    for (;;) {
      if (this.heap.size > 0) {
        const entry = this.heap.top();
        if (this.#entries.event(entry) >= watermark) return NO_ENTRY;
        this.heap.remove(entry);
        this.#entries.setWheelPrevious(entry, UNSCHEDULED);
        return entry;
      }
      if (!this.#advance(Math.floor(watermark / TICK_MS))) return NO_ENTRY;
    }
  }

  state(): WheelState {
    return { now: this.#now, heads: this.#heads, heap: this.heap.block() };
  }

  /** Takes over what {@link TimingWheel.state} gave; the entries must be restored already. False on wrong sizes. */
  restore(state: WheelState): boolean {
    if (state.heads.length !== this.#heads.length) return false;
    this.#now = state.now;
    this.#heads.set(state.heads);
    for (let list = 0; list < FAR; list++) {
      if (this.#heads[list] !== NO_ENTRY) this.#occupied[list >>> 5]! |= 1 << (list & 31);
    }
    this.heap.restore(state.heap);
    return true;
  }

  #place(entry: number, tick: number): void {
    if (tick <= this.#now) {
      this.heap.push(entry);
    } else if (tick >= MAX_TICK) {
      this.#push(FAR, entry);
    } else {
      const level = (31 - Math.clz32(tick ^ this.#now)) >> 3;
      this.#push(level * SLOTS + ((tick >>> (level * 8)) & 0xff), entry);
    }
  }

  #push(list: number, entry: number): void {
    const entries = this.#entries;
    const next = this.#heads[list]!;
    entries.setWheelNext(entry, next);
    entries.setWheelPrevious(entry, FIRST - list);
    if (next !== NO_ENTRY) entries.setWheelPrevious(next, entry);
    else if (list < FAR) this.#occupied[list >>> 5]! |= 1 << (list & 31);
    this.#heads[list] = entry;
  }

  /**
   * Moves on to the next tick that has events, at most to `target`; true when events came into the heap or nearer to
   * it. Only while the heap has nothing before `target`.
   */
  #advance(target: number): boolean {
    if (target <= this.#now) return false;
    for (let level = 0; level < LEVELS; level++) {
      const slot = this.#nextOccupied(level);
      if (slot < 0) continue;
      const shift = level * 8;
      // The first tick of that slot: the bytes above the level as they are, those below 0.
      const start = (((this.#now >>> shift) & ~0xff) | slot) * 2 ** shift;
      const tick = start < 0 ? start + MAX_TICK : start;
      if (tick > target) break;
      this.#now = tick;
      this.#empty(level * SLOTS + slot);
      return true;
    }
    this.#now = Math.min(target, MAX_TICK - 1);
    if (target < MAX_TICK || this.#heads[FAR] === NO_ENTRY) return false;
    this.#now = target;
    this.#empty(FAR);
    return true;
  }

  #nextOccupied(level: number): number {
    const from = ((this.#now >>> (level * 8)) & 0xff) + 1;
    for (let word = from >>> 5; word < SLOTS / 32; word++) {
      let bits = this.#occupied[level * (SLOTS / 32) + word]!;
      if (word === from >>> 5) bits &= -1 << (from & 31);
      if (bits !== 0) return (word << 5) + (31 - Math.clz32(bits & -bits));
    }
    return -1;
  }

  #empty(list: number): void {
    let entry = this.#heads[list]!;
    this.#heads[list] = NO_ENTRY;
    if (list < FAR) this.#occupied[list >>> 5]! &= ~(1 << (list & 31));
    while (entry !== NO_ENTRY) {
      const next = this.#entries.wheelNext(entry);
      this.#place(entry, Math.floor(this.#entries.event(entry) / TICK_MS));
      entry = next;
    }
  }
}
