import type { Interner } from './interner.ts';
import type { RowReader } from './row-reader.ts';

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
