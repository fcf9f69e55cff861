import { exponentOf, localDayOf, parseDay } from '../domain/index.ts';
import type { Condition, Filter, FilterField, LocalDay } from '../domain/index.ts';
import type { Decimal } from './decimal.ts';
import { compareDecimals, floorDivide, parseDecimal, power10, toNumber } from './decimal.ts';
import type { RecordFields } from './record-fields.ts';

type Test = (record: RecordFields) => boolean;

/** The fields that hold money: their conditions are written in major units. */
export const MONEY_FIELDS: readonly FilterField[] = ['amount', 'fee', 'tax', 'net'];

/** The fields that hold dates without a time. */
export const DAY_FIELDS: readonly FilterField[] = ['bookingDate', 'valueDate', 'availableOn'];

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a record is meant by a filter: all of its conditions hold. Everything is meant where there is none. */
export function compileFilter(filter: Filter | undefined): Test {
  if (filter === undefined || filter.length === 0) return () => true;
  const tests = filter.map((condition) => compileCondition(condition));
  if (tests.length === 1) return tests[0]!;
  return (record) => {
    for (const test of tests) if (!test(record)) return false;
    return true;
  };
}

function compileCondition(condition: Condition): Test {
  const { field } = condition;
  const tests: Test[] = [];
  const isMoney = MONEY_FIELDS.includes(field);
  const among = (values: readonly string[]): Test =>
    isMoney ? amountAmong(field, values) : textAmong(field, values);
  if (condition.exists !== undefined) {
    const { exists } = condition;
    tests.push((record) => (record.text(field) !== '') === exists);
  }
  if (condition.in !== undefined) tests.push(among(condition.in));
  if (condition.notIn !== undefined) {
    const isAmong = among(condition.notIn);
    tests.push((record) => !isAmong(record));
  }
  for (const [operator, holds] of OPERATORS) {
    const bound = condition[operator];
    if (bound === undefined) continue;
    const compare = isMoney ? amountAgainst(field, bound) : against(field, bound);
    tests.push((record) => holds(compare(record)));
  }
  return (record) => tests.every((test) => test(record));
}

/** What a comparison of field and bound must give; NaN, where the two cannot be compared, is none of it. */
const OPERATORS: readonly (readonly ['gt' | 'gte' | 'lt' | 'lte', (order: number) => boolean])[] = [
  ['gt', (order) => order > 0],
  ['gte', (order) => order >= 0],
  ['lt', (order) => order < 0],
  ['lte', (order) => order <= 0],
];

function textAmong(field: FilterField, values: readonly string[]): Test {
  const known = new Set(values);
  return (record) => {
    const text = record.text(field);
    return text !== '' && known.has(text);
  };
}

function amountAmong(field: FilterField, values: readonly string[]): Test {
  const compared = values.map((value) => amountAgainst(field, value));
  return (record) => compared.some((compare) => compare(record) === 0);
}

type Order = (record: RecordFields) => number;

/** Compares an amount in minor units to a bound in major ones, whatever the currency; NaN where the bound is a date. */
function amountAgainst(field: FilterField, bound: string): Order {
  const decimal = parseDecimal(bound);
  if (decimal === undefined) return () => Number.NaN;
  const minorBounds: MinorBound[] = [];
  return (record) => {
    const exponent = exponentOf(record.currency);
    const { floor, exact } = (minorBounds[exponent] ??= minorBound(decimal, exponent));
    const amount = amountOf(record, field);
    return amount > floor ? 1 : amount < floor || !exact ? -1 : 0;
  };
}

/** A bound in minor units, rounded down, and whether that lost anything. */
interface MinorBound {
  readonly floor: number;
  readonly exact: boolean;
}

function minorBound(decimal: Decimal, exponent: number): MinorBound {
  const [dividend, divisor] = [decimal.digits * power10(exponent), power10(decimal.scale)];
  const floor = floorDivide(dividend, divisor);
  return { floor: toNumber(floor), exact: floor * divisor === dividend };
}

function amountOf(record: RecordFields, field: FilterField): number {
  if (field === 'amount') return record.amount;
  if (field === 'fee') return record.fee;
  return field === 'tax' ? record.tax : record.amount - record.fee - record.tax;
}

/** Compares a date to a date, and any other text to a decimal where it is one. */
function against(field: FilterField, bound: string): Order {
  if (ISO_DATE.test(bound)) {
    const day = dayOf(bound);
    if (day === undefined) return () => Number.NaN;
    if (field === 'time') return (record) => localDayOf(record.time, record.offsetMinutes) - day;
    // Dates in this form are in order as texts.
    return (record) => {
      const text = record.text(field);
      return !ISO_DATE.test(text) ? Number.NaN : text < bound ? -1 : text > bound ? 1 : 0;
    };
  }
  const decimal = parseDecimal(bound);
  return (record) => {
    const found = parseDecimal(record.text(field));
    return decimal === undefined || found === undefined ? Number.NaN : compareDecimals(found, decimal);
  };
}

/** The day of a date in the form of dates; undefined for one that does not exist. */
function dayOf(text: string): LocalDay | undefined {
  try {
    return parseDay(text);
  } catch {
    return undefined;
  }
}
