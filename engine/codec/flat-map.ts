import { isUtf8 } from 'node:buffer';

/** The most entries that a message's map may have. */
export const MAX_ENTRIES = 64;

/**
 * Checks that `bytes` begin as one flat msgpack map with short text keys and with numbers, texts and binary as
 * values, each within the message, and nothing after it. A few steps per entry, no allocation: a map within a map
 * within a map would otherwise make the library build an object of a hundred bytes for each byte of the message.
 * @returns what is wrong, or undefined
 */
export function flatMapFault(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = bytes[0];
  let at = 1;
  let entries: number;
  if (head !== undefined && (head & 0xf0) === 0x80) {
    entries = head & 0x0f;
  } else if (head === 0xde && bytes.length >= 3) {
    entries = view.getUint16(1);
    at = 3;
  } else {
    return head === undefined ? 'it is empty' : `it starts with byte 0x${hex(head)}, not with a msgpack map`;
  }
  if (entries > MAX_ENTRIES) return `its map has ${entries} entries, more than ${MAX_ENTRIES}`;
  for (let i = 0; i < entries; i++) {
    const key = bytes[at];
    if (key === undefined) return `it is cut after ${i} of ${entries} entries`;
    if ((key & 0xe0) !== 0xa0) return `key ${i} of its map is not a short text`;
    at += 1 + (key & 0x1f);
    const end = valueEnd(bytes, view, at);
    if (typeof end === 'string') return `value ${i} of its map ${end}`;
    at = end;
  }
  return at === bytes.length ? undefined : `${bytes.length - at} bytes follow its map`;
}

/** Where the value at `at` ends, or what is wrong with it. */
function valueEnd(bytes: Uint8Array, view: DataView, at: number): number | string {
  const type = bytes[at];
  if (type === undefined) return 'is cut off';
  const left = bytes.length - at;
  if (type < 0x80 || type >= 0xe0) return at + 1;
  if ((type & 0xe0) === 0xa0) return textEnd(bytes, at + 1, type & 0x1f);
  const width = SCALARS.get(type);
  if (width !== undefined) return left > width ? at + 1 + width : 'is cut off';
  const header = HEADERS.get(type);
  if (header === undefined) return `has type 0x${hex(type)}; numbers, texts and binary are allowed`;
  if (left <= header) return 'is cut off';
  const length =
    header === 1 ? bytes[at + 1]! : header === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
  const start = at + 1 + header;
  if (length > bytes.length - start) return `is ${length} bytes long, more than the message holds`;
  return type >= 0xd9 ? textEnd(bytes, start, length) : start + length;
}

function textEnd(bytes: Uint8Array, start: number, length: number): number | string {
  if (length > bytes.length - start) return `is ${length} bytes long, more than the message holds`;
  if (!isUtf8(bytes.subarray(start, start + length))) return 'is text that is not UTF-8';
  return start + length;
}

/** Bytes after the type: float 64, and integers of 8 to 64 bits. */
const SCALARS: ReadonlyMap<number, number> = new Map([
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);

/** Bytes of the length after the type: binary and text of 8, 16 and 32 bits. */
const HEADERS: ReadonlyMap<number, number> = new Map([
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
]);

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
