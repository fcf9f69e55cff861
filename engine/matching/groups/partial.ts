import { CounterfoilError } from '../../domain/index.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { Released } from '../consuming.ts';
import type { KernelCore } from '../core.ts';
import { CONSUMED } from '../entries.ts';
import { addExact, exactSum, saturate } from '../exact-sum.ts';
import { KEPT, MATCHED, NOT_MATCHED, type Outcome } from '../group-hooks.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import { asBreak } from './group-breaks.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { BREAK, FIRST, FIRST_LEG, MATCH_N, MATCH_SEQUENCE, VERSION } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import type { StateGroups } from './state-groups.ts';
import { ALLOCATED, type MemberLinks } from './member-links.ts';
import type { RowGroups } from './row-groups.ts';

/**
 * Rules that match what fits as it comes: an arriving record is allocated against earlier ones of the other side, and
 * what is left of either stays open. All that a group allocates is one match, with a version for each arrival.
 */
export class Partial {
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

  /** The row at hand in the rule's turn, with the groups of its keys. */
  tryRow(own: StateGroups, rule: GroupRule, compiled: CompiledRule, found: RowGroups, side: number): Outcome {
    const core = this.#core;
    rule.measure(side, core.row);
    const others = rule.value === 0 ? [] : this.#partners(rule, found.groups, side, rule.value);
    if (others.length === 0) return NOT_MATCHED;
    const entry = core.keep(own.state, side);
    const group = found.settle(own, compiled);
    this.#store.enter(rule, group, entry, side, core.row, core.due(entry));
    const touched = this.#inOrder([...this.#allocateAll(rule, entry, others), ...this.#absorb(rule, group)]);
    for (const each of touched) this.#check(rule, each);
    const isDone = this.#links(rule).value(entry) === 0;
    this.#emit(own.state, rule, group);
    this.#settle(own, rule, group, touched);
    if (isDone) return MATCHED;
    core.kept = entry;
    return KEPT;
  }

