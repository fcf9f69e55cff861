import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDay, formatMinor } from '../../engine/domain/index.ts';
import type { MoneyRecord } from '../../engine/domain/index.ts';
import { readBatches, sourceOf } from '../conformance/harness.ts';

/** Public statements of several banks with what other parsers make of them, kept beside the project where they are. */
const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples/mt940');
const present = existsSync(SAMPLES);
if (!present)
  console.log(`the public sample statements are not at ${SAMPLES}: the checks against them are left out`);

const list = (folder: string, ending: RegExp): string[] =>
  present ? readdirSync(join(SAMPLES, folder)).filter((name) => ending.test(name)) : [];

async function recordsOf(path: string): Promise<MoneyRecord[]> {
  const items = (await readBatches(sourceOf('mt940', { path }), path, path)).flat();
  expect(items.filter((item) => item.type === 'deadLetter')).toEqual([]);
  return items.flatMap((item) => (item.type === 'record' ? [item.record] : []));
}

const signed = (record: MoneyRecord): number => Number(formatMinor(record.amount, 2));
const day = (date: number | undefined): string => (date === undefined ? '' : formatDay(date));

interface Expected {
  readonly transactions: readonly {
    readonly isCredit: boolean;
    readonly amount: number;
    readonly currency: string;
    readonly valueDate: string;
    readonly entryDate: string;
    readonly code: string;
    readonly customerReference: string;
    readonly bankReference: string;
  }[];
}

describe.skipIf(!present)('public statements with JSON parses', () => {
  test.for(list('webschik-mt940-js', /\.(mta|sta)$/i))('%s', async (name) => {
    const path = join(SAMPLES, 'webschik-mt940-js', name);
    const expected = JSON.parse(readFileSync(path.replace(/\.\w+$/, '.json'), 'utf8')) as Expected[];
    const records = await recordsOf(path);
    expect(
      records.map((record) => ({
        amount: signed(record),
        currency: record.currency,
        value: day(record.valueDate),
        entry: day(record.bookingDate),
        type: record.attributes['type'],
        reference: record.references['reference'] ?? '',
        bank: record.references['bankReference'] ?? '',
      })),
    ).toEqual(
      expected
        .flatMap((statement) => statement.transactions)
        .map((line) => ({
          amount: line.isCredit ? line.amount : -line.amount,
          currency: line.currency,
          value: line.valueDate,
          entry: line.entryDate === '' ? line.valueDate : line.entryDate,
          type: line.code,
          reference: line.customerReference,
          bank: line.bankReference,
        })),
    );
  });
});

/** Amounts and dates of the transactions in a dump of Python objects; a date is two bytes of year, month and day. */
function readDump(text: string): { amount: number; value: string; entry: string }[] {
  const start = text.search(/^transactions:/m);
  return text
    .slice(start)
    .split(/^- !!python\/object:mt940\.models\.Transaction$/m)
    .slice(1)
    .map((block) => ({
      amount: Number(/Decimal\n\s*- '([^']+)'/.exec(block)![1]),
      value: dateAfter(block, 'date'),
      entry: dateAfter(block, 'entry_date') || dateAfter(block, 'date'),
    }));
}

function dateAfter(block: string, field: string): string {
  const found = new RegExp(`^    ${field}: !!python[^\\n]*\\n\\s*- !!binary \\|\\n\\s*(\\S+)`, 'm').exec(
    block,
  );
  if (found === null) return '';
  const bytes = Buffer.from(found[1]!, 'base64');
  const [month, dayOfMonth] = [bytes[2]!, bytes[3]!].map((part) => part.toString().padStart(2, '0'));
  return `${bytes.readUInt16BE()}-${month!}-${dayOfMonth!}`;
}

describe.skipIf(!present)('public statements with dumps of a Python parser', () => {
  test.for(list('wolph-mt940/jejik', /\.sta$/))('%s', async (name) => {
    const path = join(SAMPLES, 'wolph-mt940/jejik', name);
    const expected = readDump(readFileSync(path.replace(/\.sta$/, '.yml'), 'utf8'));
    const records = await recordsOf(path);
    expect(expected.length).toBeGreaterThan(0);
    const found = records.map((record) => ({
      amount: signed(record),
      value: day(record.valueDate),
      entry: day(record.bookingDate),
    }));
    expect(found).toEqual(expected);
  });
});
