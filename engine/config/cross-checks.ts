import type { KeyField, Reconciliation, Side } from '../domain/index.ts';
import { didYouMean } from '../domain/index.ts';
import { checkFilter, type CrossIssue, type DocumentPlace } from './check-filter.ts';
import { checkRule } from './check-rule.ts';
import type { Config } from './schema.ts';

const SIDES: readonly Side[] = ['left', 'right'];

/** Reconciliations against each other, their sources, the tables they name, and the partition key. */
export function* checkReconciliations(config: Config): Generator<CrossIssue> {
  const names = new Map<string, number>();
  for (const [i, reconciliation] of config.reconciliations.entries()) {
    const path = ['reconciliations', i];
    const earlier = names.get(reconciliation.name);
    if (earlier !== undefined) {
      yield {
        path: [...path, 'name'],
        message: `reconciliation "${reconciliation.name}" is defined twice (also at reconciliations[${earlier}]); give one another name`,
      };
    }
    names.set(reconciliation.name, i);
    for (const side of SIDES) yield* checkSide(reconciliation, side, [...path, side], config);
    yield* checkPools(reconciliation, path);
    for (const [j, rule] of reconciliation.rules.entries()) {
      yield* checkRule(rule, reconciliation.name, [...path, 'rules', j], config);
    }
  }
}

/** The schema sees pools that are named alike; here one is named like the other's default. */
function* checkPools(reconciliation: Reconciliation, path: DocumentPlace): Generator<CrossIssue> {
  const { name, left, right } = reconciliation;
  for (const [side, named, other] of [
    ['left', left.pool, `${name}.right`],
    ['right', right.pool, `${name}.left`],
  ] as const) {
    const otherPool = side === 'left' ? right.pool : left.pool;
    if (named === other && otherPool === undefined) {
      yield {
        path: [...path, side, 'pool'],
        message: `pool "${named}" is that of the other side; a record cannot match itself`,
      };
    }
  }
}

function* checkSide(
  reconciliation: Reconciliation,
  side: Side,
  path: DocumentPlace,
  config: Config,
): Generator<CrossIssue> {
  const { sources, where, fees, duplicates } = reconciliation[side];
  const known = config.sources.map((source) => source.name);
  const listed = new Set<string>();
  for (const [i, source] of sources.entries()) {
    const at = [...path, 'sources', i];
    if (!known.includes(source)) {
      const configured =
        known.length === 0 ? 'no source is configured' : `configured are ${known.join(', ')}`;
      yield { path: at, message: `unknown source "${source}"${didYouMean(source, known)} (${configured})` };
    }
    if (listed.has(source)) yield { path: at, message: `source "${source}" is listed twice; name it once` };
    listed.add(source);
  }
  yield* checkFilter(where, [...path, 'where'], `the ${side} side of "${reconciliation.name}"`, sources);
  if (fees !== undefined && !Object.hasOwn(config.feeContracts, fees)) {
    const contracts = Object.keys(config.feeContracts);
    const there = contracts.length === 0 ? 'none is defined' : `defined are ${contracts.join(', ')}`;
    yield {
      path: [...path, 'fees'],
      message: `unknown fee contract "${fees}"${didYouMean(fees, contracts)} (${there} under feeContracts)`,
    };
  }
  if (duplicates !== undefined) {
    for (const field of otherPartitions(config.partitionBy, duplicates)) {
      yield {
        path: [...path, 'duplicates'],
        message:
          `the ${side} side of "${reconciliation.name}" finds duplicates without "${field}", but partitionBy has it: twins could lie in ` +
          `different partitions; add "${field}" to duplicates or take it out of partitionBy`,
      };
    }
  }
}

/** The fields of partitionBy by which records that agree in `fields`, account and currency could still be parted. */
function otherPartitions(partitionBy: readonly KeyField[], fields: readonly KeyField[]): KeyField[] {
  return partitionBy.filter(
    (field) => field !== 'account' && field !== 'currency' && !fields.includes(field),
  );
}
