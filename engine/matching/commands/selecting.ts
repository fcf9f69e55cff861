import { isDeepStrictEqual } from 'node:util';
import { EXTENDED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import type { OutdatedRecords } from './outdated-records.ts';
import { standIn } from './standing.ts';

/**
 * Selects outdated records by changed rules: an entry that its reconciliation takes again keeps its number, and with it
 * its place in its break; others leave memory. No rule is tried for them.
 */
export class Selecting {
  readonly #matcher: Matcher;
  readonly #records: OutdatedRecords;
  /** Name of the first rule that each reconciliation had, by slot. */
  readonly #firstRules: ReadonlyMap<number, string>;

  constructor(matcher: Matcher, records: OutdatedRecords, outdated: readonly ReconciliationState[]) {
    this.#matcher = matcher;
    this.#records = records;
    this.#firstRules = new Map(outdated.map((state) => [state.slot, state.rules[0]!.name]));
  }

  /**
   * The record at hand, whose first entry stood at `from`, under the new rules: in the lanes of the reconciliations it
   * was unmatched in that take it now.
   */
  select(all: readonly Lane[], from: number): void {
    const end = this.#records.endOf(from);
    if (end === from + 1) this.#selectOne(all, from);
    else this.#selectSeveral(all, from, end);
  }

  /**
   * The breaks that entries of a record have opened are counted again; what was told of them is kept where it would not
   * be told again as it was.
   */
  tellAnew(from: number): void {
    const { core, counting } = this.#matcher;
    const { breaks, emitter, entries } = core;
    for (let place = from; place < this.#records.endOf(from); place++) {
      const entry = this.#records.entry(place);
      const broken = entries.arrival(entry) < 0 ? NO_ENTRY : entries.break(entry);
      if (broken < 0 || breaks.owner(broken) !== entry) continue;
      const state = core.stateOf(entry);
      const told = breaks.told(broken);
      const name = this.#firstRules.get(state.slot)!;
      if (told !== undefined) {
        breaks.setTold(broken, undefined);
        if (!isDeepStrictEqual(emitter.bodyOf(state, broken), told)) breaks.setTold(broken, told);
      } else if (state.rules[0]!.name !== name && breaks.why(broken) === undefined) {
        breaks.setWhy(broken, { rule: name, condition: 'noCounterpart' });
      }
      counting.breakChanged(state, broken, 1);
    }
  }

  #selectOne(all: readonly Lane[], place: number): void {
    const { core } = this.#matcher;
    const entry = this.#records.entry(place);
    const state = core.stateOf(entry);
    const lane = all.find((each) => each.state === state);
    if (lane === undefined) {
      this.#records.leaveBreak(place);
      core.release(entry);
      return;
    }
    const isBroken = this.#records.isInBreak(place);
    standIn(this.#matcher, state, lane.side, entry, NO_ENTRY);
    this.#settleDue(entry, isBroken ? place : undefined);
  }

  #selectSeveral(all: readonly Lane[], from: number, end: number): void {
    const { core } = this.#matcher;
    const records = this.#records;
    const places = new Map<ReconciliationState, number>();
    for (let place = from; place < end; place++) places.set(core.stateOf(records.entry(place)), place);
    const lanes = all.filter(({ state }) => places.has(state));
    // Of the items that are one now, the first that is broken in a lane that takes it is in that break.
    const heirs = new Map<number, number>();
    for (const { state, pool } of lanes) {
      const place = places.get(state)!;
      if (!heirs.has(pool) && records.isInBreak(place)) heirs.set(pool, place);
    }
    const inheriting = new Set(heirs.values());
    const taken = new Set(lanes.map(({ state }) => places.get(state)!));
    for (let place = from; place < end; place++) {
      if (!inheriting.has(place)) records.leaveBreak(place);
      if (!taken.has(place)) core.release(records.entry(place));
    }
    const firsts = new Map<number, number>();
    for (const { state, side, pool } of lanes) {
      const entry = records.entry(places.get(state)!);
      standIn(this.#matcher, state, side, entry, firsts.get(pool) ?? NO_ENTRY);
      if (!firsts.has(pool)) firsts.set(pool, entry);
    }
    for (const [pool, first] of firsts) this.#settleDue(first, heirs.get(pool));
  }

  /** When an item is due: the latest of its lanes; one that is broken, when it was. @param heir place of that one */
  #settleDue(first: number, heir: number | undefined): void {
    const { core, counting } = this.#matcher;
    const { entries, items } = core;
    const records = this.#records;
    let due = heir === undefined ? Number.NEGATIVE_INFINITY : records.due(heir);
    let entry = first;
    if (heir === undefined) {
      do {
        due = Math.max(due, entries.event(entry));
        entry = core.sibling(entry);
      } while (entry !== first);
    } else {
      const broken = records.broken(heir);
      if (broken < NO_ENTRY) {
        core.extend(records.entry(heir), due);
        core.groups.sideChanged(broken, records.entry(heir), records.side(heir));
      }
      counting.broke(records.entry(heir), broken);
    }
    do {
      if ((entries.packed(entry) & EXTENDED) !== 0) items.setDue(entry, due);
      entries.setEvent(entry, due);
      entry = core.sibling(entry);
    } while (entry !== first);
  }
}
