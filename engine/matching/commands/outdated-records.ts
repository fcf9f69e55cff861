import { EXTENDED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { RulesChange } from './rules-change.ts';
import { leaveSilently } from './standing.ts';
import { unmatchedOf } from './unmatched-entries.ts';

/**
 * The unmatched entries of reconciliations that are changed or gone, in order of arrival, then of reconciliation, so that
 * those of one record stand side by side. A place is one in this order.
 */
export class OutdatedRecords {
  readonly #matcher: Matcher;
  readonly #outdated: readonly ReconciliationState[];
  readonly #change: RulesChange;
  #entries: Int32Array;
  /** By place: the break that the entry's item is in, its arrival, and when the item is or was due. */
  readonly #broken: Int32Array;
  readonly #arrivals: Float64Array;
  readonly #due: Float64Array;
  /** By place: the side that the entry was on. */
  readonly #sides: Uint8Array;

  /** Finds them. The former rules must be in force. */
  constructor(matcher: Matcher, outdated: readonly ReconciliationState[], change: RulesChange) {
    const { core } = matcher;
    this.#matcher = matcher;
    this.#outdated = outdated;
    this.#change = change;
    const found = unmatchedOf(core, outdated);
    this.#entries = found;
    this.#broken = found.map((entry) => core.entries.break(entry));
    this.#arrivals = Float64Array.from(found, (entry) => core.entries.arrival(entry));
    this.#due = Float64Array.from(found, (entry) => this.#dueOf(entry));
    this.#sides = Uint8Array.from(found, (entry) => core.sideOf(entry));
  }

  /**
   * Takes them out of their lanes and groups; those that have no place under other rules leave memory. The former rules
   * must be in force.
   */
  takeOut(): void {
    const { core, counting } = this.#matcher;
    const found = this.#entries;
    const leaving = new Uint8Array(found.length);
    for (let place = 0; place < found.length; place++) {
      const entry = found[place]!;
      // What is matched in part has no place under other rules: nothing is said of its rest any more.
      if (this.#isGone(entry) || core.groups.hasAllocation(entry)) leaving[place] = 1;
      counting.gone(entry);
      this.#countBreakOut(entry);
    }
    for (const state of this.#outdated) if (state.hasGroups) core.groups.forgetGroups(state);
    let kept = 0;
    for (let place = 0; place < found.length; place++) {
      const entry = found[place]!;
      this.#unlink(entry);
      if (leaving[place] === 1) {
        this.leaveBreak(place);
        core.release(entry);
        continue;
      }
      this.#broken[kept] = this.#broken[place]!;
      this.#arrivals[kept] = this.#arrivals[place]!;
      this.#due[kept] = this.#due[place]!;
      this.#sides[kept] = this.#sides[place]!;
      found[kept++] = entry;
    }
    this.#entries = found.subarray(0, kept);
  }

  /** The entry at a place; it may be gone by now. */
  entry(place: number): number {
    return this.#entries[place]!;
  }

  /** The break that the item of an entry was in, as `entries.break` says it. */
  broken(place: number): number {
    return this.#broken[place]!;
  }

  arrival(place: number): number {
    return this.#arrivals[place]!;
  }

  /** When the item of an entry is or was due. */
  due(place: number): number {
    return this.#due[place]!;
  }

  /** The side that an entry was on. */
  side(place: number): number {
    return this.#sides[place]!;
  }

  /** Places of the first entry of each record. */
  firsts(): Int32Array {
    const firsts = new Int32Array(this.#entries.length);
    let count = 0;
    for (let place = 0; place < this.#entries.length; place = this.endOf(place)) firsts[count++] = place;
    return firsts.subarray(0, count);
  }

  /** The place after the last entry of the record whose first stands at `from`. */
  endOf(from: number): number {
    const arrival = this.#arrivals[from]!;
    let place = from + 1;
    while (place < this.#entries.length && this.#arrivals[place] === arrival) place++;
    return place;
  }

  /** An entry of the record whose first stood at `from` that is still there; −1 when all are gone. */
  aliveAt(from: number): number {
    for (let place = from; place < this.endOf(from); place++) {
      const entry = this.#entries[place]!;
      if (this.#matcher.core.entries.arrival(entry) === this.#arrivals[from]) return entry;
    }
    return NO_ENTRY;
  }

  /** Whether the break of an entry's item is one of its own lane. */
  isInBreak(place: number): boolean {
    const { breaks, groups } = this.#matcher.core;
    const entry = this.#entries[place]!;
    const broken = this.#broken[place]!;
    if (broken === NO_ENTRY) return false;
    if (broken < NO_ENTRY) return groups.isIn(broken, entry);
    return breaks.owner(broken) === entry || breaks.joined(broken) === entry;
  }

  /** An entry leaves the break of its own lane, if it is in one, without a word. */
  leaveBreak(place: number): void {
    if (this.isInBreak(place)) leaveSilently(this.#matcher.core, this.#entries[place]!, this.#broken[place]!);
  }

  /** The break that an entry has opened is counted no more; what it has told is kept where that may change. */
  #countBreakOut(entry: number): void {
    const { core, counting } = this.#matcher;
    const { breaks, emitter } = core;
    const broken = core.entries.break(entry);
    if (broken < 0 || breaks.owner(broken) !== entry) return;
    const state = core.stateOf(entry);
    counting.breakChanged(state, broken, -1);
    // A break of one says the same again as long as its rule has the same name.
    if (breaks.joined(broken) !== NO_ENTRY || this.#change.moved.has(state.definition.name))
      breaks.setTold(broken, emitter.bodyOf(state, broken));
  }

  #isGone(entry: number): boolean {
    return this.#change.gone.has(this.#matcher.core.stateOf(entry).definition.name);
  }

  #dueOf(entry: number): number {
    const { breaks, entries, items } = this.#matcher.core;
    if ((entries.packed(entry) & EXTENDED) !== 0) return items.due(entry);
    const broken = entries.break(entry);
    if (broken < 0) return entries.event(entry);
    return breaks.owner(broken) === entry ? breaks.ownDue(broken) : breaks.joinedDue(broken);
  }

  /** An entry is in no chain, and waits for nothing. */
  #unlink(entry: number): void {
    const { core } = this.#matcher;
    const state = core.stateOf(entry);
    for (const { index } of state.rules) {
      const links = core.linksOf(index);
      if (links.next(entry) !== NO_ENTRY) links.setNext(entry, NO_ENTRY);
    }
    core.wheel.cancel(entry);
    core.twins.delete(entry);
    state.open--;
    core.open--;
  }
}
