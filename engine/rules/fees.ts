import { exponentOf } from '../domain/index.ts';
import type { FeeContract, FeeLine, FilterField } from '../domain/index.ts';
import { divideHalfAway, floorDivide, parseDecimal, power10, scaled, toNumber } from './decimal.ts';
import { compileFilter } from './filter.ts';
import type { RecordFields } from './record-fields.ts';

/** Fees are held over one denominator, fine enough for a percentage with nine digits after the point. */
const SCALE = 11;
const DENOMINATOR = power10(SCALE);

/** A fee in minor units before it is rounded; add with {@link sumFees}, read with {@link roundFee}. */
export interface ExactFee {
  /** Over a fixed denominator. */
  readonly numerator: bigint;
}

export const ZERO_FEE: ExactFee = { numerator: 0n };

/** A line of a contract, ready to price a record. */
interface CompiledLine {
  readonly line: FeeLine;
  readonly fits: (record: RecordFields) => boolean;
  /** Whether the line says which kinds it is for: only such a line prices kinds other than charges. */
  readonly namesKind: boolean;
}

const compiled = new WeakMap<FeeContract, readonly CompiledLine[]>();

/**
 * What a contract says that a record costs, before rounding; a cost is positive, what is given back negative.
 *
 * A charge is priced by the first line that fits. A refund or capture reversal is given back what `refundReturnsFee`
 * says of the line that would price it as a charge. Any other kind costs nothing, unless a line's `where` names kinds
 * and fits.
 */
export function expectedFee(contract: FeeContract, record: RecordFields): ExactFee {
  const lines = linesOf(contract);
  if (record.kind === 'charge') {
    const found = lines.find(({ fits }) => fits(record));
    return found === undefined ? ZERO_FEE : priceOf(found.line, record).whole;
  }
  if (record.kind === 'refund' || record.kind === 'captureReversal') {
    if (contract.refundReturnsFee === 'none') return ZERO_FEE;
    const charged = asCharge(record);
    const found = lines.find(({ fits }) => fits(charged));
    if (found === undefined) return ZERO_FEE;
    const { whole, percentPart } = priceOf(found.line, record);
    return { numerator: -(contract.refundReturnsFee === 'full' ? whole : percentPart).numerator };
  }
  const found = lines.find(({ fits, namesKind }) => namesKind && fits(record));
  return found === undefined ? ZERO_FEE : priceOf(found.line, record).whole;
}

/** The fee in minor units, half away from zero. */
export function roundFee(exact: ExactFee): number {
  return toNumber(divideHalfAway(exact.numerator, DENOMINATOR));
}

/** The tax on a fee that is already rounded, minor units, half away from zero. */
export function feeTax(contract: FeeContract, fee: number): number {
  if (contract.tax === undefined || fee === 0) return 0;
  const { digits, scale } = parseDecimal(contract.tax)!;
  return toNumber(divideHalfAway(BigInt(fee) * digits, power10(scale + 2)));
}

export function sumFees(a: ExactFee, b: ExactFee): ExactFee {
  return { numerator: a.numerator + b.numerator };
}

function linesOf(contract: FeeContract): readonly CompiledLine[] {
  let lines = compiled.get(contract);
  if (lines === undefined) {
    lines = contract.lines.map((line) => ({
      line,
      fits: compileFilter(line.where),
      namesKind: line.where?.some((condition) => condition.field === 'kind') ?? false,
    }));
    compiled.set(contract, lines);
  }
  return lines;
}

/** The price of a record by a line, and the part of it that is a percentage of the amount. */
function priceOf(line: FeeLine, record: RecordFields): { whole: ExactFee; percentPart: ExactFee } {
  const exponent = exponentOf(record.currency);
  const amount = BigInt(Math.abs(record.amount));
  const tier = line.tiers?.find(({ upTo }) => upTo === undefined || amount <= floorMinor(upTo, exponent));
  const percent = tier?.percent ?? line.percent;
  const fixed = tier?.fixed ?? line.fixed;
  const percentPart = percent === undefined ? 0n : amount * scaled(parseDecimal(percent)!, SCALE - 2);
  let whole = percentPart + (fixed === undefined ? 0n : exactMinor(fixed, exponent));
  if (line.min !== undefined) whole = most(whole, exactMinor(line.min, exponent));
  if (line.max !== undefined) whole = -most(-whole, -exactMinor(line.max, exponent));
  return { whole: { numerator: whole }, percentPart: { numerator: percentPart } };
}

/** Major units as an exact fee in minor units. */
function exactMinor(major: string, exponent: number): bigint {
  return scaled(parseDecimal(major)!, SCALE) * power10(exponent);
}

/** Major units in whole minor units; a whole amount is at most the bound exactly where it is at most this. */
function floorMinor(major: string, exponent: number): bigint {
  const { digits, scale } = parseDecimal(major)!;
  return floorDivide(digits * power10(exponent), power10(scale));
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** The record with the kind of a charge, for choosing its line. */
function asCharge(record: RecordFields): RecordFields {
  return {
    text: (field: FilterField) => (field === 'kind' ? 'charge' : record.text(field)),
    day: (field) => record.day(field),
    amount: record.amount,
    fee: record.fee,
    tax: record.tax,
    currency: record.currency,
    kind: 'charge',
    time: record.time,
    precision: record.precision,
    offsetMinutes: record.offsetMinutes,
    original: record.original,
  };
}
