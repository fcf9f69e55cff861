import { describe, expect, test } from 'vitest';
import { reconciliationSchema } from '../../engine/domain/index.ts';
import type { ResultQueries, RuleSet, StatementRequest, StatementSums } from '../../engine/domain/index.ts';
import { TEST_RULES, queriesOver, testApp } from '../testing.ts';
import { readPeriod } from './period.ts';
import { setsOf } from './sets.ts';

const DAY = 86_400_000;

function rulesOf(...definitions: object[]): RuleSet {
  const parsed = definitions.map((definition) =>
    reconciliationSchema.parse({
      left: { sources: ['l'] },
      right: { sources: ['r'] },
      window: {},
      rules: [{ name: 'a', keys: ['reference'] }],
      ...definition,
    }),
  );
  return { ...TEST_RULES, reconciliations: parsed };
}

describe('sets of reconciliations', () => {
  const bank = { sources: ['bank'], pool: 'bank' };
  const rules = rulesOf(
    { name: 'cards', right: bank },
    { name: 'alone', left: { sources: ['x'], negate: true } },
    { name: 'aani', right: bank, left: { sources: ['a'], pool: 'aani' } },
    { name: 'cod', left: { sources: ['c'], pool: 'aani' } },
  );

  test('are those that share pools, directly or through others, in configured order', () => {
    expect(setsOf(rules).map(({ reconciliations }) => reconciliations)).toEqual([
      ['cards', 'aani', 'cod'],
      ['alone'],
    ]);
    expect(setsOf(rules, 'cod').map(({ reconciliations }) => reconciliations)).toEqual([
      ['cards', 'aani', 'cod'],
    ]);
    expect(setsOf(rules, 'nobody')).toEqual([]);
    const { lanes } = setsOf(rules, 'alone')[0]!.request;
    expect(lanes.map(({ side, pool, negate }) => [side, pool, negate])).toEqual([
      ['left', 'alone.left', true],
      ['right', 'alone.right', false],
    ]);
  });

  test('say which rules take records in parts, and which compare something else', () => {
    const special = rulesOf({
      name: 's',
      rules: [
        { name: 'plain', keys: ['reference'] },
        { name: 'parts', keys: ['reference'], cardinality: '1:N', partial: true, compare: { right: 'net' } },
        { name: 'fees', keys: ['reference'], compare: 'fee' },
      ],
    });
    expect(setsOf(special)[0]!.request).toMatchObject({
      partial: [{ reconciliation: 's', rule: 'parts', net: ['right'] }],
      otherwise: [{ reconciliation: 's', rule: 'fees' }],
    });
  });
});

describe('the period of a statement', () => {
  const zone = 'Asia/Dubai';
  const midnight = Date.UTC(2026, 10, 19, 20);

  test('is a day, a stretch, a moment, or a position', () => {
    const day = { first: '2026-11-20', last: '2026-11-20' };
    expect(readPeriod({ day: '2026-11-20', zone })).toEqual({
      ...{ from: midnight, end: { before: midnight + DAY }, days: day },
    });
    expect(readPeriod({ from: '2026-11-20', to: '2026-11-22', zone })).toEqual({
      ...{ from: midnight, end: { before: midnight + 2 * DAY }, days: { ...day, last: '2026-11-21' } },
    });
    expect(readPeriod({ from: '2026-11-20', zone })).toMatchObject({ from: midnight });
    expect(readPeriod({ from: '2026-11-20', zone })).not.toHaveProperty('end');
    expect(readPeriod({ to: '2026-11-20T00:00:00Z', zone })).toEqual({
      end: { before: Date.UTC(2026, 10, 20) },
    });
    expect(readPeriod({ asOf: '2026-11-20', zone })).toEqual({ end: { before: midnight } });
    expect(readPeriod({ asOf: '1-3-4711-0', zone })).toEqual({
      end: { through: { epoch: 1, partition: 3, sequence: 4711 } },
    });
    expect(readPeriod({ zone: 'UTC' })).toEqual({});
  });

  test.each([
    [{ day: '2026-11-20', asOf: '2026-11-20', zone }, /one of these/],
    [{ day: '2026-11-20', to: '2026-11-20', zone }, /one of these/],
    [{ from: '2026-11-20', to: '2026-11-20', zone }, /not after/],
    [{ day: 'yesterday', zone }, /not a date/],
    [{ zone: 'Mars/Olympus' }, /Mars/],
  ])('%o is refused', (query, message) => {
    expect(() => readPeriod(query)).toThrow(message);
  });
});

