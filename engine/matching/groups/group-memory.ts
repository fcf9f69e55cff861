import type { KernelCore } from '../core.ts';
import { EXTENDED, LEG } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { FETCHED, NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import type { GroupRule } from './group-rule.ts';
import {
  COUNT,
  DUE,
  MEMORY_ENDED,
  FIRST,
  FIRST_LEG,
  LAST,
  LAST_LEG,
  LEG_COUNT,
  MATCH_DIFFERENCE,
  MATCH_LAG,
  MATCH_N,
  MATCH_SEQUENCE,
  VERSION,
} from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { IS_LEG } from './member-links.ts';
import type { Standing } from './standing.ts';

/** What groups remember of their matches: legs, which stay allocated as entries, and what the totals have. */
export class GroupMemory {
  /** By group: an entry in no list that has the group's key, where a leg has been replaced. */
  readonly keys = new Map<number, number>();
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #cursor: StoredFields;

  constructor(core: KernelCore, store: GroupStore) {
    this.#core = core;
    this.#store = store;
    this.#cursor = core.cursor();
  }

  /** The groups of a reconciliation. */
  groupsOf(state: ReconciliationState): number[] {
    const { slab } = this.#store;
    const groups: number[] = [];
    for (let group = 0; group < slab.count; group++) {
      if (slab.isUsed(group) && slab.slot(group) === state.slot) groups.push(group);
    }
    return groups;
  }

  /** The group whose match has its first version at a position, or −1. */
  matchedAs(state: ReconciliationState, sequence: number, n: number): number {
    const { slab } = this.#store;
    const isAt = (group: number): boolean =>
      slab.isMatched(group) &&
      slab.number(group, MATCH_SEQUENCE) === sequence &&
      slab.int(group, MATCH_N) === n;
    return this.groupsOf(state).find(isAt) ?? NO_ENTRY;
  }

  /** Whether a match is remembered only as long as its group has unmatched members. */
  isOver(rule: GroupRule, group: number): boolean {
    const { slab } = this.#store;
    if (slab.int(group, MEMORY_ENDED) === 1) return true;
    return this.#core.watermark > slab.number(group, DUE) + rule.retain;
  }

  /** The totals have the latest version of a group's match, in its currency: it takes the place of the one before. */
  countMatch(
    state: ReconciliationState,
    group: number,
    currency: string,
    difference: number,
    lagMs: number,
  ): void {
    const { slab } = this.#store;
    const totals = state.totals(this.#core.reader.currencies.internText(currency));
    if (slab.int(group, VERSION) > 1) {
      totals.unmatch(slab.number(group, MATCH_DIFFERENCE), slab.number(group, MATCH_LAG));
    }
    totals.match(difference, lagMs);
    slab.setNumber(group, MATCH_DIFFERENCE, difference);
    slab.setNumber(group, MATCH_LAG, lagMs);
  }

  /** A member of which a partial rule has matched all, or whose rest leaves, becomes a leg that stays allocated. */
  moveToLeg(rule: GroupRule, group: number, side: number, entry: number): void {
    const { slab } = this.#store;
    const lists = this.#store.lists(rule.index);
    lists.remove(group, FIRST + side, LAST + side, entry);
    lists.links.setFlags(entry, IS_LEG);
    lists.insert(group, FIRST_LEG + side, LAST_LEG + side, entry);
    slab.setInt(group, COUNT + side, slab.int(group, COUNT + side) - 1);
    slab.setInt(group, LEG_COUNT + side, slab.int(group, LEG_COUNT + side) + 1);
    this.#core.entries.setFlag(entry, LEG);
  }

  /** The members of a group become legs of its match. */
  moveToLegs(rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    const lists = this.#store.lists(rule.index);
    const { links } = lists;
    for (let side = 0; side < 2; side++) {
      const hadLegs = slab.int(group, FIRST_LEG + side) !== NO_ENTRY;
      const first = slab.int(group, FIRST + side);
      if (!hadLegs) {
        slab.setInt(group, FIRST_LEG + side, first);
        slab.setInt(group, LAST_LEG + side, slab.int(group, LAST + side));
      }
      let entry = first;
      while (entry !== NO_ENTRY) {
        const next = links.next(entry);
        links.setFlags(entry, IS_LEG);
        if (hadLegs) lists.insert(group, FIRST_LEG + side, LAST_LEG + side, entry);
        entry = next;
      }
      slab.setInt(group, LEG_COUNT + side, slab.int(group, LEG_COUNT + side) + slab.int(group, COUNT + side));
    }
    slab.membersBecomeLegs(group);
    if (rule.perGroup) {
      const exact = this.#store.exactOf(group);
      this.#store.exact.set(group, [0n, 0n, exact[0] + exact[2], exact[1] + exact[3]]);
    }
  }

  /** Adds how the legs of a group's match stand. */
  load(rule: GroupRule, group: number, standing: Standing): void {
    const { slab } = this.#store;
    slab.addLegsTo(group, 0, standing.sums, 0);
    slab.addLegsTo(group, 1, standing.sums, 2);
    standing.countLeft += slab.int(group, LEG_COUNT);
    standing.countRight += slab.int(group, LEG_COUNT + 1);
    if (rule.perGroup) {
      const exact = this.#store.exactOf(group);
      standing.exactLeft += exact[2];
      standing.exactRight += exact[3];
    }
    standing.frozen = this.#store.rates.get(group);
  }

  /** A leg leaves the match of its group, for another record to take its place in it. */
  takeLegOut(rule: GroupRule, group: number, side: number, entry: number): void {
    const lists = this.#store.lists(rule.index);
    lists.remove(group, FIRST_LEG + side, LAST_LEG + side, entry);
    this.#store.slab.addToLegs(group, side, -lists.links.value(entry));
    if (!rule.perGroup) return;
    rule.measure(side, this.#cursor.to(entry));
    this.#store.exactOf(group)[side === 0 ? 2 : 3] -= rule.exact;
  }

  /** The record of an entry becomes a leg where another has left its place. */
  putLegIn(rule: GroupRule, group: number, side: number, entry: number): void {
    const lists = this.#store.lists(rule.index);
    rule.measure(side, this.#cursor.to(entry));
    lists.links.setValue(entry, rule.value);
    lists.links.setPart(entry, rule.part);
    lists.insert(group, FIRST_LEG + side, LAST_LEG + side, entry);
    this.#store.slab.addToLegs(group, side, rule.value);
    if (rule.perGroup) this.#store.exactOf(group)[side === 0 ? 2 : 3] += rule.exact;
  }

  /**
   * The record of an entry is replaced by one whose key may be another: what it was is kept, once for each group, to
   * tell the group's key. The entry's blob is no longer its own.
   */
  keepKey(group: number, entry: number): void {
    const { blobs, entries } = this.#core;
    if (this.keys.has(group)) {
      blobs.free(entries.blob(entry));
      return;
    }
    const packed = (entries.packed(entry) & ~EXTENDED) | LEG;
    const key = entries.add(
      entries.amount(entry),
      entries.time(entry),
      entries.arrival(entry),
      entries.blob(entry),
      packed,
    );
    this.keys.set(group, key);
  }

  /** Gives the memory of a group's legs back. */
  freeLegs(group: number): void {
    const { slab } = this.#store;
    const key = this.keys.size === 0 ? undefined : this.keys.get(group);
    if (key !== undefined) this.#core.release(key);
    this.keys.delete(group);
    const rule = slab.rule(group);
    const { links } = this.#store.lists(rule);
    const legs = this.#store.legs(rule, group);
    for (let i = 0; i < legs.length; i++) {
      if (i % FETCHED === 0) this.#core.fetch(legs, i);
      const entry = legs[i]!;
      links.setOwner(entry, NO_ENTRY);
      this.#core.wheel.cancel(entry);
      this.#core.release(entry);
    }
  }
}
