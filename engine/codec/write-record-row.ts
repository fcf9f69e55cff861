import { Buffer } from 'node:buffer';
import { NO_DAY, PRECISION_DAY, RECORD_KINDS, RECORD_STATUSES, knownCurrencies } from '../domain/index.ts';
import type { DictionaryColumn, PairsColumn, RecordFrame, StringColumn } from '../domain/index.ts';
import {
  CLOSE_MAP,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_MAP,
  QUOTE,
  TAB,
  putDate,
  putEscaped,
  putInteger,
  putNone,
  putRaw,
  putTime,
} from './put.ts';
import type { RowBuffer } from './row-buffer.ts';

const KINDS = RECORD_KINDS.map((kind) => Buffer.from(kind));
const STATUSES = RECORD_STATUSES.map((status) => Buffer.from(status));
const INSTANT = Buffer.from('instant');
const DAY = Buffer.from('day');

/** Exponents by the three letters of a currency, five bits each: looked up for every record. */
const EXPONENTS = new Uint8Array(1 << 15);
for (const [currency, exponent] of knownCurrencies()) {
  EXPONENTS[packed(Buffer.from(currency), 0)] = exponent;
}

function packed(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 31) << 10) | ((bytes[at + 1]! & 31) << 5) | (bytes[at + 2]! & 31);
}

/** More than the columns of fixed width, the tabs and the braces can take. */
const FIXED_BYTES = 512;

/** Row `row` of a frame as a row of the table `records`. */
export function writeRecordRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  sequence: number,
  n: number,
  logTime: number,
  frame: RecordFrame,
  row: number,
): void {
  const amount = frame.amount[row]!;
  const fee = frame.fee[row]!;
  const tax = frame.tax[row]!;
  const bytes: Uint8Array = buffer.reserve(rowBytes(frame, row));
  let at = putInteger(bytes, buffer.length, epoch);
  at = integer(bytes, at, partition);
  at = integer(bytes, at, sequence);
  at = integer(bytes, at, n);
  at = time(bytes, at, logTime);
  at = value(bytes, at, frame.source, row);
  at = string(bytes, at, frame.id, row);
  at = integer(bytes, at, frame.version[row]!);
  at = value(bytes, at, frame.account, row);
  at = raw(bytes, at, KINDS[frame.recordKind[row]!]!);
  at = raw(bytes, at, STATUSES[frame.status[row]!]!);
  at = value(bytes, at, frame.currency, row);
  at = integer(bytes, at, EXPONENTS[packed(bytes, at - 3)]!);
  at = integer(bytes, at, amount);
  at = integer(bytes, at, fee);
  at = integer(bytes, at, tax);
  at = integer(bytes, at, amount - fee - tax);
  at = time(bytes, at, frame.time[row]!);
  at = raw(bytes, at, frame.precision[row] === PRECISION_DAY ? DAY : INSTANT);
  at = integer(bytes, at, frame.offsetMinutes[row]!);
  at = date(bytes, at, frame.bookingDate[row]!);
  at = date(bytes, at, frame.valueDate[row]!);
  at = date(bytes, at, frame.availableOn[row]!);
  at = pairs(bytes, at, frame.references, row);
  at = pairs(bytes, at, frame.attributes, row);
  at = string(bytes, at, frame.link, row);
  at = integerOrNone(bytes, at, frame.originalAmount[row]!);
  at = value(bytes, at, frame.originalCurrency, row);
  at = integerOrNone(bytes, at, frame.groupCount[row]!);
  at = integerOrNone(bytes, at, frame.groupTotal[row]!);
  bytes[at] = NEWLINE;
  buffer.rowPut(at + 1);
}

/** The most bytes that a row can take. */
function rowBytes(frame: RecordFrame, row: number): number {
  const texts =
    stringLength(frame.id, row) +
    stringLength(frame.link, row) +
    stringLength(frame.source.values, frame.source.index[row]!) +
    stringLength(frame.account.values, frame.account.index[row]!);
  return FIXED_BYTES + 2 * texts + pairsBytes(frame.references, row) + pairsBytes(frame.attributes, row);
}

function stringLength(column: StringColumn, i: number): number {
  return column.offsets[i + 1]! - column.offsets[i]!;
}

function pairsBytes(column: PairsColumn, row: number): number {
  const from = column.rows[row]!;
  const to = column.rows[row + 1]!;
  let names = 0;
  for (let i = from; i < to; i++) names += stringLength(column.names.values, column.names.index[i]!);
  const values = column.values.offsets[to]! - column.values.offsets[from]!;
  return 2 * (names + values) + 6 * (to - from);
}

function integer(bytes: Uint8Array, at: number, number: number): number {
  bytes[at] = TAB;
  return putInteger(bytes, at + 1, number);
}

/** NaN stands for none. */
function integerOrNone(bytes: Uint8Array, at: number, number: number): number {
  bytes[at] = TAB;
  return Number.isNaN(number) ? putNone(bytes, at + 1) : putInteger(bytes, at + 1, number);
}

function time(bytes: Uint8Array, at: number, ms: number): number {
  bytes[at] = TAB;
  return putTime(bytes, at + 1, ms);
}

function date(bytes: Uint8Array, at: number, day: number): number {
  bytes[at] = TAB;
  return day === NO_DAY ? putNone(bytes, at + 1) : putDate(bytes, at + 1, day);
}

function raw(bytes: Uint8Array, at: number, text: Uint8Array): number {
  bytes[at] = TAB;
  return putRaw(bytes, at + 1, text);
}

function string(bytes: Uint8Array, at: number, column: StringColumn, i: number): number {
  bytes[at] = TAB;
  return putEscaped(bytes, at + 1, column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
}

function value(bytes: Uint8Array, at: number, column: DictionaryColumn, row: number): number {
  return string(bytes, at, column.values, column.index[row]!);
}

function quoted(bytes: Uint8Array, at: number, column: StringColumn, i: number): number {
  bytes[at] = QUOTE;
  const end = putEscaped(bytes, at + 1, column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
  bytes[end] = QUOTE;
  return end + 1;
}

function pairs(bytes: Uint8Array, at: number, column: PairsColumn, row: number): number {
  const from = column.rows[row]!;
  const to = column.rows[row + 1]!;
  bytes[at] = TAB;
  bytes[at + 1] = OPEN_MAP;
  let end = at + 2;
  for (let i = from; i < to; i++) {
    if (i > from) bytes[end++] = COMMA;
    end = quoted(bytes, end, column.names.values, column.names.index[i]!);
    bytes[end] = COLON;
    end = quoted(bytes, end + 1, column.values, i);
  }
  bytes[end] = CLOSE_MAP;
  return end + 1;
}
