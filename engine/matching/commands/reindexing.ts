import { laneOf, LEG, UNTRIED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredLayout } from '../stored-fields.ts';
import { OutdatedRecords } from './outdated-records.ts';
import type { RowHost } from './reopen.ts';
import type { RulesChange } from './rules-change.ts';
import { Selecting } from './selecting.ts';
import { forEachStoredRow } from './stored-rows.ts';

/**
 * Takes the unmatched records of changed and gone reconciliations out of what their rules have made of them, and puts
 * them under the new rules: selected anew, and tried in order of arrival against those tried before.
 */
export class Reindexing {
  readonly #matcher: Matcher;
  /** The reconciliations that are changed or gone, as they were. */
  readonly #outdated: readonly ReconciliationState[];
  readonly #gone: ReadonlySet<string>;
  readonly #records: OutdatedRecords;
  readonly #selecting: Selecting;

  constructor(matcher: Matcher, before: readonly ReconciliationState[], change: RulesChange) {
    this.#matcher = matcher;
    this.#outdated = before.filter(({ definition }) => change.fates.get(definition.name) !== 'kept');
    this.#gone = change.gone;
    this.#records = new OutdatedRecords(matcher, this.#outdated, change);
    this.#selecting = new Selecting(matcher, this.#records, this.#outdated);
  }

  /** Takes the records out of their lanes and groups. The former rules must be in force. */
  takeOut(): void {
    this.#matcher.core.remembered.forgetAllOf(this.#outdated);
    this.#matcher.core.amended.forgetAllOf(this.#gone);
    this.#records.takeOut();
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
    const firsts = this.#records.firsts();
    this.#selectCompany(host, firsts, layoutOf);
    const alive = firsts.map((place) => this.#records.aliveAt(place));
    const remaining = firsts.filter((_, record) => alive[record] !== NO_ENTRY);
    forEachStoredRow(
      core,
      alive.filter((entry) => entry !== NO_ENTRY),
      layoutOf,
      (record) => this.#bringBackOne(host, remaining[record]!),
    );
  }

  /** Records that are in a break with others are selected first: when one is matched, the break tells of all. */
  #selectCompany(host: RowHost, firsts: Int32Array, layoutOf: (entry: number) => StoredLayout): void {
    const { core } = this.#matcher;
    const { breaks } = core;
    const records = this.#records;
    const together = firsts.filter((from) => {
      for (let place = from; place < records.endOf(from); place++) {
        const broken = records.broken(place);
        if (broken < NO_ENTRY || (broken !== NO_ENTRY && breaks.joined(broken) !== NO_ENTRY)) return true;
      }
      return false;
    });
    forEachStoredRow(
      core,
      together.map((place) => records.entry(place)),
      layoutOf,
      (record) => this.#selecting.select(host.lanesOfRow(), together[record]!),
    );
    for (const from of together) this.#selecting.tellAnew(from);
  }

  /** The record at hand, whose first entry stood at a place, is selected, unless it was, and the rules are tried for it. */
  #bringBackOne(host: RowHost, from: number): void {
    const { entries } = this.#matcher.core;
    const lanes = host.lanesOfRow();
    if ((entries.packed(this.#records.aliveAt(from)) & UNTRIED) === 0) {
      this.#selecting.select(lanes, from);
      this.#selecting.tellAnew(from);
    }
    this.#try(lanes, from);
  }

  /** The rules are tried for the record at hand, whose first entry stood at `from`. */
  #try(all: readonly Lane[], from: number): void {
    const { core } = this.#matcher;
    const records = this.#records;
    const { entries } = core;
    const arrival = records.arrival(from);
    const lanes: Lane[] = [];
    const own: number[] = [];
    const end = records.endOf(from);
    for (const lane of all) {
      for (let place = from; place < end; place++) {
        const entry = records.entry(place);
        if (entries.arrival(entry) !== arrival || core.stateOf(entry) !== lane.state) continue;
        lanes.push(lane);
        own.push(entry);
      }
    }
    if (lanes.length === 0) return;
    this.#matcher.arriveAgain(lanes, own);
    if (lanes.length === 1) {
      if (this.#isOpen(own[0]!, arrival)) this.#schedule(own[0]!);
      return;
    }
    const pools = new Set<number>();
    for (const [i, { pool }] of lanes.entries()) {
      const first = own[i]!;
      // What was matched is gone, or is kept as a leg.
      if (pools.has(pool) || !this.#isOpen(first, arrival)) continue;
      pools.add(pool);
      this.#schedule(first);
    }
  }

  /** An item that is still unmatched waits for what is due of it; a break that let it go may have given it its event. */
  #schedule(first: number): void {
    const { core, expiring } = this.#matcher;
    if (core.wheel.isScheduled(first)) return;
    const due = core.due(first);
    if (core.entries.break(first) !== NO_ENTRY && core.watermark > due) expiring.endAnew(first, due);
    else expiring.schedule(first, due);
  }

  /** Whether an entry still stands for the unmatched record that arrived then. */
  #isOpen(entry: number, arrival: number): boolean {
    const { entries } = this.#matcher.core;
    return entries.arrival(entry) === arrival && (entries.packed(entry) & LEG) === 0;
  }
}
