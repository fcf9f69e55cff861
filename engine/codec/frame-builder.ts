import { CounterfoilError, NO_DAY, PRECISION_DAY, PRECISION_INSTANT } from '../domain/index.ts';
import type { MoneyRecord, RecordFrame } from '../domain/index.ts';
import { amountOf, checkRecord, isNetSafe, kindCode, outOfRange, statusCode } from './check-record.ts';
import { FrameColumns, NO_SIZES } from './frame-columns.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_RECORDS, MAX_FRAME_BYTES, MAX_FRAME_RECORDS } from './limits.ts';
import type { PairsBuilder } from './string-builder.ts';

/** Names, lengths and counts of all columns: never more than this. */
const HEADER_BYTES = 1024;

/** What the columns of fixed width take for one row: 4 of 4 bytes, 7 of 8 bytes, 3 of 1, 1 of 2, 2 string offsets. */
const ROW_BYTES = 4 * 4 + 7 * 8 + 3 + 2 + 2 * 4;

/** Rows that there is room for at first. */
const FIRST_ROWS = 64;

/**
 * Gathers records into the columns of a frame. Its memory is kept over {@link reset}; a built frame has memory of
 * its own.
 */
export class RecordFrameBuilder {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  readonly #columns = new FrameColumns(FIRST_ROWS);
  /** Sizes of the dictionaries before the record at hand, to go back to when it does not fit. */
  readonly #sizes = { ...NO_SIZES };
  #capacity = FIRST_ROWS;
  #count = 0;

  /**
   * @param limits `maxRecords` 1 to 65536 (default 512); `maxBytes` of the encoded frame, to 64 MiB (default 512 KiB)
   * @throws CounterfoilError `invalidConfig`
   */
  constructor(limits: { readonly maxRecords?: number; readonly maxBytes?: number } = {}) {
    this.#maxRecords = limit('maxRecords', limits.maxRecords ?? DEFAULT_MAX_RECORDS, 1, MAX_FRAME_RECORDS);
    this.#maxBytes = limit('maxBytes', limits.maxBytes ?? DEFAULT_MAX_BYTES, 2048, MAX_FRAME_BYTES);
  }

  /** Records added since the last reset. */
  get count(): number {
    return this.#count;
  }

  /** The most that the frame takes when encoded. */
  get bytes(): number {
    return HEADER_BYTES + this.#count * ROW_BYTES + this.#columns.textBytes;
  }

  /**
   * Appends a record. An absent version and version 0 are the same; so are an absent link and an empty one.
   * @returns false, and appends nothing, when the frame is full: build it, reset, and add the record again
   * @throws CounterfoilError `payloadTooLarge` when the record alone exceeds the byte limit, `amountOutOfRange` (also
   *   for amount − fee − tax), `unknownCurrency`, `invalidTime`, `invalidField`; nothing is appended then
   */
  add(record: MoneyRecord): boolean {
    if (this.#count === this.#maxRecords) return false;
    checkRecord(record);
    if (this.#count === this.#capacity) this.#grow();
    this.#setFixed(record);
    this.#columns.noteSizes(this.#sizes);
    if (this.#appendTexts(record)) {
      this.#count++;
      if (this.bytes <= this.#maxBytes) return true;
      this.#count--;
    }
    this.#columns.truncate(this.#count, this.#sizes);
    if (this.#count > 0) return false;
    throw new CounterfoilError(
      'payloadTooLarge',
      `record ${JSON.stringify(record.id.slice(0, 80))} alone is larger than a frame of ${this.#maxBytes} bytes; shorten its texts or its attributes`,
    );
  }

  /** The frame of the records added so far, in memory of its own. */
  build(): RecordFrame {
    return this.#columns.build(this.#count);
  }

  /** Empties the builder and keeps its memory. */
  reset(): void {
    this.#count = 0;
    this.#columns.clear();
  }

  #setFixed(record: MoneyRecord): void {
    const { fixed } = this.#columns;
    const row = this.#count;
    const amount = amountOf(record, 'amount', record.amount);
    const fee = amountOf(record, 'fee', record.fee);
    const tax = amountOf(record, 'tax', record.tax);
    if (!isNetSafe(amount, fee, tax)) {
      throw outOfRange(record, 'net', record.amount - record.fee - record.tax);
    }
    fixed.version[row] = record.version ?? 0;
    fixed.recordKind[row] = kindCode(record);
    fixed.status[row] = statusCode(record);
    fixed.amount[row] = amount;
    fixed.fee[row] = fee;
    fixed.tax[row] = tax;
    fixed.time[row] = record.time;
    fixed.precision[row] = record.precision === 'day' ? PRECISION_DAY : PRECISION_INSTANT;
    fixed.offsetMinutes[row] = record.offsetMinutes;
    fixed.bookingDate[row] = record.bookingDate ?? NO_DAY;
    fixed.valueDate[row] = record.valueDate ?? NO_DAY;
    fixed.availableOn[row] = record.availableOn ?? NO_DAY;
    fixed.originalAmount[row] =
      record.original === undefined ? NaN : amountOf(record, 'original amount', record.original.amount);
    fixed.groupCount[row] = record.groupCount ?? NaN;
    fixed.groupTotal[row] =
      record.groupTotal === undefined ? NaN : amountOf(record, 'groupTotal', record.groupTotal);
  }

  /** @returns false when a text or a dictionary is beyond its limit; what was appended is then to be truncated */
  #appendTexts(record: MoneyRecord): boolean {
    const link = record.link ?? '';
    const longest = Math.max(record.id.length, link.length, record.source.length, record.account.length);
    if (longest > this.#maxBytes) return false;
    const columns = this.#columns;
    columns.id.push(record.id);
    columns.link.push(link);
    return (
      columns.source.push(record.source) &&
      columns.account.push(record.account) &&
      columns.currency.push(record.currency) &&
      columns.originalCurrency.push(record.original?.currency ?? '') &&
      this.#appendPairs(columns.references, record.references) &&
      this.#appendPairs(columns.attributes, record.attributes)
    );
  }

  #appendPairs(column: PairsBuilder, pairs: Readonly<{ [name: string]: string }>): boolean {
    for (const name of Object.keys(pairs)) {
      const value = pairs[name]!;
      if (column.byteLength + name.length + value.length > this.#maxBytes || !column.push(name, value)) {
        return false;
      }
    }
    column.endRow();
    return true;
  }

  #grow(): void {
    this.#capacity = Math.min(this.#capacity * 2, this.#maxRecords);
    this.#columns.grow(this.#capacity);
  }
}

function limit(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CounterfoilError(
    'invalidConfig',
    `${name} of a frame is ${value}; use a whole number from ${least} to ${most}`,
  );
}
