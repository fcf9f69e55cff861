import type { CompiledRule } from '../compiled-rule.ts';
import type { KernelCore } from '../core.ts';
import type { KernelFields } from '../kernel-fields.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import { FrozenRates } from './frozen-rates.ts';
import type { GroupRule } from './group-rule.ts';
import {
  BREAK,
  CARRIER,
  COUNT,
  DETACHED,
  DUE,
  FIRST,
  FIRST_LEG,
  GroupSlab,
  HASH,
  LAST,
  LAST_LEG,
  LEG_COUNT,
  SIGNALS_STALE,
} from './group-slab.ts';
import { Lists } from './lists.ts';
import { ALLOCATED, IS_LEG, MemberLinks, SIGNALS } from './member-links.ts';
import { GroupMemory } from './group-memory.ts';
import { GroupSignals } from './group-signals.ts';
import type { Standing } from './standing.ts';
import { StateGroups } from './state-groups.ts';

/**
 * The groups of a kernel and who belongs to them. A group is found by its key, which is that of any of its members or
 * legs; it ends when it has neither.
 */
export class GroupStore {
  readonly slab: GroupSlab = new GroupSlab();
  readonly memory: GroupMemory;
  readonly signals: GroupSignals;
  /** Keys of the groups whose records may have several. */
  readonly texts = new Map<number, string[]>();
  /** Exact fees by group, of both sides' unmatched members and of both sides' legs; where a rule rounds them once. */
  readonly exact = new Map<number, [bigint, bigint, bigint, bigint]>();
  /** The rate by which a group was matched. */
  readonly rates: FrozenRates = new FrozenRates();
  readonly #core: KernelCore;
  readonly #cursor: StoredFields;
  /** Of the first records by side; good until the next group is loaded. */
  readonly #firsts: readonly [StoredFields, StoredFields];
  readonly #lists: Lists[] = [];
  readonly #states: (StateGroups | undefined)[] = [];

  constructor(core: KernelCore) {
    this.#core = core;
    this.slab.onFree = (group) => {
      core.onGroupFreed(group);
    };
    this.memory = new GroupMemory(core, this);
    this.signals = new GroupSignals(core, this);
    this.#cursor = core.cursor();
    this.#firsts = [core.cursor(), core.cursor()];
  }

  of(state: ReconciliationState): StateGroups {
    const known = this.#states[state.slot];
    if (known?.state === state) return known;
    const made = new StateGroups(state);
    this.#states[state.slot] = made;
    return made;
  }

  /** The lists of members under the rule at a place. */
  lists(rule: number): Lists {
    while (this.#lists.length <= rule) {
      this.#lists.push(new Lists(this.slab, new MemberLinks(), this.#core.entries));
    }
    return this.#lists[rule]!;
  }

  /** All lists there are, by place of the rule. */
  get allLists(): readonly Lists[] {
    return this.#lists;
  }

  /** The group that a record belongs to under a rule, as a member or a leg; −1 if none. */
  groupOf(rule: number, entry: number): number {
    return rule < this.#lists.length ? this.#lists[rule]!.links.owner(entry) : NO_ENTRY;
  }

