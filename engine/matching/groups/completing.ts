import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { CLOSING, COUNT, DUE, FIRST, LEG_COUNT } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { Signals } from './signals.ts';
import { Standing } from './standing.ts';

/** Asks whether groups agree and are whole, with the row at hand or without. */
export class Completing {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #standing = new Standing();
  readonly #signals = new Signals();

  constructor(core: KernelCore, store: GroupStore, results: GroupResults) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
  }

  /** How the unmatched members of a group stand; of a matched one, together with its legs. */
  stand(rule: GroupRule, group: number): Standing {
    const standing = this.#standing;
    standing.reset();
    this.#store.load(rule, group, standing);
    standing.currency = this.#results.currencyOf(rule, this.#store.anyOf(group));
    return standing.settle(rule);
  }

  /** How the legs of a group's match stand, without the late members. */
  standLegs(rule: GroupRule, group: number): Standing {
    const standing = this.#standing;
    standing.reset();
    this.#store.memory.load(rule, group, standing);
    standing.currency = this.#results.currencyOf(rule, this.#store.anyOf(group));
    return standing.settle(rule);
  }

  /** Likewise of groups that would be one, with the row at hand. */
  standWithRow(rule: GroupRule, groups: readonly number[], side: number): Standing {
    const standing = this.#standing;
    standing.reset();
    for (const group of groups) this.#store.load(rule, group, standing);
    rule.measure(side, this.#core.row);
    standing.add(side, rule.value, rule.exact, this.#core.row);
    standing.currency = this.#results.currencyOf(rule, this.#store.anyOf(groups[0]!));
    return standing.settle(rule);
  }

  /**
   * Whether groups that would be one, without a match, have both sides with the row at hand, as many records as the
   * rule wants, and what their signals say: all that can be told without the sums and the clock.
   */
  mayComplete(rule: GroupRule, groups: readonly number[], side: number): boolean {
    const { slab } = this.#store;
    let lefts = 1 - side;
    let rights = side;
    for (const group of groups) {
      lefts += slab.int(group, COUNT) + slab.int(group, LEG_COUNT);
      rights += slab.int(group, COUNT + 1) + slab.int(group, LEG_COUNT + 1);
    }
    if (lefts === 0 || rights === 0) return false;
    if (rule.one >= 0 && (rule.one === 0 ? lefts : rights) !== 1) return false;
    if (rule.completion !== 'onSignal') return true;
    const signals = this.signalsOf(rule, groups);
    signals.take(rule, side, this.#core.row);
    return signals.any && signals.allReached;
  }

  /** Whether the signals of a group without a match are reached, by as many records on each side as the rule wants. */
  isSignalled(rule: GroupRule, group: number): boolean {
    const { slab } = this.#store;
    const lefts = slab.int(group, COUNT);
    const rights = slab.int(group, COUNT + 1);
    if (lefts === 0 || rights === 0) return false;
    if (rule.one >= 0 && (rule.one === 0 ? lefts : rights) !== 1) return false;
    const signals = this.signalsOf(rule, [group]);
    return signals.any && signals.allReached;
  }

  /** Whether a group has a member that is in no break. */
  hasFree(rule: GroupRule, group: number): boolean {
    const { slab } = this.#store;
    const { links } = this.#store.lists(rule.index);
    for (let side = 0; side < 2; side++) {
      if (slab.int(group, COUNT + side) === 0) continue;
      for (let entry = slab.int(group, FIRST + side); entry !== NO_ENTRY; entry = links.next(entry)) {
        if (rule.partial && links.value(entry) === 0) continue;
        if (this.#core.entries.break(entry) === NO_ENTRY) return true;
      }
    }
    return false;
  }

  /** Whether the cut-off of groups that would be one with the row at hand has passed; true where they have none. */
  isCutOff(rule: GroupRule, groups: readonly number[], side: number): boolean {
    if (rule.completion !== 'onCutoff') return true;
    let closing = side === rule.closingSide ? rule.closing(this.#core.row) : Number.NaN;
    for (const group of groups) {
      if (Number.isNaN(closing)) closing = this.#store.slab.number(group, CLOSING);
    }
    return this.#core.watermark > closing + rule.grace;
  }

  /** Whether a group without a match, and with no record arriving, is to be matched at this moment. */
  isCompleteNow(rule: GroupRule, group: number): boolean {
    const { slab } = this.#store;
    const standing = this.stand(rule, group);
    if (!standing.sumsAgree || !standing.bothSides || !standing.hasCardinality(rule)) return false;
    const isDue = this.#core.watermark > slab.number(group, DUE);
    switch (rule.completion) {
      case 'onSum':
        return true;
      case 'onWindowEnd':
        return isDue;
      case 'onCutoff':
        return isDue || this.#core.watermark > slab.number(group, CLOSING) + rule.grace;
      case 'onSignal': {
        const { any, allReached } = this.signalsOf(rule, [group]);
        return allReached && (any || isDue);
      }
    }
  }

  /** What the unmatched members of groups say of them together. */
  signalsOf(rule: GroupRule, groups: readonly number[]): Signals {
    const signals = this.#signals;
    signals.reset();
    for (const group of groups) {
      this.#store.signals.read(rule, group, 0, signals);
      this.#store.signals.read(rule, group, 1, signals);
    }
    return signals;
  }

  /** Whether a command has barred these members, and the row at hand that arrived at `more` (−1: none). */
  isBarred(state: ReconciliationState, rule: GroupRule, groups: readonly number[], more: number): boolean {
    const { bars, entries } = this.#core;
    if (!bars.any) return false;
    const arrivals = more < 0 ? [] : [more];
    for (const group of groups) {
      for (const entry of this.#store.members(rule.index, group)) arrivals.push(entries.arrival(entry));
      for (const entry of this.#store.legs(rule.index, group)) arrivals.push(entries.arrival(entry));
    }
    return bars.has(
      state.definition.name,
      arrivals.sort((a, b) => a - b),
    );
  }
}
