import type { PairsColumn } from '../domain/index.ts';
import type { Interner } from './interner.ts';
import { addWord, hash32, mix32 } from './murmur3.ts';

/** Seed of every hash of a field's text, so that a value is hashed once for all its uses. */
export const FIELD_SEED = 0x6b657973;

/** Where a row's field texts are written to: see RowReader. */
export interface FieldTexts {
  readonly fieldBytes: Uint8Array[];
  readonly fieldStart: number[];
  readonly fieldEnd: number[];
  readonly fieldHash: number[];
}

/** The fields of keys that are references, or attributes: found by name among a row's pairs. */
export class PairFields {
  readonly #fields: { readonly name: Uint8Array; readonly field: number }[] = [];
  column!: PairsColumn;
  /** Per name of the frame's dictionary: the field it is, or −1. */
  fieldOf: Int32Array<ArrayBuffer> = new Int32Array(16);
  /** Likewise its number among all names. */
  numberOf: Int32Array<ArrayBuffer> = new Int32Array(16);
  /** Likewise its hash. */
  #nameHash = new Int32Array(16);
  /** By row, after {@link PairFields.hashAll}: a hash of all its pairs, whatever their order. */
  sums: Int32Array = new Int32Array(0);
  /** By pair: the hash of its value. */
  #valueHash: Int32Array = new Int32Array(0);
  readonly #names: Interner;

  /** @param names numbers the names of all pairs */
  constructor(names: Interner) {
    this.#names = names;
  }

  /** Whether a key names any. */
  get any(): boolean {
    return this.#fields.length > 0;
  }

  add(name: string, field: number): void {
    this.#fields.push({ name: new TextEncoder().encode(name), field });
  }

  bind(column: PairsColumn): void {
    this.column = column;
    const { bytes, offsets } = column.names.values;
    const count = offsets.length - 1;
    if (count > this.fieldOf.length) {
      this.#nameHash = new Int32Array(count * 2);
      this.fieldOf = new Int32Array(count * 2);
      this.numberOf = new Int32Array(count * 2);
    }
    for (let code = 0; code < count; code++) {
      const start = offsets[code]!;
      const end = offsets[code + 1]!;
      this.#nameHash[code] = hash32(bytes, start, end, FIELD_SEED);
      this.numberOf[code] = this.#names.intern(bytes, start, end);
      this.fieldOf[code] = -1;
      for (const { name, field } of this.#fields) {
        if (equal(name, bytes, start, end)) this.fieldOf[code] = field;
      }
    }
  }

  /** Hashes the pairs of the first `count` rows, which are to be all. */
  hashAll(count: number): void {
    const { rows, names, values } = this.column;
    const { bytes, offsets } = values;
    const pairs = rows[count]!;
    if (this.sums.length < count) this.sums = new Int32Array(count * 2);
    if (this.#valueHash.length < pairs) this.#valueHash = new Int32Array(pairs * 2);
    const { sums } = this;
    const nameHash = this.#nameHash;
    const valueHash = this.#valueHash;
    let pair = rows[0]!;
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (const end = rows[row + 1]!; pair < end; pair++) {
        const hash = hash32(bytes, offsets[pair]!, offsets[pair + 1]!, FIELD_SEED);
        valueHash[pair] = hash;
        sum = (sum + mix32(addWord(nameHash[names.index[pair]!]!, hash))) | 0;
      }
      sums[row] = sum;
    }
  }

  /** Writes the row's texts of all these fields, after {@link PairFields.hashAll}. */
  read(row: number, texts: FieldTexts): void {
    const { rows, names, values } = this.column;
    for (const { field } of this.#fields) texts.fieldStart[field] = texts.fieldEnd[field] = 0;
    const last = rows[row + 1]!;
    for (let pair = rows[row]!; pair < last; pair++) {
      const field = this.fieldOf[names.index[pair]!]!;
      if (field < 0) continue;
      texts.fieldBytes[field] = values.bytes;
      texts.fieldStart[field] = values.offsets[pair]!;
      texts.fieldEnd[field] = values.offsets[pair + 1]!;
      texts.fieldHash[field] = this.#valueHash[pair]!;
    }
  }
}

function equal(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