  #links(rule: GroupRule): MemberLinks {
    return this.#store.lists(rule.index).links;
  }

  /**
   * Earlier records of the other side with something left and the row's sign, in order of arrival. Where one side is
   * single, only its earliest such record takes part.
   */
  #partners(rule: GroupRule, groups: readonly number[], side: number, residual: number): readonly number[] {
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

  /** @returns all that took part */
  #allocateAll(rule: GroupRule, entry: number, others: readonly number[]): readonly number[] {
    const links = this.#links(rule);
    const touched = [entry];
    for (const other of others) {
      const amount = Math.min(Math.abs(links.value(entry)), Math.abs(links.value(other)));
      if (amount === 0) break;
      allocate(links, entry, amount);
      allocate(links, other, amount);
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
    const legs = this.#legs(rule, group);
    const sums = new Float64Array(4);
    for (const leg of legs) {
      const side = this.#core.sideOf(leg);
      addExact(sums, 2 * side, rule.sides[side]!.sign * (links.value(leg) + links.part(leg)));
    }
    const currency = this.#results.currencyOf(rule, legs[legs.length - 1]!);
    const limit = rule.limit(exactSum(sums, 0), exactSum(sums, 2), currency);
    if (Math.abs(links.value(last)) > limit) return [];
    allocate(links, last, Math.abs(links.value(last)));
    return [last];
  }

  /** Each once: left ones in order of arrival, then right ones. */
  #inOrder(records: readonly number[]): readonly number[] {
    const { entries } = this.#core;
    return [...new Set(records)].sort(
      (a, b) => this.#core.sideOf(a) - this.#core.sideOf(b) || entries.arrival(a) - entries.arrival(b),
    );
  }

  /** Nothing is ever made or lost: what is allocated and what is left are the record's value. */
  #check(rule: GroupRule, entry: number): void {
    const links = this.#links(rule);
    rule.measure(this.#core.sideOf(entry), this.#cursor.to(entry));
    const whole = rule.value;
    const [allocated, left] = [links.part(entry), links.value(entry)];
    const isSound = (links.flags(entry) & ALLOCATED) !== 0 || allocated + left === whole;
    if (isSound && Math.abs(allocated) <= Math.abs(whole) && Math.abs(left) <= Math.abs(whole)) return;
    throw new CounterfoilError(
      'internal',
      `rule "${rule.name}" allocated ${allocated} of ${whole} and left ${left} of record "${this.#cursor.text('id')}"; report this with the log`,
    );
  }

  #emit(state: ReconciliationState, rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    const { emitter } = this.#core;
    const links = this.#links(rule);
    if (!slab.isMatched(group)) {
      slab.setNumber(group, MATCH_SEQUENCE, emitter.sequence);
      slab.setInt(group, MATCH_N, emitter.n);
    }
    slab.setInt(group, VERSION, slab.int(group, VERSION) + 1);
    const legs = this.#legs(rule, group);
    const sums = new Float64Array(4);
    for (const leg of legs) {
      const side = this.#core.sideOf(leg);
      addExact(sums, 2 * side, rule.sides[side]!.sign * links.part(leg));
    }
    const difference = saturate(exactSum(sums, 0) - exactSum(sums, 2));
    const facts = {
      sequence: slab.number(group, MATCH_SEQUENCE),
      n: slab.int(group, MATCH_N),
      version: slab.int(group, VERSION),
      difference,
      causes: difference === 0 ? {} : { tolerance: difference },
      rate: undefined,
    };
    const lagMs = this.#results.match(state, rule, legs, facts, (leg) => links.part(leg));
    this.#store.memory.countMatch(state, group, legs[legs.length - 1]!, difference, lagMs);
  }

  /** What is used up leaves memory, no other rule or lane tries the rest any more, and breaks heal as far as they go. */
  #settle(own: StateGroups, rule: GroupRule, group: number, touched: readonly number[]): void {
    const core = this.#core;
    const { entries, consuming, counting } = core;
    const { slab } = this.#store;
    const links = this.#links(rule);
    const ownBreak = slab.int(group, BREAK);
    const isDone = (entry: number): boolean => links.value(entry) === 0;
    const isElsewhere = (entry: number): boolean =>
      entries.break(entry) !== NO_ENTRY &&
      (ownBreak === NO_ENTRY || entries.break(entry) !== asBreak(ownBreak));
    const done = touched.filter(isDone);
    const rest = touched.filter((entry) => !isDone(entry));
    const elsewhere = rest.filter(isElsewhere);
    for (const entry of done) {
      this.#store.memory.moveToLeg(rule, group, core.sideOf(entry), entry);
      core.flagItem(entry, CONSUMED);
      counting.matched(entry);
      consuming.leaveLanes(entry);
    }
    for (const entry of rest) {
      links.setFlags(entry, links.flags(entry) | ALLOCATED);
      this.#keepOnlyIn(own, rule, entry);
      this.#leaveOtherLanes(entry);
    }
    for (const entry of elsewhere) core.flagItem(entry, CONSUMED);
    const released: Released[] = [];
    const healed = new Set<number>();
    for (const entry of touched) {
      const broken = entries.break(entry);
      if (broken === NO_ENTRY || healed.has(broken)) continue;
      healed.add(broken);
      consuming.heal(broken, slab.int(group, MATCH_N), released, slab.number(group, MATCH_SEQUENCE));
    }
    for (const entry of done) consuming.letGo(entry);
    for (const entry of elsewhere) {
      entries.clearFlag(entry, CONSUMED);
      counting.released(entry);
      released.push({ entry, due: core.due(entry) });
    }
    for (const entry of rest) this.#releaseOthers(entry);
    if (slab.members(group) === 0) this.#store.end(own, group);
    consuming.settle(released);
  }

  /** A record of which a part is matched is tried by no other rule. */
  #keepOnlyIn(own: StateGroups, rule: GroupRule, entry: number): void {
    const { state } = own;
    for (const chains of state.chains[this.#core.sideOf(entry) === 0 ? 0 : 1]) chains.remove(entry);
    for (const other of own.rules) {
      if (other === undefined || other === rule || !this.#store.isMember(other.index, entry)) continue;
      this.#store.leave(own, other, entry);
    }
    if (state.holds.length > 0) this.#core.items.setRefusedBy(entry, -1);
  }

  /** An entry keeps its lane alone of its item, with the item's event. The others stay allocated, and in their break. */
  #leaveOtherLanes(entry: number): void {
    const core = this.#core;
    let event = Number.NaN;
    for (let each = core.sibling(entry); each !== entry; each = core.sibling(each)) {
      if (core.wheel.isScheduled(each)) event = core.entries.event(each);
      core.counting.gone(each);
      core.leaveLane(core.stateOf(each), each);
    }
    if (!Number.isNaN(event)) core.wheel.schedule(entry, event);
  }

  /** Gives back what else there was of an entry's item. */
  #releaseOthers(entry: number): void {
    const core = this.#core;
    if (core.sibling(entry) === entry) return;
    for (let each = core.sibling(entry); each !== entry;) {
      const next = core.sibling(each);
      core.release(each);
      each = next;
    }
    core.items.alone(entry);
  }

  /** Records of a group of which something is allocated: left ones in order of arrival, then right ones. */
  #legs(rule: GroupRule, group: number): readonly number[] {
    const links = this.#links(rule);
    const { entries } = this.#core;
    return [...this.#members(rule, group, FIRST_LEG), ...this.#members(rule, group, FIRST)]
      .filter((entry) => links.part(entry) !== 0)
      .sort((a, b) => this.#core.sideOf(a) - this.#core.sideOf(b) || entries.arrival(a) - entries.arrival(b));
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
}

/** @param amount how much, without sign */
function allocate(links: MemberLinks, entry: number, amount: number): void {
  const signed = links.value(entry) < 0 ? -amount : amount;
  links.setValue(entry, links.value(entry) - signed);
  links.setPart(entry, links.part(entry) + signed);
}
