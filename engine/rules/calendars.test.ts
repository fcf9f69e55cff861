import { describe, expect, it } from 'vitest';
import { Zone, formatDay, parseDay, parseRecordTime } from '../domain/index.ts';
import type { DateCondition, MoneyRecord, SettleDate } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { anchorOf } from './anchor.ts';
import { Calendars } from './business-days.ts';
import { dateMisfit } from './date-condition.ts';
import { compileExpression } from './expression.ts';
import { fieldsOf, type RecordFields } from './record-fields.ts';
import { closingMoment } from './settle-date.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const dubai = new Zone('Asia/Dubai');

/** A record of that time, written with an offset, without one (Dubai), or as a date. */
function at(time: string, dates: Partial<MoneyRecord> = {}): RecordFields {
  return fieldsOf(aRecord({ id: 'x', ...parseRecordTime(time, dubai), ...dates }));
}

/** 20 November 2026 is a Friday. */
const calendars = new Calendars({
  holidays: { closed: ['sunday'], holidays: ['2026-12-02', '2026-12-03'] },
  'AE-office': { closed: ['saturday', 'sunday'], holidays: ['2026-11-24'] },
});

describe('business days', () => {
  const days = (names: string[]) => calendars.of(names);
  const next = (names: string[], day: string) => formatDay(days(names).next(parseDay(day)));
  const add = (names: string[], day: string, n: number) => formatDay(days(names).add(parseDay(day), n));

  it('are every day where no calendar is named', () => {
    expect(next([], '2026-11-22')).toBe('2026-11-22');
    expect(add([], '2026-11-22', 3)).toBe('2026-11-25');
    expect(add([], '2026-11-22', -3)).toBe('2026-11-19');
  });

  it('leave out closed weekdays and holidays', () => {
    expect(next(['AE-rails'], '2026-11-22')).toBe('2026-11-23');
    expect(next(['SA'], '2026-11-20')).toBe('2026-11-22');
    expect(add(['holidays'], '2026-12-01', 1)).toBe('2026-12-04');
    expect(add(['holidays'], '2026-12-04', -1)).toBe('2026-12-01');
    expect(add(['AE-rails'], '2026-11-21', 0)).toBe('2026-11-21');
    expect(next(['AE-rails'], '1969-12-28')).toBe('1969-12-29');
  });

  it('take a calendar as it is defined instead of the default of that name', () => {
    expect(add(['AE-office'], '2026-11-23', 1)).toBe('2026-11-25');
    expect(formatDay(new Calendars(undefined).of(['AE-office']).add(parseDay('2026-11-23'), 1))).toBe(
      '2026-11-24',
    );
  });

  it('are open when all calendars are', () => {
    expect(next(['AE-rails', 'SA'], '2026-11-20')).toBe('2026-11-23');
    const never = new Calendars({
      only: { closed: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday'], holidays: [] },
    });
    expect(() => never.of(['only', 'SA'])).toThrow(/no weekday on which all are open/);
    expect(() => calendars.of(['toString'])).toThrow(/calendar "toString" is not defined/);
  });
});

describe('a settlement date', () => {
  const settle: SettleDate = {
    of: 'time',
    cutoff: 23 * 60,
    zone: 'Asia/Dubai',
    lag: { businessDays: 1 },
    calendar: ['AE-rails'],
  };
  const dateOf = (of: SettleDate, record: RecordFields) =>
    compileExpression({ settleDate: of }, calendars)(record);

  it.each([
    ['before the cut-off', '2026-11-20T21:30+04:00', '2026-11-21'],
    ['after it, then over a Sunday', '2026-11-20T23:30+04:00', '2026-11-23'],
    ['on the day of that batch', '2026-11-21T10:00+04:00', '2026-11-23'],
    ['at the cut-off', '2026-11-20T23:00+04:00', '2026-11-23'],
    ['a moment before it', '2026-11-20T22:59:59.999+04:00', '2026-11-21'],
    ['in another offset', '2026-11-20T19:30Z', '2026-11-23'],
    ['on a closed day', '2026-11-22T10:00', '2026-11-24'],
    ['of a record with a date only', '2026-11-20', '2026-11-21'],
  ])('%s', (_what, time, date) => {
    expect(dateOf(settle, at(time))).toEqual([date]);
  });

  it('adds whole days for a duration, rounded up', () => {
    expect(dateOf({ ...settle, lag: { ms: 36 * HOUR } }, at('2026-11-20T10:00'))).toEqual(['2026-11-22']);
    expect(dateOf({ ...settle, lag: { ms: 0 } }, at('2026-11-22T10:00'))).toEqual(['2026-11-23']);
  });

  it('of another date has no time of day', () => {
    const record = at('2026-11-20T23:30', { bookingDate: parseDay('2026-11-20') });
    expect(dateOf({ ...settle, of: 'bookingDate' }, record)).toEqual(['2026-11-21']);
    expect(dateOf({ ...settle, of: 'valueDate' }, record)).toEqual([]);
  });

  it('is missing outside the years that are written with four digits', () => {
    for (const time of [8.64e15, -8.64e15]) {
      expect(dateOf(settle, fieldsOf({ ...rawAt(time) }))).toEqual([]);
      expect(closingMoment(settle, fieldsOf({ ...rawAt(time) }), calendars)).toBe(Infinity);
    }
  });

  it('closes at the cut-off of the last batch that settles on it', () => {
    const closes = (time: string, of = settle) =>
      new Date(closingMoment(of, at(time), calendars)).toISOString();
    expect(closes('2026-11-20T21:30')).toBe('2026-11-20T19:00:00.000Z');
    expect(closes('2026-11-20T23:30')).toBe('2026-11-21T19:00:00.000Z');
    // Sunday's batch and Monday's settle on Tuesday.
    expect(closes('2026-11-22T10:00')).toBe('2026-11-23T19:00:00.000Z');
    expect(closes('2026-11-22T10:00', { ...settle, calendar: [] })).toBe('2026-11-22T19:00:00.000Z');
    expect(closes('2026-11-22T10:00', { ...settle, cutoff: 0, calendar: [] })).toBe(
      '2026-11-22T20:00:00.000Z',
    );
  });
});

function rawAt(time: number): MoneyRecord {
  return aRecord({ id: 'x', time, offsetMinutes: 0 });
}

describe('an anchor', () => {
  const record = at('2026-11-20T23:30', { valueDate: parseDay('2026-11-23') });

  it('is the time unless another date is asked for and there', () => {
    const time = { time: Date.UTC(2026, 10, 20, 19, 30), day: parseDay('2026-11-20'), dayPrecise: false };
    expect(anchorOf(record, undefined)).toEqual(time);
    expect(anchorOf(record, 'time')).toEqual(time);
    expect(anchorOf(record, 'bookingDate')).toEqual(time);
    expect(anchorOf(at('2026-11-20'), undefined)).toEqual({
      time: Date.UTC(2026, 10, 19, 20),
      day: parseDay('2026-11-20'),
      dayPrecise: true,
    });
  });

  it('is the start of another date in the offset of the record', () => {
    expect(anchorOf(record, 'valueDate')).toEqual({
      time: Date.UTC(2026, 10, 22, 20),
      day: parseDay('2026-11-23'),
      dayPrecise: true,
    });
  });
});

describe('a date condition', () => {
  const condition = (of: Partial<DateCondition>): DateCondition => ({
    left: 'time',
    right: 'time',
    before: { ms: 0 },
    after: { ms: 0 },
    calendar: [],
    ...of,
  });
  const misfit = (of: Partial<DateCondition>, left: string, right: string) =>
    dateMisfit(condition(of), at(left), at(right), calendars);

  it('compares two instants to the millisecond', () => {
    const within = { before: { ms: HOUR }, after: { ms: 2 * HOUR } };
    expect(misfit(within, '2026-11-20T10:00', '2026-11-20T09:00')).toBe(0);
    expect(misfit(within, '2026-11-20T10:00', '2026-11-20T12:00')).toBe(0);
    expect(misfit(within, '2026-11-20T10:00', '2026-11-20T08:59')).toBe(60_000);
    expect(misfit(within, '2026-11-20T10:00', '2026-11-20T12:00:00.001')).toBe(1);
  });

  it('compares dates where either is one, spans rounded up to whole days', () => {
    const within = { after: { ms: 36 * HOUR } };
    expect(misfit(within, '2026-11-20T23:00', '2026-11-22')).toBe(0);
    expect(misfit(within, '2026-11-20T23:00', '2026-11-23')).toBe(DAY);
    expect(misfit(within, '2026-11-20', '2026-11-19T23:59')).toBe(DAY);
  });

  it('counts business days from the next open day', () => {
    const within = { before: { businessDays: 1 }, after: { businessDays: 2 }, calendar: ['AE-rails'] };
    // Sunday rolls to Monday 23; from Saturday 21 to Wednesday 25.
    expect(misfit(within, '2026-11-22T10:00', '2026-11-21T10:00')).toBe(0);
    expect(misfit(within, '2026-11-22T10:00', '2026-11-25T10:00')).toBe(0);
    expect(misfit(within, '2026-11-22T10:00', '2026-11-20T10:00')).toBe(DAY);
    expect(misfit(within, '2026-11-22T10:00', '2026-11-27T10:00')).toBe(2 * DAY);
    const none = { before: { businessDays: 0 }, after: { businessDays: 0 }, calendar: ['AE-rails'] };
    expect(misfit(none, '2026-11-22T10:00', '2026-11-23T22:00')).toBe(0);
    expect(misfit(none, '2026-11-22T10:00', '2026-11-22T10:00')).toBe(DAY);
  });

  it('fails where a date is missing', () => {
    const record = at('2026-11-20', { valueDate: parseDay('2026-11-20') });
    expect(
      dateMisfit(condition({ left: 'valueDate', right: 'bookingDate' }), record, record, calendars),
    ).toBe(Infinity);
    expect(dateMisfit(condition({ left: 'valueDate', right: 'valueDate' }), record, record, calendars)).toBe(
      0,
    );
  });
});
