import type { KernelCore } from '../core.ts';
import { NO_ENTRY } from '../slab.ts';
import { BREAK_GROUP, groupBreakOf } from './group-breaks.ts';
import type { GroupBreaking } from './group-breaking.ts';
import type { GroupStore } from './group-store.ts';

/**
 * Lets a record take the place of another in the break of a group, in three steps: the old one leaves its place, the new
 * one takes it before any rule is tried for it, and the break tells of it when no match has. The entry stays the same.
 */
export class BreakHeirs {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #breaking: GroupBreaking;

  constructor(core: KernelCore, store: GroupStore, breaking: GroupBreaking) {
    this.#core = core;
    this.#store = store;
    this.#breaking = breaking;
  }

  /** Whether members of a break have heirs: not where it is about what is left over in parts. */
  mayInherit(code: number): boolean {
    const { unbound } = this.#breaking.notes.get(groupBreakOf(code)) ?? {};
    if (unbound !== undefined) return !unbound.isResidual;
    return !this.#breaking.ruleOf(groupBreakOf(code)).partial;
  }

  /** The record of an entry leaves its place. Until there is a new version the break says what it said. */
  leavePlace(code: number, entry: number): void {
    const number = groupBreakOf(code);
    const state = this.#core.stateOf(entry);
    this.#breaking.keepTold(state, number);
    this.#breaking.count(state, number, -1);
    this.#breaking.members.unlink(number, entry, this.#core.sideOf(entry));
  }

  /** The record of an entry leaves, and nobody takes its place: it says nothing, but resolves the break if it was alone. */
  leaveWithout(code: number, entry: number): void {
    const number = groupBreakOf(code);
    if (this.#breaking.breaks.members(number) > 1) this.#breaking.leaveSilently(code, entry);
    else this.#breaking.end(number, 'resolved');
  }

  /** The row at hand, which the entry holds by now, takes the place. */
  takePlace(code: number, entry: number): void {
    const number = groupBreakOf(code);
    const { reader, row } = this.#core;
    const side = this.#core.sideOf(entry);
    let value = reader.amount;
    if (this.#breaking.notes.get(number)?.unbound === undefined) {
      const rule = this.#breaking.ruleOf(number);
      rule.measure(side, row);
      ({ value } = rule);
    }
    this.#breaking.members.link(number, entry, side, value);
    this.#breaking.count(this.#core.stateOf(entry), number, 1);
  }

  /** The next version; where the new record is none of its group's, the group lets go of the break. */
  sayAgain(code: number, entry: number): void {
    const number = groupBreakOf(code);
    const { breaks } = this.#breaking;
    const state = this.#core.stateOf(entry);
    const group = breaks.int(number, BREAK_GROUP);
    const isItsMember = group !== NO_ENTRY && this.#store.groupOf(breaks.rule(number), entry) === group;
    if (!isItsMember) this.#breaking.unbind(state, number);
    this.#breaking.count(state, number, -1);
    breaks.nextVersion(number);
    this.#breaking.tell(state, number);
  }
}
