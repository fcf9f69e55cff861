import type { KernelCore } from '../core.ts';
import { LEG } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { GroupRule } from './group-rule.ts';
import {
  COUNT,
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

/** What groups remember of their matches: legs, which stay allocated as entries, and what the totals have. */
export class GroupMemory {
  readonly #core: KernelCore;
  readonly #store: GroupStore;

  constructor(core: KernelCore, store: GroupStore) {
    this.#core = core;
    this.#store = store;
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

  /** The totals have the latest version of a group's match: it takes the place of the one before. @param leg its last */
  countMatch(
    state: ReconciliationState,
    group: number,
    leg: number,
    difference: number,
    lagMs: number,
  ): void {
    const { slab } = this.#store;
    const totals = state.totals(this.#core.currency(leg));
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

  /** Gives the memory of a group's legs back. */
  freeLegs(group: number): void {
    const { slab } = this.#store;
    const { links } = this.#store.lists(slab.rule(group));
    for (let side = 0; side < 2; side++) {
      let entry = slab.int(group, FIRST_LEG + side);
      while (entry !== NO_ENTRY) {
        const next = links.next(entry);
        links.setOwner(entry, NO_ENTRY);
        this.#core.wheel.cancel(entry);
        this.#core.release(entry);
        entry = next;
      }
    }
  }
}
