import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../../engine/config/index.ts';
import type { Condition, Filter, Reconciliation, Rule, Side } from '../../../engine/domain/index.ts';
import { ruleWarnings } from './rule-warnings.ts';
import { tableWarnings } from './table-warnings.ts';

/** Something that is allowed and probably not meant. */
export interface Warning {
  /** `rule "by-sum" of "payouts"`, `source "bank"`. */
  readonly about: string;
  readonly message: string;
}

const SIDES: readonly Side[] = ['left', 'right'];

/** What is legal in a configuration and unwise. */
export function warningsOf(config: Config): Warning[] {
  return [
    ...config.reconciliations.flatMap((each) => [...reconciliationWarnings(each)]),
    ...sourceWarnings(config),
    ...tableWarnings(config),
  ];
}

function* reconciliationWarnings(reconciliation: Reconciliation): Generator<Warning> {
  const { name, window, left, right, rules } = reconciliation;
  const about = `"${name}"`;
  if (window.before === 0 && window.after === 0) {
    yield { about, message: 'the window is 0s long: moments match only if they are the same millisecond' };
  }
  for (const source of left.sources.filter((each) => right.sources.includes(each))) {
    if (areDisjoint(left.where, right.where)) continue;
    yield {
      about,
      message: `source "${source}" is on both sides; a record that both filters take goes left`,
    };
  }
  const payouts = SIDES.find((side) => onlyPayouts(reconciliation, side));
  if (payouts !== undefined && left.negate !== true && right.negate !== true) {
    yield {
      about,
      message: `the ${payouts} side is payouts, which are negative, and neither side has negate: true; opposite signs never match`,
    };
  }
  for (const [i, rule] of rules.entries()) {
    const ofRule = `rule "${rule.name}" of "${name}"`;
    for (const message of ruleWarnings(rule, reconciliation)) yield { about: ofRule, message };
    const earlier = rules.slice(0, i).find((each) => shadows(each, rule));
    if (earlier !== undefined) {
      yield {
        about: ofRule,
        message: `never has anything left to match: "${earlier.name}" comes first, with the same keys, and takes at least as much`,
      };
    }
  }
}

/** Whether `earlier` takes all that `later` could: the same keys and comparison, and no condition that `later` lacks. */
function shadows(earlier: Rule, later: Rule): boolean {
  const same = (['keys', 'cardinality', 'side', 'compare', 'fx', 'complete', 'partial'] as const).every(
    (part) => isDeepStrictEqual(earlier[part], later[part]),
  );
  if (!same || earlier.hold !== undefined) return false;
  const weaker = (['where', 'dates'] as const).every(
    (part) => earlier[part] === undefined || isDeepStrictEqual(earlier[part], later[part]),
  );
  const isExact = Object.keys(later.tolerance).length === 0;
  return weaker && (isExact || isDeepStrictEqual(earlier.tolerance, later.tolerance));
}

/** Whether no record can be meant by both filters, as far as one field tells. */
function areDisjoint(left: Filter | undefined, right: Filter | undefined): boolean {
  return (left ?? []).some((one) =>
    (right ?? []).some(
      (other) => one.field === other.field && (excludes(one, other) || excludes(other, one)),
    ),
  );
}

function excludes(one: Condition, other: Condition): boolean {
  return (
    one.in !== undefined &&
    (one.in.every((value) => other.in?.includes(value) === false) ||
      one.in.every((value) => other.notIn?.includes(value) === true))
  );
}

function onlyPayouts(reconciliation: Reconciliation, side: Side): boolean {
  const kinds = reconciliation[side].where?.find(({ field }) => field === 'kind')?.in;
  return kinds?.length === 1 && kinds[0] === 'payout';
}

function* sourceWarnings({ sources, reconciliations }: Config): Generator<Warning> {
  for (const { name } of sources) {
    const isUsed = reconciliations.some((each) => SIDES.some((side) => each[side].sources.includes(name)));
    if (!isUsed) {
      yield {
        about: `source "${name}"`,
        message: 'is in no reconciliation: its records are stored and never matched',
      };
    }
  }
}
