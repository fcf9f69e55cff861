import { describe, expect, test } from 'vitest';
import { DAY_MS, LAG_BOUNDS_MS } from '../engine/domain/index.ts';
import type { PartitionSummary, ReconciliationSummary, SideSummary } from '../engine/domain/index.ts';
import { summarySchema } from './schema/summary.ts';
import { selectReconciliations, sumSummaries } from './summary.ts';

const LOG_TIME = Date.UTC(2026, 10, 22, 10);
const TODAY = Math.floor(LOG_TIME / DAY_MS);

function sideOf(changes: Partial<SideSummary> = {}): SideSummary {
  return {
    records: 0,
    amount: 0,
    matched: 0,
    matchedAmount: 0,
    pending: 0,
    pendingAmount: 0,
    broken: 0,
    brokenAmount: 0,
    late: 0,
    ...changes,
  };
}

function figuresOf(changes: Partial<ReconciliationSummary> = {}): ReconciliationSummary {
  return {
    reconciliation: 'gateway-to-bank',
    currency: 'AED',
    matches: 0,
    difference: 0,
    sides: { left: sideOf(), right: sideOf() },
    breaks: {},
    healed: 0,
    lag: new Array<number>(LAG_BOUNDS_MS.length + 1).fill(0),
    ageing: [],
    ...changes,
  };
}

function partOf(partition: number, changes: Partial<PartitionSummary> = {}): PartitionSummary {
  return {
    partition,
    sequence: 9,
    logTime: LOG_TIME,
    watermark: null,
    records: 0,
    duplicates: 0,
    unrouted: 0,
    findings: 0,
    deadLetters: 0,
    open: 0,
    reconciliations: [],
    ...changes,
  };
}

/** A histogram with so many matches at each lag. */
function lagOf(counts: { readonly [lagMs: number]: number }): number[] {
  const lag = new Array<number>(LAG_BOUNDS_MS.length + 1).fill(0);
  for (const [lagMs, count] of Object.entries(counts)) {
    const bucket = LAG_BOUNDS_MS.findIndex((bound) => Number(lagMs) <= bound);
    lag[bucket < 0 ? LAG_BOUNDS_MS.length : bucket]! += count;
  }
  return lag;
}

