import { z } from 'zod';
import { daySchema } from './scalars.ts';

/** Sunday is 0, as in JavaScript. */
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Which days are closed. A default to be confirmed with each bank. */
export const calendarSchema = z.strictObject({
  closed: z.array(z.enum(WEEKDAYS)).max(6, 'at least one weekday must be open').prefault([]),
  holidays: z.array(daySchema).max(2000).prefault([]),
});

export type Calendar = z.output<typeof calendarSchema>;

/** Numbers of the weekdays that a calendar closes, Sunday being 0. */
export function closedWeekdays(calendar: Calendar): number[] {
  return calendar.closed.map((day) => WEEKDAYS.indexOf(day));
}

/**
 * Calendars that every configuration may name without defining them: weekends only. Holidays are announced each year
 * and belong into the configuration; these are defaults to be confirmed with each bank.
 */
export const DEFAULT_CALENDARS: { readonly [name: string]: Calendar } = {
  'AE-rails': { closed: ['sunday'], holidays: [] },
  'AE-office': { closed: ['saturday', 'sunday'], holidays: [] },
  SA: { closed: ['friday', 'saturday'], holidays: [] },
  KW: { closed: ['friday', 'saturday'], holidays: [] },
  QA: { closed: ['friday', 'saturday'], holidays: [] },
  BH: { closed: ['friday', 'saturday'], holidays: [] },
  OM: { closed: ['friday', 'saturday'], holidays: [] },
};
