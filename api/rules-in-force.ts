import { LRUCache } from 'lru-cache';
import { parsePosition } from '../engine/domain/index.ts';
import type { Reconciliation, ResultQueries, RuleSet, RulesRequest } from '../engine/domain/index.ts';

/** The rules by which results are explained. */
export interface RulesInForce {
  readonly rules: RuleSet;
  /** Reconciliations of rules that were in force before and say something else; the latest first. */
  readonly earlier: readonly Reconciliation[];
}

/** Reads the rules in force. */
export type RulesReader = (request?: RulesRequest) => Promise<RulesInForce>;

/** Asks for the rules of the partition that a result is of. */
export function whereResultIs(id: string): RulesRequest {
  const position = parsePosition(id);
  return position === undefined ? {} : { partition: position.partition };
}

const MOST_PARSED = 64;

/**
 * Reads the rules that the log has put in force, which a command may have changed since the start.
 * @param configured what the configuration says: stands in while nothing is stored
 */
export function createRulesReader(
  queries: Pick<ResultQueries, 'rules'>,
  configured: () => RuleSet,
): RulesReader {
  // Parsed once: they are asked for with every look at a match or break, and rates can make them long.
  const parsed = new LRUCache<string, object>({ max: MOST_PARSED });
  const parse = (json: string): object => {
    let value = parsed.get(json);
    if (value === undefined) parsed.set(json, (value = JSON.parse(json) as object));
    return value;
  };
  return async (request = {}) => {
    const stored = await queries.rules(request);
    if (stored === undefined) return { rules: configured(), earlier: [] };
    return {
      rules: parse(stored.json) as RuleSet,
      earlier: stored.earlier.flatMap((each) => parse(each) as readonly Reconciliation[]),
    };
  };
}
