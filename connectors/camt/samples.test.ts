import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDay } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { readBatches, sourceOf } from '../conformance/harness.ts';

/** Public messages with what another parser makes of them, kept beside the project where they are. */
const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples/camt/genkgo-camt');
const present = existsSync(SAMPLES);
if (!present)
  console.log(`the public sample messages are not at ${SAMPLES}: the checks against them are left out`);

const files = present ? readdirSync(SAMPLES).filter((name) => /^camt\d+\.v(?!1\b).*\.xml$/.test(name)) : [];
const whole = files.filter((name) => !name.includes('wrong'));

const read = async (name: string): Promise<Translated[]> =>
  (await readBatches(sourceOf('camt', { path: name }), join(SAMPLES, name), name)).flat();

interface Money {
  readonly getAmount: string;
  readonly getCurrency: { readonly getCode: string };
}

interface Entry {
  readonly getAmount: Money;
  readonly getAccountServicerReference: string | null;
  readonly getBookingDate: { readonly 0: string };
  readonly getValueDate: { readonly 0: string };
}

/** The entries in a dump of objects, wherever they are. */
function entriesOf(dump: unknown): Entry[] {
  if (typeof dump !== 'object' || dump === null) return [];
  if ('__CLASS__' in dump && String(dump.__CLASS__).endsWith('\\Entry')) return [dump as unknown as Entry];
  const { getEntries } = dump as { getEntries?: unknown };
  return (Array.isArray(getEntries) ? getEntries : []).flatMap(entriesOf);
}

describe.skipIf(!present)('public messages', () => {
  test.for(whole)('%s', async (name) => {
    const items = await read(name);
    expect(items.filter((item) => item.type === 'deadLetter')).toEqual([]);
    const records = items.flatMap((item) => (item.type === 'record' ? [item.record] : []));
    const expected = entriesOf(
      JSON.parse(readFileSync(join(SAMPLES, name.replace('.xml', '.json')), 'utf8')),
    );
    expect(expected.length).toBeGreaterThan(0);
    const wanted = expected.map((entry) => ({
      amount: entry.getAmount.getAmount,
      currency: entry.getAmount.getCurrency.getCode,
      booked: entry.getBookingDate[0].slice(0, 10),
      value: entry.getValueDate[0].slice(0, 10),
      reference: entry.getAccountServicerReference,
    }));
    const found = records.map(({ amount, currency, bookingDate, valueDate, references }) => ({
      amount: String(amount),
      currency,
      booked: formatDay(bookingDate!),
      value: formatDay(valueDate!),
      reference: references['bankReference'] ?? null,
    }));
    // Of several statements the dump has the entries of the last.
    expect(name.includes('multi') ? found.slice(-wanted.length) : found).toEqual(wanted);
  });

  test('a message without statements is a dead letter', async () => {
    expect(await read('camt053.v2.wrong.xml')).toMatchObject([
      { type: 'deadLetter', deadLetter: { code: 'malformedStatement' } },
    ]);
  });

  test('version 01 is a dead letter that says so', async () => {
    expect(await read('camt052.v1.xml')).toMatchObject([
      { deadLetter: { reason: expect.stringContaining('camt.052.001.01') as string } },
    ]);
  });
});