/** Sums of one currency: 100.00 left, 60.00 right; 94.00 and 57.00 matched, 1.00 written off, the rest open. */
const SUMS: StatementSums = {
  sides: [
    {
      ...{ side: 'left', currency: 'AED', records: 4, amount: 10_000n, open: 2, openAmount: 500n },
      ...{
        broken: 1,
        brokenAmount: 420n,
        writtenOff: 1,
        writtenOffAmount: 100n,
        fee: 0n,
        tax: 0n,
        otherwise: 0n,
      },
    },
    {
      ...{ side: 'right', currency: 'AED', records: 2, amount: 6_000n, open: 1, openAmount: 300n },
      ...{
        broken: 0,
        brokenAmount: 0n,
        writtenOff: 0,
        writtenOffAmount: 0n,
        fee: 0n,
        tax: 0n,
        otherwise: 0n,
      },
    },
  ],
  matches: [
    { currency: 'AED', matches: 1, left: 9_400n, right: 5_700n, causes: { fee: 3_000n, tolerance: 700n } },
  ],
  oddities: [],
};

function app(sums: StatementSums, asked: StatementRequest[] = [], more: Partial<ResultQueries> = {}) {
  const queries: ResultQueries = {
    ...queriesOver({ records: [], matches: [], breaks: [] }),
    statement: async (request) => {
      asked.push(request);
      return sums;
    },
    ...more,
  };
  return testApp({ queries }).app;
}

