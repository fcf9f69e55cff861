import { convert } from '../../rules/index.ts';
import { addExact, bigSum, doSignsFit, exactSum, saturate } from '../exact-sum.ts';
import type { KernelFields } from '../kernel-fields.ts';
import type { GroupRule } from './group-rule.ts';

/**
 * How the two sides of a group, of a break or of a match stand to each other. Whoever asks fills in sums, counts and
 * the first records; {@link Standing.settle} then takes off fees that are rounded once, and converts.
 */
export class Standing {
  /** Exact sums of values in minor units, by side, two numbers each (exact-sum.ts). */
  readonly sums: Float64Array = new Float64Array(4);
  /** What they come to after {@link Standing.settle}. */
  left = 0;
  right = 0;
  countLeft = 0;
  countRight = 0;
  /** Exact fees of each side; where the rule rounds them once. */
  exactLeft = 0n;
  exactRight = 0n;
  /** The first records by arrival of each side; only where the rule has fx. */
  firstLeft: KernelFields | undefined = undefined;
  firstRight: KernelFields | undefined = undefined;
  /** Currency of the limit. */
  currency = '';
  /** The rate that is to be used whatever the first records say. */
  frozen: string | undefined = undefined;

  rate: string | undefined = undefined;
  /** There are left records to convert, and nothing says how: they count as 0. */
  rateMissing = false;
  /** The tolerance in force, minor units; only where no rate is missing. */
  limit = 0;
  /** Fees and taxes of each side that {@link Standing.settle} took off. */
  feeLeft = 0;
  taxLeft = 0;
  feeRight = 0;
  taxRight = 0;

  reset(): void {
    this.sums.fill(0);
    this.left = this.right = this.countLeft = this.countRight = 0;
    this.exactLeft = this.exactRight = 0n;
    this.firstLeft = this.firstRight = undefined;
    this.frozen = undefined;
  }

  /** One more record. */
  add(side: number, value: number, exact: bigint, record: KernelFields): void {
    addExact(this.sums, side === 0 ? 0 : 2, value);
    if (side === 0) {
      this.countLeft++;
      this.exactLeft += exact;
    } else {
      this.countRight++;
      this.exactRight += exact;
    }
    this.meet(side, record);
  }

  /** Whether no record of a side that was met is earlier. */
  isFirst(side: number, arrival: number): boolean {
    const first = side === 0 ? this.firstLeft : this.firstRight;
    return first === undefined || first.arrival >= arrival;
  }

  /** A record that may be the first of its side. */
  meet(side: number, record: KernelFields): void {
    if (!this.isFirst(side, record.arrival)) return;
    if (side === 0) this.firstLeft = record;
    else this.firstRight = record;
  }

  /** @returns itself, with final sums */
  settle(rule: GroupRule): this {
    this.left = exactSum(this.sums, 0);
    this.right = exactSum(this.sums, 2);
    if (rule.perGroup) this.#takeFees(rule);
    this.rateMissing = false;
    this.rate = undefined;
    const { fx } = rule.rule;
    if (fx !== undefined && this.countLeft > 0) {
      this.rate = this.frozen ?? (this.firstLeft && rule.rate(this.firstLeft, this.firstRight));
      this.rateMissing = this.rate === undefined;
      this.left = this.rate === undefined ? 0 : convert(this.left, this.rate, fx.from, fx.to);
    }
    this.limit = rule.limit(this.left, this.right, this.currency);
    return this;
  }

  /** Σleft − Σright. */
  get difference(): number {
    return saturate(this.left - this.right);
  }

  /** The sums do not have opposite signs. */
  get signsFit(): boolean {
    return doSignsFit(this.left, this.right);
  }

  /** Their signs fit, and they lie within the tolerance. */
  get sumsAgree(): boolean {
    if (this.rateMissing || !this.signsFit) return false;
    return Math.abs(this.left - this.right) <= this.limit;
  }

  /** Each side has as many records as the rule wants. */
  hasCardinality(rule: GroupRule): boolean {
    if (rule.one === 0) return this.countLeft === 1;
    if (rule.one === 1) return this.countRight === 1;
    return true;
  }

  get bothSides(): boolean {
    return this.countLeft > 0 && this.countRight > 0;
  }

  #takeFees(rule: GroupRule): void {
    this.feeLeft = this.taxLeft = this.feeRight = this.taxRight = 0;
    const [left, right] = rule.sides;
    if (left.perGroup) {
      const { fee, tax } = rule.feeOfSide(0, this.exactLeft);
      this.feeLeft = fee;
      this.taxLeft = tax;
      this.left = saturated(bigSum(this.sums, 0) - BigInt(left.sign) * (BigInt(fee) + BigInt(tax)));
    }
    if (right.perGroup) {
      const { fee, tax } = rule.feeOfSide(1, this.exactRight);
      this.feeRight = fee;
      this.taxRight = tax;
      this.right = saturated(bigSum(this.sums, 2) - BigInt(right.sign) * (BigInt(fee) + BigInt(tax)));
    }
  }
}

function saturated(value: bigint): number {
  return saturate(Number(value));
}
