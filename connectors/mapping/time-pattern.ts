/**
 * Patterns of times, as in `dd/MM/yyyy HH:mm:ss`. The language is closed: what is not in the table is refused when the
 * configuration is read.
 *
 * | Pattern | Stands for |
 * | --- | --- |
 * | `yyyy`, `yy` | year; of two digits, 20yy |
 * | `MM`, `M`, `MMM` | month of two digits, of one or two, or by its English name (`Nov`, `NOVEMBER`) |
 * | `dd`, `d` | day of two digits, of one or two |
 * | `HH`, `H`, `hh`, `h` | hour of the day; of twelve, with `a` |
 * | `mm`, `ss`, `S` | minute, second, fraction of the second of 1 to 9 digits |
 * | `a` | AM or PM |
 * | `X` | offset: `Z`, `+04`, `+0400`, `+04:00` |
 * | `T`, `'…'`, anything but letters and digits | itself |
 */
import { daysIn } from '../contract/index.ts';

/** The civil parts of a time, as it is written. */
export interface CivilTime {
  /** `2026-11-22`. */
  readonly date: string;
  /** `14:05:00.250`; undefined for a date alone. */
  readonly clock: string | undefined;
  /** `+04:00` or `Z`; undefined where it has none. */
  readonly offset: string | undefined;
}

/** Reads a text by a pattern; undefined where it does not fit, or names a day or hour that does not exist. */
type ReadPattern = (text: string) => CivilTime | undefined;

const PARTS: { readonly [token: string]: readonly [name: string, expression: string] } = {
  yyyy: ['year', String.raw`\d{4}`],
  yy: ['year', String.raw`\d{2}`],
  MMM: ['month', '[A-Za-z]{3,9}'],
  MM: ['month', String.raw`\d{2}`],
  M: ['month', String.raw`\d{1,2}`],
  dd: ['day', String.raw`\d{2}`],
  d: ['day', String.raw`\d{1,2}`],
  HH: ['hour', String.raw`\d{2}`],
  H: ['hour', String.raw`\d{1,2}`],
  hh: ['half', String.raw`\d{2}`],
  h: ['half', String.raw`\d{1,2}`],
  mm: ['minute', String.raw`\d{2}`],
  ss: ['second', String.raw`\d{2}`],
  S: ['fraction', String.raw`\d{1,9}`],
  a: ['meridiem', '[AaPp][Mm]'],
  X: ['offset', String.raw`[Zz]|[+-]\d{2}(?::?\d{2})?`],
};

/** One part, or what stands for itself. */
const TOKEN = /([A-Za-z])\1*|'([^']+)'|[^A-Za-z0-9']/y;
/** Parts of one or two digits: a digit right behind one would be ambiguous. */
const OPEN_ENDED = new Set(['M', 'd', 'H', 'h', 'S']);

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** Compiles a pattern. @returns a text that says what is wrong with it, where something is */
export function compilePattern(pattern: string): ReadPattern | string {
  let expression = '';
  let before = '';
  const names = new Set<string>();
  if (pattern.length > 64) return 'is longer than 64 characters';
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < pattern.length;) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(pattern);
    if (found === null)
      return `has "${pattern.slice(at, at + 8)}" in it; put what is no part of a time in '…'`;
    const [token, letter, quoted] = found;
    const part = Object.hasOwn(PARTS, token) ? PARTS[token] : undefined;
    if (part === undefined) {
      if (letter !== undefined && token !== 'T') return `has "${token}" in it, which is no part of a time`;
      expression += escaped(quoted ?? token);
    } else {
      if (names.has(part[0])) return `has its ${part[0]} twice`;
      if (OPEN_ENDED.has(before) && part[1].startsWith(String.raw`\d`)) {
        return `has "${before}" right before "${token}": nothing tells where one ends`;
      }
      names.add(part[0]);
      expression += `(?<${part[0]}>${part[1]})`;
    }
    before = token;
  }
  return missing(names) ?? reader(new RegExp(`^${expression}$`));
}

function missing(names: ReadonlySet<string>): string | undefined {
  for (const name of ['year', 'month', 'day']) if (!names.has(name)) return `has no ${name}`;
  if (names.has('half') !== names.has('meridiem')) return 'wants hh and a together, or HH alone';
  if (names.has('half') && names.has('hour')) return 'has its hour twice';
  for (const [name, needed] of [
    ['fraction', 'second'],
    ['second', 'minute'],
    ['offset', 'minute'],
  ] as const) {
    if (names.has(name) && !names.has(needed)) return `has its ${name} and no ${needed}`;
  }
  const hasHour = names.has('hour') || names.has('half');
  return names.has('minute') === hasHour ? undefined : 'wants hour and minute together';
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}

function reader(expression: RegExp): ReadPattern {
  return (text) => {
    const parts = expression.exec(text)?.groups as
      { readonly [name: string]: string | undefined } | undefined;
    if (parts === undefined) return undefined;
    const date = dateOf(parts['year']!, parts['month']!, parts['day']!);
    const clock = clockOf(parts);
    if (date === undefined || clock === null) return undefined;
    return { date, clock, offset: parts['offset'] };
  };
}

function dateOf(yearText: string, monthText: string, dayText: string): string | undefined {
  const year = yearText.length === 2 ? 2000 + Number(yearText) : Number(yearText);
  const month = monthOf(monthText);
  const day = Number(dayText);
  if (month < 1 || month > 12 || year < 1900 || day < 1 || day > daysIn(year, month)) return undefined;
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** 1 to 12; 0 for a name that is none. */
function monthOf(text: string): number {
  if (text.charCodeAt(0) <= 57) return Number(text);
  const name = text.toLowerCase();
  return (
    MONTHS.findIndex(
      (month) => month === name || month.slice(0, 3) === name || (name === 'sept' && month === 'september'),
    ) + 1
  );
}

/** The time of day as text; undefined where there is none, null where it does not exist. */
function clockOf(parts: { readonly [name: string]: string | undefined }): string | undefined | null {
  const { hour, half, minute, second, fraction, meridiem } = parts;
  if (minute === undefined) return undefined;
  if (half !== undefined && (Number(half) < 1 || Number(half) > 12)) return null;
  const hours =
    half === undefined ? Number(hour) : (Number(half) % 12) + (meridiem!.toLowerCase() === 'pm' ? 12 : 0);
  if (hours > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null;
  const clock = `${twoDigits(hours)}:${minute}:${second ?? '00'}`;
  return fraction === undefined ? clock : `${clock}.${fraction}`;
}
