import { civilDay } from '../../engine/domain/index.ts';
import type { LocalDay } from '../../engine/domain/index.ts';

/**
 * Reads `YYMMDD`. Years 80 to 99 are of the last century. Banks that reckon interest by 30/360 give February 30 days,
 * and its 29th and 30th then mean the month's last day; no other date that does not exist is accepted.
 * @throws CounterfoilError `invalidTime`
 */
export const readStatementDate: (text: string) => LocalDay = rememberingLast((text) => {
  const year = +text.slice(0, 2);
  return dayOf(text, year + (year >= 80 ? 1900 : 2000), text.slice(2));
});

/**
 * Reads an entry date `MMDD`, which has no year: the one that brings it nearest to the value date.
 * @throws CounterfoilError `invalidTime`
 */
export const readEntryDate = rememberingLast((text: string, valueDate: LocalDay): LocalDay => {
  const year = new Date(valueDate * 86_400_000).getUTCFullYear();
  let nearest = dayOf(text, year, text);
  for (const other of [year - 1, year + 1]) {
    const day = dayOf(text, other, text);
    if (Math.abs(day - valueDate) < Math.abs(nearest - valueDate)) nearest = day;
  }
  return nearest;
});

/** Lines with the same dates stand together, so that the last answer is mostly the next. */
function rememberingLast(read: (text: string, near: LocalDay) => LocalDay) {
  let last: { text: string; near: LocalDay; day: LocalDay } | undefined;
  return (text: string, near: LocalDay = 0): LocalDay => {
    if (last?.text !== text || last.near !== near) last = { text, near, day: read(text, near) };
    return last.day;
  };
}

function dayOf(text: string, year: number, monthDay: string): LocalDay {
  const month = +monthDay.slice(0, 2);
  const day = +monthDay.slice(2, 4);
  if (month === 2 && (day === 29 || day === 30)) return civilDay(text, year, 3, 1) - 1;
  return civilDay(text, year, month, day);
}
