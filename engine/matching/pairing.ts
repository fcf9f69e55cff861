import type {
  Compared,
  FeeContract,
  MatchCause,
  Reconciliation,
  Rule,
  RuleSet,
  Side,
} from '../domain/index.ts';
import {
  anchorOf,
  convert,
  dateMisfit,
  expectedFee,
  feeTax,
  parseRate,
  publishedRate,
  roundFee,
  toleranceLimit,
  type Anchor,
  type Calendars,
  type RecordFields,
} from '../rules/index.ts';
import { doSignsFit, saturate } from './exact-sum.ts';
import type { Window } from './windows.ts';

/** What keeps a pair from matching by a rule; undefined where nothing does. */
export type Misfit = 'rateMissing' | 'sign' | 'window' | 'date' | 'amount' | undefined;

/** What of a rule set a pair may have to ask. */
export interface Terms {
  readonly calendars: Calendars;
  readonly feeContracts: RuleSet['feeContracts'];
  /** The tables as they are now: rates may be published while the rules are in force. */
  rates: RuleSet['rates'];
}

/** How a rule compares the records of a pair, all its options included. The last pair judged is in the fields. */
export class Pairing {
  /** Whether the rule compares amount with amount in one currency within an absolute tolerance, by time alone. */
  readonly isPlain: boolean;
  /** Left − right of what is compared, after conversion; without a rate the left value counts as 0. */
  difference = 0;
  /** Between the anchors, in milliseconds. */
  distance = 0;
  /** What `difference` may be. */
  limit = 0;
  /** In which `difference` stands: that of the right value. */
  currency = '';
  /** Whether the values do not have opposite signs: zero fits both. */
  signsFit = true;
  /** Whether there is a rate, where one is needed. */
  hasRate = true;
  /** How far outside the window or a date condition, in milliseconds, where that is the misfit; Infinity without the date. */
  outside = 0;
  /** The rate that converted the left value, as published. */
  rate: string | undefined;
  readonly #definition: Reconciliation;
  readonly #rule: Rule;
  readonly #terms: Terms;
  readonly #window: Window;
  readonly #compared: readonly [Compared, Compared];
  readonly #contracts: readonly [FeeContract | undefined, FeeContract | undefined];

  constructor(definition: Reconciliation, rule: Rule, terms: Terms, window: Window) {
    this.#definition = definition;
    this.#rule = rule;
    this.#terms = terms;
    this.#window = window;
    this.#compared = [rule.compare?.left ?? 'amount', rule.compare?.right ?? 'amount'];
    const contractOf = (side: Side): FeeContract | undefined => {
      const name = definition[side].fees;
      return name === undefined ? undefined : terms.feeContracts?.[name];
    };
    this.#contracts = [contractOf('left'), contractOf('right')];
    const { tolerance } = rule;
    this.isPlain =
      this.#compared.every((each) => each === 'amount') &&
      rule.fx === undefined &&
      tolerance.percent === undefined &&
      tolerance.short === undefined &&
      tolerance.over === undefined &&
      (rule.dates?.length ?? 0) === 0 &&
      [definition.left, definition.right].every(
        (side) => side.negate !== true && (side.at === undefined || side.at === 'time'),
      );
  }

