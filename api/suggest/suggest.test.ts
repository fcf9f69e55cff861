import { describe, expect, test } from 'vitest';
import { reconciliationSchema } from '../../engine/domain/index.ts';
import type { CarriedRecord, RuleSet } from '../../engine/domain/index.ts';
import { breakExample } from '../schema/results.ts';
import { TEST_RULES, queriesOver, testApp } from '../testing.ts';
import { likeness } from './similarity.ts';
import { suggest } from './suggest.ts';

const T0 = Date.UTC(2026, 10, 20, 10);
const HOUR = 3_600_000;
let ordinal = 0;

function carried(
  source: string,
  id: string,
  amount: number,
  more: Partial<CarriedRecord> = {},
): CarriedRecord {
  return {
    ...{ source, id, sequence: 7, ordinal: ordinal++, account: 'a', kind: 'charge', status: 'booked' },
    ...{ currency: 'AED', amount, fee: 0, tax: 0, time: T0, precision: 'instant', offsetMinutes: 0 },
    ...{ references: {}, attributes: {} },
    ...more,
  };
}

const withReference = (reference: string) => ({ references: { reference } });

function rulesOf(change: object): RuleSet {
  const reconciliation = reconciliationSchema.parse({
    name: 'gateway-to-bank',
    left: { sources: ['gateway'] },
    right: { sources: ['bank'] },
    window: { after: '3d' },
    rules: [{ name: 'by-reference', keys: ['reference'], tolerance: { amount: '0.50' } }],
    ...change,
  });
  return { ...TEST_RULES, reconciliations: [reconciliation] };
}

describe('suggestions', () => {
  const definition = TEST_RULES.reconciliations[0]!;

  test('rank likeness of keys before amounts, and amounts before times, with reasons', () => {
    const asked = carried('gateway', 'g', 20_000, withReference('ORD-1042'));
    const swapped = carried('bank', 'swapped', 20_000, { ...withReference('ORD-1024'), time: T0 + HOUR });
    const short = carried('bank', 'short', 19_300, { ...withReference('ORD-1042'), time: T0 + 2 * HOUR });
    const same = carried('bank', 'same', 20_000, { ...withReference('XYZ'), time: T0 + 5 * HOUR });
    const unlike = carried('bank', 'unlike', -5, { ...withReference('Q'), time: T0 + 50 * 24 * HOUR });
    const { single } = suggest(
      { records: [asked], side: 'left', candidates: [unlike, same, short, swapped] },
      definition,
      TEST_RULES,
    );
    expect(single.map(({ record: { id } }) => id)).toEqual(['short', 'swapped', 'same']);
    expect(single[1]!.reasons).toEqual([
      'reference differs by 1 character: ORD-1042 and ORD-1024',
      'the amounts agree',
      '1h later',
    ]);
    expect(single[0]).toMatchObject({ difference: 700, rule: 'by-reference' });
    expect(single[0]!.reasons).toContain('the amounts differ by 7.00 AED');
  });

  test('see what the rules see: normalised keys, net amounts, turned signs, null values', () => {
    const rules = rulesOf({
      left: { sources: ['gateway'], negate: true },
      rules: [
        {
          name: 'net',
          keys: [{ left: 'id', right: { field: 'reference', normalise: [{ capture: '/(\\w+)$' }] } }],
          compare: { left: 'net' },
        },
      ],
    });
    const payout = carried('gateway', 'po7', -10_000, { fee: 250 });
    const credit = carried('bank', 'b', 10_250, withReference('SETTLEMENT/po7'));
    const { single } = suggest(
      { records: [credit], side: 'right', candidates: [payout] },
      rules.reconciliations[0]!,
      rules,
    );
    expect(single[0]).toMatchObject({ difference: 0, score: 1 });
    const none = suggest(
      {
        records: [carried('gateway', 'g', 5, withReference('NONREF'))],
        side: 'left',
        candidates: [carried('bank', 'b', 7_000, { ...withReference('NONREF'), time: T0 + 90 * 24 * HOUR })],
      },
      definition,
      TEST_RULES,
    );
    expect(none.single).toEqual([]);
  });

  test('find several that sum to what is missing', () => {
    const credit = carried('bank', 'b', 15_000, withReference('BATCH'));
    const candidates = [9_000, 4_500, 1_500, 700].map((amount, i) => carried('gateway', `c${i}`, amount));
    const { sum, searched } = suggest(
      { records: [credit], side: 'right', candidates },
      definition,
      TEST_RULES,
    );
    expect(sum).toMatchObject({ difference: 0, unique: true });
    expect(sum!.records.map(({ id }) => id).sort()).toEqual(['c0', 'c1', 'c2']);
    expect(searched).toMatchObject({ candidates: 4, exhausted: false });
  });
});

test.each([
  ['ORD-1042', 'ORD-1042', 1],
  ['ord 1042', 'ORD-1042', 0.97],
  ['1042', 'XX1042YY', 0.75],
  ['ORD-1042', 'ORD-1043', 0.77],
  ['abc', 'xyz', 0],
  ['', 'xyz', 0],
])('%s is like %s by %d', (a, b, share) => {
  expect(likeness(a, b).share).toBeCloseTo(share, 2);
  expect(likeness(b, a).share).toBeCloseTo(share, 2);
});

describe('GET /v1/breaks/{id}/suggestions', () => {
  const base = queriesOver({ records: [], matches: [], breaks: [breakExample] });
  const asked: unknown[] = [];
  const { app } = testApp({
    queries: {
      ...base,
      carriedAt: async () => [carried('gateway', 'pay_1043', 93_700, withReference('K1'))],
      openRecords: async (request) => {
        asked.push(request);
        return [carried('bank', 'b4', 93_000, withReference('K1'))];
      },
    },
  });

  test('asks for open records of the other side in their pool, near the break', async () => {
    const answer = await app.request(`/v1/breaks/${breakExample.breakId}/suggestions`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      breakId: breakExample.breakId,
      side: 'right',
      suggestions: [{ record: { source: 'bank', id: 'b4', amount: '930.00' }, difference: '7.00' }],
      searched: { exhausted: false },
    });
    expect(asked).toEqual([
      expect.objectContaining({
        ...{ epoch: 1, partition: 3, sources: ['bank'], pool: 'gateway-to-bank.right', currency: 'AED' },
        ...{ amount: 93_700, around: T0 },
      }),
    ]);
  });

  test('is 404 for a break that is not there, and for one of rules that are gone', async () => {
    expect((await app.request('/v1/breaks/1-0-1-0/suggestions')).status).toBe(404);
    const gone = testApp({ queries: base, rules: () => ({ ...TEST_RULES, reconciliations: [] }) }).app;
    expect((await gone.request(`/v1/breaks/${breakExample.breakId}/suggestions`)).status).toBe(404);
  });
});
