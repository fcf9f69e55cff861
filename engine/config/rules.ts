import { createHash } from 'node:crypto';
import type { Rates, RuleSet, SourceRule } from '../domain/index.ts';
import type { Config } from './schema.ts';

/**
 * What the kernel needs of a configuration: the content of a `rules` message. What is not configured is absent, and of
 * rates there are only those that rules can ask for: they travel through the log.
 */
export function toRuleSet(config: Config): RuleSet {
  const rates = usedRates(config);
  const publishedTables = Object.keys(config.ratesSources).filter((table) => table in rates);
  return {
    reconciliations: config.reconciliations,
    sources: config.sources.map(
      ({ name, outOfOrder, idleTimeout, onIdReuse, amends, supersedes, due }): SourceRule => ({
        name,
        outOfOrder,
        idleTimeout,
        onIdReuse,
        ...(amends !== undefined && { amends }),
        ...(supersedes !== undefined && { supersedes }),
        ...(due !== undefined && { due }),
      }),
    ),
    partitionBy: config.partitionBy,
    maxAhead: config.engine.maxAhead,
    seenHorizon: config.engine.seenHorizon,
    maxOpenRecords: config.engine.maxOpenRecords,
    ...(isEmpty(config.calendars) ? {} : { calendars: config.calendars }),
    ...(isEmpty(config.feeContracts) ? {} : { feeContracts: config.feeContracts }),
    ...(isEmpty(rates) ? {} : { rates }),
    ...(publishedTables.length === 0 ? {} : { publishedTables }),
  };
}

/** Of each table that a rule names, the rates of the pairs of currencies that it is named for. */
function usedRates(config: Pick<Config, 'reconciliations' | 'rates'>): { [table: string]: Rates } {
  const pairs = new Map<string, Set<string>>();
  for (const { rules } of config.reconciliations) {
    for (const { fx } of rules) {
      if (fx === undefined || !('table' in fx.rate)) continue;
      const { table } = fx.rate;
      pairs.set(table, (pairs.get(table) ?? new Set()).add(`${fx.from}/${fx.to}`));
    }
  }
  const used: { [table: string]: Rates } = {};
  for (const [table, rates] of Object.entries(config.rates)) {
    const wanted = pairs.get(table);
    if (wanted !== undefined) used[table] = rates.filter(({ from, to }) => wanted.has(`${from}/${to}`));
  }
  return used;
}

function isEmpty(named: object): boolean {
  return Object.keys(named).length === 0;
}

/** A rule set as JSON in which equal rule sets have equal text: keys are sorted, lists keep their order. */
export function rulesJson(rules: RuleSet): string {
  return JSON.stringify(rules, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value,
  );
}

/** SHA-256 of {@link rulesJson}, hexadecimal: equal exactly where the rule sets are. */
export function rulesHash(rules: RuleSet): string {
  return createHash('sha256').update(rulesJson(rules)).digest('hex');
}
