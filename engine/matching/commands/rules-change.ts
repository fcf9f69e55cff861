import {
  DEFAULT_CALENDARS,
  poolOf,
  type FieldExpression,
  type Reconciliation,
  type Rule,
  type RuleSet,
} from '../../domain/index.ts';
import { ratesOfRule } from '../../rules/index.ts';

/** What becomes of a reconciliation when rules change. `kept`: its state stays as it is, whatever its place. */
export type Fate = 'kept' | 'changed' | 'new';

/** A change of rules as the reconciliations see it. */
export interface RulesChange {
  /** By name, of the new rules. */
  readonly fates: ReadonlyMap<string, Fate>;
  /** Names that the new rules no longer have. */
  readonly gone: ReadonlySet<string>;
  /** Names of those whose records may be of the other side now. */
  readonly moved: ReadonlySet<string>;
}

/** Why `next` may never replace `before`, in words; undefined if it may. */
export function refusalOf(before: RuleSet, next: RuleSet): string | undefined {
  if (canonical(before.partitionBy) !== canonical(next.partitionBy)) {
    return 'partitionBy differs from that of the log; it is fixed when a log is created';
  }
  if (before.seenHorizon !== next.seenHorizon) {
    return 'the seen horizon differs from that of the log; it is fixed when a log is created';
  }
  return undefined;
}

/**
 * Compares two sets of rules. A reconciliation is changed if its definition, or a calendar or fee contract that it names,
 * or the rates that its rules can ask for, are; and if it shares a pool, directly or through others, with one that is
 * changed or gone, or that now comes before or after it: what a record is consumed in is one thing over all
 * reconciliations of its pool, and they have their turns in order.
 */
export function compareRules(before: RuleSet, next: RuleSet): RulesChange {
  const known = new Map(before.reconciliations.map((each) => [each.name, each]));
  const fates = new Map<string, Fate>();
  for (const definition of next.reconciliations) {
    const old = known.get(definition.name);
    const isSame = old !== undefined && meaningOf(old, before) === meaningOf(definition, next);
    fates.set(definition.name, old === undefined ? 'new' : isSame ? 'kept' : 'changed');
  }
  const gone = new Set([...known.keys()].filter((name) => !fates.has(name)));
  const touched = new Set<string>();
  for (const definition of [...before.reconciliations, ...next.reconciliations]) {
    const fate = fates.get(definition.name);
    if (fate === undefined || fate === 'changed') for (const pool of poolsOf(definition)) touched.add(pool);
  }
  for (const pool of reorderedPools(before, next)) touched.add(pool);
  for (let spread = true; spread;) {
    spread = false;
    for (const definition of next.reconciliations) {
      const pools = poolsOf(definition);
      if (fates.get(definition.name) !== 'kept' || !pools.some((pool) => touched.has(pool))) continue;
      fates.set(definition.name, 'changed');
      for (const pool of pools) touched.add(pool);
      spread = true;
    }
  }
  const moved = next.reconciliations.filter((definition) => {
    const old = known.get(definition.name);
    return old !== undefined && selectionOf(old) !== selectionOf(definition);
  });
  return { fates, gone, moved: new Set(moved.map(({ name }) => name)) };
}

/** The pools whose reconciliations, as far as both sets have them, stand in another order. */
function reorderedPools(before: RuleSet, next: RuleSet): readonly string[] {
  const pools = new Set(next.reconciliations.flatMap((definition) => poolsOf(definition)));
  const namesIn = ({ reconciliations }: RuleSet, pool: string): readonly string[] =>
    reconciliations.filter((definition) => poolsOf(definition).includes(pool)).map(({ name }) => name);
  return [...pools].filter((pool) => {
    const [old, now] = [namesIn(before, pool), namesIn(next, pool)];
    const stayed = old.filter((name) => now.includes(name));
    return now.filter((name) => old.includes(name)).some((name, place) => name !== stayed[place]);
  });
}

/** Which records each side takes, as text. */
function selectionOf({ left, right }: Reconciliation): string {
  return canonical([left.sources, left.where, right.sources, right.where]);
}

/** The pools of a reconciliation's sides, left then right. */
function poolsOf(definition: Reconciliation): readonly [string, string] {
  return [poolOf(definition, 'left'), poolOf(definition, 'right')];
}

/** A reconciliation with everything it refers to, as text that is equal where the meaning is. */
function meaningOf(definition: Reconciliation, set: RuleSet): string {
  const calendars = new Set(definition.rules.flatMap((rule) => calendarsOf(rule)));
  const contracts = [definition.left.fees, definition.right.fees];
  return canonical([
    definition,
    [...calendars].sort().map((name) => set.calendars?.[name] ?? DEFAULT_CALENDARS[name]),
    contracts.map((name) => (name === undefined ? null : set.feeContracts?.[name])),
    definition.rules.map(({ fx }) => (fx === undefined ? null : ratesOfRule(set, fx))),
  ]);
}

function calendarsOf(rule: Rule): readonly string[] {
  const ofExpression = (expression: FieldExpression): readonly string[] =>
    typeof expression === 'object' && 'settleDate' in expression ? expression.settleDate.calendar : [];
  return [
    ...rule.keys.flatMap((key) =>
      typeof key === 'string' ? [] : [...ofExpression(key.left), ...ofExpression(key.right)],
    ),
    ...(rule.dates ?? []).flatMap(({ calendar }) => calendar),
  ];
}

/** A JSON value as text that is the same for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
