import type { DictionaryColumn, KeyField, RecordFrame } from '../domain/index.ts';
import { PRECISION_DAY } from '../domain/index.ts';
import { FrameHashes } from './frame-hashes.ts';
import { Interner } from './interner.ts';
import { PlainFields } from './plain-fields.ts';
import { hash32 } from './murmur3.ts';
import { FIELD_SEED, PairFields } from './pair-fields.ts';
import { readUtf8 } from '../codec/index.ts';

/**
 * Reads the rows of record frames without making objects or strings: the fingerprints that tell duplicates, and the
 * bytes of every field that a rule's key names. One row at a time is at hand; numbers stand for accounts, currencies
 * and sources.
 */
export class RowReader {
  readonly accounts = new Interner();
  readonly currencies = new Interner();
  /** Names of configured sources, of now and before. */
  readonly sources = new Interner();
  /** Names of references and attributes. */
  readonly names = new Interner();

  /** Fingerprints of the rows of the frame, after {@link RowReader.hashAll}. */
  readonly hashes = new FrameHashes();
  /** Which rare facts the row has (rare-facts.ts), after {@link RowReader.readReferences}. */
  facts = 0;

  row = 0;
  source = 0;
  account = 0;
  currency = 0;
  amount = 0;
  time = 0;
  dayPrecise = false;
  offsetMinutes = 0;

  /** Per field: where the row's canonical text lies, and its hash. Empty text where the field is absent. */
  readonly fieldBytes: Uint8Array[] = [];
  readonly fieldStart: number[] = [];
  readonly fieldEnd: number[] = [];
  readonly fieldHash: number[] = [];

  /** The frame of the row at hand. */
  frame!: RecordFrame;
  readonly references = new PairFields(this.names);
  readonly attributes = new PairFields(this.names);
  readonly #fieldNumbers = new Map<string, number>();
  readonly #plain = new PlainFields();
  sourceOf: Int32Array<ArrayBuffer> = new Int32Array(16);
  accountOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  currencyOf: Int32Array<ArrayBuffer> = new Int32Array(16);
  originalCurrencyOf: Int32Array<ArrayBuffer> = new Int32Array(16);
  #isHashed = false;

  /** The number under which a field's bytes are found; given on first use. */
  fieldNumber(field: KeyField): number {
    const known = this.#fieldNumbers.get(field);
    if (known !== undefined) return known;
    const number = this.#nextField(field);
    if (field.startsWith('references.')) this.references.add(field.slice(11), number);
    else if (field.startsWith('attributes.')) this.attributes.add(field.slice(11), number);
    else this.#plain.add(field, number);
    return number;
  }

  /**
   * The number of a text that is computed from the row and set by {@link RowReader.setField}.
   * @param what tells what is computed: equal numbers for equal texts
   */
  computedField(what: string): number {
    const name = `= ${what}`;
    return this.#fieldNumbers.get(name) ?? this.#nextField(name);
  }

  /** Sets the row's text of a computed field. */
  setField(field: number, text: string): void {
    let bytes = this.fieldBytes[field]!;
    // Three bytes at most for each UTF-16 unit.
    if (bytes.length < text.length * 3) {
      bytes = new Uint8Array(text.length * 4 + 32);
      this.fieldBytes[field] = bytes;
    }
    const { written } = encoder.encodeInto(text, bytes);
    this.fieldStart[field] = 0;
    this.fieldEnd[field] = written;
    this.fieldHash[field] = hash32(bytes, 0, written, FIELD_SEED);
  }

  /** Makes rows of `frame` readable. */
  bind(frame: RecordFrame): void {
    this.frame = frame;
    this.sourceOf = resolve(frame.source, this.sourceOf, (bytes, start, end) =>
      this.sources.find(bytes, start, end),
    );
    this.accountOf = resolve(frame.account, this.accountOf, (bytes, start, end) =>
      this.accounts.intern(bytes, start, end),
    );
    const currency = (bytes: Uint8Array, start: number, end: number): number =>
      this.currencies.intern(bytes, start, end);
    this.currencyOf = resolve(frame.currency, this.currencyOf, currency);
    this.originalCurrencyOf = resolve(frame.originalCurrency, this.originalCurrencyOf, currency);
    this.#isHashed = false;
    this.references.bind(frame.references);
    this.attributes.bind(frame.attributes);
  }

  /** Moves to a row; its number, amounts and times are then in the fields of this object. */
  read(row: number): void {
    const frame = this.frame;
    this.row = row;
    this.source = this.sourceOf[frame.source.index[row]!]!;
    this.account = this.accountOf[frame.account.index[row]!]!;
    this.currency = this.currencyOf[frame.currency.index[row]!]!;
    this.amount = frame.amount[row]!;
    this.time = frame.time[row]!;
    this.dayPrecise = frame.precision[row] === PRECISION_DAY;
    this.offsetMinutes = frame.offsetMinutes[row]!;
  }

  /** Computes the fingerprints of all rows, and hashes their references. */
  hashAll(): void {
    this.#isHashed = true;
    this.references.hashAll(this.frame.count);
    if (this.attributes.any) this.attributes.hashAll(this.frame.count);
    this.hashes.hash(this);
  }

  /** The number of the source of a row, or −1 where that is not known. */
  sourceAt(row: number): number {
    return this.sourceOf[this.frame.source.index[row]!]!;
  }

  /** Reads the fields of the row that are references, and which rare facts it has. */
  readReferences(): void {
    if (!this.#isHashed) this.hashAll();
    const { row } = this;
    this.facts = this.hashes.facts[row]!;
    this.references.read(row, this);
  }

  /** Reads the fields that are no references; the references are read by {@link RowReader.readReferences}. */
  readFields(plain: readonly number[]): void {
    for (const field of plain) this.#plain.read(field, this.frame, this);
    if (this.attributes.any) this.attributes.read(this.row, this);
  }

  /** Whether a field's text is read by {@link RowReader.readFields} from its list. */
  isPlain(field: number): boolean {
    return this.#plain.has(field);
  }

  get idBytes(): Uint8Array {
    return this.frame.id.bytes;
  }

  get idStart(): number {
    return this.frame.id.offsets[this.row]!;
  }

  get idEnd(): number {
    return this.frame.id.offsets[this.row + 1]!;
  }

  /** The row's id as text. */
  id(): string {
    return readUtf8(this.idBytes, this.idStart, this.idEnd);
  }

  /** Number of the currency of the row's original amount; only where it has one. */
  get originalCurrency(): number {
    return this.originalCurrencyOf[this.frame.originalCurrency.index[this.row]!]!;
  }

  #nextField(name: string): number {
    const number = this.#fieldNumbers.size;
    this.#fieldNumbers.set(name, number);
    this.fieldBytes.push(new Uint8Array(0));
    this.fieldStart.push(0);
    this.fieldEnd.push(0);
    this.fieldHash.push(0);
    return number;
  }
}

const encoder = new TextEncoder();
/** The number of each value of a dictionary, in `numbers` or a larger array. */
function resolve(
  column: DictionaryColumn,
  numbers: Int32Array<ArrayBuffer>,
  numberOf: (bytes: Uint8Array, start: number, end: number) => number,
): Int32Array<ArrayBuffer> {
  const { bytes, offsets } = column.values;
  const count = offsets.length - 1;
  if (count > numbers.length) numbers = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) numbers[i] = numberOf(bytes, offsets[i]!, offsets[i + 1]!);
  return numbers;
}
