import type { KernelCore } from '../core.ts';
import type { LinkVisitor } from '../linked-records.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { GroupBreaking } from './group-breaking.ts';
import { BREAK_FIRST, BREAK_GROUP, groupBreakOf } from './group-breaks.ts';
import { BREAK, FIRST, FIRST_LEG } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';

/** By side, unmatched members and legs. */
const HEADS = [FIRST, FIRST + 1, FIRST_LEG, FIRST_LEG + 1] as const;

/** Which records groups and their breaks link with one another. */
export class GroupLinks {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #breaking: GroupBreaking;

  constructor(core: KernelCore, store: GroupStore, breaking: GroupBreaking) {
    this.#core = core;
    this.#store = store;
    this.#breaking = breaking;
  }

  /** Shows the first member and leg of a group by side, and of its break. */
  showGroup(group: number, visitor: LinkVisitor): void {
    const { slab } = this.#store;
    for (const head of HEADS) visitor.reach(slab.int(group, head));
    const broken = slab.int(group, BREAK);
    if (broken !== NO_ENTRY) this.#showBreak(broken, visitor);
  }

  /** Shows what is linked with an entry by its groups, and by the break of a group. */
  showLinked(state: ReconciliationState, entry: number, visitor: LinkVisitor): void {
    if (state.hasGroups) {
      for (const rule of this.#store.of(state).rules) {
        if (rule !== undefined) this.#inGroup(rule.index, entry, visitor);
      }
    }
    const broken = this.#core.entries.break(entry);
    if (broken < NO_ENTRY && this.#breaking.isIn(broken, entry)) {
      this.#inBreak(groupBreakOf(broken), entry, visitor);
    }
  }

  #inGroup(rule: number, entry: number, visitor: LinkVisitor): void {
    const group = this.#store.groupOf(rule, entry);
    if (group === NO_ENTRY) return;
    visitor.inGroup(group);
    const { links } = this.#store.lists(rule);
    visitor.reach(links.next(entry));
    const previous = links.previous(entry);
    visitor.reach(previous);
    // The first of a list finds the others.
    if (previous === NO_ENTRY) this.showGroup(group, visitor);
  }

  #inBreak(number: number, entry: number, visitor: LinkVisitor): void {
    const { links } = this.#breaking.members.lists;
    visitor.reach(links.next(entry));
    const previous = links.previous(entry);
    visitor.reach(previous);
    if (previous !== NO_ENTRY) return;
    this.#showBreak(number, visitor);
    const group = this.#breaking.breaks.int(number, BREAK_GROUP);
    if (group !== NO_ENTRY) this.showGroup(group, visitor);
  }

  #showBreak(number: number, visitor: LinkVisitor): void {
    for (let side = 0; side < 2; side++) visitor.reach(this.#breaking.breaks.int(number, BREAK_FIRST + side));
  }
}
