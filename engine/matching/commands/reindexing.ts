import { isDeepStrictEqual } from 'node:util';
import { EXTENDED, laneOf, UNTRIED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredLayout } from '../stored-fields.ts';
import type { RowHost } from './reopen.ts';
import type { RulesChange } from './rules-change.ts';
import { unmatchedOf } from './unmatched-entries.ts';
import { leaveSilently, standIn } from './standing.ts';
import { forEachStoredRow } from './stored-rows.ts';

const NO_ENTRIES: Int32Array = new Int32Array(0);

/**
 * Takes the unmatched records of changed and gone reconciliations out of what their rules have made of them, and puts
 * them under the new rules: selected anew, and tried in order of arrival against those tried before. An entry that its
 * reconciliation selects again keeps its number, and with it its place in its break.
 */
export class Reindexing {
  readonly #matcher: Matcher;
  readonly #change: RulesChange;
  /** The reconciliations that are changed or gone, as they were. */
  readonly #outdated: readonly ReconciliationState[];
  /** Name of the first rule of each, by slot. */
  readonly #firstRules: ReadonlyMap<number, string>;
  /** Their unmatched entries in order of arrival, then of reconciliation: those of one record side by side. */
  #entries: Int32Array = NO_ENTRIES;
  /** Per entry: the break that its item is in, its arrival, and when the item is or was due. */
  #broken: Int32Array = NO_ENTRIES;
  #arrivals: Float64Array = new Float64Array(0);
  #due: Float64Array = new Float64Array(0);
  /** Per entry: the side that it was on. */
  #sides: Uint8Array = new Uint8Array(0);

  constructor(matcher: Matcher, before: readonly ReconciliationState[], change: RulesChange) {
    this.#matcher = matcher;
    this.#change = change;
    this.#outdated = before.filter(({ definition }) => change.fates.get(definition.name) !== 'kept');
    this.#firstRules = new Map(this.#outdated.map((state) => [state.slot, state.rules[0]!.name]));
  }

