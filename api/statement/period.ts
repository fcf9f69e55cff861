import {
  DAY_MS,
  Zone,
  formatDay,
  localDayOf,
  parseDay,
  parsePosition,
  parseRecordTime,
} from '../../engine/domain/index.ts';
import type { StatementEnd } from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';

/** What a statement is of: a stretch of the log, from its beginning where there is no `from`. */
export interface StatementPeriod {
  /** Log time, epoch milliseconds, inclusive. */
  readonly from?: number;
  readonly end?: StatementEnd;
  /** The local days of the stretch. */
  readonly days?: { readonly first: string; readonly last: string };
}

/** How a client says it. */
export interface PeriodQuery {
  readonly day?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly asOf?: string | undefined;
  readonly zone: string;
}

/**
 * A day, a stretch, or everything as of a moment or position. Days are those of `zone`, and of the log: what arrives
 * later is of a later day, so that a statement that was issued never changes.
 * @throws ProblemError `invalidField`; CounterfoilError `invalidTime`
 */
export function readPeriod({ day, from, to, asOf, zone: name }: PeriodQuery): StatementPeriod {
  const ways = [day, asOf, from ?? to].filter((way) => way !== undefined).length;
  if (ways > 1)
    throw new ProblemError(
      'invalidField',
      'a statement is of a day, of from and to, or asOf; give one of these',
    );
  const zone = readZone(name);
  if (asOf !== undefined) {
    const position = parsePosition(asOf);
    if (position === undefined) return { end: { before: moment(asOf, zone) } };
    const { epoch, partition, sequence } = position;
    return { end: { through: { epoch, partition, sequence } } };
  }
  if (day !== undefined) {
    const first = parseDay(day);
    return stretch(zone.startOfDay(first).time, zone.startOfDay(first + 1).time, zone);
  }
  if (from !== undefined)
    return stretch(moment(from, zone), to === undefined ? undefined : moment(to, zone), zone);
  return to === undefined ? {} : { end: { before: moment(to, zone) } };
}

function stretch(from: number, to: number | undefined, zone: Zone): StatementPeriod {
  if (to !== undefined && to <= from) throw new ProblemError('invalidField', 'to is not after from');
  const last = to === undefined ? Date.now() : to - 1;
  return {
    from,
    ...(to === undefined ? {} : { end: { before: to } }),
    days: { first: localDate(from, zone), last: localDate(Math.max(from, last), zone) },
  };
}

function localDate(time: number, zone: Zone): string {
  return formatDay(localDayOf(time, zone.offsetAt(time)));
}

function moment(text: string, zone: Zone): number {
  const { time } = parseRecordTime(text, zone);
  if (Math.abs(time) > 200 * 366 * DAY_MS)
    throw new ProblemError('invalidField', `"${text.slice(0, 40)}" is out of range`);
  return time;
}

function readZone(name: string): Zone {
  try {
    return new Zone(name);
  } catch (error) {
    throw new ProblemError('invalidField', (error as Error).message);
  }
}
