import { poolOf } from '../../engine/domain/index.ts';
import type {
  Compared,
  Reconciliation,
  RuleSet,
  Side,
  StatementLane,
  StatementRequest,
} from '../../engine/domain/index.ts';

/** Reconciliations that share pools, directly or through others, with what the store must know of them. */
export interface StatementSet {
  /** In configured order. */
  readonly reconciliations: readonly string[];
  readonly request: StatementRequest;
}

const SIDES: readonly Side[] = ['left', 'right'];

/** The sides of all reconciliations, in configured order. */
function lanesOf({ reconciliations }: RuleSet): StatementLane[] {
  return reconciliations.flatMap((definition) => SIDES.map((side) => laneOf(definition, side)));
}

/** The sides that name a fee contract. */
export function contractedLanes({ reconciliations }: RuleSet): StatementLane[] {
  return reconciliations.flatMap((definition) =>
    SIDES.filter((side) => definition[side].fees !== undefined).map((side) => laneOf(definition, side)),
  );
}

function laneOf(definition: Reconciliation, side: Side): StatementLane {
  const { sources, where, negate } = definition[side];
  return {
    reconciliation: definition.name,
    side,
    pool: poolOf(definition, side),
    sources,
    where,
    negate: negate === true,
  };
}

/**
 * The sets of a rule set, in configured order; all of them, or the one of a reconciliation.
 * @param earlier reconciliations of rules that were in force before, whose matches may still stand
 */
export function setsOf(
  rules: RuleSet,
  reconciliation?: string,
  earlier: readonly Reconciliation[] = [],
): StatementSet[] {
  const lanes = lanesOf(rules);
  const sets: StatementLane[][] = [];
  for (const lane of lanes) {
    const touching = sets.filter((set) =>
      set.some((other) => other.pool === lane.pool || other.reconciliation === lane.reconciliation),
    );
    const joined = [...touching.flat(), lane];
    for (const set of touching) sets.splice(sets.indexOf(set), 1);
    sets.push(joined);
  }
  return sets
    .map((set) => lanes.filter((lane) => set.includes(lane)))
    .sort((a, b) => lanes.indexOf(a[0]!) - lanes.indexOf(b[0]!))
    .map((set) => ({
      reconciliations: [...new Set(set.map((lane) => lane.reconciliation))],
      request: requestOf(set, rules, earlier),
    }))
    .filter(
      ({ reconciliations }) => reconciliation === undefined || reconciliations.includes(reconciliation),
    );
}

function requestOf(
  lanes: readonly StatementLane[],
  rules: RuleSet,
  earlier: readonly Reconciliation[],
): StatementRequest {
  const names = new Set(lanes.map(({ reconciliation }) => reconciliation));
  const before = earlier.filter(({ name }) => names.has(name));
  const each = [...rules.reconciliations.filter(({ name }) => names.has(name)), ...before].flatMap(
    ({ name, rules: own }) => own.map((rule) => ({ reconciliation: name, rule })),
  );
  return {
    lanes,
    partial: each
      .filter(({ rule }) => rule.partial === true)
      .map(({ reconciliation, rule }) => ({
        reconciliation,
        rule: rule.name,
        net: SIDES.filter((side) => rule.compare?.[side] === 'net'),
      })),
    otherwise: each
      .filter(({ rule }) => SIDES.some((side) => comparesOtherwise(rule.compare?.[side])))
      .map(({ reconciliation, rule }) => ({ reconciliation, rule: rule.name })),
    amending: rules.sources.filter(({ amends }) => amends !== undefined).map(({ name }) => name),
    superseding: rules.sources.flatMap(({ name, supersedes }) =>
      supersedes === undefined ? [] : [{ source: name, ...supersedes }],
    ),
    ...(before.length === 0 ? {} : { changed: true }),
  };
}

/** Whether what is compared is no amount that a record has on its side's account, with or without its costs. */
function comparesOtherwise(compared: Compared | undefined): boolean {
  return compared === 'fee' || compared === 'original';
}
