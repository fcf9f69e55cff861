import { describe, expect, test } from 'vitest';
import type { FeeFilter, ResultQueries, RuleSet, StatementLane } from '../../engine/domain/index.ts';
import { TEST_RULES, queriesOver, testApp } from '../testing.ts';

const [definition] = TEST_RULES.reconciliations;
const RULES: RuleSet = {
  ...TEST_RULES,
  reconciliations: [{ ...definition!, left: { ...definition!.left, fees: 'acquirer' } }],
};
const VARIANCE = {
  source: 'gateway',
  account: 'a',
  month: '2026-11',
  currency: 'KWD',
  kind: 'fee',
} as const;

function app(changes: Partial<ResultQueries>) {
  const queries = { ...queriesOver({ records: [], matches: [], breaks: [] }), ...changes };
  return testApp({ queries, rules: () => RULES }).app;
}

describe('GET /v1/fees', () => {
  test('shows what was charged beside contracts, by month, and how much was looked at', async () => {
    const asked: FeeFilter[] = [];
    const lanesAsked: (readonly StatementLane[])[] = [];
    const over = app({
      feeVariances: async (filter) => {
        asked.push(filter);
        return [{ ...VARIANCE, records: 3, over: 1_500n, under: -250n }];
      },
      reportedFees: async (lanes, filter) => {
        lanesAsked.push(lanes);
        asked.push(filter);
        return 40;
      },
    });
    expect(await (await over.request('/v1/fees?source=gateway&from=2026-01')).json()).toEqual({
      items: [{ ...VARIANCE, records: 3, over: '1.500', under: '-0.250', net: '1.250' }],
      records: 40,
    });
    const filter = { source: 'gateway', fromMonth: '2026-01' };
    expect(asked).toEqual([filter, filter]);
    expect(lanesAsked).toMatchObject([[{ reconciliation: 'gateway-to-bank', side: 'left' }]]);
  });

  test.each([
    ['from=November', 400, /^query\.from: .*wants a month such as 2026-11$/],
    ['from=2026-13', 400, /^query\.from: .*wants a month such as 2026-11$/],
    ['to=2026-00', 400, /^query\.to: .*wants a month such as 2026-11$/],
    ['from=2026-11&to=2026-10', 400, /^to \(2026-10\) is before from \(2026-11\)$/],
    ['source=zz', 404, /^there is no source zz; the rules in force have gateway, bank$/],
  ])('refuses %s', async (query, status, detail) => {
    const answer = await app({}).request(`/v1/fees?${query}`);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(detail);
  });

  test('knows a source that the rules have no more, where it has variances', async () => {
    const old = { ...VARIANCE, source: 'old', records: 1, over: 1n, under: 0n };
    const answer = await app({ feeVariances: async () => [old] }).request('/v1/fees?source=old');
    expect(answer.status).toBe(200);
  });
});
