import { NO_DAY, PRECISION_DAY, RECORD_KINDS, RECORD_STATUSES, isKnownCurrency } from '../domain/index.ts';
import type { DictionaryColumn, RecordFrame } from '../domain/index.ts';
import { isNetSafe } from './check-record.ts';
import {
  checkAbsent,
  optionalNumbers,
  optionalPairs,
  optionalStrings,
  requiredDictionary,
  requiredNumbers,
  requiredStrings,
  undecodable,
} from './decode-columns.ts';
import {
  MAX_DAY,
  MAX_FRAME_RECORDS,
  MAX_OFFSET_MINUTES,
  MAX_TIME,
  MIN_DAY,
  MIN_OFFSET_MINUTES,
} from './limits.ts';
import { dictionaryAt, stringAt } from './read-record.ts';
import type { WireMap } from './wire.ts';

/** Every entry that a frame of records may have. */
const ENTRIES: ReadonlySet<string> = new Set(
  (
    'v k n source sourceIndex id version account accountIndex currency currencyIndex recordKind status amount fee ' +
    'tax time precision offsetMinutes bookingDate valueDate availableOn referencesRows referencesNames ' +
    'referencesNamesIndex referencesValues attributesRows attributesNames attributesNamesIndex attributesValues ' +
    'link originalAmount originalCurrency originalCurrencyIndex groupCount groupTotal'
  ).split(' '),
);

/** The columns of a frame of records. @throws CounterfoilError `undecodableFrame` */
export function decodeRecords(map: WireMap): RecordFrame {
  for (const name of Object.keys(map)) {
    if (!ENTRIES.has(name)) {
      throw undecodable(`column ${JSON.stringify(name)} is unknown to this version; is the writer newer?`);
    }
  }
  const n = map['n'];
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || n > MAX_FRAME_RECORDS) {
    throw undecodable(`its count is not a whole number from 0 to ${MAX_FRAME_RECORDS}`);
  }
  // The id column comes first: it holds four bytes a row, so that no count can ask for more memory than the message.
  const id = requiredStrings(map, 'id', n);
  const hasOriginal = map['originalAmount'] !== undefined;
  if (!hasOriginal) {
    checkAbsent(map, 'originalCurrency', 'originalAmount');
    checkAbsent(map, 'originalCurrencyIndex', 'originalAmount');
  }
  const frame: RecordFrame = {
    kind: 'records',
    count: n,
    source: requiredDictionary(map, 'source', 'sourceIndex', n),
    id,
    version: optionalNumbers(map, 'u32', 'version', n, 0),
    account: requiredDictionary(map, 'account', 'accountIndex', n),
    currency: requiredDictionary(map, 'currency', 'currencyIndex', n),
    recordKind: requiredNumbers(map, 'u8', 'recordKind', n),
    status: optionalNumbers(map, 'u8', 'status', n, 0),
    amount: requiredNumbers(map, 'f64', 'amount', n),
    fee: optionalNumbers(map, 'f64', 'fee', n, 0),
    tax: optionalNumbers(map, 'f64', 'tax', n, 0),
    time: requiredNumbers(map, 'f64', 'time', n),
    precision: optionalNumbers(map, 'u8', 'precision', n, 0),
    offsetMinutes: optionalNumbers(map, 'i16', 'offsetMinutes', n, 0),
    bookingDate: optionalNumbers(map, 'i32', 'bookingDate', n, NO_DAY),
    valueDate: optionalNumbers(map, 'i32', 'valueDate', n, NO_DAY),
    availableOn: optionalNumbers(map, 'i32', 'availableOn', n, NO_DAY),
    references: optionalPairs(map, 'references', n),
    attributes: optionalPairs(map, 'attributes', n),
    link: optionalStrings(map, 'link', n),
    originalAmount: optionalNumbers(map, 'f64', 'originalAmount', n, NaN),
    originalCurrency: hasOriginal
      ? requiredDictionary(map, 'originalCurrency', 'originalCurrencyIndex', n)
      : noCurrency(n),
    groupCount: optionalNumbers(map, 'f64', 'groupCount', n, NaN),
    groupTotal: optionalNumbers(map, 'f64', 'groupTotal', n, NaN),
  };
  checkCurrencies('currency', frame.currency);
  checkRange('recordKind', frame.recordKind, 0, RECORD_KINDS.length - 1);
  if (map['status'] !== undefined) checkRange('status', frame.status, 0, RECORD_STATUSES.length - 1);
  checkAmounts(frame);
  checkWhole('time', frame.time, -MAX_TIME, MAX_TIME);
  if (map['precision'] !== undefined) checkRange('precision', frame.precision, 0, PRECISION_DAY);
  if (map['offsetMinutes'] !== undefined) {
    checkRange('offsetMinutes', frame.offsetMinutes, MIN_OFFSET_MINUTES, MAX_OFFSET_MINUTES);
  }
  for (const name of ['bookingDate', 'valueDate', 'availableOn'] as const) {
    if (map[name] !== undefined) checkDays(name, frame[name]);
  }
  if (hasOriginal) checkOriginal(frame);
  if (map['groupCount'] !== undefined) checkWholeOrNone('groupCount', frame.groupCount, 0, 0xffff_ffff);
  if (map['groupTotal'] !== undefined) {
    checkWholeOrNone('groupTotal', frame.groupTotal, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }
  return frame;
}

