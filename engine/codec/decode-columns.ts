import type { DictionaryColumn, PairsColumn, StringColumn } from '../domain/index.ts';
import { CounterfoilError } from '../domain/index.ts';
import { MAX_DICTIONARY } from './limits.ts';
import { stringAt } from './read-record.ts';
import { isUtf8Column } from './utf8.ts';
import type { WireMap } from './wire.ts';

interface NumberArrays {
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  i16: Int16Array;
  i32: Int32Array;
  f64: Float64Array;
}

const ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i16: Int16Array,
  i32: Int32Array,
  f64: Float64Array,
} as const;

export function undecodable(what: string, cause?: unknown): CounterfoilError {
  return new CounterfoilError(
    'undecodableFrame',
    `message cannot be read: ${what}; see what wrote it, it is kept as a dead letter`,
    cause === undefined ? undefined : { cause },
  );
}

/** The binary under `name`, or undefined if it is left out. */
function binary(map: WireMap, name: string): Uint8Array | undefined {
  const value = map[name];
  if (value === undefined || value instanceof Uint8Array) return value;
  throw undecodable(`column ${name} is not binary`);
}

/** A column of `count` numbers: on the message's bytes where they are aligned, else a copy. */
function view<T extends keyof NumberArrays>(
  type: T,
  name: string,
  bytes: Uint8Array,
  count: number,
): NumberArrays[T] {
  const NumberArray = ARRAYS[type];
  const width = NumberArray.BYTES_PER_ELEMENT;
  if (bytes.length !== count * width) {
    throw undecodable(`column ${name} has ${bytes.length} bytes, not ${count} × ${width}`);
  }
  if (bytes.byteOffset % width === 0) {
    return new NumberArray(bytes.buffer as ArrayBuffer, bytes.byteOffset, count) as NumberArrays[T];
  }
  const copy = new NumberArray(count);
  new Uint8Array(copy.buffer).set(bytes);
  return copy as NumberArrays[T];
}

/** A column of numbers that must be there. */
export function requiredNumbers<T extends keyof NumberArrays>(
  map: WireMap,
  type: T,
  name: string,
  count: number,
): NumberArrays[T] {
  const bytes = binary(map, name);
  if (bytes === undefined) throw undecodable(`column ${name} is missing`);
  return view(type, name, bytes, count);
}

/** A column of numbers that is left out where every row has `absent`. */
export function optionalNumbers<T extends keyof NumberArrays>(
  map: WireMap,
  type: T,
  name: string,
  count: number,
  absent: number,
): NumberArrays[T] {
  const bytes = binary(map, name);
  if (bytes !== undefined) return view(type, name, bytes, count);
  const column = new ARRAYS[type](count);
  return (absent === 0 ? column : column.fill(absent)) as NumberArrays[T];
}

/** A string column that must be there, of `count` strings, or of as many as it says itself. */
export function requiredStrings(map: WireMap, name: string, count?: number): StringColumn {
  const column = binary(map, name);
  if (column === undefined) throw undecodable(`column ${name} is missing`);
  if (column.length < 8) throw undecodable(`column ${name} is cut off`);
  const stated = new DataView(column.buffer, column.byteOffset).getUint32(0, true);
  if (count !== undefined && stated !== count) {
    throw undecodable(`column ${name} has ${stated} strings, not ${count}`);
  }
  const head = 4 * (stated + 2);
  if (head > column.length) throw undecodable(`column ${name} is cut off`);
  const offsets = view('u32', name, column.subarray(4, head), stated + 1);
  const bytes = column.subarray(head);
  checkAscending(name, offsets, bytes.length);
  if (!isUtf8Column(offsets, bytes)) throw undecodable(`column ${name} is not UTF-8`);
  return { offsets, bytes };
}

/** A string column that is left out where every string is empty. */
export function optionalStrings(map: WireMap, name: string, count: number): StringColumn {
  if (map[name] !== undefined) return requiredStrings(map, name, count);
  return { offsets: new Uint32Array(count + 1), bytes: new Uint8Array(0) };
}

/** A dictionary with `rows` rows that must be there. */
export function requiredDictionary(
  map: WireMap,
  name: string,
  indexName: string,
  rows: number,
): DictionaryColumn {
  const values = requiredStrings(map, name);
  const index = requiredNumbers(map, 'u16', indexName, rows);
  const size = values.offsets.length - 1;
  if (size > MAX_DICTIONARY) throw undecodable(`dictionary ${name} has ${size} values`);
  for (let i = 0; i < rows; i++) {
    if (index[i]! >= size) {
      throw undecodable(`row ${i} of dictionary ${name} names value ${index[i]!} of ${size}`);
    }
  }
  return { values, index };
}

/** Pairs of `count` rows; left out where no row has any. */
export function optionalPairs(map: WireMap, name: 'references' | 'attributes', count: number): PairsColumn {
  const present = map[`${name}Rows`] !== undefined;
  const rows = optionalNumbers(map, 'u32', `${name}Rows`, count + 1, 0);
  if (!present) {
    checkAbsent(map, `${name}Names`, `${name}Rows`);
    checkAbsent(map, `${name}NamesIndex`, `${name}Rows`);
    checkAbsent(map, `${name}Values`, `${name}Rows`);
    const none = { offsets: new Uint32Array(1), bytes: new Uint8Array(0) };
    return { rows, names: { values: none, index: new Uint16Array(0) }, values: none };
  }
  const pairs = rows[count]!;
  checkAscending(`${name}Rows`, rows, pairs);
  const values = requiredStrings(map, `${name}Values`, pairs);
  const names = requiredDictionary(map, `${name}Names`, `${name}NamesIndex`, pairs);
  checkDistinct(name, rows, names);
  return { rows, names, values };
}

/** A column that has no meaning without another one must not be passed over. */
export function checkAbsent(map: WireMap, name: string, without: string): void {
  if (map[name] !== undefined) throw undecodable(`column ${name} stands without ${without}`);
}

function checkAscending(name: string, offsets: Uint32Array, end: number): void {
  let last = 0;
  if (offsets[0] !== 0) throw undecodable(`offsets of column ${name} do not start at 0`);
  for (let i = 1; i < offsets.length; i++) {
    const offset = offsets[i]!;
    if (offset < last) throw undecodable(`offsets of column ${name} descend at ${i}`);
    last = offset;
  }
  if (last !== end) throw undecodable(`offsets of column ${name} end at ${last}, not ${end}`);
}

/** A name twice in one row would let two readers see two values. */
function checkDistinct(column: string, rows: Uint32Array, names: DictionaryColumn): void {
  const size = names.values.offsets.length - 1;
  const texts = new Set<string>();
  for (let i = 0; i < size; i++) {
    const text = stringAt(names.values, i);
    if (texts.has(text)) throw undecodable(`value ${i} of column ${column}Names repeats an earlier one`);
    texts.add(text);
  }
  const lastRow = new Uint32Array(size);
  for (let row = 1; row < rows.length; row++) {
    const end = rows[row]!;
    for (let i = rows[row - 1]!; i < end; i++) {
      const code = names.index[i]!;
      if (lastRow[code] === row) throw undecodable(`row ${row - 1} of ${column} has a name twice`);
      lastRow[code] = row;
    }
  }
}
