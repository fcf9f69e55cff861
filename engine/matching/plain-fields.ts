import type { KeyField, RecordFrame, StringColumn } from '../domain/index.ts';
import { formatDay, NO_DAY, RECORD_KINDS, RECORD_STATUSES } from '../domain/index.ts';
import { hash32 } from './murmur3.ts';
import { FIELD_SEED, type FieldTexts } from './pair-fields.ts';

type Reader = (frame: RecordFrame, row: number, texts: FieldTexts, field: number) => void;

interface Row {
  readonly row: number;
}

/** The fields of keys that are neither references nor attributes, as keyText of the domain writes them. */
export class PlainFields {
  /** By field number; undefined where the number is another kind of field. */
  readonly #readers: (Reader | undefined)[] = [];

  add(field: KeyField, number: number): void {
    this.#readers[number] = readerOf(field);
  }

  has(field: number): boolean {
    return this.#readers[field] !== undefined;
  }

  read(field: number, frame: RecordFrame, texts: FieldTexts & Row): void {
    this.#readers[field]!(frame, texts.row, texts, field);
  }
}

function readerOf(field: KeyField): Reader {
  switch (field) {
    case 'id':
    case 'link':
      return (frame, row, texts, number) => fromColumn(frame[field], row, texts, number);
    case 'account':
    case 'currency':
      return (frame, row, texts, number) =>
        fromColumn(frame[field].values, frame[field].index[row]!, texts, number);
    case 'kind':
      return fromCode(RECORD_KINDS, (frame, row) => frame.recordKind[row]!);
    case 'status':
      return fromCode(RECORD_STATUSES, (frame, row) => frame.status[row]!);
    case 'amount':
    case 'fee':
    case 'tax':
    case 'time':
      return fromText((frame, row) => String(frame[field][row]!));
    case 'net':
      return fromText((frame, row) => netText(frame.amount[row]!, frame.fee[row]!, frame.tax[row]!));
    case 'bookingDate':
    case 'valueDate':
    case 'availableOn':
      return fromText((frame, row) => {
        const day = frame[field][row]!;
        return day === NO_DAY ? '' : formatDay(day);
      });
    default:
      throw new RangeError(`${field} is not a plain field`);
  }
}

function fromColumn(column: StringColumn, i: number, texts: FieldTexts, field: number): void {
  set(texts, field, column.bytes, column.offsets[i]!, column.offsets[i + 1]!);
}

function fromCode(names: readonly string[], codeOf: (frame: RecordFrame, row: number) => number): Reader {
  const encoded = names.map((name) => new TextEncoder().encode(name));
  return (frame, row, texts, field) => {
    const name = encoded[codeOf(frame, row)]!;
    set(texts, field, name, 0, name.length);
  };
}

/** Numbers and dates, which are ASCII. They are rare in keys, so that the short string each makes does not matter. */
function fromText(textOf: (frame: RecordFrame, row: number) => string): Reader {
  const scratch = new Uint8Array(32);
  return (frame, row, texts, field) => {
    const text = textOf(frame, row);
    for (let i = 0; i < text.length; i++) scratch[i] = text.charCodeAt(i);
    set(texts, field, scratch, 0, text.length);
  };
}

/** amount − fee − tax, which may need more than 53 bits. */
export function netText(amount: number, fee: number, tax: number): string {
  const net = amount - fee - tax;
  const exact = Math.abs(amount) + Math.abs(fee) + Math.abs(tax) <= Number.MAX_SAFE_INTEGER;
  return exact ? String(net) : String(BigInt(amount) - BigInt(fee) - BigInt(tax));
}

function set(texts: FieldTexts, field: number, bytes: Uint8Array, start: number, end: number): void {
  texts.fieldBytes[field] = bytes;
  texts.fieldStart[field] = start;
  texts.fieldEnd[field] = end;
  texts.fieldHash[field] = hash32(bytes, start, end, FIELD_SEED);
}
