import type { KernelCore } from '../core.ts';
import { AWAY, EXPIRED } from '../entries.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { BreakMembers } from './break-members.ts';
import { BREAK_CARRIER, BREAK_GROUP, type GroupBreaks, groupBreakOf } from './group-breaks.ts';
import { BREAK, CARRIER, DUE, MEMORY_LEG, OWN_EVENTS } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';

const NOBODY: readonly number[] = [];

/**
 * One event for all of a group. The pending members of a group expire together, at its end, and those of its break leave
 * memory together: where nothing else can concern them, one of them, the carrier, has the event, and the others have
 * none. They get their own, as they would have had it, when that comes to an end: the carrier leaves before its time, or
 * the break and its group part.
 */
export class GroupEvents {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #breaks: GroupBreaks;
  readonly #members: BreakMembers;

  constructor(core: KernelCore, store: GroupStore, breaks: GroupBreaks, members: BreakMembers) {
    this.#core = core;
    this.#store = store;
    this.#breaks = breaks;
    this.#members = members;
    store.onCarrierLeaves = (rule, group, entry) => {
      this.#scatterPending(rule, group, entry);
    };
    members.onCarrierLeaves = (number) => {
      this.scatterBroken(number);
    };
  }

  /**
   * A member has become pending. Its group's event is to stand for its own, if that is possible.
   * @param due of the member
   * @returns false where it is not
   */
  coversPending(state: ReconciliationState, entry: number, due: number): boolean {
    if (!state.tiesOnlyGroups) return false;
    const group = this.#store.groupOf(0, entry);
    if (group === NO_ENTRY) return false;
    const { slab } = this.#store;
    const { entries, wheel } = this.#core;
    const carrier = slab.int(group, CARRIER);
    if (carrier === NO_ENTRY) {
      slab.setInt(group, CARRIER, entry);
      wheel.schedule(entry, Math.max(due, slab.number(group, DUE)));
      return true;
    }
    // Of events at one time the first by arrival comes first: it has to be the carrier's.
    const arrival = entries.arrival(entry);
    if (arrival !== entries.newest && arrival < entries.arrival(carrier)) {
      slab.setInt(group, OWN_EVENTS, 1);
      return false;
    }
    entries.setEvent(entry, due);
    return true;
  }

  /**
   * A member is broken from now on, and leaves memory with all that are in its break.
   * @returns false where it needs an event of its own for that
   */
  coversBroken(state: ReconciliationState, entry: number): boolean {
    if (!state.tiesOnlyGroups) return false;
    const { slab } = this.#store;
    const group = this.#store.groupOf(0, entry);
    const broken = this.#core.entries.break(entry);
    if (group === NO_ENTRY) return false;
    const number = groupBreakOf(broken);
    if (broken >= NO_ENTRY || slab.int(group, BREAK) !== number) {
      slab.setInt(group, OWN_EVENTS, 1);
      return false;
    }
    if (this.#breaks.int(number, BREAK_CARRIER) === NO_ENTRY) {
      this.#breaks.setInt(number, BREAK_CARRIER, entry);
      this.#core.wheel.schedule(entry, slab.number(group, DUE) + state.definition.retain);
    }
    return true;
  }

  /** A member has just expired: those for which its event stood, in no order; they have to expire too. */
  expiringWith(entry: number): readonly number[] {
    const group = this.#store.groupOf(0, entry);
    const { slab } = this.#store;
    if (group === NO_ENTRY || slab.int(group, CARRIER) !== entry) return NOBODY;
    slab.setInt(group, CARRIER, NO_ENTRY);
    return this.#covered(slab.rule(group), group, entry);
  }

  /** Whether a member of a break has the event of all. @param broken as `entries.break` says it */
  hasCarrier(broken: number): boolean {
    return broken < NO_ENTRY && this.#breaks.int(groupBreakOf(broken), BREAK_CARRIER) !== NO_ENTRY;
  }

