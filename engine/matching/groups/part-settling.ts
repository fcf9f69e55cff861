import type { Released } from '../consuming.ts';
import type { KernelCore } from '../core.ts';
import { CONSUMED } from '../entries.ts';
import { NO_ENTRY } from '../slab.ts';
import type { BreakMembers } from './break-members.ts';
import { asBreak } from './group-breaks.ts';
import type { GroupRule } from './group-rule.ts';
import { BREAK, MATCH_N, MATCH_SEQUENCE } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { ALLOCATED, type MemberLinks } from './member-links.ts';
import type { StateGroups } from './state-groups.ts';

/** What follows for records of which a part was matched, and for those that are used up, once the match was emitted. */
export class PartSettling {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #members: BreakMembers;

  /** @param members who is in the breaks of groups */
  constructor(core: KernelCore, store: GroupStore, members: BreakMembers) {
    this.#core = core;
    this.#store = store;
    this.#members = members;
  }

  /**
   * What is used up leaves memory, no other rule or lane tries the rest any more, and breaks heal as far as they go.
   * @param touched all that took part, in order of legs
   * @param openBefore how much of each counted as open before
   */
  settle(
    own: StateGroups,
    rule: GroupRule,
    group: number,
    touched: readonly number[],
    openBefore: ReadonlyMap<number, number>,
  ): void {
    const core = this.#core;
    const { entries, consuming, counting } = core;
    const { slab } = this.#store;
    const { links } = this.#store.lists(rule.index);
    const ownBreak = slab.int(group, BREAK);
    const isDone = (entry: number): boolean => links.value(entry) === 0;
    const isElsewhere = (entry: number): boolean =>
      entries.break(entry) !== NO_ENTRY &&
      (ownBreak === NO_ENTRY || entries.break(entry) !== asBreak(ownBreak));
    const done = touched.filter(isDone);
    const rest = touched.filter((entry) => !isDone(entry));
    const breaks = new Set(touched.map((entry) => entries.break(entry)));
    for (const entry of done) {
      counting.matched(entry, openBefore.get(entry));
      this.#store.memory.moveToLeg(rule, group, core.sideOf(entry), entry);
      core.flagItem(entry, CONSUMED);
      consuming.leaveLanes(entry);
    }
    for (const entry of rest) {
      if (isElsewhere(entry)) core.flagItem(entry, CONSUMED);
      this.#countRest(links, entry, isElsewhere(entry), openBefore.get(entry)!);
      this.#keepOnlyIn(own, rule, entry);
      this.#leaveOtherLanes(entry);
    }
    const released: Released[] = [];
    for (const broken of breaks) {
      if (broken === NO_ENTRY) continue;
      consuming.heal(broken, slab.int(group, MATCH_N), released, slab.number(group, MATCH_SEQUENCE));
    }
    for (const entry of done) consuming.letGo(entry);
    for (const entry of rest) {
      entries.clearFlag(entry, CONSUMED);
      this.#releaseOthers(entry);
      if (entries.break(entry) < NO_ENTRY) this.#members.deadlineFell(entries.break(entry));
      // Groups that it has left may have kept it from its end until later than this one does; one for which changed
      // rules are tried may have been due long ago.
      if (core.wheel.isScheduled(entry) || entry === core.standing)
        released.push({ entry, due: core.due(entry) });
    }
    if (slab.members(group) === 0) this.#store.end(own, group);
    consuming.settle(released);
  }

  /** What is left of an entry counts as open, in no break but that of its group. */
  #countRest(links: MemberLinks, entry: number, isElsewhere: boolean, openBefore: number): void {
    const { counting, entries } = this.#core;
    const broken = entries.break(entry);
    const member = isElsewhere ? counting.memberOf(broken, entry) : entry;
    // Broken in another lane of its pool, it was not counted in this one.
    if (member !== entry) counting.released(member);
    counting.matchedInPart(entry, openBefore - links.value(entry));
    links.setFlags(entry, links.flags(entry) | ALLOCATED);
    if (isElsewhere && member === entry) counting.released(entry);
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
}