describe('sumSummaries', () => {
  test('nothing has spoken yet', () => {
    const summary = sumSummaries([]);
    expect(summary).toMatchObject({ at: null, totals: { records: 0, breaks: {} }, reconciliations: [] });
    expect(summarySchema.parse(summary)).toEqual(summary);
  });

  test('adds partitions by reconciliation and currency, amounts exactly', () => {
    const left = sideOf({
      records: 3,
      amount: 9_007_199_254_740_991,
      matched: 2,
      matchedAmount: 500,
      broken: 1,
    });
    const summary = sumSummaries([
      partOf(1, {
        records: 5,
        duplicates: 1,
        open: 2,
        reconciliations: [
          figuresOf({
            matches: 2,
            difference: 35,
            sides: { left, right: sideOf() },
            breaks: { unmatched: 1 },
          }),
          figuresOf({ currency: 'KWD', difference: 1500 }),
        ],
      }),
      partOf(0, {
        records: 7,
        unrouted: 1,
        open: 4,
        watermark: LOG_TIME - 5,
        reconciliations: [
          figuresOf({
            matches: 1,
            sides: { left, right: sideOf() },
            breaks: { unmatched: 1, amount: 1 },
            healed: 2,
          }),
        ],
      }),
    ]);
    expect(summary.totals).toEqual({
      records: 12,
      duplicates: 1,
      unrouted: 1,
      findings: 0,
      deadLetters: 0,
      open: 6,
      matches: 3,
      openBreaks: 3,
      breaks: { unmatched: 2, amount: 1 },
      healed: 2,
    });
    expect(summary.reconciliations.map(({ currency, difference }) => [currency, difference])).toEqual([
      ['AED', '0.35'],
      ['KWD', '1.500'],
    ]);
    const [aed] = summary.reconciliations;
    expect(aed?.sides.left).toMatchObject({
      records: 6,
      amount: '180143985094819.82',
      matchedAmount: '10.00',
    });
    expect(aed?.matchRate.count).toBeCloseTo(4 / 6);
    expect(summary.partitions.map((part) => [part.partition, part.watermark])).toEqual([
      [0, '2026-11-22T09:59:59.995Z'],
      [1, null],
    ]);
    expect(summarySchema.parse(summary)).toEqual(summary);
  });

  test('the match rate looks at what is decided, whatever the signs', () => {
    const rateOf = (left: Partial<SideSummary>, right: Partial<SideSummary>) =>
      sumSummaries([
        partOf(0, { reconciliations: [figuresOf({ sides: { left: sideOf(left), right: sideOf(right) } })] }),
      ]).reconciliations[0]!.matchRate;
    expect(rateOf({ pending: 9, pendingAmount: 900 }, {})).toEqual({ count: null, amount: null });
    expect(rateOf({ matched: 1, matchedAmount: -300, pending: 9 }, { broken: 3, brokenAmount: 100 })).toEqual(
      {
        count: 0.25,
        amount: 0.75,
      },
    );
  });

  test('lag quantiles are the upper bound of their bucket, over all partitions', () => {
    const parts = [
      partOf(0, { reconciliations: [figuresOf({ lag: lagOf({ 0: 50, 1000: 30 }) })] }),
      partOf(1, { reconciliations: [figuresOf({ lag: lagOf({ 60_000: 19, 1e15: 1 }) })] }),
    ];
    const { lag } = sumSummaries(parts).reconciliations[0]!;
    expect(lag.p50Ms).toBe(0);
    expect(lag.p90Ms).toBeGreaterThanOrEqual(60_000);
    expect(lag.p90Ms).toBeLessThan(60_000 * 1.2);
    expect(lag.p99Ms).toBeLessThan(60_000 * 1.2);
    expect(
      sumSummaries([partOf(0, { reconciliations: [figuresOf()] })]).reconciliations[0]!.lag.p50Ms,
    ).toBeNull();
  });

  test('ageing counts whole days before the latest log time of any partition', () => {
    const summary = sumSummaries([
      partOf(0, {
        logTime: LOG_TIME - 3 * DAY_MS,
        reconciliations: [
          figuresOf({
            ageing: [
              [TODAY + 1, 1, 100],
              [TODAY, 1, 100],
              [TODAY - 1, 2, 250],
              [TODAY - 2, 1, 1],
              [TODAY - 6, 1, 2],
            ],
          }),
        ],
      }),
      partOf(1, {
        reconciliations: [
          figuresOf({
            ageing: [
              [TODAY - 7, 1, 5],
              [TODAY - 29, 1, 5],
              [TODAY - 30, 4, 7],
              [TODAY - 400, 1, 7],
            ],
          }),
        ],
      }),
    ]);
    expect(summary.reconciliations[0]!.ageing.map(({ breaks, amount }) => [breaks, amount])).toEqual([
      [2, '2.00'],
      [2, '2.50'],
      [2, '0.03'],
      [2, '0.10'],
      [5, '0.14'],
    ]);
  });

  test('selecting leaves totals and partitions alone', () => {
    const summary = sumSummaries([
      partOf(0, { records: 4, reconciliations: [figuresOf(), figuresOf({ reconciliation: 'other' })] }),
    ]);
    const selected = selectReconciliations(summary, { reconciliation: 'other', currency: 'AED' });
    expect(selected.reconciliations.map(({ reconciliation }) => reconciliation)).toEqual(['other']);
    expect(selected.totals.records).toBe(4);
    expect(selectReconciliations(summary, { currency: 'USD' }).reconciliations).toEqual([]);
  });
});
