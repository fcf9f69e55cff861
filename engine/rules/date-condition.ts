import { DAY_MS } from '../domain/index.ts';
import type { DateCondition, DaySpan, LocalDay } from '../domain/index.ts';
import type { BusinessDays, Calendars } from './business-days.ts';
import type { RecordFields } from './record-fields.ts';

/**
 * By how much a pair misses a date condition, in milliseconds: 0 where it holds, Infinity where a date is missing.
 *
 * Business days are counted from the left date, rolled forward to the next open day, and whole local dates are
 * compared. Durations are counted from the left date as it is: in whole days, rounded up, unless both are `time` and
 * instants, which are compared to the millisecond.
 */
export function dateMisfit(
  condition: DateCondition,
  left: RecordFields,
  right: RecordFields,
  calendars: Calendars,
): number {
  const from = left.day(condition.left);
  const to = right.day(condition.right);
  if (from === undefined || to === undefined) return Infinity;
  const exact =
    condition.left === 'time' &&
    condition.right === 'time' &&
    left.precision === 'instant' &&
    right.precision === 'instant';
  const days = calendars.of(condition.calendar);
  const outside = (span: DaySpan, sign: -1 | 1): number =>
    exact && 'ms' in span
      ? sign * (right.time - left.time) - span.ms
      : sign * (to - endOf(span, sign, from, days)) * DAY_MS;
  return Math.max(0, outside(condition.before, -1), outside(condition.after, 1));
}

/** The earliest or latest day that a span before (−1) or after (1) a date allows. */
function endOf(span: DaySpan, sign: -1 | 1, from: LocalDay, days: BusinessDays): LocalDay {
  if ('ms' in span) return from + sign * Math.ceil(span.ms / DAY_MS);
  return days.add(days.next(from), sign * span.businessDays);
}
