import type { Match, Rates, Reconciliation, Rule, RuleSet, Side, Why } from '../../engine/domain/index.ts';
import { localDayOf } from '../../engine/domain/index.ts';
import { convert, publishedRate, toleranceLimit } from '../../engine/rules/index.ts';
import { refuseUnknown, signsFit, type Held, type Place } from './map-base.ts';
import type { Row } from './map-row.ts';

/** A record under a group rule. */
export interface Member extends Held {
  readonly group: Group | undefined;
  /** What the rule compares of it, with the sign of its side. */
  readonly value: number;
  expired: boolean;
  break: GroupBreak | undefined;
}

/** The unmatched records of one key, in order of arrival, and what was matched of them. */
export interface Group {
  readonly key: string;
  left: Member[];
  right: Member[];
  due: number;
  match:
    { place: Place; version: number; left: Member[]; right: Member[]; rate: string | undefined } | undefined;
  broken: GroupBreak | undefined;
}

/** The break of a group, or of one record that has none. */
export interface GroupBreak {
  readonly place: Place;
  version: number;
  readonly due: number;
  /** Undefined: one record alone. */
  readonly group: Group | undefined;
  readonly isLate: boolean;
  members: Member[];
}

/** What the records of both sides add up to. */
export interface Sums {
  readonly left: number;
  readonly right: number;
  readonly difference: number;
  readonly limit: number;
  readonly agree: boolean;
  readonly rate: string | undefined;
  readonly rateMissing: boolean;
}

/** What a group rule says of records: how many and which it wants, what they add up to, and how they differ. */
export class GroupTerms {
  readonly #definition: Reconciliation;
  readonly #rule: Rule;
  readonly #rates: Rates | undefined;

  constructor(rules: RuleSet) {
    this.#definition = rules.reconciliations[0]!;
    this.#rule = this.#definition.rules[0]!;
    refuseUnknown(this.#rule, ['name', 'keys', 'tolerance', 'cardinality', 'complete', 'compare', 'fx']);
    const rate = this.#rule.fx?.rate;
    if (rate !== undefined && 'table' in rate) this.#rates = rules.rates?.[rate.table];
  }

  /** What the rule compares of a record, minor units, with the sign of its side. */
  valueOf(row: Row, side: Side): number {
    const compared = this.#rule.compare?.[side] ?? 'amount';
    if (compared !== 'amount' && compared !== 'net')
      throw new Error('the Map matcher compares amounts and nets');
    const value = compared === 'net' ? row.amount - row.fee - row.tax : row.amount;
    return this.#definition[side].negate === true ? 0 - value : value;
  }

  /** Whether there are as many on each side as the rule wants. */
  isWhole(left: readonly Member[], right: readonly Member[]): boolean {
    const { cardinality } = this.#rule;
    if (cardinality === '1:N' && left.length !== 1) return false;
    if (cardinality === 'N:1' && right.length !== 1) return false;
    return left.length > 0 && right.length > 0;
  }

  /** Whether as many members are there as the group's records say. */
  signal({
    left,
    right,
  }: {
    left: readonly Member[];
    right: readonly Member[];
  }): 'none' | 'missing' | 'reached' {
    let wanted: number | undefined;
    for (const members of [left, right]) {
      for (const { row } of members) {
        if (row.groupCount !== undefined) wanted = Math.max(wanted ?? 0, row.groupCount);
      }
    }
    if (wanted === undefined) return 'none';
    const many = this.#rule.cardinality === '1:N' ? right : left;
    return many.length >= wanted ? 'reached' : 'missing';
  }

  /** Adds the records up. @param frozen the rate of an earlier version of their match */
  sums(left: readonly Member[], right: readonly Member[], frozen?: string): Sums {
    const { fx, tolerance } = this.#rule;
    let leftSum = 0;
    for (const { value } of left) leftSum += value;
    let rightSum = 0;
    for (const { value } of right) rightSum += value;
    let rate: string | undefined;
    if (fx !== undefined && left.length > 0) {
      const { time, offsetMinutes } = left[0]!.row;
      rate = frozen ?? publishedRate(this.#rates, fx, localDayOf(time, offsetMinutes));
      leftSum = rate === undefined ? 0 : convert(leftSum, rate, fx.from, fx.to);
    }
    const rateMissing = fx !== undefined && left.length > 0 && rate === undefined;
    const difference = leftSum - rightSum;
    const limit = toleranceLimit(tolerance, leftSum, rightSum, this.currencyOf(left, right));
    const agree = !rateMissing && signsFit(leftSum, rightSum) && Math.abs(difference) <= limit;
    return { left: leftSum, right: rightSum, difference, limit, agree, rate, rateMissing };
  }

  /** The currency of what the sums differ by. */
  currencyOf(left: readonly Member[], right: readonly Member[]): string {
    return this.#rule.fx?.to ?? (right[0] ?? left[0])!.row.currency;
  }

  /** Why sums that agree differ, by cause. */
  causes(left: readonly Member[], right: readonly Member[], sums: Sums): Match['causes'] {
    const { fx, compare } = this.#rule;
    const causes: { fee?: number; tax?: number; fx?: number; tolerance?: number } = {};
    for (const name of ['fee', 'tax'] as const) {
      const taken = (side: Side, members: readonly Member[]): number => {
        if (compare?.[side] !== 'net') return 0;
        let sum = 0;
        for (const { row } of members) sum += row[name];
        return this.#definition[side].negate === true ? 0 - sum : sum;
      };
      const ofLeft = taken('left', left);
      const converted = fx === undefined ? ofLeft : convert(ofLeft, sums.rate!, fx.from, fx.to);
      const cause = converted - taken('right', right);
      if (cause !== 0) causes[name] = cause;
    }
    if (sums.difference !== 0) causes[fx === undefined ? 'tolerance' : 'fx'] = sums.difference;
    return causes;
  }

  /** Why records that are together do not match. */
  why(left: readonly Member[], right: readonly Member[], sums: Sums): Why {
    const { name: rule, cardinality, complete } = this.#rule;
    const apart = { difference: sums.difference, tolerance: sums.limit };
    if (sums.rateMissing) return { rule, condition: 'rateMissing' };
    if ((cardinality === '1:N' && left.length > 1) || (cardinality === 'N:1' && right.length > 1))
      return { rule, condition: 'cardinality', ...apart };
    if (complete === 'onSignal' && this.signal({ left, right }) === 'missing')
      return { rule, condition: 'signal', ...apart };
    if (left.length === 0 || right.length === 0) return { rule, condition: 'noCounterpart' };
    return { rule, condition: 'sum', ...apart };
  }
}