describe('GET /v1/statement', () => {
  test('takes the difference apart, and is whole where nothing is left', async () => {
    const asked: StatementRequest[] = [];
    const answer = await app(SUMS, asked).request('/v1/statement');
    expect(await answer.json()).toMatchObject({
      balanced: true,
      parts: [
        {
          reconciliations: ['gateway-to-bank'],
          currency: 'AED',
          closing: {
            difference: '40.00',
            causes: { fee: '30.00', tolerance: '7.00', fx: '0.00' },
            writtenOff: { left: { records: 1, amount: '1.00' } },
            open: { left: { records: 2, amount: '5.00' }, right: { records: 1, amount: '3.00' } },
            pending: { left: { records: 1, amount: '0.80' }, right: { records: 1, amount: '3.00' } },
            broken: { left: { records: 1, amount: '4.20' }, right: { records: 0, amount: '0.00' } },
            residual: '0.00',
          },
        },
      ],
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toHaveProperty('end');
  });

  test('shows conversion as lines of its own in both currencies', async () => {
    const sums: StatementSums = {
      sides: [
        { ...SUMS.sides[0]!, currency: 'USD', amount: 3_003n, openAmount: 0n, writtenOffAmount: 0n },
        { ...SUMS.sides[1]!, amount: 10_880n, openAmount: 0n },
      ],
      matches: [
        {
          currency: 'AED',
          leftCurrency: 'USD',
          matches: 1,
          left: 3_003n,
          right: 10_880n,
          causes: { fx: 149n },
        },
      ],
      oddities: [],
    };
    const { parts, balanced } = (await (await app(sums).request('/v1/statement')).json()) as {
      parts: { currency: string; closing: object }[];
      balanced: boolean;
    };
    expect(parts.map(({ currency, closing }) => [currency, closing])).toMatchObject([
      ['AED', { converted: { out: '0.00', in: '110.29' }, causes: { fx: '1.49' }, residual: '0.00' }],
      ['USD', { converted: { out: '30.03', in: '0.00' }, residual: '0.00' }],
    ]);
    expect(balanced).toBe(true);
  });

  test('names what a residual comes from', async () => {
    const oddities = [{ kind: 'causes', currency: 'AED', amount: 5n, matchId: '1-3-9-0' }] as const;
    const sums = { ...SUMS, sides: [{ ...SUMS.sides[0]!, amount: 10_005n }, SUMS.sides[1]!], oddities };
    expect(await (await app(sums).request('/v1/statement')).json()).toMatchObject({
      balanced: false,
      parts: [
        { closing: { residual: '0.05' }, oddities: [{ kind: 'causes', amount: '0.05', matchId: '1-3-9-0' }] },
      ],
    });
  });

  test('of a day has an opening, arrivals, and balances of sources that state them', async () => {
    const asked: StatementRequest[] = [];
    const stretches: unknown[] = [];
    const balance = {
      ...{ account: 'a', currency: 'AED', records: 3, amount: 100n, messages: [] },
      statements: [],
    };
    const over = app(SUMS, asked, {
      arrivals: async (_, stretch) => {
        stretches.push(stretch);
        return [{ side: 'left', currency: 'AED', of: 'before', records: 1, amount: 250n }];
      },
      balances: async () => [
        { ...balance, source: 'bank', off: 1, offBy: -205n, messages: ['off by 2.05'] },
        { ...balance, source: 'gateway', off: 0, offBy: 0n },
        { ...balance, source: 'elsewhere', off: 1, offBy: 1n },
      ],
    });
    const answer = await over.request('/v1/statement?day=2026-11-20&reconciliation=gateway-to-bank');
    expect(await answer.json()).toMatchObject({
      balanced: false,
      parts: [{ opening: { residual: '0.00' }, arrivals: [{ side: 'left', of: 'before', amount: '2.50' }] }],
      balances: [{ source: 'bank', off: 1, residual: '-2.05' }],
    });
    const start = Date.UTC(2026, 10, 20);
    expect(asked.map(({ end }) => end)).toEqual([{ before: start + DAY }, { before: start }]);
    expect(stretches).toEqual([
      { from: start, to: start + DAY, firstDay: '2026-11-20', lastDay: '2026-11-20' },
    ]);
  });

  test('says where there is nothing to account for', async () => {
    const nothing = { sides: [], matches: [], oddities: [] };
    expect(await (await app(nothing).request('/v1/statement?asOf=2020-01-01')).json()).toEqual({
      ...{ balanced: true, empty: true, parts: [], balances: [] },
    });
    expect(await (await app(SUMS).request('/v1/statement')).json()).toMatchObject({ empty: false });
  });

  test.each([
    ['1-3-4711-0', 200, ''],
    ['1-3-4712-0', 404, 'no position 1-3-4712-0; its positions go from sequence 1 through 1-3-4711-0'],
    ['1-3-0-0', 404, 'no position 1-3-0-0; its positions go from sequence 1 through 1-3-4711-0'],
    ['2-3-1-0', 404, 'no position 2-3-1-0; its positions go from sequence 1 through 1-2-7-0, 1-3-4711-0'],
    ['1-4-1-0', 404, 'no position 1-4-1-0; its positions go from sequence 1 through 1-2-7-0, 1-3-4711-0'],
  ])('through position %s answers %i', async (asOf, status, detail) => {
    const ends = [
      { epoch: 1, partition: 2, sequence: 7 },
      { epoch: 1, partition: 3, sequence: 4711 },
    ];
    const answer = await app(SUMS, [], { logEnds: async () => ends }).request(`/v1/statement?asOf=${asOf}`);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(await answer.json())).toContain(detail);
  });

  test('refuses what is no period and what is no reconciliation', async () => {
    expect((await app(SUMS).request('/v1/statement?day=x')).status).toBe(400);
    expect((await app(SUMS).request('/v1/statement?zone=Nowhere')).status).toBe(400);
    expect((await app(SUMS).request('/v1/statement?reconciliation=nobody')).status).toBe(404);
  });
});
