import { isKnownCurrency } from '../domain/index.ts';
import type { KeyField, Reconciliation, Side } from '../domain/index.ts';
import { didYouMean } from './suggest.ts';

/** Something wrong between two parts of the configuration, at a path in the document. */
export interface CrossIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const SIDES: readonly Side[] = ['left', 'right'];

/** Reconciliations against each other, their sources, and the partition key. */
export function* checkReconciliations(
  reconciliations: readonly Reconciliation[],
  sources: readonly string[],
  partitionBy: readonly KeyField[],
): Generator<CrossIssue> {
  const names = new Map<string, number>();
  const pools = new Map<string, string>();
  for (const [i, reconciliation] of reconciliations.entries()) {
    const path = ['reconciliations', i];
    const earlier = names.get(reconciliation.name);
    if (earlier !== undefined) {
      yield {
        path: [...path, 'name'],
        message: `reconciliation "${reconciliation.name}" is defined twice (also at reconciliations[${earlier}]); give one another name`,
      };
    }
    names.set(reconciliation.name, i);
    for (const side of SIDES) {
      yield* checkSide(reconciliation, side, path, sources);
      const pool = reconciliation[side].pool ?? `${reconciliation.name}.${side}`;
      const owner = pools.get(pool);
      if (owner !== undefined && earlier === undefined) {
        yield {
          path: [...path, side, ...(reconciliation[side].pool === undefined ? [] : ['pool'])],
          message: `pool "${pool}" is already that of ${owner}; sharing a pool is not supported in this version: leave "pool" out, or name another`,
        };
      }
      pools.set(pool, `${reconciliation.name}.${side}`);
    }
    yield* checkRules(reconciliation, path, partitionBy);
  }
}

function* checkSide(
  reconciliation: Reconciliation,
  side: Side,
  path: readonly (string | number)[],
  sources: readonly string[],
): Generator<CrossIssue> {
  const listed = new Set<string>();
  for (const [i, source] of reconciliation[side].sources.entries()) {
    const at = [...path, side, 'sources', i];
    if (!sources.includes(source)) {
      const known = sources.length === 0 ? 'no source is configured' : `configured are ${sources.join(', ')}`;
      yield { path: at, message: `unknown source "${source}"${didYouMean(source, sources)} (${known})` };
    }
    if (listed.has(source)) yield { path: at, message: `source "${source}" is listed twice; name it once` };
    listed.add(source);
  }
}

function* checkRules(
  reconciliation: Reconciliation,
  path: readonly (string | number)[],
  partitionBy: readonly KeyField[],
): Generator<CrossIssue> {
  for (const [i, rule] of reconciliation.rules.entries()) {
    for (const field of partitionBy) {
      if (field === 'account' || field === 'currency' || rule.keys.includes(field)) continue;
      yield {
        path: [...path, 'rules', i, 'keys'],
        message:
          `rule "${rule.name}" of "${reconciliation.name}" has no key "${field}", but partitionBy has it: records that match could ` +
          `lie in different partitions; add "${field}" to the rule's keys or take it out of partitionBy`,
      };
    }
    const amount = rule.tolerance.amount;
    if (typeof amount !== 'object') continue;
    for (const currency of Object.keys(amount)) {
      if (isKnownCurrency(currency)) continue;
      yield {
        path: [...path, 'rules', i, 'tolerance', 'amount', currency],
        message: `"${currency}" is not an ISO 4217 currency code that Counterfoil knows`,
      };
    }
  }
}
