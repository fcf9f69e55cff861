import { createHash } from 'node:crypto';
import type { RuleSet } from '../domain/index.ts';
import type { Config } from './schema.ts';

/** What the kernel needs of a configuration: the content of a `rules` message. */
export function toRuleSet(config: Config): RuleSet {
  return {
    reconciliations: config.reconciliations,
    sources: config.sources.map(({ name, outOfOrder, idleTimeout, onIdReuse }) => ({
      name,
      outOfOrder,
      idleTimeout,
      onIdReuse,
    })),
    partitionBy: config.partitionBy,
    maxAhead: config.engine.maxAhead,
    seenHorizon: config.engine.seenHorizon,
    maxOpenRecords: config.engine.maxOpenRecords,
  };
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
