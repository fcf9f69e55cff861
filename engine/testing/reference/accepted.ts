import type { KeyField, MoneyRecord, SourceRule } from '../../domain/index.ts';
import { fieldsOf } from '../../rules/index.ts';
import { REPLACEABLE_FOR } from './match-memory.ts';
import type { Accepted } from './replace.ts';

/** F2: records of sources that others supersede, in order of arrival, to be found by those that do. */
export class InterimRecords {
  /** With the sources, and what they compare, that could replace each when it was accepted. */
  #records: { readonly accepted: Accepted; readonly by: readonly string[] }[] = [];

  add(accepted: Accepted, sources: readonly SourceRule[]): void {
    const by = sources
      .filter((source) => source.supersedes?.sources.includes(accepted.record.source))
      .map((source) => superseder(source));
    if (by.length > 0) this.#records.push({ accepted, by });
  }

  /** The earliest that a record of this source takes the place of. */
  supersededBy(record: MoneyRecord, source: SourceRule, watermark: number): Accepted | undefined {
    const { supersedes } = source;
    if (supersedes === undefined) return undefined;
    const texts = textsOf(record, supersedes.keys);
    if (texts.includes('')) return undefined;
    return this.#records.find(
      ({ accepted: { record: interim }, by }) =>
        by.includes(superseder(source)) &&
        supersedes.sources.includes(interim.source) &&
        watermark <= interim.time + REPLACEABLE_FOR &&
        interim.account === record.account &&
        interim.currency === record.currency &&
        textsOf(interim, supersedes.keys).every((text, i) => text === texts[i]),
    )?.accepted;
  }

  /** It has been replaced: nothing replaces it again. */
  remove(accepted: Accepted): void {
    this.#records = this.#records.filter(
      ({ accepted: { sequence, ordinal } }) => sequence !== accepted.sequence || ordinal !== accepted.ordinal,
    );
  }
}

function superseder({ name, supersedes }: SourceRule): string {
  return JSON.stringify([name, supersedes?.keys]);
}

function textsOf(record: MoneyRecord, keys: readonly KeyField[]): string[] {
  const fields = fieldsOf(record);
  return keys.map((field) => fields.text(field));
}
