import type { KernelFields } from '../kernel-fields.ts';
import { exactSum, addExact } from '../exact-sum.ts';
import type { GroupRule } from './group-rule.ts';

/** What the members of a group say of how many they are and what they sum up to, and what there is. */
export class Signals {
  /** By signal, which is the side that must bring it; −1 where nobody says a count. */
  readonly counts: [number, number] = [-1, -1];
  readonly totals: [number, number] = [Number.NaN, Number.NaN];
  readonly #totalArrivals: [number, number] = [0, 0];
  /** By side: members, and the sum of their amounts. */
  readonly members: [number, number] = [0, 0];
  readonly #raw = new Float64Array(4);

  reset(): void {
    this.counts.fill(-1);
    this.totals.fill(Number.NaN);
    this.members.fill(0);
    this.#raw.fill(0);
  }

  /** A side has so many members more, whose amounts sum up to `raw`. */
  has(side: 0 | 1, members: number, raw: number): void {
    this.members[side] += members;
    addExact(this.#raw, 2 * side, raw);
  }

  /** What is said of a side: a count or −1, and a total or NaN with the arrival of who says so. */
  says(signal: 0 | 1, count: number, total: number, arrival: number): void {
    if (count > this.counts[signal]) this.counts[signal] = count;
    if (Number.isNaN(total)) return;
    if (!Number.isNaN(this.totals[signal]) && arrival < this.#totalArrivals[signal]) return;
    this.totals[signal] = total;
    this.#totalArrivals[signal] = arrival;
  }

  /** One more member. */
  take(rule: GroupRule, side: number, record: KernelFields): void {
    const own = side === 0 ? 0 : 1;
    this.members[own]++;
    addExact(this.#raw, 2 * own, record.amount);
    const signal = rule.signalOf(side) === 0 ? 0 : 1;
    const { groupCount, groupTotal, arrival } = record;
    this.says(signal, groupCount ?? -1, groupTotal ?? Number.NaN, arrival);
  }

  /** Anyone says anything. */
  get any(): boolean {
    const [left, right] = this.totals;
    return this.counts[0] >= 0 || this.counts[1] >= 0 || !Number.isNaN(left) || !Number.isNaN(right);
  }

  /** What is said is there, whatever that is. */
  get allReached(): boolean {
    return this.#reached(0) && this.#reached(1);
  }

  #reached(side: 0 | 1): boolean {
    if (this.members[side] < this.counts[side]) return false;
    const total = this.totals[side];
    return Number.isNaN(total) || Math.abs(exactSum(this.#raw, 2 * side)) === Math.abs(total);
  }
}
