import type { BreakState } from '../../domain/index.ts';
import { BREAK_KINDS } from '../../domain/index.ts';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import type { Counting } from '../counting.ts';
import { CONSUMED } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { BreakMembers } from './break-members.ts';
import { BreakSayings, type GroupBreakNote, type Said } from './break-sayings.ts';
import {
  asBreak,
  BREAK_DUE,
  BREAK_GROUP,
  GroupBreaks,
  groupBreakOf,
  LATE_N,
  LATE_SEQUENCE,
  TOLD_AMOUNT,
  TOLD_KIND,
} from './group-breaks.ts';
import type { BreakFacts, GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { BREAK, DUE, MATCH_N, MATCH_SEQUENCE } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';

/** The breaks of failing groups: one per group, which members join and leave. */
export class GroupBreaking {
  readonly breaks: GroupBreaks = new GroupBreaks();
  readonly members: BreakMembers;
  readonly notes = new Map<number, GroupBreakNote>();
  readonly #core: KernelCore;
  readonly #counting: Counting;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #sayings: BreakSayings;

  constructor(core: KernelCore, counting: Counting, store: GroupStore, results: GroupResults) {
    this.#core = core;
    this.#counting = counting;
    this.#store = store;
    this.#results = results;
    this.members = new BreakMembers(core, store, this.breaks);
    this.#sayings = new BreakSayings(core, store, results, this.breaks, this.members.lists.links);
    store.onUnite = (own, group, other) => this.#unite(own.state, group, other);
    store.onEnd = (number) => {
      if (number !== NO_ENTRY) this.breaks.setInt(number, BREAK_GROUP, NO_ENTRY);
    };
  }

  /** All unmatched members of a group that are in no break open its break, or join it. */
  breakGroup(state: ReconciliationState, rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    const { breaks } = this;
    const { emitter } = this.#core;
    let number = slab.int(group, BREAK);
    const isNew = number === NO_ENTRY;
    if (isNew) {
      const due = slab.number(group, DUE);
      number = breaks.add(state.slot, rule.index, group, emitter.sequence, emitter.n, due);
      slab.setInt(group, BREAK, number);
      if (slab.isMatched(group) && !rule.partial) {
        breaks.setNumber(number, LATE_SEQUENCE, slab.number(group, MATCH_SEQUENCE));
        breaks.setInt(number, LATE_N, slab.int(group, MATCH_N));
      }
    } else {
      this.count(state, number, -1);
      breaks.nextVersion(number);
    }
    const joining = this.members.linkFree(number, rule, group);
    this.#counting.allBroke(state, joining, asBreak(number));
    this.tell(state, number, isNew ? joining : undefined);
  }

  positionOf(code: number): { readonly sequence: number; readonly n: number } {
    const number = groupBreakOf(code);
    return { sequence: this.breaks.sequence(number), n: this.breaks.n(number) };
  }

  /** The next version, with a reason; all else is repeated. */
  setReason(code: number, reason: string): void {
    const number = groupBreakOf(code);
    this.#noteOf(number).reason = reason;
    this.breaks.nextVersion(number);
    this.#repeat(number, 'open', undefined);
  }

  /** Members flagged CONSUMED leave without a match; true when those were all, and it was written off. */
  writeOff(code: number): boolean {
    const number = groupBreakOf(code);
    if (this.#goesOn(number)) return false;
    this.end(number, 'writtenOff');
    return true;
  }

  /** The last version of a break that no match ended. */
  end(number: number, as: 'writtenOff' | 'resolved'): void {
    this.count(this.#stateOf(number), number, -1);
    this.breaks.nextVersion(number);
    this.#repeat(number, as, undefined);
    this.free(number);
  }

  /** A member leaves without a version. */
  leaveSilently(code: number, entry: number): void {
    const number = groupBreakOf(code);
    const state = this.#stateOf(number);
    if (this.breaks.members(number) > 1) {
      this.keepTold(state, number);
      this.#remove(number, entry);
      return;
    }
    this.count(state, number, -1);
    this.free(number);
  }

  /** Members flagged CONSUMED leave: the break is resolved by a match, or goes on without them. */
  heal(code: number, n: number, sequence: number): void {
    const number = groupBreakOf(code);
    if (this.#goesOn(number)) return;
    const state = this.#stateOf(number);
    this.count(state, number, -1);
    state.totals(this.#core.currency(this.members.first(number))).healed();
    this.breaks.nextVersion(number);
    this.#repeat(number, 'resolved', { sequence, n });
    this.free(number);
  }

  /**
   * An entry stands under other rules: perhaps on another side of its reconciliation, perhaps for another time.
   * @param before the side it was on
   */
  sideChanged(code: number, entry: number, before: number): void {
    const number = groupBreakOf(code);
    const value = this.members.lists.links.value(entry);
    this.members.unlink(number, entry, before);
    this.members.link(number, entry, this.#core.sideOf(entry), value);
  }

  /** If members that are not flagged CONSUMED are left, the next version is about these. */
  #goesOn(number: number): boolean {
    const { entries } = this.#core;
    const members = this.members.of(number);
    const leaving = members.filter((entry) => (entries.packed(entry) & CONSUMED) !== 0);
    if (leaving.length === members.length) return false;
    const state = this.#stateOf(number);
    this.count(state, number, -1);
    this.breaks.nextVersion(number);
    for (const entry of leaving) this.#remove(number, entry);
    this.tell(state, number);
    return true;
  }

  isIn(code: number, entry: number): boolean {
    return this.members.lists.links.owner(entry) === groupBreakOf(code);
  }

  /** Forgets a break whose members leave memory, and gives them. */
  dissolve(code: number): readonly number[] {
    const members = this.members.of(groupBreakOf(code));
    this.free(groupBreakOf(code), members);
    return members;
  }

  #remove(number: number, entry: number): void {
    this.members.unlink(number, entry, this.#core.sideOf(entry));
    this.members.lists.links.setOwner(entry, NO_ENTRY);
  }

  /** Forgets a break; its members are in none now, or gone. */
  free(number: number, members: readonly number[] = this.members.of(number)): void {
    const group = this.breaks.int(number, BREAK_GROUP);
    if (group !== NO_ENTRY) this.#store.slab.setInt(group, BREAK, NO_ENTRY);
    this.members.release(members);
    this.notes.delete(number);
    this.breaks.free(number);
  }

  /** The group lets go of its break: nobody joins it any more, and what it says of its sums stays about amounts. */
  unbind(state: ReconciliationState, number: number): void {
    const note = this.#noteOf(number);
    if (note.unbound !== undefined) return;
    this.members.onCarrierLeaves(number);
    const { why, currency, leftCurrency } = this.#toldOf(state, number);
    this.keepTold(state, number);
    note.unbound = { why, currency, leftCurrency, isResidual: this.ruleOf(number).partial };
    const group = this.breaks.int(number, BREAK_GROUP);
    if (group !== NO_ENTRY) this.#store.slab.setInt(group, BREAK, NO_ENTRY);
    this.breaks.setInt(number, BREAK_GROUP, NO_ENTRY);
  }

  /** A group comes to another, with its break; of two breaks the younger is let go. */
  #unite(state: ReconciliationState, group: number, other: number): void {
    const { slab } = this.#store;
    const mine = slab.int(group, BREAK);
    const coming = slab.int(other, BREAK);
    if (coming === NO_ENTRY) return;
    if (mine === NO_ENTRY || this.#isEarlier(coming, mine)) {
      if (mine !== NO_ENTRY) this.unbind(state, mine);
      slab.setInt(group, BREAK, coming);
      this.breaks.setInt(coming, BREAK_GROUP, group);
      return;
    }
    this.unbind(state, coming);
  }

  /** Of two breaks the one with the earliest record: where in the log they were told decides nothing. */
  #isEarlier(number: number, than: number): boolean {
    return this.members.earliest(number) < this.members.earliest(than);
  }

  #stateOf(number: number): ReconciliationState {
    return this.#core.stateOf(this.members.first(number));
  }

  /** Only while it has a group. */
  ruleOf(number: number): GroupRule {
    const state = this.#core.states[this.breaks.slot(number)]!;
    return this.#store.of(state).rules[this.breaks.rule(number)]!;
  }

  /** The present version of a break, as its members are now. @param members where they are known */
  tell(
    state: ReconciliationState,
    number: number,
    members: readonly number[] = this.members.of(number),
  ): void {
    const isBound = this.notes.get(number)?.unbound === undefined;
    const isPartial = isBound && this.ruleOf(number).partial;
    if (isPartial) this.#takeResiduals(this.ruleOf(number), number);
    const said = this.#say(state, number, members);
    this.breaks.setNumber(number, TOLD_AMOUNT, said.amount);
    this.breaks.setInt(number, TOLD_KIND, BREAK_KINDS.indexOf(said.kind));
    const note = isPartial || !isBound ? this.#noteOf(number) : this.notes.get(number);
    if (note !== undefined) note.told = isPartial || !isBound ? this.#bodyOf(state, number) : undefined;
    this.count(state, number, 1);
    this.#repeat(number, 'open', undefined, note?.told === undefined ? said : undefined, members);
  }

  /** Says again what the last version said. @param said what that was, where it is known */
  #repeat(
    number: number,
    stands: BreakState,
    resolvedBy: BreakFacts['resolvedBy'],
    said?: Said,
    members: readonly number[] = this.members.of(number),
  ): void {
    const state = this.#stateOf(number);
    const { kind, amount, why, currency, leftCurrency } = said ?? this.#toldOf(state, number);
    const facts: BreakFacts = {
      kind,
      amount,
      why,
      currency,
      leftCurrency,
      state: stands,
      sequence: this.breaks.sequence(number),
      n: this.breaks.n(number),
      version: this.breaks.version(number),
      dueTime: this.breaks.number(number, BREAK_DUE),
      reason: this.notes.get(number)?.reason ?? '',
      resolvedBy,
    };
    const told = this.notes.get(number)?.told;
    this.#results.break(state, members, facts, told?.members);
  }

  /** What the last version said, as far as it is kept; the rest cannot have changed. */
  #toldOf(state: ReconciliationState, number: number): Said {
    const told = this.notes.get(number)?.told;
    if (told !== undefined) return { ...told, leftCurrency: told.leftCurrency };
    return {
      ...this.#say(state, number),
      kind: BREAK_KINDS[this.breaks.int(number, TOLD_KIND)]!,
      amount: this.breaks.number(number, TOLD_AMOUNT),
    };
  }

  /** What a version says of its members, whole. */
  #bodyOf(state: ReconciliationState, number: number): BreakBody {
    const members = this.members.of(number);
    const isResidual = this.notes.get(number)?.unbound === undefined && this.ruleOf(number).partial;
    const views = this.#core.emitter.recordsOf(members);
    const { blobs, entries, reader } = this.#core;
    return {
      ...this.#say(state, number),
      account: reader.accounts.text(blobs.account(entries.blob(members[0]!))),
      members: views.map(({ side, source, id, sequence, ordinal, amount }, i) => {
        const left = isResidual ? this.members.lists.links.value(members[i]!) : amount;
        return { side, source, id, sequence, ordinal, amount: left };
      }),
    };
  }

  /** What is left of the members now. */
  #takeResiduals(rule: GroupRule, number: number): void {
    const { links } = this.#store.lists(rule.index);
    for (const entry of this.members.of(number)) {
      if (links.owner(entry) !== NO_ENTRY) this.members.lists.links.setValue(entry, links.value(entry));
    }
  }

  /** Until its next version a break says what its last one said, whoever has left it by then. */
  keepTold(state: ReconciliationState, number: number): void {
    this.#noteOf(number).told ??= this.#bodyOf(state, number);
  }

  #noteOf(number: number): GroupBreakNote {
    let note = this.notes.get(number);
    if (note === undefined) {
      note = { reason: '', unbound: undefined, told: undefined };
      this.notes.set(number, note);
    }
    return note;
  }

  #say(
    state: ReconciliationState,
    number: number,
    members: readonly number[] = this.members.of(number),
  ): Said {
    const unbound = this.notes.get(number)?.unbound;
    if (unbound !== undefined) return this.#sayings.ofAmounts(state, number, members, unbound);
    return this.#sayings.ofGroup(this.ruleOf(number), number, members);
  }

  /** The break comes into the totals (1), as its last version said, or goes (−1). */
  count(state: ReconciliationState, number: number, change: 1 | -1): void {
    const first = this.members.first(number);
    const kind = this.breaks.int(number, TOLD_KIND);
    const amount = this.breaks.number(number, TOLD_AMOUNT);
    state
      .totals(this.#core.currency(first))
      .breakChanged(change, kind, amount, this.breaks.number(number, BREAK_DUE));
  }
}