  /** Whether the event of an entry is that of its break, and the break still its group's. */
  carriesBreak(state: ReconciliationState, entry: number): boolean {
    const broken = this.#core.entries.break(entry);
    if (!state.tiesOnlyGroups || broken >= NO_ENTRY) return false;
    const number = groupBreakOf(broken);
    return (
      this.#breaks.int(number, BREAK_CARRIER) === entry && this.#breaks.int(number, BREAK_GROUP) !== NO_ENTRY
    );
  }

  /** A record gets an event of its own in the end. */
  uncovered(state: ReconciliationState, entry: number): void {
    if (!state.tiesOnlyGroups) return;
    const group = this.#store.groupOf(0, entry);
    if (group !== NO_ENTRY) this.#store.slab.setInt(group, OWN_EVENTS, 1);
  }

  /**
   * Shows the records whose events are all that a group, and whatever is linked with it, waits for.
   * @returns false where that is not known
   */
  show(state: ReconciliationState, group: number, show: (entry: number) => void): boolean {
    const { slab } = this.#store;
    if (!state.tiesOnlyGroups || slab.int(group, OWN_EVENTS) === 1) return false;
    show(slab.int(group, CARRIER));
    show(slab.int(group, MEMORY_LEG));
    const broken = slab.int(group, BREAK);
    if (broken !== NO_ENTRY) show(this.#breaks.int(broken, BREAK_CARRIER));
    return true;
  }

  /**
   * Whether the watermark is past all events of a group: whatever they make of it, no row can have to do with it.
   * False where that is not known.
   */
  areOver(state: ReconciliationState, group: number): boolean {
    const { slab } = this.#store;
    if (!state.tiesOnlyGroups || slab.int(group, OWN_EVENTS) === 1) return false;
    return this.#core.watermark > slab.number(group, DUE) + state.definition.retain;
  }

  /** The members of a break get events of their own for leaving memory. */
  scatterBroken(number: number): void {
    const carrier = this.#breaks.int(number, BREAK_CARRIER);
    if (carrier === NO_ENTRY) return;
    this.#breaks.setInt(number, BREAK_CARRIER, NO_ENTRY);
    const group = this.#breaks.int(number, BREAK_GROUP);
    if (group !== NO_ENTRY) this.#store.slab.setInt(group, OWN_EVENTS, 1);
    const { entries, items, watermark, wheel } = this.#core;
    const together = entries.event(carrier);
    for (const entry of this.#members.of(number)) {
      if (!this.#isUncovered(entry) || (entries.packed(entry) & EXPIRED) === 0) continue;
      const own = items.due(entry) + this.#core.stateOf(entry).definition.retain;
      // Had it been its own time already, it would wait for that of the group by now.
      wheel.schedule(entry, own >= watermark ? own : together);
    }
  }

  /** The carrier leaves its group before it is due: the other members get events of their own. */
  #scatterPending(rule: number, group: number, carrier: number): void {
    const { slab } = this.#store;
    const { items, watermark, wheel } = this.#core;
    slab.setInt(group, CARRIER, NO_ENTRY);
    slab.setInt(group, OWN_EVENTS, 1);
    for (const entry of this.#covered(rule, group, carrier)) {
      const own = items.due(entry);
      wheel.schedule(entry, own >= watermark ? own : Math.max(own, slab.number(group, DUE)));
    }
  }

  /** The pending members of a group that have no event of their own. */
  #covered(rule: number, group: number, carrier: number): number[] {
    const { entries } = this.#core;
    return this.#store
      .members(rule, group)
      .filter(
        (entry) => entry !== carrier && (entries.packed(entry) & EXPIRED) === 0 && this.#isUncovered(entry),
      );
  }

  /** Whether an entry, alone in its item, is to stay and has no event. */
  #isUncovered(entry: number): boolean {
    const core = this.#core;
    if ((core.entries.packed(entry) & AWAY) !== 0 || core.wheel.isScheduled(entry)) return false;
    return core.stateOf(entry).tiesOnlyGroups || core.sibling(entry) === entry;
  }
}
