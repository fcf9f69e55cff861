import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../../engine/config/index.ts';
import type {
  Condition,
  Filter,
  KeyField,
  Reconciliation,
  Rule,
  Side,
} from '../../../engine/domain/index.ts';
import { expressionOf } from '../../../engine/domain/index.ts';
import { durationText, fieldText } from '../../../engine/rules/index.ts';
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

function* ruleWarnings(rule: Rule, { window }: Reconciliation): Generator<string> {
  if (rule.complete === 'onSum') {
    yield 'onSum may tie the first records whose sum agrees by accident, before the rest has come; prefer onSignal, onCutoff or onWindowEnd';
  }
  const longest = Math.max(window.before, window.after) + window.grace;
  if (rule.hold !== undefined && rule.hold > longest) {
    yield `hold ${durationText(rule.hold)} is longer than the window and grace (${durationText(longest)}); it is tried when the record is due`;
  }
  if (
    rule.cardinality !== 'contra' &&
    rule.unique !== true &&
    !rule.keys.some((key) => identifies(key, rule))
  ) {
    yield `nothing in its key (${rule.keys.map((key) => (typeof key === 'string' ? fieldText(key) : 'per side')).join(', ')}) names a payment: equal ones pair by arrival; add a reference, or hold and unique`;
  }
  const { amount, percent } = rule.tolerance;
  if (typeof amount === 'object' && percent !== undefined) {
    yield 'a currency that tolerance.amount does not list has a tolerance of 0, whatever the percentage: both must hold';
  }
}

/** Fields that many records share: equal ones do not say that two records are about the same thing. */
const COMMON: readonly KeyField[] = ['account', 'currency', 'kind', 'status', 'amount', 'fee', 'tax', 'net'];

function identifies(key: Rule['keys'][number], rule: Rule): boolean {
  return SIDES.every((side) => {
    const expression = expressionOf(key, side);
    if (typeof expression === 'string') {
      const isDate =
        expression === 'bookingDate' || expression === 'valueDate' || expression === 'availableOn';
      return !COMMON.includes(expression) && !(isDate && (rule.cardinality ?? '1:1') === '1:1');
    }
    return 'settleDate' in expression || !COMMON.includes(expression.field);
  });
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
