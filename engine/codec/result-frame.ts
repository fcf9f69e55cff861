import { encode } from '@msgpack/msgpack';
import { decodeMap } from './decode-frame.ts';
import { undecodable } from './decode-columns.ts';
import { WIRE_VERSION } from './wire.ts';

/** What the engine announces of one round of results: rows of the tables as TabSeparated, as they were stored. */
export interface ResultFrame {
  readonly matches: Uint8Array;
  readonly breaks: Uint8Array;
  readonly findings: Uint8Array;
  readonly commands: Uint8Array;
}

/** A result frame as bytes. */
export function encodeResultFrame(frame: ResultFrame): Uint8Array {
  const { matches, breaks, findings, commands } = frame;
  return encode({ v: WIRE_VERSION, k: 'results', matches, breaks, findings, commands });
}

/**
 * Reads a result frame. Its blocks refer to `payload`'s memory; {@link decodeRows} reads them.
 * @throws CounterfoilError `undecodableFrame`
 */
export function decodeResultFrame(payload: Uint8Array): ResultFrame {
  const map = decodeMap(payload);
  if (map['k'] !== 'results') throw undecodable('it is no result frame');
  return {
    matches: block(map['matches']),
    breaks: block(map['breaks']),
    findings: block(map['findings']),
    commands: block(map['commands']),
  };
}

function block(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw undecodable('a block of rows is not binary');
}
