import { expect } from 'vitest';
import type { DeadLetter, MoneyRecord, Translated } from '../../engine/domain/index.ts';

/** What the kernel would keep of a source that amends by version, or not at all: of each id the highest version. */
export class KeptRecords {
  readonly records = new Map<string, MoneyRecord>();
  readonly deadLetters: DeadLetter[] = [];
  /** Records that came, repetitions included. */
  count = 0;

  /** A version that comes again has to be the same in all that counts: else one of them would be lost. */
  add(items: readonly Translated[]): void {
    for (const item of items) {
      if (item.type === 'deadLetter') this.deadLetters.push(item.deadLetter);
      if (item.type !== 'record') continue;
      this.count++;
      const { record } = item;
      const known = this.records.get(record.id);
      if (known !== undefined && known.version === record.version) {
        expect(contentOf(record)).toEqual(contentOf(known));
      }
      if (known === undefined || (record.version ?? 0) > (known.version ?? 0)) {
        this.records.set(record.id, record);
      }
    }
  }
}

/** What makes a record another one: everything but its attributes. */
function contentOf({ attributes, ...content }: MoneyRecord): object {
  return { ...content, hasAttributes: Object.keys(attributes).length > 0 };
}

/** A record in a line: what happened, how far it is, and how much moved, in minor units. */
export function lineOf(
  record: Pick<MoneyRecord, 'kind' | 'status' | 'currency' | 'amount' | 'fee' | 'tax' | 'time'>,
): string {
  const { kind, status, currency, amount, fee, tax, time } = record;
  return `${kind} ${status} ${currency} ${amount} fee ${fee} tax ${tax} at ${new Date(time).toISOString()}`;
}

/**
 * The lines of records by what they are known by, to be compared with those that are expected. Two that are known by one
 * thing are told apart, so that the comparison fails.
 */
export function linesByKey(
  records: Iterable<MoneyRecord>,
  keyOf: (record: MoneyRecord) => string = ({ id }) => id,
): { readonly [key: string]: string } {
  const lines: { [key: string]: string } = {};
  for (const record of records) {
    const key = keyOf(record);
    lines[Object.hasOwn(lines, key) ? `${key} and ${record.id}` : key] = lineOf(record);
  }
  return lines;
}
