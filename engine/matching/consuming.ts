import type { Breaking } from './breaking.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import type { Counting } from './counting.ts';
import { CONSUMED, EXTENDED, LEG, UNTRIED } from './entries.ts';
import { LEFT, type ReconciliationState } from './reconciliation-state.ts';
import { RunningSums } from './running-sums.ts';
import { FETCHED, NO_ENTRY } from './slab.ts';

/** An item that a break let go, and when it is or was due. */
export interface Released {
  readonly entry: number;
  readonly due: number;
}

/**
 * What follows for the records of a match once it was emitted: they leave memory, and the breaks they were in are
 * resolved, or go on without them.
 */
export class Consuming {
  readonly #core: KernelCore;
  readonly #counting: Counting;
  readonly #breaking: Breaking;
  /** What becomes of an item that a break let go: it is pending again, or breaks at once. */
  readonly #release: (entry: number, due: number) => void;

  constructor(
    core: KernelCore,
    counting: Counting,
    breaking: Breaking,
    release: (entry: number, due: number) => void,
  ) {
    this.#core = core;
    this.#counting = counting;
    this.#breaking = breaking;
    this.#release = release;
  }

  /** A pair rule ties two entries. */
  matchPair(state: ReconciliationState, rule: CompiledRule, entry: number, other: number): void {
    const core = this.#core;
    const { emitter, pairMatches } = core;
    const { n } = emitter;
    const [left, right] = core.sideOf(entry) === LEFT ? [entry, other] : [other, entry];
    pairMatches.ofEntries(state, rule, left, right);
    state.totals(core.currency(right)).match(pairMatches.difference, pairMatches.lagMs);
    this.consume([left, right], n);
  }

  /**
   * Entries, in the order of the legs, were matched by match `n` of this message. All leave every lane of their items;
   * then each break that one of them was in follows, in order of legs. An entry with the flag LEG stays allocated, alone
   * and in no break; all others are given back.
   * @param sequence together with `n` the position of the match's first version, where this is a later one
   */
  consume(legs: readonly number[], n: number, sequence: number = this.#core.emitter.sequence): void {
    const core = this.#core;
    const tied: number[] = [];
    const state = core.stateOf(legs[0]!);
    if (state.tiesOnlyGroups) {
      this.#takeMembers(state, legs, tied);
    } else {
      for (const leg of legs) {
        if (core.sibling(leg) === leg && core.entries.break(leg) === NO_ENTRY) this.#takeFree(leg);
        else tied.push(leg);
      }
    }
    for (const leg of tied) {
      core.flagItem(leg, CONSUMED);
      this.#counting.matched(leg);
    }
    if (tied.length === 0) return;
    for (const leg of tied) this.leaveLanes(leg);
    const released: Released[] = [];
    const healed = new Set<number>();
    for (const leg of tied) {
      const broken = core.entries.break(leg);
      if (broken === NO_ENTRY || healed.has(broken)) continue;
      healed.add(broken);
      this.heal(broken, n, released, sequence);
    }
    for (const leg of tied) this.letGo(leg);
    this.settle(released);
  }

  /** The same for one entry that was matched with a row which is in no break and in no other lane of its pool. */
  consumeOne(entry: number, n: number): void {
    const core = this.#core;
    core.flagItem(entry, CONSUMED);
    this.#counting.matched(entry);
    this.leaveLanes(entry);
    const broken = core.entries.break(entry);
    const released: Released[] = [];
    if (broken !== NO_ENTRY) this.heal(broken, n, released);
    this.letGo(entry);
    this.settle(released);
  }

