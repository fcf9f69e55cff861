import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Zone, formatDay, localDayOf, parseDay, parseDuration, parseRecordTime } from './time.ts';

const dubai = new Zone('Asia/Dubai');
const utc = new Zone('UTC');
const newYork = new Zone('America/New_York');

describe('parseRecordTime', () => {
  test.each([
    ['2026-11-22T14:05:00+04:00', utc, '2026-11-22T10:05:00.000Z', 240, 'instant'],
    ['2026-11-22T14:05:00', dubai, '2026-11-22T10:05:00.000Z', 240, 'instant'],
    ['2026-11-22 14:05', dubai, '2026-11-22T10:05:00.000Z', 240, 'instant'],
    ['2026-11-22T14:05:00.1239Z', dubai, '2026-11-22T14:05:00.123Z', 0, 'instant'],
    ['2026-11-22T14:05:00-0330', utc, '2026-11-22T17:35:00.000Z', -210, 'instant'],
    ['2026-11-22', dubai, '2026-11-21T20:00:00.000Z', 240, 'day'],
    ['1763791500000', dubai, '2025-11-22T06:05:00.000Z', 240, 'instant'],
    // Clocks went back at 02:00: the time occurs twice and the earlier is meant.
    ['2025-11-02T01:30:00', newYork, '2025-11-02T05:30:00.000Z', -240, 'instant'],
    // Clocks went forward over it: it moves by the change.
    ['2025-03-09T02:30:00', newYork, '2025-03-09T07:30:00.000Z', -240, 'instant'],
  ])('%s', (text, zone, iso, offsetMinutes, precision) => {
    const time = parseRecordTime(text, zone);
    expect({ ...time, time: new Date(time.time).toISOString() }).toEqual({
      time: iso,
      offsetMinutes,
      precision,
    });
  });

  test.each([
    '',
    '22/11/2026',
    '2026-02-30',
    '2026-13-01',
    '2026-11-22T24:00:00',
    '2026-11-22T10:00:00+15:00',
    '1763791500',
    '20261122',
    '2026-11-22T10',
    '١٢٣٤-٠١-٠١',
  ])('refuses "%s"', (text) => {
    expect(() => parseRecordTime(text, utc)).toThrow(expect.objectContaining({ code: 'invalidTime' }));
  });

  property.prop([fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(dubai, utc, newYork)])(
    'the local date of a time is the one its zone shows',
    (time, zone) => {
      const shown = new Intl.DateTimeFormat('en-CA', { timeZone: zone.name, dateStyle: 'short' }).format(
        time,
      );
      expect(formatDay(localDayOf(time, zone.offsetAt(time)))).toBe(shown);
    },
  );
});

property.prop([fc.integer({ min: -20_000, max: 60_000 })])('days read back', (day) => {
  expect(parseDay(formatDay(day))).toBe(day);
});

test('a zone that does not exist is refused by name', () => {
  expect(() => new Zone('Asia/Dubay')).toThrow(/Asia\/Dubay/);
});

test.each([
  ['0s', 0],
  ['500ms', 500],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['3d', 259_200_000],
])('duration %s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['-1h', '1', 'h', '1 hour', '1h30m', ''])('refuses "%s" as a duration', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
});
