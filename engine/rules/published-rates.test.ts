import { describe, expect, it } from 'vitest';
import { MAX_PUBLISHED_RATES, exchangeSchema, formatDay, type Rates, type RuleSet } from '../domain/index.ts';
import { publishRates, ratesInForce, ratesOfRule, takeOverRates } from './published-rates.ts';

const fx = exchangeSchema.parse({ from: 'USD', to: 'AED', rate: { table: 'cb' } });
const rate = (date: string, text: string, from = 'USD'): Rates[number] => ({
  from,
  to: 'AED',
  date,
  rate: text,
});

function rules(more: Partial<RuleSet>): RuleSet {
  return {
    reconciliations: [],
    sources: [],
    partitionBy: ['account'],
    maxAhead: 0,
    seenHorizon: null,
    maxOpenRecords: 1,
    ...more,
  };
}

/** Rules after a publication that is taken. */
function published(set: RuleSet, table: string, rates: Rates): RuleSet {
  const next = publishRates(set, table, rates);
  if (typeof next === 'string') throw new Error(next);
  return next;
}

describe('published rates', () => {
  it('stand over those that the table begins with, in order of their days', () => {
    const begin = rules({
      rates: { cb: [rate('2026-11-21', '3.5'), rate('2026-11-20', '3.6')] },
      publishedTables: ['cb'],
    });
    const set = published(begin, 'cb', [rate('2026-11-22', '3.8'), rate('2026-11-20', '3.7')]);
    expect(ratesInForce(set)!['cb']).toEqual([
      rate('2026-11-20', '3.7'),
      rate('2026-11-21', '3.5'),
      rate('2026-11-22', '3.8'),
    ]);
    expect(ratesInForce(begin)).toBe(begin.rates);
  });

  it('count for tables with a source only, and outlast rules without one', () => {
    const set = published(rules({ rates: { cb: [] } }), 'cb', [rate('2026-11-20', '3.7')]);
    expect(ratesOfRule(set, fx)).toEqual([]);
    const without = takeOverRates(set, rules({}));
    expect(ratesInForce(without)).toBeUndefined();
    const withSource = takeOverRates(without, rules({ rates: { cb: [] }, publishedTables: ['cb'] }));
    expect(ratesOfRule(withSource, fx)).toEqual([rate('2026-11-20', '3.7')]);
  });

  it('are the same rules where nothing is new, whatever the order', () => {
    const two = [rate('2026-11-20', '3.7'), rate('2026-11-19', '3.6')];
    const set = published(rules({ publishedTables: ['cb'] }), 'cb', two);
    expect(publishRates(set, 'cb', two.toReversed())).toBe(set);
    expect(publishRates(set, 'cb', [two[0]!])).toBe(set);
    expect(publishRates(set, 'cb', [rate('2026-11-20', '3.70')])).not.toBe(set);
  });

  it('concern a rule where they are of its currencies', () => {
    const set = published(rules({ rates: { cb: [] }, publishedTables: ['cb'] }), 'cb', [
      rate('2026-11-20', '4.2', 'EUR'),
    ]);
    expect(ratesOfRule(set, fx)).toEqual([]);
    expect(ratesOfRule(set, { ...fx, from: 'EUR' })).toHaveLength(1);
    expect(ratesOfRule(set, { ...fx, rate: { side: 'left', field: 'attributes.rate' } })).toBeUndefined();
  });

  it('have an end: the newest of a table, and so many tables', () => {
    const all = Array.from({ length: MAX_PUBLISHED_RATES }, (_, i) => rate(formatDay(i), '3.7'));
    const set = published(rules({}), 'cb', all);
    const more = published(set, 'cb', [rate(formatDay(all.length), '3.7')]);
    expect(more.publishedRates!['cb']).toHaveLength(MAX_PUBLISHED_RATES);
    expect(more.publishedRates!['cb']![0]!.date).toBe('1970-01-02');
    let full = rules({});
    for (let i = 0; i < 100; i++) full = published(full, `t${i}`, [rate('2026-11-20', '1')]);
    expect(publishRates(full, 'one-more', [rate('2026-11-20', '1')])).toMatch(/100 tables already/);
    expect(typeof publishRates(full, 't7', [rate('2026-11-21', '1')])).toBe('object');
  });
});
