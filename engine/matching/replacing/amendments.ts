import { SEEN_BUCKETS } from '../seen-set.ts';
import { FingerprintMemory } from './fingerprint-memory.ts';
import type { Murmur128 } from '../murmur3.ts';

/** What a record of a source that amends is. */
export const FIRST_VERSION = 0;
/** Its version is not higher than the latest. */
export const OLD_VERSION = 1;
/** It takes the place of the latest. */
export const AMENDMENT = 2;

/** What a snapshot keeps. */
export interface AmendmentsState {
  readonly versions: Uint8Array;
  readonly ended: readonly (readonly [number, number])[];
}

/**
 * The latest version of every identity of the sources that amend, for as long as identities are remembered: counted in
 * buckets of log time, from its latest version on.
 */
export class Amendments {
  readonly #memory = new FingerprintMemory();
  /** By number of a source: how often it has ceased to amend. What was known of it before is forgotten each time. */
  readonly #ended = new Map<number, number>();
  /** Arrival of the record that an amendment takes the place of. */
  former = 0;
  /** Its time, epoch milliseconds. */
  formerTime = 0;
  #slot = -1;

  /** Tells what a record of a source is. {@link Amendments.remember} remembers the one looked at last. */
  probe({ a, b, c, d }: Murmur128, source: number, version: number, bucket: number): number {
    this.#slot = this.#memory.first(a, b, c, this.#lane(d, source));
    if (this.#slot < 0 || this.#memory.until(this.#slot) < bucket) return FIRST_VERSION;
    this.former = this.#memory.arrival(this.#slot);
    this.formerTime = this.#memory.time(this.#slot);
    return version <= this.#memory.value(this.#slot) ? OLD_VERSION : AMENDMENT;
  }

  remember(
    { a, b, c, d }: Murmur128,
    source: number,
    version: number,
    bucket: number,
    arrival: number,
    time: number,
  ): void {
    const kept = { arrival, until: bucket + SEEN_BUCKETS, value: version, time };
    if (this.#slot >= 0) this.#memory.set(this.#slot, kept);
    else this.#memory.add(a, b, c, this.#lane(d, source), kept, bucket);
  }

  /** A source does not amend any more: should it begin again, it begins with nothing known. */
  end(source: number): void {
    this.#ended.set(source, (this.#ended.get(source) ?? 0) + 1);
  }

  state(bucket: number): AmendmentsState {
    return { versions: this.#memory.state(bucket), ended: [...this.#ended] };
  }

  /** False when the bytes are of another size. */
  restore({ versions, ended }: AmendmentsState): boolean {
    for (const [source, times] of ended) this.#ended.set(source, times);
    return this.#memory.restore(versions);
  }

  /** Part of a fingerprint, which is another one each time that the source begins to amend. */
  #lane(d: number, source: number): number {
    const times = this.#ended.get(source);
    return times === undefined ? d : d ^ Math.imul(times, 0x9e3779b1);
  }
}
