import { CounterfoilError, RECORD_KINDS, RECORD_STATUSES, exponentOf } from '../domain/index.ts';
import type { MoneyRecord } from '../domain/index.ts';
import { MAX_DAY, MAX_OFFSET_MINUTES, MAX_TIME, MIN_DAY, MIN_OFFSET_MINUTES } from './limits.ts';

const KIND_CODES = new Map<string, number>(RECORD_KINDS.map((kind, code) => [kind, code]));
const STATUS_CODES = new Map<string, number>(RECORD_STATUSES.map((status, code) => [status, code]));

/** Index of `kind` in RECORD_KINDS. @throws CounterfoilError `invalidField` */
export function kindCode(record: MoneyRecord): number {
  const code = KIND_CODES.get(record.kind);
  if (code === undefined) throw invalid(record, 'kind', record.kind, `one of ${RECORD_KINDS.join(', ')}`);
  return code;
}

/** Index of `status` in RECORD_STATUSES. @throws CounterfoilError `invalidField` */
export function statusCode(record: MoneyRecord): number {
  const code = STATUS_CODES.get(record.status);
  if (code === undefined)
    throw invalid(record, 'status', record.status, `one of ${RECORD_STATUSES.join(', ')}`);
  return code;
}

/**
 * An amount as the integer in a double that a frame holds.
 * @throws CounterfoilError `amountOutOfRange`
 */
export function amountOf(record: MoneyRecord, field: string, amount: bigint): number {
  const minor = Number(amount);
  if (!Number.isSafeInteger(minor)) throw outOfRange(record, field, amount);
  return minor;
}

/**
 * Refuses what a decoder of frames would refuse, so that one bad record cannot spoil the frame it would be in.
 * @throws CounterfoilError `invalidTime`, `invalidField`, `unknownCurrency`, `amountOutOfRange`
 */
export function checkRecord(record: MoneyRecord): void {
  exponentOf(record.currency);
  if (!isTime(record.time)) {
    throw new CounterfoilError(
      'invalidTime',
      `time ${record.time} of record ${quote(record.id)} is not whole epoch milliseconds within ±${MAX_TIME}; correct it at its source`,
    );
  }
  if (!isOffset(record.offsetMinutes)) {
    throw invalid(
      record,
      'offsetMinutes',
      record.offsetMinutes,
      `whole minutes from ${MIN_OFFSET_MINUTES} to ${MAX_OFFSET_MINUTES}`,
    );
  }
  checkDay(record, 'bookingDate', record.bookingDate);
  checkDay(record, 'valueDate', record.valueDate);
  checkDay(record, 'availableOn', record.availableOn);
  checkUnsigned(record, 'version', record.version);
  checkUnsigned(record, 'groupCount', record.groupCount);
  if (record.original !== undefined) exponentOf(record.original.currency);
}

/** Whether amount − fee − tax is exact when it is computed in doubles, from left to right. */
export function isNetSafe(amount: number, fee: number, tax: number): boolean {
  const less = amount - fee;
  return Number.isSafeInteger(less) && Number.isSafeInteger(less - tax);
}

/** Whether `time` is whole milliseconds that a date can hold. */
export function isTime(time: number): boolean {
  return Number.isInteger(time) && time <= MAX_TIME && time >= -MAX_TIME;
}

/** Whether `day` is a date of the years 0000 to 9999. */
function isDay(day: number): boolean {
  return Number.isInteger(day) && day >= MIN_DAY && day <= MAX_DAY;
}

/** Whether `minutes` is an offset from UTC that exists. */
function isOffset(minutes: number): boolean {
  return Number.isInteger(minutes) && minutes >= MIN_OFFSET_MINUTES && minutes <= MAX_OFFSET_MINUTES;
}

function checkDay(record: MoneyRecord, field: string, day: number | undefined): void {
  if (day !== undefined && !isDay(day)) throw invalid(record, field, day, 'a date of the years 0000 to 9999');
}

function checkUnsigned(record: MoneyRecord, field: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)) {
    throw invalid(record, field, value, 'a whole number from 0 to 4294967295');
  }
}

/** The error for an amount, or a sum of one record's amounts, that a double cannot hold exactly. */
export function outOfRange(record: MoneyRecord, field: string, amount: bigint): CounterfoilError {
  return new CounterfoilError(
    'amountOutOfRange',
    `${field} of ${amount} minor units of record ${quote(record.id)} is beyond ±${Number.MAX_SAFE_INTEGER}; split it or check its currency`,
  );
}

function invalid(record: MoneyRecord, field: string, found: unknown, wanted: string): CounterfoilError {
  return new CounterfoilError(
    'invalidField',
    `${field} ${quote(String(found))} of record ${quote(record.id)} is not ${wanted}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
