import type { DictionaryColumn, KeyField, RecordFrame } from '../domain/index.ts';
import { NO_DAY, PRECISION_DAY } from '../domain/index.ts';
import { Interner } from './interner.ts';
import { PlainFields } from './plain-fields.ts';
import { addWord, hash32, mix32, Murmur128 } from './murmur3.ts';
import { FIELD_SEED, PairFields } from './pair-fields.ts';
import { readUtf8 } from '../codec/index.ts';
import * as facts from './rare-facts.ts';
import { factsOf } from './frame-facts.ts';

const SEED = 0x63666f6c;

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

  /** Fingerprint of the row's identity, after {@link RowReader.fingerprint}. */
  readonly identity = new Murmur128();
  /** Likewise of all rows of the frame, four lanes each; 0 for rows of unknown sources. */
  identities: Int32Array = new Int32Array(0);
  /** Fingerprint of the row's content, after {@link RowReader.fingerprint}. */
  content = 0;
  /** Which rare facts the row has (rare-facts.ts), after {@link RowReader.fingerprint}. */
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
  /** Per source: its name padded to blocks of 16 bytes, hashed. */
  readonly #prefixes: { a: number; b: number; c: number; d: number; length: number }[] = [];
  #sourceOf = new Int32Array(16);
  #accountOf = new Int32Array(64);
  #currencyOf = new Int32Array(16);
  #originalCurrencyOf = new Int32Array(16);
  /** Which rare facts any row of the frame has. */
  #frameFacts = 0;
  #hasIdentities = false;
  #amountWords: Int32Array = new Int32Array(0);
  #timeWords: Int32Array = new Int32Array(0);

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
    this.#sourceOf = resolve(frame.source, this.#sourceOf, (bytes, start, end) =>
      this.sources.find(bytes, start, end),
    );
    this.#accountOf = resolve(frame.account, this.#accountOf, (bytes, start, end) =>
      this.accounts.intern(bytes, start, end),
    );
    const currency = (bytes: Uint8Array, start: number, end: number): number =>
      this.currencies.intern(bytes, start, end);
    this.#currencyOf = resolve(frame.currency, this.#currencyOf, currency);
    this.#originalCurrencyOf = resolve(frame.originalCurrency, this.#originalCurrencyOf, currency);
    this.#frameFacts = factsOf(frame);
    this.#hasIdentities = false;
    this.#amountWords = wordsOf(frame.amount);
    this.#timeWords = wordsOf(frame.time);
    this.references.bind(frame.references);
    this.attributes.bind(frame.attributes);
  }

  /** Moves to a row; its number, amounts and times are then in the fields of this object. */
  read(row: number): void {
    const frame = this.frame;
    this.row = row;
    this.source = this.#sourceOf[frame.source.index[row]!]!;
    this.account = this.#accountOf[frame.account.index[row]!]!;
    this.currency = this.#currencyOf[frame.currency.index[row]!]!;
    this.amount = frame.amount[row]!;
    this.time = frame.time[row]!;
    this.dayPrecise = frame.precision[row] === PRECISION_DAY;
    this.offsetMinutes = frame.offsetMinutes[row]!;
  }

  /** Computes `identity` and `content` of the row, and on the way the fields that are references. */
  fingerprint(): void {
    if (!this.#hasIdentities) this.#identify();
    const frame = this.frame;
    const { row, identity, identities } = this;
    identity.a = identities[row << 2]!;
    identity.b = identities[(row << 2) + 1]!;
    identity.c = identities[(row << 2) + 2]!;
    identity.d = identities[(row << 2) + 3]!;

    let hash = addWord(SEED, this.accounts.hash(this.account));
    hash = addWord(hash, this.currencies.hash(this.currency));
    hash = addWord(hash, frame.recordKind[row]! | (frame.status[row]! << 8) | (frame.precision[row]! << 16));
    hash = addWord(hash, this.#amountWords[row << 1]!);
    hash = addWord(hash, this.#amountWords[(row << 1) + 1]!);
    hash = addWord(hash, this.#timeWords[row << 1]!);
    hash = addWord(hash, this.#timeWords[(row << 1) + 1]!);
    hash = addWord(hash, this.references.read(row, this));
    this.content = mix32(this.#addRareContent(hash));
  }

  /** Reads the fields that are no references; the references are read with the fingerprint. */
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
    return this.#originalCurrencyOf[this.frame.originalCurrency.index[this.row]!]!;
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

  /** Computes the identities of all rows in one go. */
  #identify(): void {
    this.#hasIdentities = true;
    const { count, id, source } = this.frame;
    if (this.identities.length < count * 4) this.identities = new Int32Array(count * 8);
    const { identity, identities } = this;
    const { bytes, offsets } = id;
    for (let row = 0; row < count; row++) {
      const number = this.#sourceOf[source.index[row]!]!;
      if (number < 0) {
        identities.fill(0, row << 2, (row + 1) << 2);
        continue;
      }
      const prefix = this.#prefixes[number] ?? this.#prefixOf(number);
      identity.a = prefix.a;
      identity.b = prefix.b;
      identity.c = prefix.c;
      identity.d = prefix.d;
      identity.finish(bytes, offsets[row]!, offsets[row + 1]!, prefix.length);
      identities[row << 2] = identity.a;
      identities[(row << 2) + 1] = identity.b;
      identities[(row << 2) + 2] = identity.c;
      identities[(row << 2) + 3] = identity.d;
    }
  }

  /**
   * The content that most records have none of: what no row of the frame has is not even looked for. Each part is
   * tagged, so that a fee is not taken for a tax.
   */
  #addRareContent(hash: number): number {
    const any = this.#frameFacts;
    this.facts = 0;
    if (any === 0) return hash;
    const { frame, row } = this;
    let bits = 0;
    if ((any & facts.FEE) !== 0 && frame.fee[row] !== 0) {
      hash = addDouble(addWord(hash, 1), frame.fee[row]!);
      bits |= facts.FEE;
    }
    if ((any & facts.TAX) !== 0 && frame.tax[row] !== 0) {
      hash = addDouble(addWord(hash, 2), frame.tax[row]!);
      bits |= facts.TAX;
    }
    if ((any & facts.BOOKING_DATE) !== 0 && frame.bookingDate[row] !== NO_DAY) {
      hash = addWord(addWord(hash, 3), frame.bookingDate[row]!);
      bits |= facts.BOOKING_DATE;
    }
    if ((any & facts.VALUE_DATE) !== 0 && frame.valueDate[row] !== NO_DAY) {
      hash = addWord(addWord(hash, 4), frame.valueDate[row]!);
      bits |= facts.VALUE_DATE;
    }
    if ((any & facts.AVAILABLE_ON) !== 0 && frame.availableOn[row] !== NO_DAY) {
      hash = addWord(addWord(hash, 5), frame.availableOn[row]!);
      bits |= facts.AVAILABLE_ON;
    }
    if ((any & facts.LINK) !== 0) {
      const linkStart = frame.link.offsets[row]!;
      const linkEnd = frame.link.offsets[row + 1]!;
      if (linkEnd > linkStart) {
        hash = addWord(addWord(hash, 6), hash32(frame.link.bytes, linkStart, linkEnd, SEED));
        bits |= facts.LINK;
      }
    }
    if ((any & facts.ORIGINAL) !== 0 && !Number.isNaN(frame.originalAmount[row]!)) {
      hash = addDouble(addWord(hash, 7), frame.originalAmount[row]!);
      hash = addWord(hash, this.currencies.hash(this.originalCurrency));
      bits |= facts.ORIGINAL;
    }
    if ((any & facts.GROUP_COUNT) !== 0 && !Number.isNaN(frame.groupCount[row]!)) {
      hash = addDouble(addWord(hash, 8), frame.groupCount[row]!);
      bits |= facts.GROUP_COUNT;
    }
    if ((any & facts.GROUP_TOTAL) !== 0 && !Number.isNaN(frame.groupTotal[row]!)) {
      hash = addDouble(addWord(hash, 9), frame.groupTotal[row]!);
      bits |= facts.GROUP_TOTAL;
    }
    // The version is no content: an amendment without other content changes nothing.
    if ((any & facts.VERSION) !== 0 && frame.version[row] !== 0) bits |= facts.VERSION;
    this.facts = bits;
    return hash;
  }

  #prefixOf(source: number): { a: number; b: number; c: number; d: number; length: number } {
    const name = new TextEncoder().encode(this.sources.text(source));
    // The name's length comes first, so that no name and id together read like another name and id.
    const padded = new Uint8Array(Math.ceil((name.length + 1) / 16) * 16);
    padded[0] = name.length;
    padded.set(name, 1);
    const hash = new Murmur128();
    hash.seed(SEED);
    hash.blocks(padded, 0, padded.length);
    const prefix = { a: hash.a, b: hash.b, c: hash.c, d: hash.d, length: padded.length };
    this.#prefixes[source] = prefix;
    return prefix;
  }
}

const encoder = new TextEncoder();
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

function addDouble(hash: number, value: number): number {
  double[0] = value;
  return addWord(addWord(hash, doubleWords[0]!), doubleWords[1]!);
}

function wordsOf(column: Float64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.length * 2);
}

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
