import { DAY_MS } from '../domain/index.ts';
import type { DateField, LocalDay } from '../domain/index.ts';
import type { RecordFields } from './record-fields.ts';

/** The moment of a record by which windows are measured. */
export interface Anchor {
  /** Epoch milliseconds; where it is a date, the start of that day. */
  readonly time: number;
  /** The local date. */
  readonly day: LocalDay;
  /** Whether only the date is known. */
  readonly dayPrecise: boolean;
}

/**
 * The anchor of a record on a side that is anchored `at` a date: that date, day-precise, in the record's own offset.
 * `time`, nothing at all, and a date that the record lacks give its time with its own precision.
 */
export function anchorOf(record: RecordFields, at: DateField | undefined): Anchor {
  if (at !== undefined && at !== 'time') {
    const day = record.day(at);
    if (day !== undefined)
      return { time: day * DAY_MS - record.offsetMinutes * 60_000, day, dayPrecise: true };
  }
  return { time: record.time, day: record.day('time')!, dayPrecise: record.precision === 'day' };
}
