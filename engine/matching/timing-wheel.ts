import { CounterfoilError } from '../domain/index.ts';
import type { Entries } from './entries.ts';
import { EventHeap } from './event-heap.ts';
import { EventRun } from './event-run.ts';
import { NO_ENTRY } from './slab.ts';

/** Length of one tick in milliseconds, as a power of two. */
const TICK_MS = 1024;
/** Ticks the levels reach: to the year 2109. */
const MAX_TICK = 2 ** 32;
const LEVELS = 4;
const SLOTS = 256;
/** The list of everything beyond the levels' reach. */
const FAR = LEVELS * SLOTS;

/** `wheelPrevious` of an entry without an event, in the heap, and in the heap and run of urgent events. */
const UNSCHEDULED = NO_ENTRY;
const IN_HEAP = -2;
const IN_URGENT = -3;
const IN_RUN = -4;
/** `wheelPrevious` of the first entry of list i is FIRST − i. */
const FIRST = -5;

/** In place of an entry: the moves that were allowed are used up, and there may be more that is due. */
export const MOVES_USED = -2;

/** What a snapshot keeps of a wheel; the entries hold the rest. */
export interface WheelState {
  readonly now: number;
  readonly heads: Int32Array;
  readonly heap: readonly Int32Array[];
}

/**
 * The events of all entries, one each, in order of time. A hierarchical timing wheel of intrusive lists: an event
 * lies on the level of the highest byte in which its tick differs from now, so it moves at most four times and empty
 * stretches are skipped whole. What is due within the tick at hand lies in a heap that knows the exact order.
 *
 * A list that holds a million events need not be emptied in one go: the rest of the list at hand waits in its place, and
 * until it is empty no event is given.
 */
export class TimingWheel {
  readonly heap: EventHeap;
  /** Moves of events from list to list, or into the heap, since it was set. */
  moves = 0;
  /** The earliest event that was scheduled since it was set, those that were urgent at once apart. */
  earliest = Number.POSITIVE_INFINITY;
  readonly #entries: Entries;
  /** First entry of each list: level · 256 + slot, then FAR. */
  readonly #heads: Int32Array = new Int32Array(FAR + 1).fill(NO_ENTRY);
  /** One bit a slot: not empty. */
  readonly #occupied: Int32Array = new Int32Array((LEVELS * SLOTS) / 32);
  /** Events that are handled before their turn: nearly all come in order. */
  readonly #run: EventRun;
  readonly #urgent: EventHeap;
  /** What is scheduled before this is urgent. */
  #urgentBefore = Number.NEGATIVE_INFINITY;
  /** The tick at hand: once the list at hand is empty, events up to its end are in the heap, later ones are not. */
  #now = 0;
  /** The list that is being emptied, or −1. */
  #emptying = -1;
  /** No list holds an event of an earlier tick: until then there is nothing to look for. */
  #quietUntil = 0;

  /** @param order place of each lane's reconciliation, which breaks ties of time and arrival */
  constructor(entries: Entries, order: Int32Array) {
    this.#entries = entries;
    this.heap = new EventHeap(entries, order, IN_HEAP);
    this.#run = new EventRun(entries, IN_RUN);
    this.#urgent = new EventHeap(entries, order, IN_URGENT);
  }

  /**
   * Gives an entry that has none an event.
   * @throws CounterfoilError `internal` when it has one
   */
  schedule(entry: number, time: number): void {
    if (this.isScheduled(entry)) {
      throw new CounterfoilError(
        'internal',
        `record ${entry} in memory was to get a second event; report this with the log`,
      );
    }
    this.#entries.setEvent(entry, time);
    if (time < this.#urgentBefore) {
      this.#addUrgent(entry);
      return;
    }
    if (time < this.earliest) this.earliest = time;
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
    if (previous === IN_HEAP) this.heap.remove(entry);
    else if (previous === IN_URGENT) this.#urgent.remove(entry);
    else if (previous === IN_RUN) this.#run.remove(entry);
    else this.#unlink(entry, previous);
    entries.setWheelPrevious(entry, UNSCHEDULED);
  }

