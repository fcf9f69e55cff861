import type { MatchCause, Side } from '../../domain/index.ts';
import {
  convert,
  expectedFee,
  feeTax,
  parseRate,
  publishedRate,
  roundFee,
  sumFees,
  toleranceLimit,
  ZERO_FEE,
} from '../../rules/index.ts';
import type { ReferenceRule } from './reconciliation.ts';
import { byArrival, type MadeMatch, type Place } from './state.ts';

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** An exact sum as a number; beyond ±(2^53 − 1) it stays there. */
export function saturated(exact: bigint): number {
  return Number(exact > MOST ? MOST : exact < -MOST ? -MOST : exact);
}

export function difference(left: number, right: number): number {
  return saturated(BigInt(left) - BigInt(right));
}

/** A3: the amount as a side counts it. */
export function amountOf(x: Place): number {
  return x.item.fields.amount * signOf(x);
}

export function signOf(x: Place): number {
  return x.reconciliation.definition[x.side].negate === true ? -1 : 1;
}

export function sumOfAmounts(places: readonly Place[]): number {
  return saturated(places.reduce((sum, x) => sum + BigInt(amountOf(x)), 0n));
}

/** The fee and tax that a rule takes off a record's amount, minor units. */
function costsOf(rule: ReferenceRule, x: Place): { readonly fee: number; readonly tax: number } {
  const { fields, record } = x.item;
  switch (rule.compare[x.side]) {
    case 'net':
      return { fee: Number(record.fee), tax: Number(record.tax) };
    case 'expectedNet': {
      const contract = rule.reconciliation.contracts[x.side];
      if (contract === undefined) return { fee: 0, tax: 0 };
      const fee = roundFee(expectedFee(contract, fields));
      return { fee, tax: feeTax(contract, fee) };
    }
    default:
      return { fee: 0, tax: 0 };
  }
}

/** A3: what a rule compares of a record, as the record signs it. */
export function comparedOf(rule: ReferenceRule, x: Place): number {
  const { fields } = x.item;
  const { fee, tax } = costsOf(rule, x);
  switch (rule.compare[x.side]) {
    case 'fee':
      return fields.fee;
    case 'original':
      return fields.original?.amount ?? 0;
    default:
      return saturated(BigInt(fields.amount) - BigInt(fee) - BigInt(tax));
  }
}

/** P1: what a partial rule has to allocate of a record: at first all that it compares. */
export function residualOf(rule: ReferenceRule, x: Place): number {
  return x.rest ?? comparedOf(rule, x);
}

/** A3: what a rule compares of a record, after `negate`. */
export function valueOf(rule: ReferenceRule, x: Place): number {
  return comparedOf(rule, x) * signOf(x);
}

/** What one side of a match adds up to, and the costs in it; after `negate`, before conversion. */
interface SideSum {
  readonly value: number;
  readonly fee: number;
  readonly tax: number;
}

function sumOfSide(rule: ReferenceRule, side: Side, places: readonly Place[]): SideSum {
  const sign = BigInt(rule.reconciliation.definition[side].negate === true ? -1 : 1);
  const contract = rule.reconciliation.contracts[side];
  if (rule.compare[side] === 'expectedNet' && contract?.round === 'perGroup') {
    // A9: exact fees summed over the legs of the side, rounded once, tax on it.
    const exact = places.reduce((sum, x) => sumFees(sum, expectedFee(contract, x.item.fields)), ZERO_FEE);
    const fee = BigInt(roundFee(exact));
    const tax = BigInt(feeTax(contract, Number(fee)));
    const amounts = places.reduce((sum, x) => sum + BigInt(x.item.fields.amount), 0n);
    return {
      value: saturated(sign * (amounts - fee - tax)),
      fee: saturated(sign * fee),
      tax: saturated(sign * tax),
    };
  }
  let [value, fee, tax] = [0n, 0n, 0n];
  for (const x of places) {
    const costs = costsOf(rule, x);
    value += BigInt(valueOf(rule, x));
    fee += sign * BigInt(costs.fee);
    tax += sign * BigInt(costs.tax);
  }
  return { value: saturated(value), fee: saturated(fee), tax: saturated(tax) };
}

