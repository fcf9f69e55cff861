import { FrameColumns } from '../../codec/index.ts';
import { NO_DAY, PRECISION_DAY, PRECISION_INSTANT, type RecordFrame } from '../../domain/index.ts';
import type { StoredFields, TakePair } from '../stored-fields.ts';

/** Gathers stored records into a frame as they lie there, byte by byte: no record and none of their texts is made. */
export class StoredFrame {
  readonly #columns: FrameColumns;
  readonly #takeId = {
    setId: (bytes: Uint8Array, start: number, end: number): void => {
      this.#columns.id.append(bytes, start, end);
    },
  };
  readonly #takePair: TakePair = (name, isAttribute, bytes, start, end) => {
    const { attributes, references } = this.#columns;
    (isAttribute ? attributes : references).append(name, bytes, start, end);
  };
  #count = 0;

  /** @param most records that it takes */
  constructor(most: number) {
    this.#columns = new FrameColumns(most);
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of its texts. */
  get textBytes(): number {
    return this.#columns.textBytes;
  }

  /** Appends a record. */
  add(record: StoredFields): void {
    const columns = this.#columns;
    const { fixed } = columns;
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
    columns.source.push(record.text('source'));
    columns.account.push(record.text('account'));
    columns.currency.push(record.currency);
    columns.originalCurrency.push(original?.currency ?? '');
    columns.link.push(record.text('link'));
    record.showId(this.#takeId);
    record.eachPair(this.#takePair);
    columns.references.endRow();
    columns.attributes.endRow();
  }

  /** The frame of the records added so far, in memory of its own; the next one begins. */
  build(): RecordFrame {
    const frame = this.#columns.build(this.#count);
    this.#columns.clear();
    this.#count = 0;
    return frame;
  }
}
