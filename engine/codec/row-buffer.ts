import { Buffer } from 'node:buffer';
import { CounterfoilError } from '../domain/index.ts';
import {
  DATE_BYTES,
  INTEGER_BYTES,
  NEWLINE,
  QUOTE,
  TAB,
  TIME_BYTES,
  countEscapes,
  escapeInPlace,
  putDate,
  putInteger,
  putNone,
  putTime,
} from './put.ts';
import { writeUtf8 } from './utf8.ts';

/** The most bytes of rows that may wait in one buffer. */
const MAX_BYTES = 1_073_741_824;
/** Fewer bytes than this are copied rather than given away with their memory. */
const MIN_GIVEN = 16_384;

/**
 * Rows in ClickHouse's TabSeparated, as bytes. Its memory is kept over {@link take} and {@link reset}. Values are
 * written one after the other with {@link tab} between them; {@link endRow} ends a row.
 */
export class RowBuffer {
  #bytes: Buffer;
  #length = 0;
  #rows = 0;

  /** @param capacity bytes to begin with; the buffer grows to 1 GiB at most */
  constructor(capacity = 65_536) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(capacity, 256));
  }

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** Rows ended. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * The rows in memory of their own, which may be transferred to another thread; the buffer is empty afterwards. The
   * memory itself is given away where it is well filled, since copying rows costs as much as writing them.
   */
  take(): Uint8Array<ArrayBuffer> {
    const filled = this.#length;
    if (filled < MIN_GIVEN || filled < this.#bytes.length / 2) {
      const rows = new Uint8Array(this.#bytes.subarray(0, filled));
      this.reset();
      return rows;
    }
    const { buffer, byteOffset } = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.ceil(filled * 1.25)));
    this.reset();
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, filled);
  }

  /** Empties the buffer. */
  reset(): void {
    this.#length = 0;
    this.#rows = 0;
  }

  tab(): void {
    this.byte(TAB);
  }

  endRow(): void {
    this.byte(NEWLINE);
    this.#rows++;
  }

  /** One byte as it is. */
  byte(value: number): void {
    this.reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** NULL. */
  none(): void {
    this.reserve(2);
    this.#length = putNone(this.#bytes, this.#length);
  }

  /**
   * An integer within ±(2^53 − 1).
   * @throws CounterfoilError `internal` for anything else: one such value would spoil a whole insert
   */
  integer(value: number): void {
    this.reserve(INTEGER_BYTES);
    this.#length = putInteger(this.#bytes, this.#length, value);
  }

  /** Text, escaped; lone surrogates become U+FFFD. */
  text(value: string): void {
    const start = this.#length;
    this.reserve(value.length * 3);
    this.#length = writeUtf8(value, this.#bytes, start);
    const escapes = countEscapes(this.#bytes, start, this.#length);
    if (escapes === 0) return;
    this.reserve(escapes);
    this.#length = escapeInPlace(this.#bytes, start, this.#length, escapes);
  }

  /** Text inside an array or map: quoted and escaped. */
  quoted(value: string): void {
    this.byte(QUOTE);
    this.text(value);
    this.byte(QUOTE);
  }

  /** Epoch milliseconds as `2026-11-22 14:05:00.000`, moved into what DateTime64 holds: 1900 to 2299. */
  time(value: number): void {
    this.reserve(TIME_BYTES);
    this.#length = putTime(this.#bytes, this.#length, value);
  }

  /** Days since 1970-01-01 as `2026-11-22`, moved into what Date32 holds: 1900 to 2299. */
  date(day: number): void {
    this.reserve(DATE_BYTES);
    this.#length = putDate(this.#bytes, this.#length, day);
  }

  /**
   * The memory behind the buffer with room for `bytes` more at {@link length}, for a writer that puts a whole row at
   * once and then says {@link rowPut}. Valid until the next call that writes.
   */
  reserve(bytes: number): Buffer {
    if (this.#length + bytes > this.#bytes.length) this.#grow(this.#length + bytes);
    return this.#bytes;
  }

  /** A row was put into {@link reserve}d memory and ends before `end`. */
  rowPut(end: number): void {
    this.#length = end;
    this.#rows++;
  }

  #grow(needed: number): void {
    if (needed > MAX_BYTES) {
      throw new CounterfoilError(
        'internal',
        'more than 1 GiB of rows wait in one buffer; take them more often',
      );
    }
    const grown = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
