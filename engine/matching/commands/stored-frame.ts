import { DictionaryBuilder, fixedColumns, PairsBuilder, StringColumnBuilder } from '../../codec/index.ts';
import { NO_DAY, PRECISION_DAY, PRECISION_INSTANT, type RecordFrame } from '../../domain/index.ts';
import type { StoredFields, TakePair } from '../stored-fields.ts';

/** Gathers stored records into a frame as they lie there, byte by byte: no record and none of their texts is made. */
export class StoredFrame {
  readonly #fixed: ReturnType<typeof fixedColumns>;
  readonly #source = new DictionaryBuilder();
  readonly #id = new StringColumnBuilder();
  readonly #account = new DictionaryBuilder();
  readonly #currency = new DictionaryBuilder();
  readonly #references = new PairsBuilder();
  readonly #attributes = new PairsBuilder();
  readonly #link = new StringColumnBuilder();
  readonly #originalCurrency = new DictionaryBuilder();
  readonly #takeId = {
    setId: (bytes: Uint8Array, start: number, end: number): void => this.#id.append(bytes, start, end),
  };
  readonly #takePair: TakePair = (name, isAttribute, bytes, start, end) => {
    (isAttribute ? this.#attributes : this.#references).append(name, bytes, start, end);
  };
  #count = 0;

  /** @param most records that it takes */
  constructor(most: number) {
    this.#fixed = fixedColumns(most);
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of its texts. */
  get textBytes(): number {
    return this.#id.length + this.#link.length + this.#references.byteLength + this.#attributes.byteLength;
  }

  /** Appends a record. */
  add(record: StoredFields): void {
    const fixed = this.#fixed;
    const row = this.#count++;
    const { form, original } = record;
    fixed.version[row] = record.version;
    fixed.recordKind[row] = form & 15;
    fixed.status[row] = form >>> 4;
    fixed.amount[row] = record.amount;
    fixed.fee[row] = record.fee;
    fixed.tax[row] = record.tax;
    fixed.time[row] = record.time;
    fixed.precision[row] = record.precision === 'day' ? PRECISION_DAY : PRECISION_INSTANT;
    fixed.offsetMinutes[row] = record.offsetMinutes;
    fixed.bookingDate[row] = record.day('bookingDate') ?? NO_DAY;
    fixed.valueDate[row] = record.day('valueDate') ?? NO_DAY;
    fixed.availableOn[row] = record.day('availableOn') ?? NO_DAY;
    fixed.originalAmount[row] = original === undefined ? Number.NaN : original.amount;
    fixed.groupCount[row] = record.groupCount ?? Number.NaN;
    fixed.groupTotal[row] = record.groupTotal ?? Number.NaN;
    this.#source.push(record.text('source'));
    this.#account.push(record.text('account'));
    this.#currency.push(record.currency);
    this.#originalCurrency.push(original?.currency ?? '');
    this.#link.push(record.text('link'));
    record.showId(this.#takeId);
    record.eachPair(this.#takePair);
    this.#references.endRow();
    this.#attributes.endRow();
  }

  /** The frame of the records added so far, in memory of its own; the next one begins. */
  build(): RecordFrame {
    const count = this.#count;
    const fixed = this.#fixed;
    const frame: RecordFrame = {
      kind: 'records',
      count,
      source: this.#source.build(),
      id: this.#id.build(),
      version: fixed.version.slice(0, count),
      account: this.#account.build(),
      currency: this.#currency.build(),
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
      references: this.#references.build(),
      attributes: this.#attributes.build(),
      link: this.#link.build(),
      originalAmount: fixed.originalAmount.slice(0, count),
      originalCurrency: this.#originalCurrency.build(),
      groupCount: fixed.groupCount.slice(0, count),
      groupTotal: fixed.groupTotal.slice(0, count),
    };
    this.#reset();
    return frame;
  }

  #reset(): void {
    this.#count = 0;
    this.#id.truncate(0);
    this.#link.truncate(0);
    for (const column of [this.#source, this.#account, this.#currency, this.#originalCurrency])
      column.truncate(0, 0);
    this.#references.truncate(0, 0);
    this.#attributes.truncate(0, 0);
  }
}