  /** Looks after the items that breaks let go, when all breaks have followed. */
  settle(released: readonly Released[]): void {
    for (const { entry, due } of released) if (this.#isUnmatched(entry)) this.#release(entry, due);
  }

  /** The members of a break that are flagged CONSUMED leave it: match `n` of this message took them. */
  heal(
    broken: number,
    n: number,
    released: Released[],
    sequence: number = this.#core.emitter.sequence,
  ): void {
    if (broken < NO_ENTRY) {
      this.#core.groups.heal(broken, n, sequence);
      return;
    }
    const { breaks, entries, emitter } = this.#core;
    const owner = breaks.owner(broken);
    const joined = breaks.joined(broken);
    const state = this.#core.stateOf(owner);
    if ((entries.packed(owner) & CONSUMED) === 0) {
      this.#breaking.withoutJoined(state, broken);
      return;
    }
    this.#counting.breakChanged(state, broken, -1);
    state.totals(this.#core.currency(owner)).healed();
    breaks.nextVersion(broken);
    emitter.resolved(state, broken, n, sequence);
    const due = breaks.joinedDue(broken);
    breaks.free(broken);
    if (joined === NO_ENTRY || (entries.packed(joined) & CONSUMED) !== 0) return;
    this.#counting.released(joined);
    released.push({ entry: joined, due });
  }

  /**
   * An entry stays alone in its lane: what else there is of its item leaves, without a match of those lanes, and is
   * given back. Only while the item is in no break of another lane.
   */
  leaveOtherLanes(entry: number): void {
    const core = this.#core;
    for (let each = core.sibling(entry); each !== entry;) {
      const next = core.sibling(each);
      this.#counting.gone(each);
      core.leaveLane(core.stateOf(each), each);
      core.release(each);
      each = next;
    }
    if ((core.entries.packed(entry) & EXTENDED) !== 0) core.items.alone(entry);
  }

  /** Items that are alone leave memory: members of a break of a reconciliation where only groups tie. */
  leaveAlone(state: ReconciliationState, members: readonly number[]): void {
    const core = this.#core;
    for (let i = 0; i < members.length; i++) {
      if (i % FETCHED === 0) core.fetch(members, i);
      const member = members[i]!;
      core.leaveLane(state, member);
      if ((core.entries.packed(member) & LEG) === 0) core.release(member);
      else this.letGo(member);
    }
  }

  /** An item leaves all its lanes; its entries stay allocated, and in their break. */
  leaveLanes(leg: number): void {
    const core = this.#core;
    let entry = leg;
    do {
      core.leaveLane(core.stateOf(entry), entry);
      entry = core.sibling(entry);
    } while (entry !== leg);
  }

  /** Gives the memory of an item back that has left its lanes and its break; but for an entry flagged LEG. */
  letGo(leg: number): void {
    const core = this.#core;
    for (let entry = core.sibling(leg); entry !== leg;) {
      const next = core.sibling(entry);
      core.release(entry);
      entry = next;
    }
    if ((core.entries.packed(leg) & LEG) === 0) {
      core.release(leg);
      return;
    }
    core.entries.clearFlag(leg, CONSUMED);
    core.entries.setBreak(leg, NO_ENTRY);
    if ((core.entries.packed(leg) & EXTENDED) !== 0) core.items.alone(leg);
  }

  /** A leg in no break and in one lane alone, as most are, leaves it: nothing else follows. */
  #takeFree(leg: number): void {
    const core = this.#core;
    this.#counting.matched(leg);
    core.leaveLane(core.stateOf(leg), leg);
    if ((core.entries.packed(leg) & LEG) === 0) core.release(leg);
  }

  /**
   * Likewise of the legs of a reconciliation where only groups tie: each is alone in its item.
   * @param tied comes to hold those that are in a break
   */
  #takeMembers(state: ReconciliationState, legs: readonly number[], tied: number[]): void {
    const core = this.#core;
    const { entries } = core;
    const sums = new RunningSums((currency, side, sum, count) =>
      state.totals(currency).matched(side, sum, false, count),
    );
    for (let i = 0; i < legs.length; i++) {
      const leg = legs[i]!;
      if (entries.break(leg) !== NO_ENTRY) {
        tied.push(leg);
        continue;
      }
      sums.add(core.currency(leg), core.sideOf(leg), entries.amount(leg));
      core.leaveLane(state, leg);
      if ((entries.packed(leg) & LEG) === 0) core.release(leg);
    }
    sums.end();
  }

  /** Whether an entry that a break let go has not been matched, or broken, since, by the group of another. */
  #isUnmatched(entry: number): boolean {
    const { entries } = this.#core;
    if ((entries.packed(entry) & (UNTRIED | LEG)) !== 0) return false;
    return entries.arrival(entry) >= 0 && entries.break(entry) === NO_ENTRY;
  }
}
