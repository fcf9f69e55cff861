import { z } from 'zod';
import { CounterfoilError, Zone, formatDay, localDayOf, parseRecordTime } from '../../engine/domain/index.ts';
import { zoneSetting } from '../contract/index.ts';
import { compilePattern } from './time-pattern.ts';
import type { CivilTime } from './time-pattern.ts';

/** The fields of a record that hold times. */
export const TIME_FIELDS = ['time', 'bookingDate', 'valueDate', 'availableOn'] as const;
type TimeField = (typeof TIME_FIELDS)[number];

/** How a source writes one of its times. */
export interface TimeFormat {
  /** `iso`, `ms`, `s`, or a pattern. */
  readonly format: string;
  readonly read: ((text: string) => CivilTime | undefined) | undefined;
  /** Where the source's own does not hold for it. */
  readonly zone: Zone | undefined;
}

export type TimeFormats = { readonly [field in TimeField]?: TimeFormat | undefined };

const format = z
  .string()
  .max(64)
  .transform((text, context): Pick<TimeFormat, 'format' | 'read'> => {
    if (text === 'iso' || text === 'ms' || text === 's') return { format: text, read: undefined };
    const read = compilePattern(text);
    if (typeof read !== 'string') return { format: text, read };
    context.addIssue({
      code: 'custom',
      message: `the format ${read}; use iso, ms, s, or a pattern such as dd/MM/yyyy HH:mm:ss`,
    });
    return z.NEVER;
  });

/** The format alone, or `{ format, zone }`. */
const timeFormat: z.ZodType<TimeFormat> = z.preprocess(
  (written) => (typeof written === 'string' ? { format: written } : written),
  z
    .strictObject({ format: format.prefault('iso'), zone: zoneSetting.optional() })
    .transform(({ format: text, zone }) => ({
      ...text,
      zone: zone === undefined ? undefined : new Zone(zone),
    })),
);

/** How the source writes its times, where that is not ISO 8601: `{ time: dd/MM/yyyy HH:mm, valueDate: yyyyMMdd }`. */
export const timesSetting: z.ZodType<TimeFormats> = z.strictObject({
  time: timeFormat.optional(),
  bookingDate: timeFormat.optional(),
  valueDate: timeFormat.optional(),
  availableOn: timeFormat.optional(),
});

/**
 * A time as the contract reads it: ISO 8601, or epoch milliseconds of which fractions are cut.
 * @throws CounterfoilError `invalidTime`
 */
export function conformTime(text: string, { format: written, read }: TimeFormat): string {
  if (written === 'iso') return text;
  if (read === undefined) return epochText('time', text, written);
  const { date, clock, offset } = read(text) ?? refuse('time', text, written);
  return clock === undefined ? date : `${date}T${clock}${offset ?? ''}`;
}

/**
 * A date as the contract reads it, `2026-11-22`. Of a date-time with an offset, and of a moment, it is the day in the
 * zone; any other is the day that is written.
 * @param zone the source's own
 * @throws CounterfoilError `invalidTime`
 */
export function conformDay(
  field: TimeField,
  text: string,
  { format: written, read, zone }: TimeFormat,
  own: Zone,
): string {
  const civil = read === undefined ? undefined : (read(text) ?? refuse(field, text, written));
  if (civil !== undefined && civil.offset === undefined) return civil.date;
  const moment =
    civil !== undefined
      ? `${civil.date}T${civil.clock}${civil.offset}`
      : written === 'iso'
        ? text
        : epochText(field, text, written);
  const at = zone ?? own;
  const { time } = parseRecordTime(moment, at);
  return formatDay(localDayOf(time, at.offsetAt(time)));
}

/** Epoch milliseconds. */
function epochText(field: string, text: string, unit: string): string {
  const parts = (unit === 's' ? /^(\d{9,10})(?:\.(\d*))?$/ : /^(\d{12,13})(?:\.\d*)?$/).exec(text);
  if (parts === null) {
    throw new CounterfoilError(
      'invalidTime',
      `${field} "${text.slice(0, 40)}" is no number of Unix ${unit === 's' ? 'seconds' : 'milliseconds'}; correct the source's times`,
    );
  }
  if (unit !== 's') return parts[1]!;
  return `${parts[1]}${(parts[2] ?? '').slice(0, 3).padEnd(3, '0')}`;
}

function refuse(field: string, text: string, pattern: string): never {
  throw new CounterfoilError(
    'invalidTime',
    `${field} "${text.slice(0, 40)}" is no time of the form ${pattern}; correct the source's times`,
  );
}
