import { NO_DAY, PRECISION_DAY, RECORD_KINDS, RECORD_STATUSES } from '../domain/index.ts';
import type {
  DictionaryColumn,
  MoneyRecord,
  PairsColumn,
  RecordFrame,
  StringColumn,
} from '../domain/index.ts';
import { readUtf8 } from './utf8.ts';

/** String `i` of a column. */
export function stringAt(column: StringColumn, i: number): string {
  return readUtf8(column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
}

/** The texts of dictionaries already read, so that a value is decoded once per frame. */
const texts = new WeakMap<StringColumn, (string | undefined)[]>();

/** The value of a dictionary column in a row; decoded once per frame. */
export function dictionaryAt(column: DictionaryColumn, row: number): string {
  const code = column.index[row]!;
  let known = texts.get(column.values);
  if (known === undefined) {
    known = [];
    texts.set(column.values, known);
  }
  return (known[code] ??= stringAt(column.values, code));
}

/** Row `row` of a frame as an object: for tests, dead letters and the edges, not for the hot path. */
export function readRecord(frame: RecordFrame, row: number): MoneyRecord {
  const version = frame.version[row]!;
  const link = stringAt(frame.link, row);
  const original = frame.originalAmount[row]!;
  const groupCount = frame.groupCount[row]!;
  const groupTotal = frame.groupTotal[row]!;
  return {
    source: dictionaryAt(frame.source, row),
    id: stringAt(frame.id, row),
    ...(version === 0 ? {} : { version }),
    account: dictionaryAt(frame.account, row),
    kind: RECORD_KINDS[frame.recordKind[row]!]!,
    status: RECORD_STATUSES[frame.status[row]!]!,
    currency: dictionaryAt(frame.currency, row),
    amount: BigInt(frame.amount[row]!),
    fee: BigInt(frame.fee[row]!),
    tax: BigInt(frame.tax[row]!),
    time: frame.time[row]!,
    precision: frame.precision[row] === PRECISION_DAY ? 'day' : 'instant',
    offsetMinutes: frame.offsetMinutes[row]!,
    ...day('bookingDate', frame.bookingDate[row]!),
    ...day('valueDate', frame.valueDate[row]!),
    ...day('availableOn', frame.availableOn[row]!),
    references: pairsAt(frame.references, row),
    ...(link === '' ? {} : { link }),
    ...(Number.isNaN(original)
      ? {}
      : { original: { amount: BigInt(original), currency: dictionaryAt(frame.originalCurrency, row) } }),
    ...(Number.isNaN(groupCount) ? {} : { groupCount }),
    ...(Number.isNaN(groupTotal) ? {} : { groupTotal: BigInt(groupTotal) }),
    attributes: pairsAt(frame.attributes, row),
  };
}

function day(
  name: 'bookingDate' | 'valueDate' | 'availableOn',
  value: number,
): { [field in typeof name]?: number } {
  return value === NO_DAY ? {} : { [name]: value };
}

function pairsAt(column: PairsColumn, row: number): { [name: string]: string } {
  const result: { [name: string]: string } = {};
  for (let i = column.rows[row]!; i < column.rows[row + 1]!; i++) {
    setOwn(result, dictionaryAt(column.names, i), stringAt(column.values, i));
  }
  return result;
}

/** Sets a property under any name: plain assignment to `__proto__` would change the prototype and lose the value. */
export function setOwn(target: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}
