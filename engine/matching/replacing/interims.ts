import { DAY_MS, type KeyField, type SourceRule } from '../../domain/index.ts';
import type { KernelFields } from '../kernel-fields.ts';
import { Murmur128 } from '../murmur3.ts';
import { FingerprintMemory } from './fingerprint-memory.ts';

/** How long, in event time after its own, an interim record can be replaced. */
export const REPLACEABLE_MS: number = 366 * DAY_MS;
const SEED = 0x73757065;
const encoder = new TextEncoder();

/** A source whose records take the place of interim ones. */
interface Superseder {
  readonly name: string;
  /** The sources of the interim records. */
  readonly sources: readonly string[];
  readonly keys: readonly KeyField[];
}

/** What a snapshot keeps. */
export interface InterimsState {
  readonly interims: Uint8Array;
  readonly replaced: Uint8Array;
}

/** The interim records that wait for their final ones, found by the keys that both have. */
export class Interims {
  /** By name of the superseding source. */
  #superseders = new Map<string, Superseder>();
  /** By name of the interim records' source. */
  #supersededBy = new Map<string, readonly Superseder[]>();
  readonly #interims = new FingerprintMemory();
  /** Records that were replaced, by arrival: another source may name them too. */
  readonly #replaced = new FingerprintMemory();
  readonly #hash = new Murmur128();
  /** How long the side with the longest memory of twins has one, in milliseconds. */
  #longestRetain = 0;

  setSources(sources: readonly SourceRule[], longestRetain = 0): void {
    this.#longestRetain = longestRetain;
    this.#superseders = new Map();
    this.#supersededBy = new Map();
    for (const { name, supersedes } of sources) {
      if (supersedes === undefined) continue;
      const superseder = { name, ...supersedes };
      this.#superseders.set(name, superseder);
      for (const interim of supersedes.sources) {
        this.#supersededBy.set(interim, [...(this.#supersededBy.get(interim) ?? []), superseder]);
      }
    }
  }

  /** Whether records of a source may be replaced by those of another. */
  isInterim(source: string): boolean {
    return this.#supersededBy.has(source);
  }

  /** Arrival of the earliest interim record that `record` takes the place of; −1 without one. */
  take(record: KernelFields, watermark: number): number {
    const superseder = this.#superseders.get(record.text('source'));
    let earliest = Number.POSITIVE_INFINITY;
    let from: string | undefined;
    for (const source of superseder?.sources ?? []) {
      for (
        let slot = this.#firstOf(superseder!, source, record);
        slot >= 0;
        slot = this.#interims.next(slot)
      ) {
        const arrival = this.#interims.arrival(slot);
        if (arrival >= earliest || watermark > this.#interims.until(slot) || this.wasReplaced(arrival))
          continue;
        earliest = arrival;
        from = source;
      }
    }
    if (from === undefined) return -1;
    let slot = this.#firstOf(superseder!, from, record);
    while (this.#interims.arrival(slot) !== earliest) slot = this.#interims.next(slot);
    const time = this.#interims.time(slot);
    this.#interims.remove(slot);
    this.replaced(earliest, time, watermark);
    return earliest;
  }

  /** An accepted record of a source that others supersede waits for its final one. */
  add(record: KernelFields, watermark: number): void {
    const { arrival, time } = record;
    const kept = { arrival, until: time + REPLACEABLE_MS, value: 0, time };
    const source = record.text('source');
    for (const superseder of this.#supersededBy.get(source) ?? []) {
      if (!this.#hashOf(superseder, source, record)) continue;
      const { a, b, c, d } = this.#hash;
      this.#interims.add(a, b, c, d, kept, watermark);
    }
  }

  /**
   * A record has been replaced: no other takes its place again, or is its twin.
   * @param time of the record, epoch milliseconds
   */
  replaced(arrival: number, time: number, watermark: number): void {
    const [a, b, c, d] = lanesOf(arrival);
    const until = time + Math.max(REPLACEABLE_MS, this.#longestRetain);
    this.#replaced.add(a, b, c, d, { arrival, until, value: 0, time }, watermark);
  }

  wasReplaced(arrival: number): boolean {
    return this.#replaced.first(...lanesOf(arrival)) >= 0;
  }

  state(watermark: number): InterimsState {
    return { interims: this.#interims.state(watermark), replaced: this.#replaced.state(watermark) };
  }

  /** False when the bytes are of another size. */
  restore(state: InterimsState): boolean {
    return this.#interims.restore(state.interims) && this.#replaced.restore(state.replaced);
  }

  /** The first slot of what waits as a record of `source` with a record's keys; −1 without any. */
  #firstOf(superseder: Superseder, source: string, record: KernelFields): number {
    if (!this.#hashOf(superseder, source, record)) return -1;
    const { a, b, c, d } = this.#hash;
    return this.#interims.first(a, b, c, d);
  }

  /**
   * Hashes what a superseder compares, with who supersedes whom by what: rules that changed in this find only what came
   * under the same.
   * @param source of the interim records
   * @returns false where a text is empty
   */
  #hashOf({ name, keys }: Superseder, source: string, record: KernelFields): boolean {
    const texts = keys.map((key) => record.text(key));
    if (texts.includes('')) return false;
    const { currency } = record;
    const bytes = encoder.encode(
      JSON.stringify([name, source, keys, record.text('account'), currency, ...texts]),
    );
    this.#hash.seed(SEED);
    this.#hash.finish(bytes, 0, bytes.length, 0);
    return true;
  }
}

/** A fingerprint of an arrival, from which it can be told exactly. */
function lanesOf(arrival: number): [number, number, number, number] {
  const high = Math.floor(arrival / 2 ** 32);
  return [Math.imul(arrival, 0x9e3779b1), Math.imul(arrival, 0x85ebca6b), arrival | 0, high];
}
