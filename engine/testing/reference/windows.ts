import { DAY_MS, type Reconciliation, type Side } from '../../domain/index.ts';
import type { Anchor, RecordFields } from '../../rules/index.ts';

type Window = Reconciliation['window'];

/**
 * SEMANTICS §3.1 and §2: `l − before ≤ r ≤ l + after`, both ends inclusive. Where either is day-precise, local dates
 * are compared and the durations are rounded up to whole days.
 * @returns 0 inside the window, else how far outside, milliseconds
 */
export function outsideWindow(left: Anchor, right: Anchor, window: Window): number {
  if (left.dayPrecise || right.dayPrecise) {
    const early = left.day - wholeDays(window.before) - right.day;
    const late = right.day - (left.day + wholeDays(window.after));
    return Math.max(0, early, late) * DAY_MS;
  }
  return Math.max(0, left.time - window.before - right.time, right.time - (left.time + window.after));
}

/**
 * SEMANTICS §3.1: a left record's window ends `after` behind it, a right record's `before` behind it. That of a
 * day-precise record ends with the last millisecond of a local day.
 */
export function windowEnd(anchor: Anchor, record: RecordFields, side: Side, window: Window): number {
  const duration = side === 'left' ? window.after : window.before;
  if (!anchor.dayPrecise) return anchor.time + duration;
  const lastDay = anchor.day + wholeDays(duration);
  return (lastDay + 1) * DAY_MS - record.offsetMinutes * 60_000 - 1;
}

function wholeDays(ms: number): number {
  return Math.ceil(ms / DAY_MS);
}
