import type { KeyField, RecordRef } from '../domain/index.ts';
import type { KernelFields } from './kernel-fields.ts';
import { ORDINALS } from './entries.ts';

/** An earlier record, as a break names it. */
export interface Twin extends RecordRef {
  readonly time: number;
}

/** What a snapshot keeps of them: the key, then its records in order of arrival. */
export type TwinState = readonly (readonly [string, readonly Twin[]])[];

/** Keys looked at with each arrival, to forget what is outdated: more than one, so that forgetting keeps pace. */
const SWEPT = 2;

/**
 * The records of a side by the fields that tell twins: a later record with the same texts is one, whatever became of
 * the earlier. A record is remembered until the watermark is past its time and `retain`.
 */
export class Twins {
  readonly #fields: readonly KeyField[];
  readonly #retain: number;
  readonly #byKey = new Map<string, Twin[]>();
  /** Goes round the keys for ever. */
  #sweeper: Iterator<[string, Twin[]]> = this.#byKey.entries();

  constructor(fields: readonly KeyField[], retain: number) {
    this.#fields = fields;
    this.#retain = retain;
  }

  /**
   * The earliest of the earlier records that `record` repeats; from now on it is one of them itself.
   * @param isGone whether another record has taken the place of the one that arrived there: nothing repeats it
   */
  meet(
    record: KernelFields,
    watermark: number,
    isGone: (arrival: number) => boolean = () => false,
  ): Twin | undefined {
    const texts = this.#fields.map((field) => record.text(field));
    if (texts.includes('')) return undefined;
    const key = JSON.stringify([record.text('account'), record.currency, ...texts]);
    let earlier = this.#byKey.get(key);
    if (earlier === undefined) {
      earlier = [];
      this.#byKey.set(key, earlier);
    }
    const found = earlier.find(
      (each) =>
        watermark <= each.time + this.#retain &&
        each.time >= record.time - this.#retain &&
        !isGone(each.sequence * ORDINALS + each.ordinal),
    );
    earlier.push({
      source: record.text('source'),
      id: record.text('id'),
      sequence: Math.floor(record.arrival / ORDINALS),
      ordinal: record.arrival % ORDINALS,
      time: record.time,
    });
    for (let i = 0; i < SWEPT; i++) this.#sweep(watermark);
    return found;
  }

  state(): TwinState {
    return [...this.#byKey];
  }

  restore(state: TwinState): void {
    for (const [key, records] of state) this.#byKey.set(key, [...records]);
  }

  /** Forgets what no record can repeat any more under the next key. */
  #sweep(watermark: number): void {
    const next = this.#sweeper.next();
    if (next.done === true) {
      this.#sweeper = this.#byKey.entries();
      return;
    }
    const [key, records] = next.value;
    const kept = records.filter((each) => watermark <= each.time + this.#retain);
    if (kept.length === 0) this.#byKey.delete(key);
    else if (kept.length < records.length) this.#byKey.set(key, kept);
  }
}
