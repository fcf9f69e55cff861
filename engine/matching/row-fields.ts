import type {
  DateField,
  FilterField,
  LocalDay,
  PairsColumn,
  RecordKind,
  TimePrecision,
} from '../domain/index.ts';
import {
  formatDay,
  localDayOf,
  NO_DAY,
  PRECISION_DAY,
  RECORD_KINDS,
  RECORD_STATUSES,
} from '../domain/index.ts';
import { dictionaryAt, stringAt } from '../codec/index.ts';
import type { KernelFields } from './kernel-fields.ts';
import { netText } from './plain-fields.ts';
import type { RowReader } from './row-reader.ts';

/** The row at hand for the rule language. Nothing is read before it is asked for. */
export class RowFields implements KernelFields {
  /** Set by whoever applies the row. */
  arrival = 0;
  readonly #reader: RowReader;

  constructor(reader: RowReader) {
    this.#reader = reader;
  }

  get amount(): number {
    return this.#reader.amount;
  }

  get fee(): number {
    return this.#reader.frame.fee[this.#reader.row]!;
  }

  get tax(): number {
    return this.#reader.frame.tax[this.#reader.row]!;
  }

  get currency(): string {
    return this.#reader.currencies.text(this.#reader.currency);
  }

  get kind(): RecordKind {
    return RECORD_KINDS[this.#reader.frame.recordKind[this.#reader.row]!]!;
  }

  get time(): number {
    return this.#reader.time;
  }

  get precision(): TimePrecision {
    return this.#reader.frame.precision[this.#reader.row] === PRECISION_DAY ? 'day' : 'instant';
  }

  get offsetMinutes(): number {
    return this.#reader.offsetMinutes;
  }

  get original(): { readonly amount: number; readonly currency: string } | undefined {
    const { frame, row } = this.#reader;
    const amount = frame.originalAmount[row]!;
    return Number.isNaN(amount) ? undefined : { amount, currency: dictionaryAt(frame.originalCurrency, row) };
  }

  get groupCount(): number | undefined {
    const count = this.#reader.frame.groupCount[this.#reader.row]!;
    return Number.isNaN(count) ? undefined : count;
  }

  get groupTotal(): number | undefined {
    const total = this.#reader.frame.groupTotal[this.#reader.row]!;
    return Number.isNaN(total) ? undefined : total;
  }

  get version(): number {
    return this.#reader.frame.version[this.#reader.row]!;
  }

  day(field: DateField): LocalDay | undefined {
    const { frame, row } = this.#reader;
    if (field === 'time') return localDayOf(frame.time[row]!, frame.offsetMinutes[row]!);
    const day = frame[field][row]!;
    return day === NO_DAY ? undefined : day;
  }

  text(field: FilterField): string {
    const reader = this.#reader;
    const { frame, row } = reader;
    switch (field) {
      case 'source':
        return reader.sources.text(reader.source);
      case 'id':
        return reader.id();
      case 'account':
        return reader.accounts.text(reader.account);
      case 'currency':
        return this.currency;
      case 'kind':
        return this.kind;
      case 'status':
        return RECORD_STATUSES[frame.status[row]!]!;
      case 'link':
        return stringAt(frame.link, row);
      case 'amount':
      case 'fee':
      case 'tax':
      case 'time':
        return String(frame[field][row]!);
      case 'net':
        return netText(frame.amount[row]!, frame.fee[row]!, frame.tax[row]!);
      case 'bookingDate':
      case 'valueDate':
      case 'availableOn': {
        const day = frame[field][row]!;
        return day === NO_DAY ? '' : formatDay(day);
      }
      default:
        return field.startsWith('references.')
          ? pairText(frame.references, row, field.slice(11))
          : pairText(frame.attributes, row, field.slice(11));
    }
  }
}

function pairText(column: PairsColumn, row: number, name: string): string {
  const { rows, names, values } = column;
  for (let pair = rows[row]!; pair < rows[row + 1]!; pair++) {
    if (dictionaryAt(names, pair) === name) return stringAt(values, pair);
  }
  return '';
}