/** A dictionary of one empty text, for frames without original amounts. */
function noCurrency(count: number): DictionaryColumn {
  return {
    values: { offsets: new Uint32Array(2), bytes: new Uint8Array(0) },
    index: new Uint16Array(count),
  };
}

function checkCurrencies(name: string, column: DictionaryColumn, blank = false): void {
  const { values } = column;
  for (let i = 0; i + 1 < values.offsets.length; i++) {
    const length = values.offsets[i + 1]! - values.offsets[i]!;
    if (blank && length === 0) continue;
    if (length !== 3 || !isKnownCurrency(stringAt(values, i))) {
      throw undecodable(`value ${i} of column ${name} is not a currency that this version knows`);
    }
  }
}

function checkAmounts(frame: RecordFrame): void {
  const { amount, fee, tax } = frame;
  for (let i = 0; i < amount.length; i++) {
    const [a, f, t] = [amount[i]!, fee[i]!, tax[i]!];
    if (
      !Number.isSafeInteger(a) ||
      !Number.isSafeInteger(f) ||
      !Number.isSafeInteger(t) ||
      !isNetSafe(a, f, t)
    ) {
      throw undecodable(`amount, fee, tax or net of row ${i} is not a whole number within ±(2^53 − 1)`);
    }
  }
}

function checkOriginal(frame: RecordFrame): void {
  const { originalAmount, originalCurrency } = frame;
  checkCurrencies('originalCurrency', originalCurrency, true);
  checkWholeOrNone('originalAmount', originalAmount, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < originalAmount.length; i++) {
    if (Number.isNaN(originalAmount[i]) !== (dictionaryAt(originalCurrency, i) === '')) {
      throw undecodable(`row ${i} has an original amount or its currency without the other`);
    }
  }
}

function checkRange(name: string, column: Uint8Array | Int16Array, least: number, most: number): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (value < least || value > most) {
      throw undecodable(`row ${i} of column ${name} is ${value}, outside ${least} to ${most}`);
    }
  }
}

function checkDays(name: string, column: Int32Array): void {
  for (let i = 0; i < column.length; i++) {
    const day = column[i]!;
    if ((day < MIN_DAY || day > MAX_DAY) && day !== NO_DAY) {
      throw undecodable(`row ${i} of column ${name} is day ${day}, outside the years 0000 to 9999`);
    }
  }
}

function checkWhole(name: string, column: Float64Array, least: number, most: number): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (!(value >= least && value <= most) || Math.floor(value) !== value) {
      throw undecodable(`row ${i} of column ${name} is not a whole number within its range`);
    }
  }
}

function checkWholeOrNone(name: string, column: Float64Array, least: number, most: number): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (value !== value) continue;
    if (!(value >= least && value <= most) || Math.floor(value) !== value) {
      throw undecodable(`row ${i} of column ${name} is not a whole number within its range`);
    }
  }
}
