import type { RecordFrame } from '../domain/index.ts';
import { NO_DAY } from '../domain/index.ts';
import { factsOf } from './frame-facts.ts';
import type { Interner } from './interner.ts';
import { addWord, hash32, mix32, Murmur128 } from './murmur3.ts';
import type { PairFields } from './pair-fields.ts';
import * as facts from './rare-facts.ts';

const SEED = 0x63666f6c;

/** The frame at hand, with the numbers of what its dictionaries hold. */
export interface NumberedFrame {
  readonly frame: RecordFrame;
  readonly accounts: Interner;
  readonly currencies: Interner;
  readonly sources: Interner;
  /** Already hashed. */
  readonly references: PairFields;
  /** By place in the frame's dictionary; of a source −1 where it is not known. */
  readonly sourceOf: Int32Array;
  readonly accountOf: Int32Array;
  readonly currencyOf: Int32Array;
  readonly originalCurrencyOf: Int32Array;
}

/** The fingerprints of all rows of a frame, which are computed in one go; those of rows of unknown sources say nothing. */
export class FrameHashes {
  /** Of identities, four lanes each. */
  identities: Int32Array = new Int32Array(0);
  /** Of contents. */
  contents: Int32Array = new Int32Array(0);
  /** Which rare facts (rare-facts.ts) a row has. */
  facts: Uint16Array = new Uint16Array(0);
  readonly #identity = new Murmur128();
  /** Per source: its name padded to blocks of 16 bytes, hashed. */
  readonly #prefixes: { a: number; b: number; c: number; d: number; length: number }[] = [];

  hash(numbered: NumberedFrame): void {
    const { count } = numbered.frame;
    if (this.contents.length < count) {
      this.identities = new Int32Array(count * 8);
      this.contents = new Int32Array(count * 2);
      this.facts = new Uint16Array(count * 2);
    }
    this.#identify(numbered);
    this.#hashContents(numbered);
  }

  /** The identity of a row; good until the next is asked for. */
  identity(row: number): Murmur128 {
    const { identities } = this;
    const identity = this.#identity;
    identity.a = identities[row << 2]!;
    identity.b = identities[(row << 2) + 1]!;
    identity.c = identities[(row << 2) + 2]!;
    identity.d = identities[(row << 2) + 3]!;
    return identity;
  }

  #identify({ frame, sources, sourceOf }: NumberedFrame): void {
    const { count, id, source } = frame;
    const identity = this.#identity;
    const { identities } = this;
    const { bytes, offsets } = id;
    for (let row = 0; row < count; row++) {
      const number = sourceOf[source.index[row]!]!;
      if (number < 0) continue;
      const prefix = this.#prefixes[number] ?? this.#prefixOf(sources, number);
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

  #hashContents(numbered: NumberedFrame): void {
    const { frame, accounts, accountOf, currencies, currencyOf, references } = numbered;
    const { account, currency, recordKind, status, precision } = frame;
    const amounts = wordsOf(frame.amount);
    const times = wordsOf(frame.time);
    const any = factsOf(frame);
    const { contents } = this;
    for (let row = 0; row < frame.count; row++) {
      let hash = addWord(SEED, accounts.hash(accountOf[account.index[row]!]!));
      hash = addWord(hash, currencies.hash(currencyOf[currency.index[row]!]!));
      hash = addWord(hash, recordKind[row]! | (status[row]! << 8) | (precision[row]! << 16));
      hash = addWord(hash, amounts[row << 1]!);
      hash = addWord(hash, amounts[(row << 1) + 1]!);
      hash = addWord(hash, times[row << 1]!);
      hash = addWord(hash, times[(row << 1) + 1]!);
      hash = addWord(hash, references.sums[row]!);
      contents[row] = mix32(this.#addRareContent(numbered, row, any, hash));
    }
  }

  /**
   * The content that most records have none of: what no row of the frame has is not even looked for. Each part is
   * tagged, so that a fee is not taken for a tax.
   * @param any the rare facts that any row of the frame has
   */
  #addRareContent(numbered: NumberedFrame, row: number, any: number, hash: number): number {
    this.facts[row] = 0;
    if (any === 0) return hash;
    const { frame } = numbered;
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
      const currency = numbered.originalCurrencyOf[frame.originalCurrency.index[row]!]!;
      hash = addWord(hash, numbered.currencies.hash(currency));
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
    this.facts[row] = bits;
    return hash;
  }

  #prefixOf(
    sources: Interner,
    source: number,
  ): { a: number; b: number; c: number; d: number; length: number } {
    const name = new TextEncoder().encode(sources.text(source));
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

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

function addDouble(hash: number, value: number): number {
  double[0] = value;
  return addWord(addWord(hash, doubleWords[0]!), doubleWords[1]!);
}

function wordsOf(column: Float64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.length * 2);
}
