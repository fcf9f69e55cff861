import { MAX_PUBLISHED_RATES, mergeRates, type Exchange, type Rates, type RuleSet } from '../domain/index.ts';

/** The most tables that rates are published for. */
const MAX_TABLES = 100;

/** The tables of rates as rules look them up: those of the rule set and, where one has a source, what it published. */
export function ratesInForce(set: RuleSet): RuleSet['rates'] {
  const { rates, publishedRates } = set;
  const published = (set.publishedTables ?? []).filter((table) => publishedRates?.[table] !== undefined);
  if (published.length === 0) return rates;
  return {
    ...rates,
    ...Object.fromEntries(
      published.map((table) => [table, mergeRates(rates?.[table] ?? [], publishedRates![table]!)]),
    ),
  };
}

/** The rates that a rule with `fx` can ask for: those of its table between its currencies. */
export function ratesOfRule(set: RuleSet, fx: Exchange): Rates | undefined {
  if (!('table' in fx.rate)) return undefined;
  return ratesInForce(set)?.[fx.rate.table]?.filter(({ from, to }) => from === fx.from && to === fx.to);
}

/**
 * Rules in which further rates are published for a table.
 * @returns the same object where that changes nothing; a line that says why where they are refused
 */
export function publishRates(set: RuleSet, table: string, rates: Rates): RuleSet | string {
  const known = set.publishedRates?.[table];
  if (known === undefined && Object.keys(set.publishedRates ?? {}).length >= MAX_TABLES)
    return `rates are published for ${MAX_TABLES} tables already; use one of them`;
  const merged = mergeRates(known ?? [], rates).slice(-MAX_PUBLISHED_RATES);
  if (known?.length === merged.length && known.every((rate, i) => isSame(rate, merged[i]!))) return set;
  return { ...set, publishedRates: { ...set.publishedRates, [table]: merged } };
}

/** Rules that come after others: what was published stays published. */
export function takeOverRates(before: RuleSet | undefined, next: RuleSet): RuleSet {
  if (before?.publishedRates === undefined) return next;
  return { ...next, publishedRates: before.publishedRates };
}

function isSame(a: Rates[number], b: Rates[number]): boolean {
  return a.date === b.date && a.from === b.from && a.to === b.to && a.rate === b.rate;
}
