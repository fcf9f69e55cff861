import { Arena } from './arena.ts';
import type { RowReader } from './row-reader.ts';

/**
 * The strings of unmatched records. A blob: account (4 bytes), source (2), currency (2), then the text of each field
 * that the reconciliation's rules name, in their order, then the id; each text after its length as a varint.
 */
const HEADER_BYTES = 8;

/** Below this many bytes a loop beats the call into native code. */
const SHORT = 40;

/** A rule's fields as the blobs of its reconciliation have them. */
export interface BlobFields {
  /** Field numbers of the reader, in ascending order of their place in the blob. */
  readonly fields: readonly number[];
  /** Place of each in the blob. */
  readonly places: readonly number[];
}

/** Writes, compares and reads blobs. */
export class Blobs {
  readonly arena: Arena;
  /** End of the text that `#textAt` found. */
  #textEnd = 0;

  constructor(arena: Arena = new Arena()) {
    this.arena = arena;
  }

  /** Keeps what the row at hand needs to be matched and shown later. */
  write(reader: RowReader, fields: readonly number[]): number {
    const { idBytes, idStart, idEnd } = reader;
    let length = HEADER_BYTES + textBytes(idEnd - idStart);
    for (const field of fields) length += textBytes(reader.fieldEnd[field]! - reader.fieldStart[field]!);
    const address = this.arena.allocate(length);
    const target = this.arena.bytesOf(address);
    let at = this.arena.startOf(address);
    const { account, source, currency } = reader;
    target[at] = account;
    target[at + 1] = account >>> 8;
    target[at + 2] = account >>> 16;
    target[at + 3] = account >>> 24;
    target[at + 4] = source;
    target[at + 5] = source >>> 8;
    target[at + 6] = currency;
    target[at + 7] = currency >>> 8;
    at += HEADER_BYTES;
    for (const field of fields) {
      at = writeText(
        target,
        at,
        reader.fieldBytes[field]!,
        reader.fieldStart[field]!,
        reader.fieldEnd[field]!,
      );
    }
    writeText(target, at, idBytes, idStart, idEnd);
    return address;
  }

  free(address: number): void {
    this.arena.free(address);
  }

  account(address: number): number {
    return word(this.arena.bytesOf(address), this.arena.startOf(address));
  }

  source(address: number): number {
    return this.#short(address, 4);
  }

  currency(address: number): number {
    return this.#short(address, 6);
  }

  /** Points `view` to the record's id, in a blob of `fieldCount` fields. */
  showId(
    address: number,
    fieldCount: number,
    view: { setId(bytes: Uint8Array, start: number, end: number): void },
  ): void {
    const bytes = this.arena.bytesOf(address);
    const start = this.#textAt(bytes, this.arena.startOf(address) + HEADER_BYTES, fieldCount);
    view.setId(bytes, start, this.#textEnd);
  }

  /** Whether the record has the row's account, currency and fields. */
  equalsRow(address: number, reader: RowReader, rule: BlobFields): boolean {
    const bytes = this.arena.bytesOf(address);
    let at = this.arena.startOf(address);
    if (word(bytes, at) !== reader.account) return false;
    if ((bytes[at + 6]! | (bytes[at + 7]! << 8)) !== reader.currency) return false;
    at += HEADER_BYTES;
    let place = 0;
    const { fields, places } = rule;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      const start = this.#textAt(bytes, at, places[i]! - place);
      at = this.#textEnd;
      place = places[i]! + 1;
      const other = reader.fieldStart[field]!;
      if (at - start !== reader.fieldEnd[field]! - other) return false;
      if (!sameBytes(bytes, start, at, reader.fieldBytes[field]!, other)) return false;
    }
    return true;
  }

  /** Whether two records of one reconciliation have the same account, currency and fields. */
  equals(address: number, other: number, rule: BlobFields): boolean {
    const bytes = this.arena.bytesOf(address);
    const otherBytes = this.arena.bytesOf(other);
    let at = this.arena.startOf(address);
    let otherAt = this.arena.startOf(other);
    if (word(bytes, at) !== word(otherBytes, otherAt)) return false;
    if (bytes[at + 6] !== otherBytes[otherAt + 6] || bytes[at + 7] !== otherBytes[otherAt + 7]) return false;
    at += HEADER_BYTES;
    otherAt += HEADER_BYTES;
    let place = 0;
    for (const wanted of rule.places) {
      const start = this.#textAt(bytes, at, wanted - place);
      at = this.#textEnd;
      const otherStart = this.#textAt(otherBytes, otherAt, wanted - place);
      otherAt = this.#textEnd;
      place = wanted + 1;
      if (at - start !== otherAt - otherStart) return false;
      if (!sameBytes(bytes, start, at, otherBytes, otherStart)) return false;
    }
    return true;
  }

  #short(address: number, offset: number): number {
    const bytes = this.arena.bytesOf(address);
    const at = this.arena.startOf(address) + offset;
    return bytes[at]! | (bytes[at + 1]! << 8);
  }

  /** Start of the text `skip` texts after the one at `at`; its end is left in `#textEnd`. */
  #textAt(bytes: Uint8Array, at: number, skip: number): number {
    for (;;) {
      let length = bytes[at++]!;
      if (length > 127) {
        length &= 127;
        for (let shift = 7; ; shift += 7) {
          const byte = bytes[at++]!;
          length |= (byte & 127) << shift;
          if (byte < 128) break;
        }
      }
      if (skip === 0) {
        this.#textEnd = at + length;
        return at;
      }
      at += length;
      skip--;
    }
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  others: Uint8Array,
  otherStart: number,
): boolean {
  for (let i = start, j = otherStart; i < end; i++, j++) if (bytes[i] !== others[j]) return false;
  return true;
}

function textBytes(length: number): number {
  let bytes = length + 1;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

function writeText(target: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  let length = end - start;
  for (; length > 127; length >>>= 7) target[at++] = (length & 127) | 128;
  target[at++] = length;
  if (end - start > SHORT) {
    target.set(bytes.subarray(start, end), at);
    return at + (end - start);
  }
  for (let i = start; i < end; i++) target[at++] = bytes[i]!;
  return at;
}
