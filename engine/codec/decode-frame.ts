import { decode } from '@msgpack/msgpack';
import { CounterfoilError } from '../domain/index.ts';
import type { Frame } from '../domain/index.ts';
import { isTime } from './check-record.ts';
import { undecodable } from './decode-columns.ts';
import { decodeRecords } from './decode-records.ts';
import { MAX_ENTRIES, flatMapFault } from './flat-map.ts';
import { LITTLE_ENDIAN, WIRE_VERSION } from './wire.ts';
import type { WireMap } from './wire.ts';

/**
 * Reads a message of the log, and checks all of it: column lengths, offsets, indexes, codes, amounts, times, dates,
 * UTF-8 of every text, known currencies. What it returns cannot lead later code astray. Bytes of any kind give a
 * frame or the error, in time and memory proportional to the message. The frame refers to `payload`'s memory: do not
 * change it while the frame is in use. JSON in rules, commands and findings is text here; its reader checks it.
 * @throws CounterfoilError `undecodableFrame`
 */
export function decodeFrame(payload: Uint8Array): Frame {
  const map = decodeMap(payload);
  const kind = map['k'];
  switch (kind) {
    case 'records':
      return decodeRecords(map);
    case 'tick':
      only(map, 2);
      return { kind };
    case 'progress':
      only(map, 'time' in map ? 4 : 3);
      return {
        kind,
        source: text(map, 'source'),
        ...('time' in map ? { time: time(map, 'time') } : {}),
      };
    case 'rules':
      only(map, 4);
      return { kind, json: text(map, 'json'), hash: text(map, 'hash') };
    case 'command':
    case 'finding':
    case 'balance':
      only(map, 3);
      return { kind, json: text(map, 'json') };
    default:
      throw undecodable(
        typeof kind === 'string'
          ? `its kind is ${JSON.stringify(kind.slice(0, 40))}, which this version does not know; is the writer newer?`
          : 'it states no kind',
      );
  }
}

/**
 * The flat map of a message of this version, whatever its kind.
 * @throws CounterfoilError `undecodableFrame`
 */
export function decodeMap(payload: Uint8Array): WireMap {
  if (!LITTLE_ENDIAN)
    throw new CounterfoilError('internal', 'this processor is big-endian; frames need a little-endian one');
  // A Buffer's slices would share its pool and behave differently: look at the same bytes as a plain array.
  const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  const fault = flatMapFault(bytes);
  if (fault !== undefined) throw undecodable(fault);
  let map: WireMap;
  try {
    map = decode(bytes, {
      maxArrayLength: 0,
      maxMapLength: MAX_ENTRIES,
      maxExtLength: 0,
      maxBinLength: bytes.length,
      maxStrLength: bytes.length,
    }) as WireMap;
  } catch (error) {
    throw undecodable(error instanceof Error ? error.message : String(error), error);
  }
  if (map['v'] !== WIRE_VERSION) {
    const found = map['v'];
    throw undecodable(
      typeof found === 'number'
        ? `its version is ${found} and this reader knows ${WIRE_VERSION}; is the writer newer?`
        : 'it states no version',
    );
  }
  return map;
}

function only(map: WireMap, entries: number): void {
  if (Object.keys(map).length !== entries) {
    throw undecodable(`a ${String(map['k'])} message has entries that this version does not know`);
  }
}

function text(map: WireMap, name: string): string {
  const value = map[name];
  if (typeof value === 'string') return value;
  throw undecodable(`entry ${name} of a ${String(map['k'])} message is not a text`);
}

function time(map: WireMap, name: string): number {
  const value = map[name];
  if (typeof value === 'number' && isTime(value)) return value;
  throw undecodable(`entry ${name} of a ${String(map['k'])} message is not whole epoch milliseconds`);
}
