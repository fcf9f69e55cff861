import { Arena } from './arena.ts';
import { pairsBeside, TailWriter } from './record-tail.ts';
import type { RowReader } from './row-reader.ts';

/**
 * Unmatched records, whole, but for what their entries hold. A blob: account (4 bytes), source (2), currency (2), one
 * byte of kind, status and what follows; then the key texts of its lane, in their order, then the id, each text after
 * its length as a varint; then, where there is any, the tail (record-tail.ts).
 */
export const HEADER_BYTES = 9;
const FORM = 8;
/** Bits of the form byte, above four of kind and two of status. */
export const HAS_FACTS = 64;
export const HAS_PAIRS = 128;

/** Below this many bytes a loop beats the call into native code. */
const SHORT = 40;

/** What the blobs of one lane hold as key texts: the same places on both sides of a reconciliation. */
export interface BlobLayout {
  /** The reader's field numbers, by place. */
  readonly fields: readonly number[];
  /** By field number: 1 for a reference or attribute that is a key text as it is, and so not kept twice. */
  readonly kept: Uint8Array;
}

/** A rule's key as the blobs of its reconciliation have it. */
export interface BlobKey {
  /** Places of its texts, ascending. */
  readonly places: readonly number[];
  /** Field numbers of the reader, in the order of `places`, by side. */
  readonly fields: readonly [readonly number[], readonly number[]];
  /** Whether the key's currency is simply that of the record; otherwise whoever compares keys compares it. */
  readonly comparesCurrency: boolean;
}

/** Writes, compares and reads blobs. */
export class Blobs {
  readonly arena: Arena;
  readonly #tail = new TailWriter();
  /** End of the text that {@link Blobs.textAt} found. */
  textEnd = 0;

  constructor(arena: Arena = new Arena()) {
    this.arena = arena;
  }

  /** Keeps the row at hand. */
  write(reader: RowReader, layout: BlobLayout): number {
    const { idBytes, idStart, idEnd } = reader;
    const { fields, kept } = layout;
    let length = HEADER_BYTES + textBytes(idEnd - idStart);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      length += textBytes(reader.fieldEnd[field]! - reader.fieldStart[field]!);
    }
    const pairs = pairsBeside(reader, kept);
    const hasTail = reader.facts !== 0 || pairs > 0;
    if (hasTail) {
      this.#writeTail(reader, kept, pairs);
      length += this.#tail.length;
    }
    const address = this.arena.allocate(length);
    const target = this.arena.bytesOf(address);
    let at = this.arena.startOf(address);
    const { account, source, currency, frame, row } = reader;
    target[at] = account;
    target[at + 1] = account >>> 8;
    target[at + 2] = account >>> 16;
    target[at + 3] = account >>> 24;
    target[at + 4] = source;
    target[at + 5] = source >>> 8;
    target[at + 6] = currency;
    target[at + 7] = currency >>> 8;
    target[at + FORM] =
      frame.recordKind[row]! |
      (frame.status[row]! << 4) |
      (reader.facts === 0 ? 0 : HAS_FACTS) |
      (pairs === 0 ? 0 : HAS_PAIRS);
    at += HEADER_BYTES;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      at = writeText(
        target,
        at,
        reader.fieldBytes[field]!,
        reader.fieldStart[field]!,
        reader.fieldEnd[field]!,
      );
    }
    at = writeText(target, at, idBytes, idStart, idEnd);
    if (hasTail) {
      const { bytes, length: tail } = this.#tail;
      for (let i = 0; i < tail; i++) target[at++] = bytes[i]!;
    }
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

  /** Kind in four bits, status in two, HAS_FACTS, HAS_PAIRS. */
  form(address: number): number {
    return this.arena.bytesOf(address)[this.arena.startOf(address) + FORM]!;
  }

  /** Points `view` to the record's id, in a blob of `fieldCount` key texts. */
  showId(
    address: number,
    fieldCount: number,
    view: { setId(bytes: Uint8Array, start: number, end: number): void },
  ): void {
    const bytes = this.arena.bytesOf(address);
    const start = this.textAt(bytes, this.arena.startOf(address) + HEADER_BYTES, fieldCount);
    view.setId(bytes, start, this.textEnd);
  }

  /** Whether the record has the account, currency and texts of the row's key. @param side the row's */
  equalsRow(address: number, reader: RowReader, key: BlobKey, side: number): boolean {
    const bytes = this.arena.bytesOf(address);
    let at = this.arena.startOf(address);
    if (word(bytes, at) !== reader.account) return false;
    if (key.comparesCurrency && (bytes[at + 6]! | (bytes[at + 7]! << 8)) !== reader.currency) return false;
    at += HEADER_BYTES;
    let place = 0;
    const { places } = key;
    const fields = key.fields[side === 0 ? 0 : 1];
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      const start = this.textAt(bytes, at, places[i]! - place);
      at = this.textEnd;
      place = places[i]! + 1;
      const other = reader.fieldStart[field]!;
      if (at - start !== reader.fieldEnd[field]! - other) return false;
      if (!sameBytes(bytes, start, at, reader.fieldBytes[field]!, other)) return false;
    }
    return true;
  }

  /** Whether two records of one reconciliation have the same account, currency and texts of a key. */
  equals(address: number, other: number, key: BlobKey): boolean {
    const bytes = this.arena.bytesOf(address);
    const otherBytes = this.arena.bytesOf(other);
    let at = this.arena.startOf(address);
    let otherAt = this.arena.startOf(other);
    if (word(bytes, at) !== word(otherBytes, otherAt)) return false;
    if (
      key.comparesCurrency &&
      (bytes[at + 6] !== otherBytes[otherAt + 6] || bytes[at + 7] !== otherBytes[otherAt + 7])
    )
      return false;
    at += HEADER_BYTES;
    otherAt += HEADER_BYTES;
    let place = 0;
    for (const wanted of key.places) {
      const start = this.textAt(bytes, at, wanted - place);
      at = this.textEnd;
      const otherStart = this.textAt(otherBytes, otherAt, wanted - place);
      otherAt = this.textEnd;
      place = wanted + 1;
      if (at - start !== otherAt - otherStart) return false;
      if (!sameBytes(bytes, start, at, otherBytes, otherStart)) return false;
    }
    return true;
  }

  /** Start of the text `skip` texts after the one at `at`; its end is left in `textEnd`. */
  textAt(bytes: Uint8Array, at: number, skip: number): number {
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
        this.textEnd = at + length;
        return at;
      }
      at += length;
      skip--;
    }
  }

  #writeTail(reader: RowReader, kept: Uint8Array, pairs: number): void {
    this.#tail.length = 0;
    if (reader.facts !== 0) this.#tail.facts(reader);
    if (pairs > 0) this.#tail.pairs(reader, kept, pairs);
  }

  #short(address: number, offset: number): number {
    const bytes = this.arena.bytesOf(address);
    const at = this.arena.startOf(address) + offset;
    return bytes[at]! | (bytes[at + 1]! << 8);
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