  /**
   * Moves on to `watermark` where no event is due before it, nor has to be moved for it, as mostly.
   * @returns false where that is not so, or not known: {@link TimingWheel.take} is needed, and nothing has happened
   */
  skipTo(watermark: number): boolean {
    if (this.#emptying >= 0) return false;
    if (this.heap.size > 0) return this.heap.topTime() >= watermark;
    const tick = Math.floor(watermark / TICK_MS);
    if (tick >= this.#quietUntil) return false;
    if (tick > this.#now) this.#now = tick;
    return true;
  }

  /**
   * Takes out the entry with the earliest event strictly before `watermark`, or gives −1.
   * @param maxMoves MOVES_USED is given rather than let `moves` go further beyond this
   */
  take(watermark: number, maxMoves: number = Number.POSITIVE_INFINITY): number {
    for (;;) {
      if (this.#emptying >= 0 && !this.#goOnEmptying(maxMoves)) return MOVES_USED;
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

  /**
   * The events of entries are to be taken before their turn, by {@link TimingWheel.takeUrgent}. Sorts the entries.
   * @param before until there is none left, what is scheduled before this is urgent too
   */
  hasten(entries: number[], before: number): void {
    this.#urgentBefore = before;
    const all = this.#entries;
    entries.sort((a, b) => all.event(a) - all.event(b) || all.arrival(a) - all.arrival(b));
    for (const entry of entries) {
      this.cancel(entry);
      this.#addUrgent(entry);
    }
  }

  /** Takes out the entry with the earliest urgent event; −1 when there is none. */
  takeUrgent(): number {
    const first = this.#run.first();
    const heap = this.#urgent;
    if (first === NO_ENTRY && heap.size === 0) {
      this.#urgentBefore = Number.NEGATIVE_INFINITY;
      return NO_ENTRY;
    }
    const entry = first === NO_ENTRY || (heap.size > 0 && heap.comesBefore(first)) ? heap.top() : first;
    this.cancel(entry);
    return entry;
  }

  state(): WheelState {
    return { now: this.#now, heads: this.#heads, heap: this.heap.blocks() };
  }

  /** Takes over what {@link TimingWheel.state} gave; the entries must be restored already. False on wrong sizes. */
  restore(state: WheelState): boolean {
    if (state.heads.length !== this.#heads.length) return false;
    this.#now = state.now;
    this.#heads.set(state.heads);
    for (let list = 0; list < FAR; list++) {
      if (this.#heads[list] !== NO_ENTRY) this.#occupied[list >>> 5]! |= 1 << (list & 31);
    }
    // Only the list at hand of one level can hold anything: a list that is being emptied.
    for (let level = 0; level < LEVELS; level++) {
      const list = level * SLOTS + ((this.#now >>> (level * 8)) & 0xff);
      if (this.#heads[list] !== NO_ENTRY) this.#emptying = list;
    }
    return this.heap.restore(state.heap);
  }

  #addUrgent(entry: number): void {
    if (!this.#run.add(entry)) this.#urgent.push(entry);
  }

  #unlink(entry: number, previous: number): void {
    const entries = this.#entries;
    const next = entries.wheelNext(entry);
    if (next !== NO_ENTRY) entries.setWheelPrevious(next, previous);
    if (previous >= 0) {
      entries.setWheelNext(previous, next);
      return;
    }
    const list = FIRST - previous;
    this.#heads[list] = next;
    if (next === NO_ENTRY && list < FAR) this.#occupied[list >>> 5]! &= ~(1 << (list & 31));
  }

  #place(entry: number, tick: number): void {
    if (tick <= this.#now) {
      this.heap.push(entry);
    } else if (tick >= MAX_TICK) {
      this.#push(FAR, entry);
    } else {
      const level = (31 - Math.clz32(tick ^ this.#now)) >> 3;
      // The list is to be emptied when its first tick comes.
      const start = tick - (tick & ((1 << (level * 8)) - 1));
      if (start < this.#quietUntil) this.#quietUntil = start;
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
   * Moves on to the next tick that has events, at most to `target`; true when there is a list to empty into the heap, or
   * nearer to it. Only while the heap has nothing before `target`.
   */
  #advance(target: number): boolean {
    if (target <= this.#now) return false;
    this.#quietUntil = MAX_TICK;
    for (let level = 0; level < LEVELS; level++) {
      const slot = this.#nextOccupied(level);
      if (slot < 0) continue;
      const shift = level * 8;
      // The first tick of that slot: the bytes above the level as they are, those below 0.
      const start = (((this.#now >>> shift) & ~0xff) | slot) * 2 ** shift;
      const tick = start < 0 ? start + MAX_TICK : start;
      this.#quietUntil = tick;
      if (tick > target) break;
      this.#now = tick;
      this.#emptying = level * SLOTS + slot;
      return true;
    }
    this.#now = Math.min(target, MAX_TICK - 1);
    if (target < MAX_TICK || this.#heads[FAR] === NO_ENTRY) return false;
    this.#now = target;
    this.#emptyFar();
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

  /** Empties the list at hand as far as moves go; true when it is empty. Nothing comes back into it meanwhile. */
  #goOnEmptying(maxMoves: number): boolean {
    const entries = this.#entries;
    const list = this.#emptying;
    for (let entry = this.#heads[list]!; entry !== NO_ENTRY; entry = this.#heads[list]!) {
      if (this.moves >= maxMoves) return false;
      this.moves++;
      this.#unlink(entry, FIRST - list);
      this.#place(entry, Math.floor(entries.event(entry) / TICK_MS));
    }
    this.#emptying = -1;
    return true;
  }

  /** Those that are still too far come back into the same list. */
  #emptyFar(): void {
    let entry = this.#heads[FAR]!;
    this.#heads[FAR] = NO_ENTRY;
    while (entry !== NO_ENTRY) {
      const next = this.#entries.wheelNext(entry);
      this.moves++;
      this.#place(entry, Math.floor(this.#entries.event(entry) / TICK_MS));
      entry = next;
    }
  }
}