  /** What the rule compares of a record of a side, in minor units, after `negate` and before conversion. */
  #valueOf(side: number, record: RecordFields): number {
    const value = this.#comparedOf(side, record);
    // Not −value: that would make −0 of 0.
    return this.sign(side) < 0 ? 0 - value : value;
  }

  /** 1, or −1 where the side's amounts count with the other sign. */
  sign(side: number): 1 | -1 {
    return this.#definition[side === 0 ? 'left' : 'right'].negate === true ? -1 : 1;
  }

  /** What the side's contract says that a record costs: fee and tax, each rounded. */
  expected(side: number, record: RecordFields): { readonly fee: number; readonly tax: number } {
    const contract = this.#contracts[side === 0 ? 0 : 1];
    if (contract === undefined) return NOTHING;
    const fee = roundFee(expectedFee(contract, record));
    return { fee, tax: feeTax(contract, fee) };
  }

  /** The moment by which a record of a side is measured. */
  anchor(side: number, record: RecordFields): Anchor {
    return anchorOf(record, this.#definition[side === 0 ? 'left' : 'right'].at);
  }

  /** The rate of a conversion whose left sum begins with `left` and whose right sum begins with `right`. */
  #rateFor(left: RecordFields, right: RecordFields): string | undefined {
    const { fx } = this.#rule;
    if (fx === undefined) return undefined;
    if ('table' in fx.rate) {
      return publishedRate(this.#terms.rates?.[fx.rate.table], fx, this.anchor(0, left).day);
    }
    return parseRate((fx.rate.side === 'left' ? left : right).text(fx.rate.field));
  }

  /** Left value in the right's currency; 0 where there is no rate to express it by. */
  #converted(value: number, rate: string | undefined): number {
    const { fx } = this.#rule;
    if (fx === undefined) return value;
    return rate === undefined ? 0 : convert(value, rate, fx.from, fx.to);
  }

  /** How far apart two sums of these values may lie. @param currency of the right side */
  #limitOf(left: number, right: number, currency: string): number {
    return toleranceLimit(this.#rule.tolerance, left, right, currency);
  }

  /** Whether a pair lies inside the window and meets the date conditions; `distance` is then known. */
  isNear(left: RecordFields, right: RecordFields): boolean {
    return this.#timeMisfit(left, right) === undefined;
  }

  /** Compares the values of a pair: sets `difference`, `limit`, `rate`. False where there is no rate. */
  compare(left: RecordFields, right: RecordFields, frozen?: string): boolean {
    this.rate = frozen ?? this.#rateFor(left, right);
    this.hasRate = this.rate !== undefined || this.#rule.fx === undefined;
    const converted = this.#converted(this.#valueOf(0, left), this.rate);
    const value = this.#valueOf(1, right);
    this.difference = saturate(converted - value);
    this.currency = this.#currencyOf(right);
    this.limit = this.#limitOf(converted, value, this.currency);
    this.signsFit = doSignsFit(converted, value);
    return this.hasRate;
  }

  /** Whether the values of the pair compared last agree. */
  get agrees(): boolean {
    return this.hasRate && this.signsFit && Math.abs(this.difference) <= this.limit;
  }

  /** The first thing that keeps a pair from matching: rate, sign, window, dates, amount, in this order. */
  misfit(left: RecordFields, right: RecordFields): Misfit {
    const time = this.#timeMisfit(left, right);
    if (!this.compare(left, right)) return 'rateMissing';
    if (!this.signsFit) return 'sign';
    if (time !== undefined) return time;
    return Math.abs(this.difference) > this.limit ? 'amount' : undefined;
  }

  /** Why the amounts of the pair compared last differ, by cause. */
  causes(left: RecordFields, right: RecordFields): { [cause in MatchCause]?: number } {
    const causes: { [cause in MatchCause]?: number } = {};
    const lefts = this.#costs(0, left);
    const rights = this.#costs(1, right);
    const fee = saturate(this.#converted(lefts.fee, this.rate) - rights.fee);
    const tax = saturate(this.#converted(lefts.tax, this.rate) - rights.tax);
    if (fee !== 0) causes.fee = fee;
    if (tax !== 0) causes.tax = tax;
    if (this.difference !== 0) causes[this.#rule.fx === undefined ? 'tolerance' : 'fx'] = this.difference;
    return causes;
  }

  /** What is taken off a record's amount before it is compared, after `negate`. */
  #costs(side: 0 | 1, record: RecordFields): { readonly fee: number; readonly tax: number } {
    const compared = this.#compared[side];
    if (compared !== 'net' && compared !== 'expectedNet') return NOTHING;
    const { fee, tax } = compared === 'net' ? record : this.expected(side, record);
    const sign = this.sign(side);
    return { fee: sign * fee, tax: sign * tax };
  }

  #comparedOf(side: number, record: RecordFields): number {
    switch (this.#compared[side === 0 ? 0 : 1]) {
      case 'amount':
        return record.amount;
      case 'fee':
        return record.fee;
      case 'net':
        return saturate(record.amount - record.fee - record.tax);
      case 'original':
        return record.original?.amount ?? 0;
      case 'expectedNet': {
        const { fee, tax } = this.expected(side, record);
        return saturate(record.amount - fee - tax);
      }
    }
  }

  /** Currency of the right value. */
  #currencyOf(right: RecordFields): string {
    const { fx } = this.#rule;
    if (fx !== undefined) return fx.to;
    return this.#compared[1] === 'original' ? (right.original?.currency ?? right.currency) : right.currency;
  }

  #timeMisfit(left: RecordFields, right: RecordFields): 'window' | 'date' | undefined {
    const l = this.anchor(0, left);
    const r = this.anchor(1, right);
    this.distance = Math.abs(l.time - r.time);
    this.outside = this.#window.outside(l, r);
    if (this.outside > 0) return 'window';
    for (const condition of this.#rule.dates ?? []) {
      this.outside = dateMisfit(condition, left, right, this.#terms.calendars);
      if (this.outside > 0) return 'date';
    }
    return undefined;
  }
}

const NOTHING = { fee: 0, tax: 0 } as const;