/** What a rule says of the amounts of some records, were they matched. */
export interface Sums {
  readonly left: number;
  readonly right: number;
  /** Σleft − Σright of what the rule compares. */
  readonly difference: number;
  /** A7: how large it may be. */
  readonly limit: number;
  /** A7: whether signs and difference fit; never where the rate is missing. */
  readonly agree: boolean;
  /** A8. */
  readonly rate: string | undefined;
  readonly rateMissing: boolean;
  /** The currency in which the difference stands, and that of the left ones where it was converted. */
  readonly currency: string;
  readonly leftCurrency: string | undefined;
  /** C8. */
  readonly causes: Readonly<{ [cause in MatchCause]?: number }>;
}

/** What later versions of a match have of its first one. */
export type Frozen = Pick<MadeMatch, 'rate' | 'currency'>;

/** @param frozen of the match whose legs they are, or are to be */
export function sumsOf(rule: ReferenceRule, places: readonly Place[], frozen?: Frozen): Sums {
  const lefts = places.filter((x) => x.side === 'left');
  const rights = places.filter((x) => x.side === 'right');
  const leftSum = sumOfSide(rule, 'left', lefts);
  const rightSum = sumOfSide(rule, 'right', rights);
  const { fx } = rule.rule;
  const rate =
    fx === undefined || lefts.length === 0 ? undefined : (frozen?.rate ?? rateOf(rule, lefts, rights));
  const rateMissing = fx !== undefined && lefts.length > 0 && rate === undefined;
  // A8: the left sum is converted once. Without a rate it cannot be expressed and counts as 0.
  const converted = (minor: number): number =>
    fx === undefined ? minor : rate === undefined ? 0 : convert(minor, rate, fx.from, fx.to);
  const left = converted(leftSum.value);
  const right = rightSum.value;
  const currency = frozen?.currency ?? currencyOf(rule, places);
  const limit = toleranceLimit(rule.rule.tolerance, left, right, currency);
  const apart = difference(left, right);
  const fee = difference(converted(leftSum.fee), rightSum.fee);
  const tax = difference(converted(leftSum.tax), rightSum.tax);
  const rest = fx === undefined ? 'tolerance' : 'fx';
  return {
    left,
    right,
    difference: apart,
    limit,
    agree: !rateMissing && signsFit(left, right) && Math.abs(apart) <= limit,
    rate,
    rateMissing,
    currency,
    leftCurrency: fx !== undefined && lefts.length > 0 ? fx.from : undefined,
    causes: {
      ...(fee === 0 ? {} : { fee }),
      ...(tax === 0 ? {} : { tax }),
      ...(apart === 0 ? {} : { [rest]: apart }),
    },
  };
}

/** SEMANTICS §3.5: opposite signs never match; zero fits both. */
export function signsFit(left: number, right: number): boolean {
  return left === 0 || right === 0 || left > 0 === right > 0;
}

/** The currency in which a rule compares records: that of the right side, where there is one. */
export function currencyOf(rule: ReferenceRule, places: readonly Place[]): string {
  if (rule.rule.fx !== undefined) return rule.rule.fx.to;
  const x = places.find((place) => place.side === 'right') ?? places[0]!;
  const { original, currency } = x.item.fields;
  return rule.compare[x.side] === 'original' && original !== undefined ? original.currency : currency;
}

/** A8: the rate for the first left leg by arrival, or that a record states. */
function rateOf(rule: ReferenceRule, lefts: readonly Place[], rights: readonly Place[]): string | undefined {
  const { fx } = rule.rule;
  if (fx === undefined) return undefined;
  if ('table' in fx.rate) return publishedRate(rule.rates, fx, earliest(lefts)!.anchor.day);
  const { side, field } = fx.rate;
  const stating = earliest(side === 'left' ? lefts : rights);
  return stating === undefined ? undefined : parseRate(stating.item.fields.text(field));
}

function earliest(places: readonly Place[]): Place | undefined {
  return [...places].sort((a, b) => byArrival(a.item, b.item))[0];
}
