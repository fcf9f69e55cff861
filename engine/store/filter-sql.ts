import type { Condition, Filter, FilterField } from '../domain/index.ts';
import type { Parameters } from './connection.ts';

const MONEY: ReadonlySet<FilterField> = new Set(['amount', 'fee', 'tax', 'net']);
const DAYS: { readonly [field: string]: string } = {
  bookingDate: 'booking_date',
  valueDate: 'value_date',
  availableOn: 'available_on',
};
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/;
/** Decimals are compared as whole numbers of this many places. */
const PLACES = 9;
const OPERATORS = [
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
] as const;

/**
 * Filters of rules as conditions on the table `records`, for sums that the database makes. They mean what the rules'
 * own filters mean; values become parameters, collected in {@link params}.
 */
export class FilterSql {
  readonly params: Parameters = {};
  #count = 0;

  /** A place for a value. */
  place(type: string, value: Parameters[string]): string {
    const name = `f${this.#count++}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }

  /** A condition that holds for the records that a filter means. */
  condition(filter: Filter | undefined): string {
    const parts = (filter ?? []).flatMap((condition) => this.#parts(condition));
    return parts.length === 0 ? '1' : `(${parts.join(' AND ')})`;
  }

  #parts(condition: Condition): string[] {
    const { field } = condition;
    const text = this.#text(field);
    const parts: string[] = [];
    if (condition.exists !== undefined) parts.push(`(${text} ${condition.exists ? '!=' : '='} '')`);
    if (condition.in !== undefined) parts.push(this.#among(field, text, condition.in));
    if (condition.notIn !== undefined) parts.push(`NOT ${this.#among(field, text, condition.notIn)}`);
    for (const [name, operator] of OPERATORS) {
      const bound = condition[name];
      if (bound !== undefined) parts.push(this.#compare(field, text, operator, bound));
    }
    return parts;
  }

  /** The text of a field as keys write it. */
  #text(field: FilterField): string {
    switch (field) {
      case 'source':
      case 'id':
      case 'account':
      case 'currency':
      case 'kind':
      case 'status':
      case 'link':
        return `toString(${field})`;
      case 'amount':
      case 'fee':
      case 'tax':
      case 'net':
        return `toString(${field})`;
      case 'time':
        return 'toString(toUnixTimestamp64Milli(time))';
      case 'bookingDate':
      case 'valueDate':
      case 'availableOn':
        return `ifNull(toString(${DAYS[field]!}), '')`;
      default: {
        const map = field.startsWith('references.') ? '`references`' : '`attributes`';
        return `${map}[${this.place('String', field.slice(11))}]`;
      }
    }
  }

  #among(field: FilterField, text: string, values: readonly string[]): string {
    if (!MONEY.has(field)) return `(${text} != '' AND ${text} IN ${this.place('Array(String)', values)})`;
    const amounts = values.filter((value) => DECIMAL.test(value));
    if (amounts.length === 0) return '(0)';
    return `(${amounts.map((value) => this.#compare(field, text, '=', value)).join(' OR ')})`;
  }

  #compare(field: FilterField, text: string, operator: string, bound: string): string {
    if (ISO_DATE.test(bound)) {
      if (MONEY.has(field)) return '(0)';
      const day = this.place('String', bound);
      if (field === 'time')
        return `(toString(toDate32(addMinutes(time, offset_minutes))) ${operator} ${day})`;
      return `(match(${text}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') AND ${text} ${operator} ${day})`;
    }
    if (!DECIMAL.test(bound)) return '(0)';
    const whole = `toInt128(${this.place('String', scaled(bound).toString())})`;
    if (MONEY.has(field)) return `(toInt128(${field}) * ${minorUnit()} ${operator} ${whole})`;
    const isDecimal = `match(${text}, '^-?[0-9]{1,18}([.][0-9]{1,${PLACES}})?$')`;
    const value = `toInt128(toDecimal128OrZero(${text}, ${PLACES}) * toDecimal128(1000000000, 0))`;
    return `(${isDecimal} AND ${value} ${operator} ${whole})`;
  }
}

/** A decimal times 10^PLACES. */
function scaled(decimal: string): bigint {
  const [whole, fraction = ''] = decimal.replace('-', '').split('.');
  const digits = BigInt(whole! + fraction.padEnd(PLACES, '0'));
  return decimal.startsWith('-') ? -digits : digits;
}

/** What one minor unit of the row's currency is worth in steps of 10^−PLACES. */
function minorUnit(): string {
  return `toInt128(pow(10, ${PLACES} - exponent))`;
}
