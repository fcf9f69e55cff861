import { CounterfoilError } from '../../domain/index.ts';
import type { KernelCore } from '../core.ts';
import { addExact, exactSum } from '../exact-sum.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { FIRST, FIRST_LEG } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { LOST_PART, type MemberLinks } from './member-links.ts';

/** How much of an entry matches have taken and left: who takes part when a row arrives, and how much of each. */
export class Allocating {
  /** By entry that the row at hand allocates some of: how much of it counted as open before, minor units. */
  readonly openBefore: Map<number, number> = new Map();
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #cursor: StoredFields;

  constructor(core: KernelCore, store: GroupStore, results: GroupResults) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
    this.#cursor = core.cursor();
  }

  /**
   * Earlier records of the other side with something left and the row's sign, in order of arrival. Where one side is
   * single, only its earliest such record takes part.
   */
  partners(rule: GroupRule, groups: readonly number[], side: number, residual: number): readonly number[] {
    const { entries, row } = this.#core;
    const positive = residual > 0 === rule.sides[side]!.sign > 0;
    if (
      rule.one === side &&
      this.#open(rule, groups, side, side, positive).some((each) => entries.arrival(each) < row.arrival)
    ) {
      return [];
    }
    const others = this.#open(rule, groups, side, 1 - side, positive);
    return rule.one === 1 - side ? others.slice(0, 1) : others;
  }

  /** @param own the row's side */
  #open(
    rule: GroupRule,
    groups: readonly number[],
    own: number,
    side: number,
    positive: boolean,
  ): readonly number[] {
    const links = this.#links(rule);
    const { entries } = this.#core;
    const { sign } = rule.sides[side]!;
    const open: number[] = [];
    const texts = rule.several ? rule.severalTexts(own, this.#core.row) : [];
    for (const group of groups) {
      let entry = this.#store.slab.int(group, FIRST + side);
      for (; entry !== NO_ENTRY; entry = links.next(entry)) {
        const left = links.value(entry);
        if (left === 0 || left > 0 !== (sign > 0 === positive)) continue;
        // Records that a third has brought together need not have a key in common.
        if (!rule.several || this.#sharesText(rule, side, entry, texts)) open.push(entry);
      }
    }
    if (groups.length > 1) open.sort((a, b) => entries.arrival(a) - entries.arrival(b));
    return open;
  }

  #sharesText(rule: GroupRule, side: number, entry: number, texts: readonly string[]): boolean {
    return rule.severalTexts(side, this.#cursor.to(entry)).some((text) => texts.includes(text));
  }

  /**
   * Allocates an entry, which has just become a member of the group, against others in their order.
   * @returns all that took part, each once: left ones in order of arrival, then right ones
   * @throws `internal` when something were made or lost
   */
  allocate(rule: GroupRule, group: number, entry: number, others: readonly number[]): readonly number[] {
    this.openBefore.clear();
    const touched = this.#inOrder([...this.#allocateAll(rule, entry, others), ...this.#absorb(rule, group)]);
    for (const each of touched) this.#check(rule, each);
    return touched;
  }

  /** Records of a group of which something is allocated: left ones in order of arrival, then right ones. */
  legs(rule: GroupRule, group: number): readonly number[] {
    const links = this.#links(rule);
    const { entries } = this.#core;
    return [...this.#members(rule, group, FIRST_LEG), ...this.#members(rule, group, FIRST)]
      .filter((entry) => links.part(entry) !== 0)
      .sort((a, b) => this.#core.sideOf(a) - this.#core.sideOf(b) || entries.arrival(a) - entries.arrival(b));
  }

  /** @returns all that took part */
  #allocateAll(rule: GroupRule, entry: number, others: readonly number[]): readonly number[] {
    const links = this.#links(rule);
    const touched = [entry];
    for (const other of others) {
      const amount = Math.min(Math.abs(links.value(entry)), Math.abs(links.value(other)));
      if (amount === 0) break;
      this.#take(links, entry, amount);
      this.#take(links, other, amount);
      touched.push(other);
    }
    return touched;
  }

  /** What is left of the only record with something left belongs to the match, if the tolerance covers it. @returns it */
  #absorb(rule: GroupRule, group: number): readonly number[] {
    const links = this.#links(rule);
    const open = this.#members(rule, group, FIRST).filter((entry) => links.value(entry) !== 0);
    const [last] = open;
    if (open.length !== 1 || last === undefined || links.part(last) === 0) return [];
    const legs = this.legs(rule, group);
    const sums = new Float64Array(4);
    for (const leg of legs) {
      const side = this.#core.sideOf(leg);
      rule.measure(side, this.#cursor.to(leg));
      addExact(sums, 2 * side, rule.sides[side]!.sign * rule.value);
    }
    const currency = this.#results.currencyOf(rule, legs[legs.length - 1]!);
    const limit = rule.limit(exactSum(sums, 0), exactSum(sums, 2), currency);
    if (Math.abs(links.value(last)) > limit) return [];
    this.#take(links, last, Math.abs(links.value(last)));
    return [last];
  }

  /** Each once: left ones in order of arrival, then right ones. */
  #inOrder(records: readonly number[]): readonly number[] {
    const { entries } = this.#core;
    return [...new Set(records)].sort(
      (a, b) => this.#core.sideOf(a) - this.#core.sideOf(b) || entries.arrival(a) - entries.arrival(b),
    );
  }

  /**
   * Nothing is ever made or lost: what is allocated and what is left have the sign of the record's value, and are it.
   * Where a match does not go on, because its group came to another or it was undone, a part is gone with it.
   */
  #check(rule: GroupRule, entry: number): void {
    const links = this.#links(rule);
    rule.measure(this.#core.sideOf(entry), this.#cursor.to(entry));
    const whole = rule.value;
    const [allocated, left] = [links.part(entry), links.value(entry)];
    const parts = Math.abs(allocated) + Math.abs(left);
    const isWhole =
      (links.flags(entry) & LOST_PART) !== 0 ? parts < Math.abs(whole) : parts === Math.abs(whole);
    if (isWhole && allocated * whole >= 0 && left * whole >= 0) return;
    throw new CounterfoilError(
      'internal',
      `rule "${rule.name}" allocated ${allocated} of ${whole} and left ${left} of record "${this.#cursor.text('id')}"; report this with the log`,
    );
  }

  #members(rule: GroupRule, group: number, first: number): number[] {
    const links = this.#links(rule);
    const members: number[] = [];
    for (let side = 0; side < 2; side++) {
      let entry = this.#store.slab.int(group, first + side);
      for (; entry !== NO_ENTRY; entry = links.next(entry)) members.push(entry);
    }
    return members;
  }

  #links(rule: GroupRule): MemberLinks {
    return this.#store.lists(rule.index).links;
  }

  /** @param amount how much, without sign */
  #take(links: MemberLinks, entry: number, amount: number): void {
    if (!this.openBefore.has(entry)) this.openBefore.set(entry, this.#core.counting.open(entry));
    const signed = links.value(entry) < 0 ? -amount : amount;
    links.setValue(entry, links.value(entry) - signed);
    links.setPart(entry, links.part(entry) + signed);
  }
}
