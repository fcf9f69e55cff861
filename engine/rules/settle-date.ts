import { DAY_MS, Zone, localDayOf } from '../domain/index.ts';
import type { LocalDay, SettleDate } from '../domain/index.ts';
import type { BusinessDays, Calendars } from './business-days.ts';
import type { RecordFields } from './record-fields.ts';

/** Zones are costly to make and remember offsets, so each is made once. */
const zones = new Map<string, Zone>();

/**
 * The zone of that name, made once.
 * @throws CounterfoilError `invalidConfig` where there is none
 */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    zones.set(name, zone);
  }
  return zone;
}

/** Days that are written with four digits of year: 0000-01-01 to 9999-12-31. */
const FIRST_DAY = -719_528;
const LAST_DAY = 2_932_896;

/**
 * The day whose batch a record belongs to: its local day, or the next one from the cut-off on. A date, and a record
 * whose time is only a date, have no time of day and belong to that very day. Undefined where the record lacks it, and
 * outside the years 0000 to 9999.
 */
export function batchDay(settle: SettleDate, record: RecordFields): LocalDay | undefined {
  const day = record.day(settle.of);
  if (day === undefined || day <= FIRST_DAY || day >= LAST_DAY) return undefined;
  if (settle.of !== 'time' || record.precision === 'day') return day;
  return batchDayOfInstant(settle, record);
}

function batchDayOfInstant(settle: SettleDate, record: RecordFields): LocalDay {
  const offset = zoneOf(settle.zone).offsetAt(record.time);
  const day = localDayOf(record.time, offset);
  const minutes = (record.time + offset * 60_000 - day * DAY_MS) / 60_000;
  return minutes >= settle.cutoff ? day + 1 : day;
}

/** The day on which the money of a batch arrives: by the lag after the next open day. */
export function settleDay(settle: SettleDate, batch: LocalDay, days: BusinessDays): LocalDay {
  const open = days.next(batch);
  return 'ms' in settle.lag
    ? open + Math.ceil(settle.lag.ms / DAY_MS)
    : days.add(open, settle.lag.businessDays);
}

/**
 * When no further record can come to belong to the same settlement: the cut-off of the last batch that settles on the
 * record's day, epoch milliseconds. Infinity for a record that lacks the date.
 */
export function closingMoment(settle: SettleDate, record: RecordFields, calendars: Calendars): number {
  const days = calendars.of(settle.calendar);
  let batch = batchDay(settle, record);
  if (batch === undefined) return Infinity;
  const day = settleDay(settle, batch, days);
  while (settleDay(settle, batch + 1, days) === day) batch++;
  return zoneOf(settle.zone).atLocal(batch * DAY_MS + settle.cutoff * 60_000).time;
}
