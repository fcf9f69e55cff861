import type { Entries } from './entries.ts';
import { NO_ENTRY } from './slab.ts';

/**
 * Events that come in the order in which they are to go: by time, then arrival. One that would have to go before the
 * last is not taken. Coming, going and leaving from the middle each cost the same, however many there are.
 */
export class EventRun {
  readonly #entries: Entries;
  readonly #mark: number;
  /** −1 where one has left. */
  readonly #run: number[] = [];
  #head = 0;
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastArrival = Number.NEGATIVE_INFINITY;

  /** @param mark `wheelPrevious` of an entry in this run; its `wheelNext` is its place */
  constructor(entries: Entries, mark: number) {
    this.#entries = entries;
    this.#mark = mark;
  }

  /** The first entry, or −1. */
  first(): number {
    const run = this.#run;
    while (this.#head < run.length && run[this.#head] === NO_ENTRY) this.#head++;
    if (this.#head < run.length) return run[this.#head]!;
    run.length = 0;
    this.#head = 0;
    this.#lastTime = this.#lastArrival = Number.NEGATIVE_INFINITY;
    return NO_ENTRY;
  }

  /** Adds an entry as the last; false when it is not. */
  add(entry: number): boolean {
    const entries = this.#entries;
    const time = entries.event(entry);
    const arrival = entries.arrival(entry);
    if (time < this.#lastTime || (time === this.#lastTime && arrival <= this.#lastArrival)) return false;
    this.#lastTime = time;
    this.#lastArrival = arrival;
    entries.setWheelPrevious(entry, this.#mark);
    entries.setWheelNext(entry, this.#run.length);
    this.#run.push(entry);
    return true;
  }

  remove(entry: number): void {
    this.#run[this.#entries.wheelNext(entry)] = NO_ENTRY;
  }
}
