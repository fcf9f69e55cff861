import type { KeyField, Rule } from '../domain/index.ts';
import { exponentOf, toleranceMinor } from '../domain/index.ts';
import type { BlobFields } from './blobs.ts';
import type { Interner } from './interner.ts';
import { addWord, mix32 } from './murmur3.ts';
import type { RowReader } from './row-reader.ts';

/** A rule ready to run. Account and currency are part of every key, so only the other fields are compared as texts. */
export class CompiledRule implements BlobFields {
  readonly name: string;
  readonly fields: readonly number[];
  readonly places: readonly number[];
  /** Whether the row looked at last has a key under this rule, and the key's hash. */
  hasKey = false;
  hash = 0;
  readonly #tolerance: Rule['tolerance']['amount'];
  /** By currency number, in minor units; absent until asked for. */
  readonly #tolerances: number[] = [];
  readonly #nullValues: NullValues;
  /** The rule names account, or currency, so that a null value there is a missing key. */
  readonly #namesAccount: boolean;
  readonly #namesCurrency: boolean;

  /** @param blobFields fields of the reconciliation's blobs, in their order */
  constructor(rule: Rule, blobFields: readonly number[], nullValues: NullValues, reader: RowReader) {
    this.name = rule.name;
    this.#tolerance = rule.tolerance.amount;
    this.#nullValues = nullValues;
    const numbers = new Set(comparedFields(rule).map((field) => reader.fieldNumber(field)));
    const places = [...numbers].map((number) => blobFields.indexOf(number)).sort((a, b) => a - b);
    this.places = places;
    this.fields = places.map((place) => blobFields[place]!);
    this.#namesAccount = rule.keys.includes('account');
    this.#namesCurrency = rule.keys.includes('currency');
  }

  /** Looks at the row's key: `hasKey` and `hash` are then the row's. */
  look(reader: RowReader): boolean {
    this.hasKey = false;
    if (this.#namesAccount && this.#nullValues.isNullAccount(reader)) return false;
    if (this.#namesCurrency && this.#nullValues.isNullCurrency(reader)) return false;
    let hash = addWord(reader.accounts.hash(reader.account), reader.currencies.hash(reader.currency));
    const { fields } = this;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      if (reader.fieldEnd[field] === reader.fieldStart[field]) return false;
      if (this.#nullValues.has(reader, field)) return false;
      hash = addWord(hash, reader.fieldHash[field]!);
    }
    this.hash = mix32(hash);
    this.hasKey = true;
    return true;
  }

  /** How far apart amounts of a currency may be, in minor units. */
  tolerance(currency: number, reader: RowReader): number {
    let tolerance = this.#tolerances[currency];
    if (tolerance === undefined) {
      tolerance = this.#resolve(reader.currencies.text(currency));
      this.#tolerances[currency] = tolerance;
    }
    return tolerance;
  }

  #resolve(currency: string): number {
    const given = this.#tolerance;
    const text = typeof given === 'object' ? given[currency] : given;
    return text === undefined ? 0 : toleranceMinor(text, exponentOf(currency));
  }
}

/** The fields of a rule's key that are compared as texts. */
export function comparedFields(rule: Rule): KeyField[] {
  return rule.keys.filter((field) => field !== 'account' && field !== 'currency');
}

/** The values that mean "none" in a reconciliation. */
export class NullValues {
  readonly #values: readonly Uint8Array[];
  /** Bit n: some value has n bytes, the last bit standing for 31 and more. */
  readonly #lengths: number;
  readonly #accounts: boolean[] = [];
  readonly #currencies: boolean[] = [];

  constructor(values: readonly string[]) {
    this.#values = values.map((value) => new TextEncoder().encode(value));
    this.#lengths = this.#values.reduce((bits, value) => bits | (1 << Math.min(value.length, 31)), 0);
  }

  /** Whether the row's account is one of them, or empty; remembered by its number. */
  isNullAccount(reader: RowReader): boolean {
    return (this.#accounts[reader.account] ??= this.#isNull(reader.accounts, reader.account));
  }

  /** Likewise its currency. */
  isNullCurrency(reader: RowReader): boolean {
    return (this.#currencies[reader.currency] ??= this.#isNull(reader.currencies, reader.currency));
  }

  /** Whether the row's text of a field is one of them. */
  has(reader: RowReader, field: number): boolean {
    const start = reader.fieldStart[field]!;
    const length = reader.fieldEnd[field]! - start;
    if ((this.#lengths & (1 << Math.min(length, 31))) === 0) return false;
    const bytes = reader.fieldBytes[field]!;
    for (const value of this.#values) {
      if (value.length !== length) continue;
      let i = 0;
      while (i < length && value[i] === bytes[start + i]) i++;
      if (i === length) return true;
    }
    return false;
  }

  #isNull(names: Interner, number: number): boolean {
    return names.text(number) === '' || this.#values.some((value) => names.equals(number, value));
  }
}
