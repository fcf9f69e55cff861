/**
 * Values in ClickHouse's TabSeparated, written straight into bytes. Each function writes at `at` and returns the
 * position after its last byte; the caller has made room for it. A record's row has thirty values: functions over one
 * array spare each of them a check for room and the load and store of a position.
 */
import { Buffer } from 'node:buffer';
import { CounterfoilError } from '../domain/index.ts';
import { MAX_DAY_STORED, MAX_TIME_STORED, MIN_DAY_STORED, MIN_TIME_STORED } from './row-limits.ts';

export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const QUOTE = 0x27;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_MAP = 0x7b;
export const CLOSE_MAP = 0x7d;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const DASH = 0x2d;
const CAPITAL_N = 0x4e;

/** Most bytes of an integer, of a date, of a time. */
export const INTEGER_BYTES = 17;
export const DATE_BYTES = 10;
export const TIME_BYTES = 23;

/** For each byte the letter that follows the backslash in its escape, or 0. */
const ESCAPES = new Uint8Array(256);
for (const [byte, letter] of [
  [0x00, '0'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x27, "'"],
  [0x5c, '\\'],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}

/** UTF-8 bytes `from` to `to` of `source`, escaped: up to twice as many. */
export function putEscaped(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  let end = at;
  for (let i = from; i < to; i++) {
    const byte = source[i]!;
    if (ESCAPES[byte] !== 0) {
      bytes[end++] = BACKSLASH;
      bytes[end++] = ESCAPES[byte]!;
    } else {
      bytes[end++] = byte;
    }
  }
  return end;
}

/** Text, escaped; lone surrogates become U+FFFD. Takes up to three bytes a character. */
export function putText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || ESCAPES[code] !== 0) return putRareText(bytes, at, text);
    bytes[at + i] = code;
  }
  return at + text.length;
}

function putRareText(bytes: Uint8Array, at: number, text: string): number {
  const plain = Buffer.from(text);
  return putEscaped(bytes, at, plain, 0, plain.length);
}

/** How many bytes from `from` to `to` need an escape. */
export function countEscapes(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (ESCAPES[bytes[i]!] !== 0) count++;
  return count;
}

/** Escapes bytes `from` to `to` in place, of which `escapes` need it; those after `to` are overwritten. */
export function escapeInPlace(bytes: Uint8Array, from: number, to: number, escapes: number): number {
  const end = to + escapes;
  for (let read = to, write = end; read > from;) {
    const byte = bytes[--read]!;
    const escape = ESCAPES[byte]!;
    bytes[--write] = escape === 0 ? byte : escape;
    if (escape !== 0) bytes[--write] = BACKSLASH;
  }
  return end;
}

/** Bytes that need no escape. */
export function putRaw(bytes: Uint8Array, at: number, source: Uint8Array): number {
  for (let i = 0; i < source.length; i++) bytes[at + i] = source[i]!;
  return at + source.length;
}

/** NULL. */
export function putNone(bytes: Uint8Array, at: number): number {
  bytes[at] = BACKSLASH;
  bytes[at + 1] = CAPITAL_N;
  return at + 2;
}

/**
 * An integer within ±(2^53 − 1).
 * @throws CounterfoilError `internal` for anything else: one such value would spoil a whole insert
 */
export function putInteger(bytes: Uint8Array, at: number, value: number): number {
  let start = at;
  let rest = value;
  if (rest < 0) {
    bytes[start++] = DASH;
    rest = -rest;
  }
  const low = rest | 0;
  if (low === rest) {
    if (low < 10) {
      bytes[start] = ZERO + low;
      return start + 1;
    }
    return putDigits(bytes, start, low, widthOf(low));
  }
  if (!Number.isSafeInteger(rest)) {
    throw new CounterfoilError(
      'internal',
      `${value} was to be stored as an integer but is none within ±(2^53 − 1)`,
    );
  }
  // Both halves fit into 31 bits, where division is fast.
  const high = Math.floor(rest / 1e9);
  if (high > 0) start = putDigits(bytes, start, high, widthOf(high));
  return putDigits(bytes, start, (rest - high * 1e9) | 0, 9);
}

function widthOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** The last digit and the one before it, of 0 to 99. */
const ONES = Uint8Array.from({ length: 100 }, (_, i) => ZERO + (i % 10));
const TENS = Uint8Array.from({ length: 100 }, (_, i) => ZERO + Math.floor(i / 10));

/** A number below 2^31 in `width` digits. */
function putDigits(bytes: Uint8Array, at: number, value: number, width: number): number {
  let rest = value;
  let i = at + width;
  while (i >= at + 2) {
    const hundredth = (rest / 100) | 0;
    i -= 2;
    putPair(bytes, i, rest - hundredth * 100);
    rest = hundredth;
  }
  if (i > at) bytes[at] = ZERO + rest;
  return at + width;
}

/** A number below 100 in two digits. */
function putPair(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = TENS[value]!;
  bytes[at + 1] = ONES[value]!;
}

/** Epoch milliseconds as `2026-11-22 14:05:00.000`, moved into what DateTime64 holds: 1900 to 2299. */
export function putTime(bytes: Uint8Array, at: number, time: number): number {
  const ms = Math.min(Math.max(time, MIN_TIME_STORED), MAX_TIME_STORED);
  const day = Math.floor(ms / 86_400_000);
  const ofDay = (ms - day * 86_400_000) | 0;
  const seconds = (ofDay / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  putCivil(bytes, at, day);
  bytes[at + 10] = 0x20;
  putPair(bytes, at + 11, hours);
  bytes[at + 13] = COLON;
  putPair(bytes, at + 14, minutes - hours * 60);
  bytes[at + 16] = COLON;
  putPair(bytes, at + 17, seconds - minutes * 60);
  bytes[at + 19] = 0x2e;
  return putDigits(bytes, at + 20, ofDay - seconds * 1000, 3);
}

/** Days since 1970-01-01 as `2026-11-22`, moved into what Date32 holds: 1900 to 2299. */
export function putDate(bytes: Uint8Array, at: number, day: number): number {
  return putCivil(bytes, at, Math.min(Math.max(day, MIN_DAY_STORED), MAX_DAY_STORED));
}

/** Civil date of a day count, after Howard Hinnant's algorithm: years begin in March, so that a leap day ends one. */
function putCivil(bytes: Uint8Array, at: number, day: number): number {
  const shifted = (day + 719_468) | 0;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const leaps = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leaps) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  putDigits(bytes, at, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
  bytes[at + 4] = DASH;
  putPair(bytes, at + 5, month);
  bytes[at + 7] = DASH;
  putPair(bytes, at + 8, dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1);
  return at + DATE_BYTES;
}