  /** Whether a record is an unmatched member of a group under a rule. */
  isMember(rule: number, entry: number): boolean {
    if (this.groupOf(rule, entry) === NO_ENTRY) return false;
    return (this.#lists[rule]!.links.flags(entry) & IS_LEG) === 0;
  }

  /** Whether a partial rule has matched a part of a record. */
  hasAllocation(rule: GroupRule, entry: number): boolean {
    return (
      this.isMember(rule.index, entry) && (this.#lists[rule.index]!.links.flags(entry) & ALLOCATED) !== 0
    );
  }

  /** Until when an entry stays in memory for its groups in its lane; −∞ without any. */
  staysUntil(state: ReconciliationState, entry: number): number {
    let latest = Number.NEGATIVE_INFINITY;
    if (!state.hasGroups) return latest;
    for (const rule of this.of(state).gathering) {
      const group = this.groupOf(rule.index, entry);
      if (group !== NO_ENTRY) latest = Math.max(latest, this.slab.number(group, DUE) + rule.retain);
    }
    return latest;
  }

  /** The group with the key of the row at hand, which the rule has looked at; −1 if none. */
  find(own: StateGroups, rule: CompiledRule, side: number): number {
    const index = own.indexes[rule.index]!;
    const { hash } = rule;
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) {
      const group = index.entryAt(slot);
      if (this.#hasRowsKey(this.anyOf(group), rule, side)) return group;
    }
    return NO_ENTRY;
  }

  /** An entry whose key is the group's: a member or leg, or one that a leg has replaced. */
  anyOf(group: number): number {
    const { memory, slab } = this;
    const key = memory.keys.size === 0 ? undefined : memory.keys.get(group);
    if (key !== undefined) return key;
    for (const column of [FIRST, FIRST + 1, FIRST_LEG, FIRST_LEG + 1]) {
      const entry = slab.int(group, column);
      if (entry !== NO_ENTRY) return entry;
    }
    return NO_ENTRY;
  }

  /** A new group with the key of the row at hand. It has no member yet. */
  open(own: StateGroups, rule: CompiledRule): number {
    const group = this.slab.add(own.state.slot, rule.index, rule.hash);
    own.indexes[rule.index]!.insert(rule.hash, group);
    return group;
  }

  /** A new group without keys: they are to be added as texts. */
  openWithTexts(own: StateGroups, rule: CompiledRule): number {
    const group = this.slab.add(own.state.slot, rule.index, 0);
    this.texts.set(group, []);
    return group;
  }

  /** One more key by which a group is found. */
  addText(own: StateGroups, group: number, key: string): void {
    own.byText[this.slab.rule(group)]!.set(key, group);
    this.texts.get(group)!.push(key);
  }

  /** Told of a group whose members have come to another, before it is given back. */
  onUnite: (own: StateGroups, group: number, other: number) => void = () => undefined;

  /** Puts an entry into a group. @param due of its item */
  enter(
    rule: GroupRule,
    group: number,
    entry: number,
    side: number,
    fields: KernelFields,
    due: number,
  ): void {
    const { slab } = this;
    const lists = this.lists(rule.index);
    const { links } = lists;
    rule.measure(side, fields);
    links.add(entry, group, rule.value, rule.part, 0);
    lists.insert(group, FIRST + side, LAST + side, entry);
    slab.setInt(group, COUNT + side, slab.int(group, COUNT + side) + 1);
    slab.addToSum(group, side, rule.value);
    if (rule.perGroup) this.exactOf(group)[side]! += rule.exact;
    if (rule.completion === 'onSignal') {
      slab.addToRaw(group, side, fields.amount);
      if (fields.groupCount !== undefined || fields.groupTotal !== undefined) {
        links.setFlags(entry, SIGNALS);
        this.signals.hear(rule, group, side, fields);
      }
    }
    if (rule.contra < 0) slab.raiseDue(group, due);
  }

  /** Takes an entry out of the group that it is an unmatched member of; the group ends if nothing is left of it. */
  leave(own: StateGroups, rule: GroupRule, entry: number): void {
    const { slab } = this;
    const lists = this.lists(rule.index);
    const { links } = lists;
    const group = links.owner(entry);
    const side = this.#core.sideOf(entry);
    if (this.hasAllocation(rule, entry) && links.part(entry) !== 0 && slab.members(group) > 1) {
      // What is left of it leaves; what is allocated of it stays a leg of the match, which goes on.
      this.memory.moveToLeg(rule, group, side, entry);
      return;
    }
    if (slab.int(group, CARRIER) === entry) this.onCarrierLeaves(rule.index, group, entry);
    lists.remove(group, FIRST + side, LAST + side, entry);
    links.setOwner(entry, NO_ENTRY);
    slab.setInt(group, COUNT + side, slab.int(group, COUNT + side) - 1);
    slab.addToSum(group, side, -links.value(entry));
    if (rule.perGroup) {
      rule.measure(side, this.#cursor.to(entry));
      this.exactOf(group)[side]! -= rule.exact;
    }
    if (rule.completion === 'onSignal') {
      slab.addToRaw(group, side, -this.#core.entries.amount(entry));
      if ((links.flags(entry) & SIGNALS) !== 0) slab.setInt(group, SIGNALS_STALE, 1);
    }
    if (slab.members(group) === 0) this.#endIfOver(own, rule, group);
  }

  /** The members of a group that are not matched: left ones in order of arrival, then right ones. */
  members(rule: number, group: number): number[] {
    return this.#collect(rule, group, FIRST, LAST, COUNT);
  }

  /** The legs of a group's match, likewise. */
  legs(rule: number, group: number): number[] {
    return this.#collect(rule, group, FIRST_LEG, LAST_LEG, LEG_COUNT);
  }

  #collect(rule: number, group: number, first: number, last: number, count: number): number[] {
    const lists = this.lists(rule);
    const collected: number[] = [];
    for (let side = 0; side < 2; side++) {
      lists.collect(group, first + side, last + side, this.slab.int(group, count + side), collected);
    }
    return collected;
  }

  /** All members of a group leave it at once. */
  leaveAll(own: StateGroups, rule: GroupRule, group: number): void {
    const { slab } = this;
    const { links } = this.lists(rule.index);
    for (const entry of this.members(rule.index, group)) links.setOwner(entry, NO_ENTRY);
    slab.clearMembers(group);
    const exact = this.exact.get(group);
    if (exact !== undefined) exact[0] = exact[1] = 0n;
    this.#endIfOver(own, rule, group);
  }

  /** A group without members ends, unless its match is remembered yet. */
  #endIfOver(own: StateGroups, rule: GroupRule, group: number): void {
    if (rule.partial || !this.slab.isMatched(group) || this.memory.isOver(rule, group)) this.end(own, group);
  }

  /** A group that is found by its one key is found no more; another may come to have the key. */
  detach(own: StateGroups, group: number): void {
    this.#unindex(own, group);
    this.slab.setInt(group, DETACHED, 1);
  }

  #unindex(own: StateGroups, group: number): void {
    const { slab } = this;
    const index = own.indexes[slab.rule(group)]!;
    const hash = slab.int(group, HASH);
    let slot = index.first(hash);
    while (slot >= 0 && index.entryAt(slot) !== group) slot = index.next(slot, hash);
    if (slot >= 0) index.removeAt(slot);
  }

  /** Forgets a group that has no members: its legs must be gone, or be freed now by the caller. */
  end(own: StateGroups, group: number): void {
    const { slab } = this;
    const texts = this.texts.get(group);
    if (texts === undefined) {
      if (slab.int(group, DETACHED) === 0) this.#unindex(own, group);
    } else {
      for (const key of texts) own.byText[slab.rule(group)]!.delete(key);
      this.texts.delete(group);
    }
    this.exact.delete(group);
    this.rates.delete(group);
    this.memory.freeLegs(group);
    this.onEnd(slab.int(group, BREAK));
    slab.free(group);
  }

  /** Forgets the match of a group; it goes on with its unmatched members, or ends. */
  forgetMatch(own: StateGroups, group: number): void {
    const { slab } = this;
    if (slab.members(group) === 0) {
      this.end(own, group);
      return;
    }
    this.memory.freeLegs(group);
    slab.forgetMatch(group);
    this.rates.delete(group);
    const rule = own.rules[slab.rule(group)]!;
    if (rule.partial) this.#loseParts(rule, group);
    const exact = this.exact.get(group);
    if (exact !== undefined) exact[2] = exact[3] = 0n;
  }

  /** What a partial rule has allocated of a group's members stays with a match that does not go on. */
  #loseParts(rule: GroupRule, group: number): void {
    const { links } = this.lists(rule.index);
    for (let side = 0; side < 2; side++) {
      for (let entry = this.slab.int(group, FIRST + side); entry !== NO_ENTRY; entry = links.next(entry)) {
        links.losePart(entry);
      }
    }
  }

