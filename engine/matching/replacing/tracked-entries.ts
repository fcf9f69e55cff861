import type { KernelCore } from '../core.ts';

/** The entries of records that others may take the place of, by arrival of the record. */
export class TrackedEntries {
  readonly #core: KernelCore;
  /** Some of the entries are gone, or another record's by now. */
  readonly #entries = new Map<number, number[]>();
  #sweepAt = 4096;

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /** An entry of a tracked source came into memory, or holds another record now. */
  add(entry: number): void {
    const arrival = this.#core.entries.arrival(entry);
    const known = this.#entries.get(arrival);
    if (known === undefined) this.#entries.set(arrival, [entry]);
    else if (!known.includes(entry)) known.push(entry);
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
  }

  /** The entries of a record that are in memory. */
  of(arrival: number): number[] {
    const { entries } = this.#core;
    return (this.#entries.get(arrival) ?? []).filter((entry) => entries.arrival(entry) === arrival);
  }

  /** The same, of one that another replaces now. */
  take(arrival: number): number[] {
    const found = this.of(arrival);
    this.#entries.delete(arrival);
    return found;
  }

  /** Other sources are tracked: finds the entries of theirs that are in memory. */
  findAll(): void {
    const { entries, blobs, tracked } = this.#core;
    this.#entries.clear();
    if (tracked.size === 0) return;
    for (let entry = 0; entry < entries.count; entry++) {
      if (entries.arrival(entry) >= 0 && tracked.has(blobs.source(entries.blob(entry)))) this.add(entry);
    }
  }

  #sweep(): void {
    const { entries } = this.#core;
    for (const [arrival, list] of this.#entries) {
      if (!list.some((entry) => entries.arrival(entry) === arrival)) this.#entries.delete(arrival);
    }
    this.#sweepAt = Math.max(4096, this.#entries.size * 2);
  }
}
