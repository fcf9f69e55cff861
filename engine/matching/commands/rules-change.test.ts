import { describe, expect, test } from 'vitest';
import type { Reconciliation, RuleSet } from '../../domain/index.ts';
import { compareRules, refusalOf } from './rules-change.ts';

function reconciliation(name: string, more: Partial<Reconciliation> = {}): Reconciliation {
  return {
    name,
    left: { sources: ['card'] },
    right: { sources: ['bank'] },
    window: { before: 0, after: 0, grace: 0 },
    retain: 0,
    rules: [{ name: 'by reference', keys: ['references.reference'], tolerance: {} }],
    nullValues: [],
    ...more,
  };
}

function rules(reconciliations: readonly Reconciliation[], more: Partial<RuleSet> = {}): RuleSet {
  return {
    reconciliations,
    sources: [],
    partitionBy: ['account'],
    maxAhead: 0,
    seenHorizon: null,
    maxOpenRecords: 10,
    ...more,
  };
}

function fates(before: RuleSet, next: RuleSet): object {
  return Object.fromEntries(compareRules(before, next).fates);
}

describe('a change of rules', () => {
  test('leaves equal reconciliations as they are, in any order, members in any order', () => {
    const { name, ...rest } = reconciliation('b');
    const before = rules([reconciliation('a'), reconciliation('b')]);
    expect(fates(before, rules([{ ...rest, name }, reconciliation('a')]))).toEqual({ a: 'kept', b: 'kept' });
  });

  test('tells changed, new and gone', () => {
    const before = rules([reconciliation('a'), reconciliation('b')]);
    const next = rules([reconciliation('a', { retain: 1 }), reconciliation('c')]);
    expect(fates(before, next)).toEqual({ a: 'changed', c: 'new' });
    expect([...compareRules(before, next).gone]).toEqual(['b']);
  });

  test('reaches what a definition refers to', () => {
    const fees = reconciliation('fees', { left: { sources: ['card'], fees: 'acquirer' } });
    const dates = reconciliation('dates', {
      rules: [
        {
          name: 'by day',
          keys: ['references.reference'],
          tolerance: {},
          dates: [
            { left: 'time', right: 'time', before: { ms: 0 }, after: { businessDays: 1 }, calendar: ['AE'] },
          ],
        },
      ],
    });
    const all = [reconciliation('plain'), fees, dates];
    const before = rules(all, { calendars: { AE: { closed: ['sunday'], holidays: [] } } });
    expect(fates(before, rules(all, { calendars: { AE: { closed: [], holidays: [] } } }))).toEqual({
      plain: 'kept',
      fees: 'kept',
      dates: 'changed',
    });
    const contract = { lines: [{}], round: 'perRecord', refundReturnsFee: 'none' } as const;
    expect(
      fates(
        before,
        rules(all, {
          calendars: before.calendars,
          feeContracts: { acquirer: { ...contract, lines: [...contract.lines] } },
        }),
      ),
    ).toEqual({ plain: 'kept', fees: 'changed', dates: 'kept' });
  });

  test('spreads over shared pools', () => {
    const inPools = (name: string, left: string, right: string, retain = 0): Reconciliation =>
      reconciliation(name, {
        left: { sources: ['card'], pool: left },
        right: { sources: ['bank'], pool: right },
        retain,
      });
    const before = rules([
      inPools('a', 'p', 'q'),
      inPools('b', 'q', 'r'),
      inPools('c', 's', 'r'),
      inPools('d', 't', 'u'),
    ]);
    const next = rules([inPools('a', 'p', 'q', 1), ...before.reconciliations.slice(1)]);
    expect(fates(before, next)).toEqual({ a: 'changed', b: 'changed', c: 'changed', d: 'kept' });
    expect(fates(before, rules(before.reconciliations.slice(1)))).toEqual({
      b: 'changed',
      c: 'changed',
      d: 'kept',
    });
  });

  test('reaches reconciliations that share a pool and change places', () => {
    const [a, b, c] = ['p', 'p', 'q'].map((pool, i) =>
      reconciliation('abc'[i]!, { right: { sources: ['bank'], pool } }),
    ) as [Reconciliation, Reconciliation, Reconciliation];
    const before = rules([a, b, c]);
    expect(fates(before, rules([b, c, a]))).toEqual({ a: 'changed', b: 'changed', c: 'kept' });
    expect(fates(before, rules([c, a, b]))).toEqual({ a: 'kept', b: 'kept', c: 'kept' });
  });

  test('is refused where the log was created otherwise', () => {
    expect(refusalOf(rules([]), rules([]))).toBeUndefined();
    expect(refusalOf(rules([]), rules([], { partitionBy: ['currency'] }))).toContain('partitionBy');
    expect(refusalOf(rules([]), rules([], { seenHorizon: 1 }))).toContain('seen horizon');
  });
});