  /** Forgets a group; its members are in none. */
  disband(own: StateGroups, group: number): void {
    const { links } = this.lists(this.slab.rule(group));
    for (let side = 0; side < 2; side++) {
      for (let entry = this.slab.int(group, FIRST + side); entry !== NO_ENTRY; entry = links.next(entry)) {
        links.setOwner(entry, NO_ENTRY);
      }
    }
    this.end(own, group);
  }

  /** Told of a group that the pending member leaves whose event stood for that of others. */
  onCarrierLeaves: (rule: number, group: number, entry: number) => void = () => undefined;

  /** Told of the break that a group leaves behind, or −1. */
  onEnd: (groupBreak: number) => void = () => undefined;

  exactOf(group: number): [bigint, bigint, bigint, bigint] {
    let exact = this.exact.get(group);
    if (exact === undefined) {
      exact = [0n, 0n, 0n, 0n];
      this.exact.set(group, exact);
    }
    return exact;
  }

  /** Adds how a group's unmatched members, and the legs of its match, stand together. */
  load(rule: GroupRule, group: number, standing: Standing): void {
    const { slab } = this;
    slab.addSumsTo(group, 0, standing.sums, 0);
    slab.addSumsTo(group, 1, standing.sums, 2);
    standing.countLeft += slab.int(group, COUNT) + slab.int(group, LEG_COUNT);
    standing.countRight += slab.int(group, COUNT + 1) + slab.int(group, LEG_COUNT + 1);
    if (rule.perGroup) {
      const exact = this.exactOf(group);
      standing.exactLeft += exact[0] + exact[2];
      standing.exactRight += exact[1] + exact[3];
    }
    if (rule.rule.fx === undefined) return;
    if (slab.isMatched(group)) {
      standing.frozen = this.rates.get(group);
    } else {
      this.#meet(standing, 0, slab.int(group, FIRST));
      this.#meet(standing, 1, slab.int(group, FIRST + 1));
    }
  }

  /** The first record of a side of a group, which may be that of several groups. */
  #meet(standing: Standing, side: 0 | 1, entry: number): void {
    if (entry === NO_ENTRY || !standing.isFirst(side, this.#core.entries.arrival(entry))) return;
    standing.meet(side, this.#firsts[side].to(entry));
  }

  #hasRowsKey(entry: number, rule: CompiledRule, side: number): boolean {
    const { blobs, entries, reader, row } = this.#core;
    if (!blobs.equalsRow(entries.blob(entry), reader, rule, side)) return false;
    if (!rule.readsCurrency) return true;
    return this.#core.keyCurrency(rule, this.#core.sideOf(entry), entry) === rule.keyCurrency(side, row);
  }
}
