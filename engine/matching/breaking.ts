import type { Why } from '../domain/index.ts';
import { BREAK_KINDS } from '../domain/index.ts';
import { AMOUNT, UNMATCHED } from './breaks.ts';
import { ALONE, CandidateSearch, FREE } from './candidate-search.ts';
import type { KernelCore } from './core.ts';
import type { Counting } from './counting.ts';
import type { PairSearch } from './pair-search.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { NO_ENTRY } from './slab.ts';
import type { StoredFields } from './stored-fields.ts';
import { WhyAlone } from './why-alone.ts';

const AMBIGUOUS = BREAK_KINDS.indexOf('ambiguous');
const DUPLICATE = BREAK_KINDS.indexOf('duplicate');

/** Makes breaks of one or two records, and their later versions. */
export class Breaking {
  readonly #core: KernelCore;
  readonly #counting: Counting;
  readonly #plain: CandidateSearch;
  readonly #pairs: PairSearch;
  readonly #why: WhyAlone;
  readonly #mine: StoredFields;

  constructor(core: KernelCore, counting: Counting, pairs: PairSearch) {
    this.#core = core;
    this.#counting = counting;
    this.#plain = new CandidateSearch(core.entries, core.breaks);
    this.#pairs = pairs;
    this.#why = new WhyAlone(core, pairs);
    this.#mine = core.cursor();
  }

  /**
   * A due record in no break: in the first lane, in configured order, in which one of these finds something: a unique
   * rule refused it; its group has a break, or can have one; the nearest in no break joins it; it joins the nearest
   * that stands alone. Else it is alone in the lane where it was due last.
   * @param first the item's first entry
   */
  breakUp(first: number, due: number): void {
    const core = this.#core;
    let last = first;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      if (this.#breaksIn(state, entry, due)) return;
      const sibling = core.sibling(entry);
      if (sibling !== first && core.items.laneDue(sibling) > core.items.laneDue(last)) last = sibling;
      entry = sibling;
    } while (entry !== first);
    const state = core.stateOf(last);
    const twin = core.twins.size === 0 ? undefined : core.twins.get(last);
    if (twin === undefined) {
      this.open(state, last, due, UNMATCHED, this.#why.unmatched(state, last));
      return;
    }
    const { source, id, sequence, ordinal } = twin;
    const why: Why = {
      rule: state.rules[0]!.name,
      condition: 'duplicate',
      records: [{ source, id, sequence, ordinal }],
    };
    this.open(state, last, due, DUPLICATE, why);
  }

  /** A break of one record. @param why undefined where the kind says it all */
  open(state: ReconciliationState, entry: number, due: number, kind: number, why: Why | undefined): void {
    const broken = this.#add(entry, due, kind);
    this.#core.breaks.setWhy(broken, why);
    this.#emitOpen(state, broken);
  }

  /** The record that had joined a break leaves it: the next version has another, or none. */
  withoutJoined(state: ReconciliationState, broken: number): void {
    const { breaks } = this.#core;
    const owner = breaks.owner(broken);
    const next = this.nearest(state, owner, FREE);
    this.#counting.breakChanged(state, broken, -1);
    breaks.leave(broken);
    breaks.setKind(broken, UNMATCHED);
    breaks.setWhy(broken, next === NO_ENTRY ? this.#why.unmatched(state, owner) : undefined);
    if (next !== NO_ENTRY) this.#join(broken, next, this.#core.due(next));
    this.nextVersion(state, broken);
  }

  /** A member of a break is another record now: kind, amount and reason anew, but what it is alone as stays. */
  sayAgain(state: ReconciliationState, broken: number): void {
    const { breaks } = this.#core;
    this.#counting.breakChanged(state, broken, -1);
    if (breaks.joined(broken) !== NO_ENTRY) breaks.setWhy(broken, undefined);
    else if (breaks.kind(broken) === UNMATCHED)
      breaks.setWhy(broken, this.#why.unmatched(state, breaks.owner(broken)));
    this.nextVersion(state, broken);
  }

  /** A break has changed: its present version. */
  nextVersion(state: ReconciliationState, broken: number): void {
    this.#core.breaks.setTold(broken, undefined);
    this.#core.breaks.nextVersion(broken);
    this.#emitOpen(state, broken);
  }

  /** The nearest record of the other side with the first rule's key that does not fit, or −1. @param wanted FREE or ALONE */
  nearest(state: ReconciliationState, entry: number, wanted: number): number {
    return this.#nearestOf(state, entry, this.#firstCounterpart(state, entry), wanted);
  }

  /** The same among the records of a chain. @param first −1: there is none */
  #nearestOf(state: ReconciliationState, entry: number, first: number, wanted: number): number {
    if (first === NO_ENTRY) return NO_ENTRY;
    const core = this.#core;
    const rule = state.rules[0]!;
    const side = core.sideOf(entry);
    if (!rule.pairing.isPlain) return this.#pairs.nearest(state, rule, this.#mine.to(entry), side, wanted);
    this.#plain.lookFor(entry, side);
    const { links } = state.chains[side === 0 ? 1 : 0][0]!;
    const tolerance = rule.tolerance(core.currency(entry), core.reader);
    return this.#plain.nearest(first, links, state.window, wanted, tolerance);
  }

  #breaksIn(state: ReconciliationState, entry: number, due: number): boolean {
    const core = this.#core;
    const refusing = state.holds.length === 0 ? -1 : core.items.refusedBy(entry);
    if (refusing >= 0) {
      const rule = state.rules[refusing]!;
      this.open(state, entry, due, AMBIGUOUS, this.#why.ambiguous(state, rule, entry));
      return true;
    }
    if (state.hasGroups && core.groups.breakUp(state, entry)) return true;
    const first = this.#firstCounterpart(state, entry);
    // Most that break have none.
    if (first === NO_ENTRY) return false;
    const free = this.#nearestOf(state, entry, first, FREE);
    if (free !== NO_ENTRY) {
      const broken = this.#add(entry, due, AMOUNT);
      this.#join(broken, free, core.due(free));
      this.#emitOpen(state, broken);
      return true;
    }
    const alone = this.#nearestOf(state, entry, first, ALONE);
    if (alone === NO_ENTRY) return false;
    const broken = core.entries.break(alone);
    this.#counting.breakChanged(state, broken, -1);
    core.breaks.setWhy(broken, undefined);
    this.#join(broken, entry, due);
    this.nextVersion(state, broken);
    return true;
  }

  /** The first record of the other side with the first rule's key, or −1. */
  #firstCounterpart(state: ReconciliationState, entry: number): number {
    const rule = state.rules[0]!;
    if (rule.kind !== 'pair') return NO_ENTRY;
    return this.#pairs.firstForEntry(state, rule, entry, 1 - this.#core.sideOf(entry));
  }

  #add(owner: number, due: number, kind: number): number {
    const { breaks, emitter } = this.#core;
    const broken = breaks.add(emitter.sequence, emitter.n, owner, due, kind);
    this.#counting.broke(owner, broken);
    return broken;
  }

  #join(broken: number, entry: number, due: number): void {
    this.#core.breaks.join(broken, entry, due);
    this.#counting.broke(entry, broken);
  }

  #emitOpen(state: ReconciliationState, broken: number): void {
    this.#counting.breakChanged(state, broken, 1);
    this.#core.emitter.break(state, broken);
  }
}
