import { z } from 'zod';
import { DAY_MS, parseDay, parseDuration, Zone } from './time.ts';

/** A duration such as `1h`, read as milliseconds. */
export const durationSchema: z.ZodType<number, string> = z
  .string({ error: 'wants a duration such as 500ms, 30s, 15m, 1h, 3d or 2w' })
  .transform((text, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** How far dates may lie apart: a time in milliseconds, or open days of the calendars in force. */
export type DaySpan = { readonly ms: number } | { readonly businessDays: number };

/** `36h`, `2d`, or `2bd` for business days. */
export const daySpanSchema: z.ZodType<DaySpan, string> = z
  .string({ error: 'wants a duration such as 36h or 2d, or business days such as 2bd' })
  .transform((text, context) => {
    const days = /^(\d{1,3})bd$/.exec(text.trim());
    if (days !== null) return { businessDays: Number(days[1]) };
    try {
      const ms = parseDuration(text);
      if (ms <= 366 * DAY_MS) return { ms };
      context.addIssue({ code: 'custom', message: `"${text.slice(0, 40)}" is longer than 366 days` });
    } catch {
      context.addIssue({
        code: 'custom',
        message: `"${text.slice(0, 40)}" is neither a duration such as 36h or 2d nor business days such as 2bd`,
      });
    }
    return z.NEVER;
  });

/** Fifteen digits before the point and nine after it are more than any amount or percentage needs. */
export const decimalSchema: z.ZodType<string> = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,9})?$/, 'wants a decimal ≥ 0 in quotes, such as "0.50"');

export const currencySchema: z.ZodType<string> = z
  .string()
  .regex(/^[A-Z]{3}$/, 'wants an ISO 4217 currency code such as AED');

/** A time of day, kept as minutes after midnight. */
export const timeOfDaySchema: z.ZodType<number, string> = z.string().transform((text, context) => {
  const parts = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (parts !== null) return Number(parts[1]) * 60 + Number(parts[2]);
  context.addIssue({
    code: 'custom',
    message: `"${text.slice(0, 40)}" is not a time of day such as "23:00"`,
  });
  return z.NEVER;
});

/** An IANA time zone. */
export const zoneSchema: z.ZodType<string> = z.string().superRefine((name, context) => {
  try {
    new Zone(name);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const DAY = 'wants a day such as 2026-12-02';

/** A date that exists, as text: `2026-12-02`. */
export const daySchema: z.ZodType<string> = z.string({ error: DAY }).superRefine((text, context) => {
  try {
    parseDay(text);
  } catch {
    const message = /^\d{4}-\d{2}-\d{2}$/.test(text) ? 'wants a day that exists' : DAY;
    context.addIssue({ code: 'custom', message });
  }
});
