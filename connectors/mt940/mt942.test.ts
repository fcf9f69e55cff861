import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { sortItems } from '../conformance/sorted-items.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

async function read(content: string, settings: { readonly [setting: string]: unknown } = {}) {
  const source = sourceOf('mt942', { path: 'x', ...settings });
  return sortItems(await readContent(source, folder.path, content, 'day.sta'));
}

interface ReportOptions {
  readonly floors?: readonly string[];
  readonly madeAt?: string;
  readonly sums?: readonly string[];
}

function report(
  lines: readonly string[],
  { floors = [':34F:AED0,'], madeAt = ':13D:2611221430+0400', sums = [] }: ReportOptions = {},
): string {
  return [':20:REF', ':25:AE07', ':28C:7/1', ...floors, madeAt, ...lines, ...sums, '-'].join('\n');
}

const CREDIT = ':61:2611221122C100,00NTRFREF1//BANK1';
const DEBIT = ':61:2611221122D40,00NCHGNONREF//BANK2';

describe('an interim report', () => {
  test('gives a record of each line: booked ones, and expected ones as pending', async () => {
    const { records, findings, balances, progress } = await read(
      report(
        [
          CREDIT,
          ':86:/EREF/E1/NAME/PAYER',
          DEBIT,
          ':61:2611231123EC5,00NTRFREF2',
          ':61:2611231123ED6,00NTRFREF3',
        ],
        { sums: [':90D:1AED40,00', ':90C:1AED100,00', ':86:SUMMARY OF THE DAY'] },
      ),
    );
    expect([findings, balances, progress]).toEqual([[], [], []]);
    expect(records.map(({ id, amount, status }) => [id, amount, status])).toEqual([
      ['AE07/7/1/2026-11-22T1430/1', 10_000n, 'booked'],
      ['AE07/7/1/2026-11-22T1430/2', -4000n, 'booked'],
      ['AE07/7/1/2026-11-22T1430/3', 500n, 'pending'],
      ['AE07/7/1/2026-11-22T1430/4', -600n, 'pending'],
    ]);
    expect(records[0]).toMatchObject({
      kind: 'bank',
      currency: 'AED',
      references: { reference: 'REF1', bankReference: 'BANK1', endToEndId: 'E1' },
      attributes: { counterpartyName: 'PAYER', statement: '7/1' },
    });
    // What stands behind the sums is about the report.
    expect(records[3]!.attributes['narrative']).toBeUndefined();
  });

  test.each([
    ['agree', [':90D:1AED40,', ':90C:1AED100,'], [':34F:AED0,'], []],
    [
      'with what is below the floor',
      [':90D:3AED58,', ':90C:2AED149,99'],
      [':34F:AEDD10,', ':34F:AEDC50,'],
      [],
    ],
    ['differ', [':90D:1AED41,', ':90C:1AED100,'], [':34F:AED0,'], [-100]],
    [
      'differ by more than the floor leaves out',
      [':90D:1AED40,', ':90C:2AED150,'],
      [':34F:AEDD10,', ':34F:AEDC50,'],
      [-5000],
    ],
    ['count too few', [':90D:1AED40,', ':90C:0AED0,'], [':34F:AED100,'], [10_000]],
  ])('sums %s', async (_, sums, floors, amounts) => {
    const { records, findings } = await read(report([CREDIT, DEBIT], { sums, floors }));
    expect(records).toHaveLength(2);
    expect(findings.map(({ kind, amount }) => [kind, amount])).toEqual(
      amounts.map((amount) => ['balance', amount]),
    );
  });

  test('a finding says what differs, before the records', async () => {
    const { items } = await read(report([CREDIT, DEBIT, ':61:26112'], { sums: [':90D:2AED60,00'] }));
    expect(items[0]).toMatchObject({
      finding: {
        message:
          'day.sta:1: report AE07/7/1/2026-11-22T1430: its 1 lines of debit come to 40.00 AED, but :90D: says 2 of 60.00; 1 of its lines could not be read',
      },
    });
  });

  test('may say when it was made without date or offset, and its currency by its sums alone', async () => {
    for (const [madeAt, name] of [
      [':13:2611221430', '2026-11-22T1430'],
      [':13:1430', '1430'],
    ] as const) {
      const { records } = await read(report([CREDIT], { madeAt, floors: [], sums: [':90C:1AED100,'] }));
      expect(records.map(({ id, currency }) => [id, currency])).toEqual([[`AE07/7/1/${name}/1`, 'AED']]);
    }
  });

  test.each([
    ['no currency', report([CREDIT], { floors: [] }), /names no currency/],
    ['no time', report([CREDIT], { madeAt: ':21:X' }), /does not say when it was made/],
    ['a malformed time', report([CREDIT], { madeAt: ':13D:noon' }), /:13D:noon is not of the form/],
    ['two currencies', report([CREDIT], { sums: [':90C:1USD100,'] }), /AED and USD at once/],
    ['a statement', ':20:A\n:25:X\n:28C:1\n:60F:C261122AED0,\n:62F:C261122AED0,\n', /connector mt940/],
    ['no report', 'hello\n', /no report in it/],
  ])('%s: dead letters that say so', async (_, content, reason) => {
    const { records, dead } = await read(content);
    expect(records).toEqual([]);
    expect(dead).toHaveLength(1);
    expect(dead[0]!.reason).toMatch(reason);
  });

  test('for the connector mt940 is a dead letter that names this one', async () => {
    const source = sourceOf('mt940', { path: 'x' });
    const { dead } = sortItems(await readContent(source, folder.path, report([CREDIT])));
    expect(dead).toMatchObject([{ reason: expect.stringMatching(/connector mt942/) as string }]);
  });

  test('that comes again is the same; another one under its name is a conflict', async () => {
    const again = await read(`${report([CREDIT])}\n${report([CREDIT])}`);
    expect(again.records[1]).toEqual(again.records[0]);
    const other = await read(`${report([CREDIT])}\n${report([DEBIT])}`);
    expect(other.records).toHaveLength(1);
    expect(other.dead).toMatchObject([{ code: 'statementConflict', origin: { line: 13 } }]);
  });
});
