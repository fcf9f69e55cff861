import { keyText, localDayOf } from '../domain/index.ts';
import type {
  DateField,
  FilterField,
  LocalDay,
  MoneyRecord,
  RecordKind,
  TimePrecision,
} from '../domain/index.ts';

/**
 * A record as the rule language reads it. Amounts are whole minor units in doubles, which is how they are computed
 * with; a matcher may implement this over whatever it keeps of a record.
 */
export interface RecordFields {
  /**
   * The canonical text of a field: texts as they are, amounts as integer minor units, `time` as epoch milliseconds,
   * dates as 2026-11-22; empty where the record has none.
   */
  text(field: FilterField): string;
  readonly amount: number;
  readonly fee: number;
  readonly tax: number;
  readonly currency: string;
  readonly kind: RecordKind;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly precision: TimePrecision;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
  /** A date of the record; that of `time` is its local date. */
  day(field: DateField): LocalDay | undefined;
  readonly original?: { readonly amount: number; readonly currency: string } | undefined;
}

/** A record's fields for the rule language. */
export function fieldsOf(record: MoneyRecord): RecordFields {
  return new FieldsOfRecord(record);
}

class FieldsOfRecord implements RecordFields {
  readonly #record: MoneyRecord;
  readonly amount: number;
  readonly fee: number;
  readonly tax: number;
  readonly currency: string;
  readonly kind: RecordKind;
  readonly time: number;
  readonly precision: TimePrecision;
  readonly offsetMinutes: number;
  readonly original: { readonly amount: number; readonly currency: string } | undefined;

  constructor(record: MoneyRecord) {
    this.#record = record;
    this.amount = Number(record.amount);
    this.fee = Number(record.fee);
    this.tax = Number(record.tax);
    this.currency = record.currency;
    this.kind = record.kind;
    this.time = record.time;
    this.precision = record.precision;
    this.offsetMinutes = record.offsetMinutes;
    this.original = record.original && {
      amount: Number(record.original.amount),
      currency: record.original.currency,
    };
  }

  day(field: DateField): LocalDay | undefined {
    return field === 'time' ? localDayOf(this.time, this.offsetMinutes) : this.#record[field];
  }

  text(field: FilterField): string {
    return field === 'source' ? this.#record.source : keyText(this.#record, field);
  }
}
