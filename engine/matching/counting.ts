import type { KernelCore } from './core.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { RunningSums } from './running-sums.ts';
import { FETCHED, NO_ENTRY } from './slab.ts';

/**
 * Keeps the totals: a record is counted in a lane while it is pending there, matched there or broken there. While it is
 * broken, or matched, in another lane of the same pool, this lane does not count it. Of a record that is matched in part
 * the amount counts as matched but for what is left over.
 */
export class Counting {
  readonly #core: KernelCore;

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /** An entry, pending so far, came into a break of its lane; so its item is in it. */
  broke(entry: number, broken: number): void {
    this.#core.setBreak(entry, broken);
    this.#brokeIn(entry, 1);
  }

  /** The same of entries of one reconciliation. */
  allBroke(state: ReconciliationState, members: readonly number[], broken: number): void {
    const core = this.#core;
    if (!state.tiesOnlyGroups) {
      for (const entry of members) this.broke(entry, broken);
      return;
    }
    // No other lane can have them, and no part of them can be matched.
    const sums = new RunningSums((currency, side, sum, count) =>
      state.totals(currency).broke(side, sum, 1, count),
    );
    for (let i = 0; i < members.length; i++) {
      if (i % FETCHED === 0) core.fetch(members, i);
      const entry = members[i]!;
      core.entries.setBreak(entry, broken);
      sums.add(core.currency(entry), core.sideOf(entry), core.entries.amount(entry));
    }
    sums.end();
  }

  /** A break of its lane released an entry; its item is in no break. */
  released(entry: number): void {
    this.#core.setBreak(entry, NO_ENTRY);
    this.#brokeIn(entry, -1);
  }

  /**
   * A match of its lane takes an entry, whatever it was. To be told before it leaves its break.
   * @param open how much of it counted as open until now, minor units
   */
  matched(entry: number, open: number = this.open(entry)): void {
    const core = this.#core;
    const state = core.stateOf(entry);
    const side = core.sideOf(entry);
    const amount = core.entries.amount(entry);
    const totals = state.totals(core.currency(entry));
    const broken = core.entries.break(entry);
    const isHere = broken !== NO_ENTRY && this.#isIn(broken, entry);
    if (broken !== NO_ENTRY && !isHere) totals.moved(side, amount, false, 1);
    totals.matched(side, open, isHere);
    for (let each = core.sibling(entry); each !== entry; each = core.sibling(each)) this.gone(each);
  }

  /** How much of an entry counts as open, minor units: all of it, or what is left over where a part is matched. */
  open(entry: number): number {
    const core = this.#core;
    const state = core.stateOf(entry);
    return state.hasGroups ? core.groups.openAmount(state, entry) : core.entries.amount(entry);
  }

  /** A part of an entry, which is counted in its lane, is matched, and the rest stays as it was. */
  matchedInPart(entry: number, amount: number): void {
    const core = this.#core;
    const broken = core.entries.break(entry);
    const totals = core.stateOf(entry).totals(core.currency(entry));
    totals.matchedInPart(core.sideOf(entry), amount, broken !== NO_ENTRY && this.#isIn(broken, entry));
  }

  /** The entry of an entry's item that is a member of the break that the item is in: that of the break's lane. */
  memberOf(broken: number, entry: number): number {
    let each = entry;
    while (!this.#isIn(broken, each)) each = this.#core.sibling(each);
    return each;
  }

  /** An entry goes without a match of its lane. To be told before it leaves its break. */
  gone(entry: number): void {
    const core = this.#core;
    const broken = core.entries.break(entry);
    const isHere = broken !== NO_ENTRY && this.#isIn(broken, entry);
    if (broken !== NO_ENTRY && !isHere) return;
    const totals = core.stateOf(entry).totals(core.currency(entry));
    totals.moved(core.sideOf(entry), this.open(entry), isHere, -1);
  }

  /** A command closes an item without a match. To be told before it leaves its break. */
  writtenOff(entry: number): void {
    const core = this.#core;
    const broken = core.entries.break(entry);
    let each = entry;
    do {
      const isHere = broken === NO_ENTRY ? each === entry : this.#isIn(broken, each);
      if (isHere) {
        const totals = core.stateOf(each).totals(core.currency(each));
        totals.writtenOff(core.sideOf(each), core.entries.amount(each), broken !== NO_ENTRY);
      } else {
        this.gone(each);
      }
      each = core.sibling(each);
    } while (each !== entry);
  }

  /** A break of one or two records comes as it is now (`change` 1), or goes or changes (−1). */
  breakChanged(state: ReconciliationState, broken: number, change: 1 | -1): void {
    const { breaks, emitter } = this.#core;
    const totals = state.totals(this.#core.currency(breaks.owner(broken)));
    const amount = emitter.breakAmount(state, broken);
    totals.breakChanged(change, breaks.kind(broken), amount, breaks.ownerDue(broken));
  }

  #brokeIn(entry: number, into: 1 | -1): void {
    const core = this.#core;
    const side = core.sideOf(entry);
    core.stateOf(entry).totals(core.currency(entry)).broke(side, this.open(entry), into);
    for (let each = core.sibling(entry); each !== entry; each = core.sibling(each)) {
      const totals = core.stateOf(each).totals(core.currency(each));
      totals.moved(core.sideOf(each), core.entries.amount(each), false, into === 1 ? -1 : 1);
    }
  }

  /** Whether a break that the entry's item is in is one of the entry's own lane. */
  #isIn(broken: number, entry: number): boolean {
    const { breaks, groups } = this.#core;
    if (broken < NO_ENTRY) return groups.isIn(broken, entry);
    return breaks.owner(broken) === entry || breaks.joined(broken) === entry;
  }
}
