import { isDeepStrictEqual } from 'node:util';
import type {
  DaySpan,
  Key,
  KeyField,
  Reconciliation,
  Rule,
  Side,
  Tolerance,
} from '../../../engine/domain/index.ts';
import { exponentOf, expressionOf } from '../../../engine/domain/index.ts';
import { MONEY_FIELDS, durationText, fieldText, keyText, spanText } from '../../../engine/rules/index.ts';

const SIDES: readonly Side[] = ['left', 'right'];

/** What is unwise in one rule. */
export function* ruleWarnings(rule: Rule, { window }: Reconciliation): Generator<string> {
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
  for (const [i, key] of rule.keys.entries()) {
    if (rule.keys.slice(0, i).some((earlier) => isDeepStrictEqual(earlier, key)))
      yield `key ${keyText(key)} stands in it twice; the second changes nothing`;
    if (rule.fx !== undefined && SIDES.every((side) => isMoney(key, side)))
      yield `compares ${keyText(key)} as a key, but fx converts between currencies: figures before conversion are hardly ever equal`;
  }
  yield* openDays(rule);
  yield* toleranceWarnings(rule.tolerance);
}

/** Business days of no calendar are days like any other. */
function* openDays({ dates, keys }: Rule): Generator<string> {
  for (const { before, after, calendar } of dates ?? []) {
    for (const [name, span] of [
      ['before', before],
      ['after', after],
    ] as const) {
      if (calendar.length === 0) yield* everyDayOpen(`dates: ${name} ${spanText(span)}`, span);
    }
  }
  const settled = SIDES.flatMap((side) =>
    keys.flatMap((key) => {
      const expression = expressionOf(key, side);
      return typeof expression === 'object' && 'settleDate' in expression ? [expression.settleDate] : [];
    }),
  );
  const lags = settled.filter(({ calendar }) => calendar.length === 0).map(({ lag }) => lag);
  for (const [i, lag] of lags.entries()) {
    if (lags.slice(0, i).some((earlier) => isDeepStrictEqual(earlier, lag))) continue;
    yield* everyDayOpen(`settleDate: lag ${spanText(lag)}`, lag);
  }
}

function* everyDayOpen(where: string, span: DaySpan): Generator<string> {
  if ('ms' in span || span.businessDays === 0) return;
  yield `${where} names no calendar, so that every day is open, weekends too; name one, or write ${span.businessDays}d`;
}

/** Digits that no minor unit has: they are rounded down. */
function* toleranceWarnings(tolerance: Tolerance): Generator<string> {
  for (const [name, limits] of [
    ['tolerance.amount', tolerance],
    ['tolerance.short.amount', tolerance.short],
    ['tolerance.over.amount', tolerance.over],
  ] as const) {
    const amount = limits?.amount;
    if (typeof amount === 'string') {
      if (digitsOf(amount) > USUAL_DIGITS)
        yield `${name} ${amount} is rounded down to ${cut(amount, USUAL_DIGITS)} in currencies of ${USUAL_DIGITS} digits; list it by currency`;
      continue;
    }
    for (const [currency, each] of Object.entries(amount ?? {})) {
      const digits = exponentOf(currency);
      if (digitsOf(each) > digits)
        yield `${name} ${each} is finer than the minor unit of ${currency}: it is rounded down to ${cut(each, digits)}`;
    }
  }
  const { amount, percent } = tolerance;
  if (typeof amount === 'object' && percent !== undefined) {
    yield 'a currency that tolerance.amount does not list has a tolerance of 0, whatever the percentage: both must hold';
  }
}

/** Digits after the point of most currencies. */
const USUAL_DIGITS = 2;

/** Digits after the point, without zeros at the end. */
function digitsOf(decimal: string): number {
  return (decimal.split('.')[1] ?? '').replace(/0+$/, '').length;
}

function cut(decimal: string, digits: number): string {
  const [whole, fraction = ''] = decimal.split('.');
  return digits === 0 ? whole! : `${whole!}.${fraction.slice(0, digits)}`;
}

function isMoney(key: Key, side: Side): boolean {
  const expression = expressionOf(key, side);
  return typeof expression === 'string' && (MONEY_FIELDS as readonly string[]).includes(expression);
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
