import {
  DAY_MS,
  exponentOf,
  localDayOf,
  toleranceMinor,
  type MoneyRecord,
  type Reconciliation,
  type Rule,
  type Side,
} from '../../domain/index.ts';

type Window = Reconciliation['window'];

/**
 * SEMANTICS §3.1 and §2: `l.time − before ≤ r.time ≤ l.time + after`, both ends inclusive. Where either record is
 * day-precise, local dates are compared and the durations are rounded up to whole days.
 */
export function inWindow(left: MoneyRecord, right: MoneyRecord, window: Window): boolean {
  if (left.precision === 'day' || right.precision === 'day') {
    const leftDay = localDayOf(left.time, left.offsetMinutes);
    const rightDay = localDayOf(right.time, right.offsetMinutes);
    return leftDay - wholeDays(window.before) <= rightDay && rightDay <= leftDay + wholeDays(window.after);
  }
  return left.time - window.before <= right.time && right.time <= left.time + window.after;
}

/**
 * SEMANTICS §3.1: a left record's window ends `after` behind it, a right record's `before` behind it. That of a
 * day-precise record ends with the last millisecond of a local day.
 */
export function windowEnd(record: MoneyRecord, side: Side, window: Window): number {
  const duration = side === 'left' ? window.after : window.before;
  if (record.precision === 'instant') return record.time + duration;
  const lastDay = localDayOf(record.time, record.offsetMinutes) + wholeDays(duration);
  return (lastDay + 1) * DAY_MS - record.offsetMinutes * 60_000 - 1;
}

function wholeDays(ms: number): number {
  return Math.ceil(ms / DAY_MS);
}

/** SEMANTICS §3.5: the absolute tolerance in minor units of the records' currency, rounded down; 0 where none is given. */
export function toleranceOf(rule: Rule, currency: string): number {
  const given = rule.tolerance.amount;
  const text = typeof given === 'object' ? given[currency] : given;
  return text === undefined ? 0 : toleranceMinor(text, exponentOf(currency));
}

/** left − right in minor units; beyond ±(2^53 − 1) it stays there. */
export function differenceOf(left: MoneyRecord, right: MoneyRecord): number {
  const exact = left.amount - right.amount;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  if (exact > most) return Number.MAX_SAFE_INTEGER;
  if (exact < -most) return -Number.MAX_SAFE_INTEGER;
  return Number(exact);
}

/** SEMANTICS §3.5: opposite signs never match; zero fits both. */
export function signsFit(left: MoneyRecord, right: MoneyRecord): boolean {
  return left.amount * right.amount >= 0n;
}
