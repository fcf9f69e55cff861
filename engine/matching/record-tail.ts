import type { RecordFrame } from '../domain/index.ts';
import {
  AVAILABLE_ON,
  BOOKING_DATE,
  FEE,
  GROUP_COUNT,
  GROUP_TOTAL,
  LINK,
  ORIGINAL,
  TAX,
  VALUE_DATE,
  VERSION,
} from './rare-facts.ts';
import type { RowReader } from './row-reader.ts';

/**
 * The end of a stored record, where there is anything to say: the rare facts (two bytes of bits, then each in the
 * order of its bit), then the references and attributes that are not among its key texts (their count, then of each
 * its name's number · 2 + 1 for an attribute, and its value). Numbers are varints.
 */
export class TailWriter {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;

  /** Writes the row's rare facts. */
  facts(reader: RowReader): void {
    const { frame, row, facts } = reader;
    this.#reserve(2);
    this.bytes[this.length++] = facts;
    this.bytes[this.length++] = facts >>> 8;
    if ((facts & FEE) !== 0) this.#signed(frame.fee[row]!);
    if ((facts & TAX) !== 0) this.#signed(frame.tax[row]!);
    if ((facts & BOOKING_DATE) !== 0) this.#signed(frame.bookingDate[row]!);
    if ((facts & VALUE_DATE) !== 0) this.#signed(frame.valueDate[row]!);
    if ((facts & AVAILABLE_ON) !== 0) this.#signed(frame.availableOn[row]!);
    if ((facts & LINK) !== 0)
      this.#text(frame.link.bytes, frame.link.offsets[row]!, frame.link.offsets[row + 1]!);
    if ((facts & ORIGINAL) !== 0) {
      this.#unsigned(reader.originalCurrency);
      this.#signed(frame.originalAmount[row]!);
    }
    if ((facts & GROUP_COUNT) !== 0) this.#signed(frame.groupCount[row]!);
    if ((facts & GROUP_TOTAL) !== 0) this.#signed(frame.groupTotal[row]!);
    if ((facts & VERSION) !== 0) this.#signed(frame.version[row]!);
  }

  /** Writes `count` pairs of the row: those whose field is not among the key texts. @param kept by field number */
  pairs(reader: RowReader, kept: Uint8Array, count: number): void {
    this.#unsigned(count);
    for (const attribute of [0, 1]) {
      const { column, fieldOf, numberOf } = attribute === 0 ? reader.references : reader.attributes;
      const { rows, names, values } = column;
      for (let pair = rows[reader.row]!; pair < rows[reader.row + 1]!; pair++) {
        const code = names.index[pair]!;
        if (isKept(fieldOf[code]!, kept)) continue;
        this.#unsigned(numberOf[code]! * 2 + attribute);
        this.#text(values.bytes, values.offsets[pair]!, values.offsets[pair + 1]!);
      }
    }
  }

  #text(bytes: Uint8Array, start: number, end: number): void {
    this.#unsigned(end - start);
    this.#reserve(end - start);
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  #unsigned(value: number): void {
    this.#reserve(5);
    for (; value > 127; value >>>= 7) this.bytes[this.length++] = (value & 127) | 128;
    this.bytes[this.length++] = value;
  }

  /** Whole numbers within ±2^53: six bits and the sign in the first byte, seven bits in each further one. */
  #signed(value: number): void {
    this.#reserve(9);
    let rest = Math.abs(value);
    let byte = (value < 0 ? 64 : 0) | (rest & 63);
    if (rest < 2 ** 31) {
      // As most: shifts do.
      for (let short = rest >>> 6; short > 0; short >>>= 7) {
        this.bytes[this.length++] = byte | 128;
        byte = short & 127;
      }
      this.bytes[this.length++] = byte;
      return;
    }
    rest = Math.floor(rest / 64);
    while (rest > 0) {
      this.bytes[this.length++] = byte | 128;
      byte = rest & 127;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = new Uint8Array((this.length + bytes) * 2);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** How many of the row's references and attributes are not among the key texts. @param kept by field number */
export function pairsBeside(reader: RowReader, kept: Uint8Array): number {
  return countBeside(reader.references, reader.row, kept) + countBeside(reader.attributes, reader.row, kept);
}

function countBeside(
  pairs: { column: RecordFrame['references']; fieldOf: Int32Array },
  row: number,
  kept: Uint8Array,
): number {
  const { rows, names } = pairs.column;
  let count = 0;
  for (let pair = rows[row]!; pair < rows[row + 1]!; pair++) {
    if (!isKept(pairs.fieldOf[names.index[pair]!]!, kept)) count++;
  }
  return count;
}

function isKept(field: number, kept: Uint8Array): boolean {
  return field >= 0 && field < kept.length && kept[field] === 1;
}

/** Reads what {@link TailWriter} wrote, in the same order. */
export class TailReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const first = this.bytes[this.at++]!;
    let value = first & 63;
    let unit = 64;
    for (let byte = first; byte > 127; unit *= 128) {
      byte = this.bytes[this.at++]!;
      value += (byte & 127) * unit;
    }
    return (first & 64) === 0 ? value : -value;
  }

  /** Moves over a text; it starts at `at` − the length returned. */
  skipText(): number {
    const length = this.unsigned();
    this.at += length;
    return length;
  }
}