  /** Takes the records out of their lanes and groups. The former rules must be in force. */
  takeOut(): void {
    const { core } = this.#matcher;
    const { entries, groups } = core;
    core.remembered.forgetAllOf(this.#outdated);
    const found = unmatchedOf(core, this.#outdated);
    this.#entries = found;
    this.#broken = new Int32Array(found.length);
    this.#due = new Float64Array(found.length);
    this.#sides = new Uint8Array(found.length);
    const leaving = new Uint8Array(found.length);
    for (let place = 0; place < found.length; place++) {
      const entry = found[place]!;
      this.#broken[place] = entries.break(entry);
      this.#due[place] = this.#dueOf(entry);
      this.#sides[place] = core.sideOf(entry);
      // What is matched in part has no place under other rules: nothing is said of its rest any more.
      if (this.#isGone(entry) || groups.hasAllocation(entry)) leaving[place] = 1;
      this.#countOut(entry);
    }
    for (const state of this.#outdated) if (state.hasGroups) groups.forgetGroups(state);
    let kept = 0;
    for (let place = 0; place < found.length; place++) {
      const entry = found[place]!;
      this.#unlink(entry);
      if (leaving[place] === 1) {
        if (this.#isInBreak(place)) leaveSilently(core, entry, this.#broken[place]!);
        core.release(entry);
        continue;
      }
      this.#broken[kept] = this.#broken[place]!;
      this.#due[kept] = this.#due[place]!;
      this.#sides[kept] = this.#sides[place]!;
      found[kept++] = entry;
    }
    this.#entries = found.subarray(0, kept);
    this.#arrivals = new Float64Array(kept);
    for (let place = 0; place < kept; place++) this.#arrivals[place] = entries.arrival(found[place]!);
  }

  /** Puts the records under the new rules, which are in force now. */
  bringBack(host: RowHost): void {
    const { core } = this.#matcher;
    for (const before of this.#outdated) {
      const after = core.states[before.slot];
      if (after?.definition.name === before.definition.name) after.takeTotals(before);
    }
    const layouts = new Map(this.#outdated.map((state) => [state.slot, state.slots.layouts]));
    // An entry that was selected already is as the new rules want it.
    const layoutOf = (entry: number): StoredLayout => {
      const packed = core.entries.packed(entry);
      if ((packed & UNTRIED) !== 0) return core.layoutOf(entry);
      return layouts.get(laneOf(packed) >>> 1)![(packed & 1) === 0 ? 0 : 1];
    };
    const firsts = this.#firsts();
    this.#selectCompany(host, firsts, layoutOf);
    const records = firsts.map((place) => this.#aliveAt(place));
    const remaining = firsts.filter((_, record) => records[record] !== NO_ENTRY);
    forEachStoredRow(
      core,
      records.filter((entry) => entry !== NO_ENTRY),
      layoutOf,
      (record) => this.#bringBackOne(host, remaining[record]!),
    );
  }

  /** Records that are in a break with others are selected first: when one is matched, the break tells of all. */
  #selectCompany(host: RowHost, firsts: Int32Array, layoutOf: (entry: number) => StoredLayout): void {
    const { core } = this.#matcher;
    const { breaks } = core;
    const together = firsts.filter((from) => {
      for (let place = from; place < this.#endOf(from); place++) {
        const broken = this.#broken[place]!;
        if (broken < NO_ENTRY || (broken !== NO_ENTRY && breaks.joined(broken) !== NO_ENTRY)) return true;
      }
      return false;
    });
    forEachStoredRow(
      core,
      together.map((place) => this.#entries[place]!),
      layoutOf,
      (record) => this.#select(host.lanesOfRow(), together[record]!),
    );
    for (const from of together) this.#tellAnew(from);
  }

  /** The record at hand, whose first entry stood at a place, is selected, unless it was, and the rules are tried for it. */
  #bringBackOne(host: RowHost, from: number): void {
    const { entries } = this.#matcher.core;
    const lanes = host.lanesOfRow();
    if ((entries.packed(this.#aliveAt(from)) & UNTRIED) === 0) {
      this.#select(lanes, from);
      this.#tellAnew(from);
    }
    this.#try(lanes, from);
  }

  #isGone(entry: number): boolean {
    return this.#change.gone.has(this.#matcher.core.stateOf(entry).definition.name);
  }

  /** Places of the first entry of each record. */
  #firsts(): Int32Array {
    const firsts = new Int32Array(this.#entries.length);
    let count = 0;
    for (let place = 0; place < this.#entries.length; place = this.#endOf(place)) firsts[count++] = place;
    return firsts.subarray(0, count);
  }

  /** The place after the last entry of the record whose first stands at `from`. */
  #endOf(from: number): number {
    const arrival = this.#arrivals[from]!;
    let place = from + 1;
    while (this.#arrivals[place] === arrival) place++;
    return place;
  }

  /** An entry of the record whose first stood at `from` that is still there; −1 when all are gone. */
  #aliveAt(from: number): number {
    const { entries } = this.#matcher.core;
    for (let place = from; place < this.#endOf(from); place++) {
      const entry = this.#entries[place]!;
      if (entries.arrival(entry) === this.#arrivals[from]) return entry;
    }
    return NO_ENTRY;
  }

  /** An entry is counted in its lane, and its break, no more; what its break has told is kept where that may change. */
  #countOut(entry: number): void {
    const { core, counting } = this.#matcher;
    const { breaks, emitter, entries } = core;
    counting.gone(entry);
    const broken = entries.break(entry);
    if (broken < 0 || breaks.owner(broken) !== entry) return;
    const state = core.stateOf(entry);
    counting.breakChanged(state, broken, -1);
    // A break of one says the same again as long as its rule has the same name.
    if (breaks.joined(broken) !== NO_ENTRY || this.#change.moved.has(state.definition.name))
      breaks.setTold(broken, emitter.bodyOf(state, broken));
  }

  /** When the item of an entry is or was due. */
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

  /**
   * The record at hand, whose first entry stood at `from`, under the new rules: in the lanes of the reconciliations it
   * was unmatched in that take it now.
   */
  #select(all: readonly Lane[], from: number): void {
    const end = this.#endOf(from);
    if (end === from + 1) this.#selectOne(all, from);
    else this.#selectSeveral(all, from, end);
  }

  #selectOne(all: readonly Lane[], place: number): void {
    const { core } = this.#matcher;
    const entry = this.#entries[place]!;
    const state = core.stateOf(entry);
    const lane = all.find((each) => each.state === state);
    const isBroken = this.#isInBreak(place);
    if (lane === undefined) {
      if (isBroken) leaveSilently(core, entry, this.#broken[place]!);
      core.release(entry);
      return;
    }
    standIn(this.#matcher, state, lane.side, entry, NO_ENTRY);
    this.#settleDue(entry, isBroken ? place : undefined);
  }

  #selectSeveral(all: readonly Lane[], from: number, end: number): void {
    const { core } = this.#matcher;
    const places = new Map<ReconciliationState, number>();
    for (let place = from; place < end; place++) places.set(core.stateOf(this.#entries[place]!), place);
    const lanes = all.filter(({ state }) => places.has(state));
    // Of the items that are one now, the first that is broken in a lane that takes it is in that break.
    const heirs = new Map<number, number>();
    for (const { state, pool } of lanes) {
      const place = places.get(state)!;
      if (!heirs.has(pool) && this.#isInBreak(place)) heirs.set(pool, place);
    }
    const inheriting = new Set(heirs.values());
    const taken = new Set(lanes.map(({ state }) => places.get(state)!));
    for (let place = from; place < end; place++) {
      const entry = this.#entries[place]!;
      if (!inheriting.has(place) && this.#isInBreak(place)) leaveSilently(core, entry, this.#broken[place]!);
      if (!taken.has(place)) core.release(entry);
    }
    const firsts = new Map<number, number>();
    for (const { state, side, pool } of lanes) {
      const entry = this.#entries[places.get(state)!]!;
      standIn(this.#matcher, state, side, entry, firsts.get(pool) ?? NO_ENTRY);
      if (!firsts.has(pool)) firsts.set(pool, entry);
    }
    for (const [pool, first] of firsts) this.#settleDue(first, heirs.get(pool));
  }

  /** When an item is due: the latest of its lanes; one that is broken, when it was. @param heir place of that one */
  #settleDue(first: number, heir: number | undefined): void {
    const { core, counting } = this.#matcher;
    const { entries, items } = core;
    let due = heir === undefined ? Number.NEGATIVE_INFINITY : this.#due[heir]!;
    let entry = first;
    if (heir === undefined) {
      do {
        due = Math.max(due, entries.event(entry));
        entry = core.sibling(entry);
      } while (entry !== first);
    } else {
      const broken = this.#broken[heir]!;
      if (broken < NO_ENTRY) core.groups.sideChanged(broken, this.#entries[heir]!, this.#sides[heir]!);
      counting.broke(this.#entries[heir]!, broken);
    }
    do {
      if ((entries.packed(entry) & EXTENDED) !== 0) items.setDue(entry, due);
      entries.setEvent(entry, due);
      entry = core.sibling(entry);
    } while (entry !== first);
  }

  /**
   * The breaks that entries of a record have opened are counted again; what was told of them is kept where it would not
   * be told again as it was.
   */
  #tellAnew(from: number): void {
    const { core, counting } = this.#matcher;
    const { breaks, emitter, entries } = core;
    for (let place = from; place < this.#endOf(from); place++) {
      const entry = this.#entries[place]!;
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

  /** The rules are tried for the record at hand, whose first entry stood at `from`. */
  #try(all: readonly Lane[], from: number): void {
    const { core, expiring } = this.#matcher;
    const { entries } = core;
    const arrival = this.#arrivals[from]!;
    const lanes: Lane[] = [];
    const own: number[] = [];
    const end = this.#endOf(from);
    for (const lane of all) {
      for (let place = from; place < end; place++) {
        const entry = this.#entries[place]!;
        if (entries.arrival(entry) !== arrival || core.stateOf(entry) !== lane.state) continue;
        lanes.push(lane);
        own.push(entry);
      }
    }
    if (lanes.length === 0) return;
    this.#matcher.arriveAgain(lanes, own);
    for (const [i, { pool }] of lanes.entries()) {
      const first = own[i]!;
      if (lanes.findIndex((lane) => lane.pool === pool) < i || entries.arrival(first) !== arrival) continue;
      const due = core.due(first);
      if (entries.break(first) !== NO_ENTRY && core.watermark > due) expiring.endAnew(first, due);
      else expiring.schedule(first, due);
    }
  }

  /** Whether the break of an entry's item is one of its own lane. */
  #isInBreak(place: number): boolean {
    const { breaks, groups } = this.#matcher.core;
    const entry = this.#entries[place]!;
    const broken = this.#broken[place]!;
    if (broken === NO_ENTRY) return false;
    if (broken < NO_ENTRY) return groups.isIn(broken, entry);
    return breaks.owner(broken) === entry || breaks.joined(broken) === entry;
  }
}
