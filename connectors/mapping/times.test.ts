import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { compilePattern } from './time-pattern.ts';
import { conformDay, conformTime, timesSetting } from './times.ts';
import type { TimeFormat } from './times.ts';

const UTC = new Zone('UTC');
const formatOf = (written: unknown): TimeFormat => timesSetting.parse({ time: written }).time!;

describe('a time', () => {
  test.each<[string, string, string]>([
    ['dd/MM/yyyy', '22/11/2026', '2026-11-22'],
    ['dd/MM/yyyy HH:mm', '22/11/2026 14:05', '2026-11-22T14:05:00'],
    ['MM/dd/yyyy hh:mm:ss a', '11/22/2026 02:05:09 PM', '2026-11-22T14:05:09'],
    ['d.M.yy H:mm', '2.1.26 9:05', '2026-01-02T09:05:00'],
    ['h:mm a, d MMM yyyy', '12:05 am, 2 Nov 2026', '2026-11-02T00:05:00'],
    ['h:mm a, d MMM yyyy', '12:05 PM, 2 sept 2026', '2026-09-02T12:05:00'],
    ['dd-MMM-yyyy', '22-NOV-2026', '2026-11-22'],
    ['MMM d yyyy', 'November 2 2026', '2026-11-02'],
    ['yyyyMMdd', '20261122', '2026-11-22'],
    ['yyyyMMddHHmmss', '20261122140509', '2026-11-22T14:05:09'],
    ['yyyy-MM-ddTHH:mm:ss.SX', '2026-11-22T14:05:09.25+04:00', '2026-11-22T14:05:09.25+04:00'],
    ["yyyy-MM-dd 'at' HH:mm X", '2026-11-22 at 14:05 Z', '2026-11-22T14:05:00Z'],
    ['dd.MM.yyyy', '29.02.2028', '2028-02-29'],
    ['iso', '2026-11-22T14:05:00Z', '2026-11-22T14:05:00Z'],
    ['ms', '1763800000000', '1763800000000'],
    ['s', '1763800000', '1763800000000'],
    ['s', '1763800000.1239', '1763800000123'],
  ])('by %s, %s is %s', (pattern, text, iso) => {
    expect(conformTime(text, formatOf(pattern))).toBe(iso);
  });

  test.each([
    ['dd/MM/yyyy', '31/02/2026'],
    ['dd/MM/yyyy', '11/22/2026'],
    ['dd/MM/yyyy', '2/1/2026'],
    ['dd/MM/yyyy', '22/11/2026 10:00'],
    ['dd/MM/yyyy', '22-11-2026'],
    ['dd/MM/yyyy HH:mm', '22/11/2026 24:00'],
    ['dd/MM/yyyy HH:mm', '22/11/2026 10:60'],
    ['dd/MM/yyyy hh:mm a', '22/11/2026 13:00 PM'],
    ['dd/MM/yyyy hh:mm a', '22/11/2026 00:00 AM'],
    ['dd MMM yyyy', '22 Mon 2026'],
    ['dd.MM.yyyy', '22x11x2026'],
    ['s', '1763800000000'],
    ['ms', '1763800000'],
    ['ms', '12345678901e'],
  ])('by %s, %s is refused', (pattern, text) => {
    expect(() => conformTime(text, formatOf(pattern))).toThrow(
      expect.objectContaining({ code: 'invalidTime' }),
    );
  });

  propertyTest.prop([
    fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2099-12-31') }),
  ])('is read as Date writes it', (date) => {
    const iso = date.toISOString();
    const [, month, day, year, clock] = /^\w{3} (\w{3}) (\d\d) (\d{4}) ([\d:]{8})/.exec(
      new Date(date.getTime() + date.getTimezoneOffset() * 60_000).toString(),
    )!;
    expect(conformTime(`${day}-${month}-${year}/${clock}`, formatOf('dd-MMM-yyyy/HH:mm:ss'))).toBe(
      iso.slice(0, 19),
    );
  });
});

test('of each month only the days that there are', () => {
  const { read } = formatOf('d/M/yyyy');
  for (const year of [1900, 1999, 2000, 2026, 2028, 2100]) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const moment = new Date(Date.UTC(year, month - 1, day));
        const isThere = moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
        const iso = isThere ? moment.toISOString().slice(0, 10) : undefined;
        expect(read!(`${day}/${month}/${year}`)?.date).toBe(iso);
      }
    }
  }
});

describe('a day', () => {
  const day = (written: unknown, text: string, own = UTC): string =>
    conformDay('valueDate', text, formatOf(written), own);

  test.each<[unknown, string, string]>([
    ['dd/MM/yyyy', '22/11/2026', '2026-11-22'],
    ['dd/MM/yyyy HH:mm', '22/11/2026 23:30', '2026-11-22'],
    ['yyyy-MM-dd HH:mm X', '2026-11-22 23:30 Z', '2026-11-22'],
    [{ format: 'yyyy-MM-dd HH:mm X', zone: 'Asia/Dubai' }, '2026-11-22 23:30 Z', '2026-11-23'],
    [{ format: 's', zone: 'Asia/Dubai' }, '1763841600', '2025-11-23'],
    ['s', '1763841600', '2025-11-22'],
    ['iso', '2026-11-22T23:30:00', '2026-11-22'],
    [{ zone: 'Asia/Dubai' }, '2026-11-22T23:30:00Z', '2026-11-23'],
    ['iso', '2026-11-22', '2026-11-22'],
  ])('by %j, %s is %s', (written, text, expected) => {
    expect(day(written, text)).toBe(expected);
  });

  test('of a moment is that of the source’s zone, where it has none of its own', () => {
    expect(day('s', '1763841600', new Zone('Asia/Dubai'))).toBe('2025-11-23');
  });
});

test.each([
  ['', 'has no year'],
  ['dd/MM', 'has no year'],
  ['yyyy/MM', 'has no day'],
  ['dd/mm/yyyy', 'has no month'],
  ['yyyy-MM-dd HH', 'hour and minute together'],
  ['yyyy-MM-dd HH:ss', 'its second and no minute'],
  ['yyyy-MM-dd hh:mm', 'hh and a together'],
  ['yyyy-MM-dd HH:mm a', 'hh and a together'],
  ['yyyy-MM-dd HH:mm hh a', 'hour twice'],
  ['yyyy-MM-dd X', 'its offset and no minute'],
  ['yyyy-yy-MM-dd', 'year twice'],
  ['dMyyyy', '"d" right before "M"'],
  ['YYYY-MM-DD', '"YYYY" in it'],
  ['yyyy-MM-dd at HH:mm', '"t" in it'],
  ["yyyy-MM-dd'", 'in it'],
  ['yyyy1MM-dd', '"1MM-dd" in it'],
  ['x'.repeat(65), 'longer than 64'],
])('the pattern %s is refused', (pattern, why) => {
  expect(compilePattern(pattern)).toContain(why);
});
