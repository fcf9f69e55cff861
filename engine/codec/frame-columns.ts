import type { RecordFrame } from '../domain/index.ts';
import { DictionaryBuilder, PairsBuilder, StringColumnBuilder } from './string-builder.ts';

/** The columns of a frame while rows are added to it, one after the other. Their memory is used again. */
export class FrameColumns {
  /** The columns of fixed width. */
  fixed: FixedColumns;
  readonly source = new DictionaryBuilder();
  readonly id = new StringColumnBuilder();
  readonly account = new DictionaryBuilder();
  readonly currency = new DictionaryBuilder();
  readonly references = new PairsBuilder();
  readonly attributes = new PairsBuilder();
  readonly link = new StringColumnBuilder();
  readonly originalCurrency = new DictionaryBuilder();

  /** @param capacity rows that the columns of fixed width have room for */
  constructor(capacity: number) {
    this.fixed = fixedColumns(capacity);
  }

  /** Makes room for more rows. */
  grow(capacity: number): void {
    const grown = fixedColumns(capacity);
    for (const name of Object.keys(grown) as (keyof FixedColumns)[]) grown[name].set(this.fixed[name]);
    this.fixed = grown;
  }

  /** Bytes of the texts, with what tells one from the other in columns that need it. */
  get textBytes(): number {
    return (
      this.source.byteLength +
      this.id.length +
      this.account.byteLength +
      this.currency.byteLength +
      this.references.byteLength +
      this.attributes.byteLength +
      this.link.length +
      this.originalCurrency.byteLength
    );
  }

  /** Distinct values of each dictionary, to go back to by {@link truncate}. */
  noteSizes(sizes: DictionarySizes): void {
    sizes.source = this.source.size;
    sizes.account = this.account.size;
    sizes.currency = this.currency.size;
    sizes.references = this.references.size;
    sizes.attributes = this.attributes.size;
    sizes.originalCurrency = this.originalCurrency.size;
  }

  /** Goes back to the first rows. @param sizes of the dictionaries when there were no others */
  truncate(count: number, sizes: Readonly<DictionarySizes>): void {
    this.id.truncate(count);
    this.link.truncate(count);
    this.source.truncate(count, sizes.source);
    this.account.truncate(count, sizes.account);
    this.currency.truncate(count, sizes.currency);
    this.references.truncate(count, sizes.references);
    this.attributes.truncate(count, sizes.attributes);
    this.originalCurrency.truncate(count, sizes.originalCurrency);
  }

  /** Forgets all rows, and keeps the memory. */
  clear(): void {
    this.truncate(0, NO_SIZES);
  }

  /** The frame of the first rows, in memory of its own. */
  build(count: number): RecordFrame {
    const { fixed } = this;
    return {
      kind: 'records',
      count,
      source: this.source.build(),
      id: this.id.build(),
      version: fixed.version.slice(0, count),
      account: this.account.build(),
      currency: this.currency.build(),
      recordKind: fixed.recordKind.slice(0, count),
      status: fixed.status.slice(0, count),
      amount: fixed.amount.slice(0, count),
      fee: fixed.fee.slice(0, count),
      tax: fixed.tax.slice(0, count),
      time: fixed.time.slice(0, count),
      precision: fixed.precision.slice(0, count),
      offsetMinutes: fixed.offsetMinutes.slice(0, count),
      bookingDate: fixed.bookingDate.slice(0, count),
      valueDate: fixed.valueDate.slice(0, count),
      availableOn: fixed.availableOn.slice(0, count),
      references: this.references.build(),
      attributes: this.attributes.build(),
      link: this.link.build(),
      originalAmount: fixed.originalAmount.slice(0, count),
      originalCurrency: this.originalCurrency.build(),
      groupCount: fixed.groupCount.slice(0, count),
      groupTotal: fixed.groupTotal.slice(0, count),
    };
  }
}

/** Distinct values of each dictionary of a frame. */
export interface DictionarySizes {
  source: number;
  account: number;
  currency: number;
  references: number;
  attributes: number;
  originalCurrency: number;
}

export const NO_SIZES: Readonly<DictionarySizes> = {
  source: 0,
  account: 0,
  currency: 0,
  references: 0,
  attributes: 0,
  originalCurrency: 0,
};

type FixedColumns = ReturnType<typeof fixedColumns>;

/** The columns of fixed width, with room for `capacity` rows. */
function fixedColumns(capacity: number) {
  return {
    version: new Uint32Array(capacity),
    recordKind: new Uint8Array(capacity),
    status: new Uint8Array(capacity),
    amount: new Float64Array(capacity),
    fee: new Float64Array(capacity),
    tax: new Float64Array(capacity),
    time: new Float64Array(capacity),
    precision: new Uint8Array(capacity),
    offsetMinutes: new Int16Array(capacity),
    bookingDate: new Int32Array(capacity),
    valueDate: new Int32Array(capacity),
    availableOn: new Int32Array(capacity),
    originalAmount: new Float64Array(capacity),
    groupCount: new Float64Array(capacity),
    groupTotal: new Float64Array(capacity),
  };
}
