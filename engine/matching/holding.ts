import type { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import type { PairSearch } from './pair-search.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { NO_ENTRY } from './slab.ts';
import type { StoredFields } from './stored-fields.ts';

/** When rules that wait are tried, and whom they find for records in memory. */
export class Holding {
  readonly #core: KernelCore;
  readonly #search: PairSearch;
  readonly #mine: StoredFields;
  readonly #other: StoredFields;

  constructor(core: KernelCore, search: PairSearch) {
    this.#core = core;
    this.#search = search;
    this.#mine = core.cursor();
    this.#other = core.cursor();
  }

  /**
   * The first moment from `from` on at which an item has a rule to try that waits; Infinity when there is none. A rule
   * whose time lies beyond the item's due time is tried when it is due.
   */
  nextAfter(first: number, from: number, due: number): number {
    const core = this.#core;
    let next = Number.POSITIVE_INFINITY;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      if (state.holds.length > 0) {
        const anchor = this.#anchorOf(state, entry);
        for (const hold of state.holds) {
          const time = Math.min(anchor + hold, due);
          if (time >= from && time < next) next = time;
        }
      }
      entry = core.sibling(entry);
    } while (entry !== first);
    return next;
  }

  /**
   * Tries the rules of an entry's lane whose time is exactly `time`.
   * @param since rules whose wait was over before this are left out
   * @param found is given the rule and the counterpart that it found, and ends the search
   * @returns whether one was found
   */
  tryAt(
    state: ReconciliationState,
    entry: number,
    time: number,
    due: number,
    found: (rule: CompiledRule, other: number) => void,
    since = Number.NEGATIVE_INFINITY,
  ): boolean {
    const anchor = this.#anchorOf(state, entry);
    for (const rule of state.rules) {
      if (rule.hold < 0 || Math.min(anchor + rule.hold, due) !== time || anchor + rule.hold < since) continue;
      const other = this.partnerOf(state, rule, entry);
      if (other === NO_ENTRY) continue;
      found(rule, other);
      return true;
    }
    return false;
  }

  /** Whether a rule waits to be tried for an entry, which is or was due then. */
  isHeld(state: ReconciliationState, rule: CompiledRule, entry: number, due: number): boolean {
    if (rule.hold < 0) return false;
    return this.#core.watermark <= Math.min(this.#anchorOf(state, entry) + rule.hold, due);
  }

  /** Whether an item has a rule that waits until `time` or longer. */
  waitsBeyond(first: number, time: number): boolean {
    const core = this.#core;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      const longest = state.holds.at(-1);
      if (longest !== undefined && this.#anchorOf(state, entry) + longest >= time) return true;
      entry = core.sibling(entry);
    } while (entry !== first);
    return false;
  }

  /** Whom a pair rule matches an entry with, or −1. A unique rule that sees several marks the entry as refused. */
  partnerOf(state: ReconciliationState, rule: CompiledRule, entry: number): number {
    const side = this.#core.sideOf(entry);
    const first = this.#search.firstForEntry(state, rule, entry, 1 - side);
    if (first === NO_ENTRY) return NO_ENTRY;
    if (!rule.unique) return this.#search.candidate(state, rule, this.#mine.to(entry), side, first);
    const [only, ...more] = this.#search.candidates(state, rule, this.#mine.to(entry), side, first);
    if (only === undefined) return NO_ENTRY;
    if (more.length === 0 && this.rivals(state, rule, only, entry) === 0) return only;
    const { items } = this.#core;
    const before = items.refusedBy(entry);
    if (before < 0 || rule.index < before) items.setRefusedBy(entry, rule.index);
    return NO_ENTRY;
  }

  /** How many others of the wanted side a rule could match an entry with. @param except −1: the row at hand */
  rivals(state: ReconciliationState, rule: CompiledRule, entry: number, except: number): number {
    const side = this.#core.sideOf(entry);
    const first = this.#search.firstForEntry(state, rule, entry, 1 - side);
    const all = this.#search.candidates(state, rule, this.#other.to(entry), side, first);
    return all.filter((each) => each !== except).length;
  }

  #anchorOf(state: ReconciliationState, entry: number): number {
    return state.rules[0]!.pairing.anchor(this.#core.sideOf(entry), this.#mine.to(entry)).time;
  }
}
