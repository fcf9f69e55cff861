import { Buffer } from 'node:buffer';
import { Encoder } from '@msgpack/msgpack';
import { NO_DAY } from '../domain/index.ts';
import type { DictionaryColumn, Frame, PairsColumn, RecordFrame, StringColumn } from '../domain/index.ts';
import { WIRE_VERSION } from './wire.ts';
import type { WireMap } from './wire.ts';

/** Kept between calls, so that its buffer is not grown anew for each frame. */
const encoder = new Encoder({ maxDepth: 2, initialBufferSize: 65_536 });

type NumberColumn = Uint8Array | Uint16Array | Uint32Array | Int16Array | Int32Array | Float64Array;

/** A message of the log as bytes, in memory of its own; {@link decodeFrame} reads it back. */
export function encodeFrame(frame: Frame): Uint8Array {
  return encoder.encode(frame.kind === 'records' ? recordMap(frame) : smallMap(frame));
}

function smallMap(frame: Exclude<Frame, RecordFrame>): WireMap {
  switch (frame.kind) {
    case 'tick':
      return { v: WIRE_VERSION, k: 'tick' };
    case 'progress':
      return {
        v: WIRE_VERSION,
        k: 'progress',
        source: frame.source,
        ...(frame.time === undefined ? {} : { time: frame.time }),
      };
    case 'rules':
      return { v: WIRE_VERSION, k: 'rules', json: frame.json, hash: frame.hash };
    case 'command':
    case 'finding':
    case 'balance':
      return { v: WIRE_VERSION, k: frame.kind, json: frame.json };
  }
}

function recordMap(frame: RecordFrame): WireMap {
  const map: WireMap = { v: WIRE_VERSION, k: 'records', n: frame.count };
  dictionary(map, 'source', 'sourceIndex', frame.source);
  map['id'] = strings(frame.id);
  numbers(map, 'version', frame.version, 0);
  dictionary(map, 'account', 'accountIndex', frame.account);
  dictionary(map, 'currency', 'currencyIndex', frame.currency);
  map['recordKind'] = bytesOf(frame.recordKind);
  numbers(map, 'status', frame.status, 0);
  map['amount'] = bytesOf(frame.amount);
  numbers(map, 'fee', frame.fee, 0);
  numbers(map, 'tax', frame.tax, 0);
  map['time'] = bytesOf(frame.time);
  numbers(map, 'precision', frame.precision, 0);
  numbers(map, 'offsetMinutes', frame.offsetMinutes, 0);
  numbers(map, 'bookingDate', frame.bookingDate, NO_DAY);
  numbers(map, 'valueDate', frame.valueDate, NO_DAY);
  numbers(map, 'availableOn', frame.availableOn, NO_DAY);
  pairs(map, 'references', frame.references);
  pairs(map, 'attributes', frame.attributes);
  if (frame.link.bytes.length > 0) map['link'] = strings(frame.link);
  if (!isConstant(frame.originalAmount, NaN)) {
    map['originalAmount'] = bytesOf(frame.originalAmount);
    dictionary(map, 'originalCurrency', 'originalCurrencyIndex', frame.originalCurrency);
  }
  numbers(map, 'groupCount', frame.groupCount, NaN);
  numbers(map, 'groupTotal', frame.groupTotal, NaN);
  return map;
}

function numbers(map: WireMap, name: string, column: NumberColumn, absent: number): void {
  if (!isConstant(column, absent)) map[name] = bytesOf(column);
}

/** Whether every entry is `value`: the first is, and the column moved by one entry equals itself. */
function isConstant(column: NumberColumn, value: number): boolean {
  if (column.length === 0) return true;
  if (!Object.is(column[0], value)) return false;
  const bytes = bytesOf(column);
  const width = column.BYTES_PER_ELEMENT;
  return Buffer.compare(bytes.subarray(width), bytes.subarray(0, -width)) === 0;
}

function dictionary(map: WireMap, values: string, index: string, column: DictionaryColumn): void {
  map[values] = strings(column.values);
  map[index] = bytesOf(column.index);
}

function pairs(map: WireMap, name: string, column: PairsColumn): void {
  if (column.names.index.length === 0) return;
  map[`${name}Rows`] = bytesOf(column.rows);
  dictionary(map, `${name}Names`, `${name}NamesIndex`, column.names);
  map[`${name}Values`] = strings(column.values);
}

/** Number of strings, offsets, bytes. */
function strings(column: StringColumn): Uint8Array {
  const { offsets, bytes } = column;
  const head = new Uint32Array(offsets.length + 1);
  head[0] = offsets.length - 1;
  head.set(offsets, 1);
  const result = new Uint8Array(head.byteLength + bytes.length);
  result.set(bytesOf(head));
  result.set(bytes, head.byteLength);
  return result;
}

function bytesOf(column: NumberColumn): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
