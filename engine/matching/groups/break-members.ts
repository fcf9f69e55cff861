import { CounterfoilError } from '../../domain/index.ts';
import type { KernelCore } from '../core.ts';
import { EXTENDED } from '../entries.ts';
import { FETCHED, NO_ENTRY } from '../slab.ts';
import {
  BREAK_COUNT,
  BREAK_CARRIER,
  BREAK_FIRST,
  BREAK_LAST,
  DEADLINE,
  groupBreakOf,
  type GroupBreaks,
} from './group-breaks.ts';
import type { GroupRule } from './group-rule.ts';
import { COUNT, FIRST, LAST } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { Lists } from './lists.ts';
import { MemberLinks } from './member-links.ts';

/** Who is in the breaks of groups. */
export class BreakMembers {
  readonly lists: Lists;
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #breaks: GroupBreaks;

  constructor(core: KernelCore, store: GroupStore, breaks: GroupBreaks) {
    this.#core = core;
    this.#store = store;
    this.#breaks = breaks;
    this.lists = new Lists(breaks, new MemberLinks(), core.entries);
  }

  /** Until when the members of a break stay in memory: as long as any of them would on its own. @param entry a member */
  staysUntil(code: number, entry: number): number {
    const number = groupBreakOf(code);
    const breaks = this.#breaks;
    const known = breaks.number(number, DEADLINE);
    // Deadlines rise while the members are the same, so that one that is still ahead needs no second look; where one
    // falls, `deadlineFell` says so.
    if (known > this.#eventOf(entry)) return known;
    let latest = Number.NEGATIVE_INFINITY;
    for (const member of this.of(number)) {
      let each = member;
      let retain = 0;
      do {
        const state = this.#core.stateOf(each);
        latest = Math.max(latest, this.#store.staysUntil(state, each));
        retain = Math.max(retain, state.definition.retain);
        each = this.#core.sibling(each);
      } while (each !== member);
      latest = Math.max(latest, this.#core.items.due(member) + retain);
    }
    breaks.setNumber(number, DEADLINE, latest);
    return latest;
  }

  /** A member is no longer held in memory by groups or lanes that it has left. */
  deadlineFell(code: number): void {
    this.#breaks.setNumber(groupBreakOf(code), DEADLINE, Number.NEGATIVE_INFINITY);
  }

  #eventOf(entry: number): number {
    let latest = this.#core.entries.event(entry);
    for (let each = this.#core.sibling(entry); each !== entry; each = this.#core.sibling(each)) {
      latest = Math.max(latest, this.#core.entries.event(each));
    }
    return latest;
  }

  /** Takes an entry out of a break's list of a side; it may come back into another. */
  unlink(number: number, entry: number, side: number): void {
    const { lists } = this;
    const breaks = this.#breaks;
    lists.remove(number, BREAK_FIRST + side, BREAK_LAST + side, entry);
    breaks.setInt(number, BREAK_COUNT + side, breaks.int(number, BREAK_COUNT + side) - 1);
    breaks.addToSum(number, side, -lists.links.value(entry));
    breaks.setNumber(number, DEADLINE, Number.NEGATIVE_INFINITY);
    if (breaks.int(number, BREAK_CARRIER) === entry) this.onCarrierLeaves(number);
  }

  /** Told of a break that the member leaves whose event stood for that of others. */
  onCarrierLeaves: (number: number) => void = () => undefined;

  /** Puts an entry into a break's list of a side. @throws `internal` for one that would forget when it was due */
  link(number: number, entry: number, side: number, value: number): void {
    const { lists } = this;
    this.#expectDue(entry);
    const breaks = this.#breaks;
    lists.links.setOwner(entry, number);
    lists.links.setValue(entry, value);
    lists.insert(number, BREAK_FIRST + side, BREAK_LAST + side, entry);
    breaks.setInt(number, BREAK_COUNT + side, breaks.int(number, BREAK_COUNT + side) + 1);
    breaks.addToSum(number, side, value);
    breaks.setNumber(number, DEADLINE, Number.NEGATIVE_INFINITY);
  }

  /**
   * Puts all members of a group that are in no break, and have anything left to match, into a break.
   * @returns them: left ones in order of arrival, then right ones
   * @throws `internal` for one that would forget when it was due
   */
  linkFree(number: number, rule: GroupRule, group: number): readonly number[] {
    const { entries } = this.#core;
    const { slab } = this.#store;
    const lists = this.#store.lists(rule.index);
    const { links } = lists;
    const joining: number[] = [];
    for (let side = 0; side < 2; side++) {
      const from = joining.length;
      const members: number[] = [];
      lists.collect(group, FIRST + side, LAST + side, slab.int(group, COUNT + side), members);
      for (let i = 0; i < members.length; i++) {
        if (i % FETCHED === 0) {
          this.#core.fetchEntries(members, i);
          this.#core.fetched = this.lists.links.touch(members, i);
        }
        const entry = members[i]!;
        if (entries.break(entry) !== NO_ENTRY || (rule.partial && links.value(entry) === 0)) continue;
        joining.push(entry);
      }
      this.#linkAll(number, joining, from, side, links);
    }
    return joining;
  }

  /** Those of `entries` from `from` on, in order of arrival, come into a break's list of their side. */
  #linkAll(number: number, entries: readonly number[], from: number, side: number, group: MemberLinks): void {
    const breaks = this.#breaks;
    if (from === entries.length) return;
    if (breaks.int(number, BREAK_LAST + side) !== NO_ENTRY) {
      for (let i = from; i < entries.length; i++)
        this.link(number, entries[i]!, side, group.value(entries[i]!));
      return;
    }
    // The list is empty, and they follow one another as they are.
    const { links } = this.lists;
    let before = NO_ENTRY;
    for (let i = from; i < entries.length; i++) {
      const entry = entries[i]!;
      const value = group.value(entry);
      this.#expectDue(entry);
      links.setOwner(entry, number);
      links.setValue(entry, value);
      links.put(entry, before, i + 1 < entries.length ? entries[i + 1]! : NO_ENTRY);
      breaks.addToSum(number, side, value);
      before = entry;
    }
    breaks.setInt(number, BREAK_FIRST + side, entries[from]!);
    breaks.setInt(number, BREAK_LAST + side, before);
    breaks.setInt(number, BREAK_COUNT + side, entries.length - from);
    breaks.setNumber(number, DEADLINE, Number.NEGATIVE_INFINITY);
  }

  /** Entries are in no break any more. */
  release(members: readonly number[]): void {
    const { links } = this.lists;
    for (let i = 0; i < members.length; i++) {
      if (i % FETCHED === 0) this.#core.fetched = links.touch(members, i);
      links.setOwner(members[i]!, NO_ENTRY);
    }
  }

  #expectDue(entry: number): void {
    if ((this.#core.entries.packed(entry) & EXTENDED) !== 0) return;
    throw new CounterfoilError(
      'internal',
      `record ${entry} comes into the break of a group without its due time; report this with the log`,
    );
  }

  /** The arrival of the member that arrived first. */
  earliest(number: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let side = 0; side < 2; side++) {
      const entry = this.#breaks.int(number, BREAK_FIRST + side);
      if (entry !== NO_ENTRY) earliest = Math.min(earliest, this.#core.entries.arrival(entry));
    }
    return earliest;
  }

  /** The first of its members: left ones come before right ones. */
  first(number: number): number {
    const left = this.#breaks.int(number, BREAK_FIRST);
    return left === NO_ENTRY ? this.#breaks.int(number, BREAK_FIRST + 1) : left;
  }

  /** Left members in order of arrival, then right ones. */
  of(number: number): number[] {
    const members: number[] = [];
    const breaks = this.#breaks;
    for (let side = 0; side < 2; side++) {
      const count = breaks.int(number, BREAK_COUNT + side);
      this.lists.collect(number, BREAK_FIRST + side, BREAK_LAST + side, count, members);
    }
    return members;
  }
}
