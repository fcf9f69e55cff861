import { Breaking } from './breaking.ts';
import { CandidateSearch, MATCHABLE } from './candidate-search.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { Consuming } from './consuming.ts';
import type { KernelCore } from './core.ts';
import { Counting } from './counting.ts';
import { DueEvents } from './due-events.ts';
import { EXTENDED, pack, UNTRIED } from './entries.ts';
import { Expiring } from './expiring.ts';
import { KEPT, MATCHED } from './group-hooks.ts';
import { Holding } from './holding.ts';
import { PairSearch } from './pair-search.ts';
import { LEFT, type ReconciliationState } from './reconciliation-state.ts';
import type { Lane } from './rules-in-force.ts';
import { Groups } from './groups/groups.ts';
import { NO_ENTRY } from './slab.ts';
import type { Twin } from './twins.ts';

/** In place of an entry: nobody is found. */
const NONE = NO_ENTRY;
/** In place of an entry: a unique rule sees several. */
const REFUSED = -2;
/** In place of an entry: the row at hand is matched, and nothing of it is kept. */
const GONE = -2;

/**
 * The rules of matching, breaking and healing (docs/kernel.md), over the records in memory. It is told of arrivals and
 * of the watermark and says what follows through its emitter.
 */
export class Matcher {
  readonly core: KernelCore;
  readonly counting: Counting;
  readonly breaking: Breaking;
  readonly consuming: Consuming;
  readonly expiring: Expiring;
  readonly due: DueEvents;
  readonly holding: Holding;
  readonly #plain: CandidateSearch;
  readonly #pairs: PairSearch;
  /** By lane at hand: the earlier record that the row is a twin of. */
  readonly #twins: (Twin | undefined)[] = [];
  /** The row was kept as an entry by a partial rule: no further rule or lane takes it. */
  #isKept = false;

  constructor(core: KernelCore) {
    this.core = core;
    this.counting = new Counting(core);
    this.#plain = new CandidateSearch(core.entries, core.breaks);
    this.#pairs = new PairSearch(core);
    this.holding = new Holding(core, this.#pairs);
    this.breaking = new Breaking(core, this.counting, this.#pairs);
    this.consuming = new Consuming(core, this.counting, this.breaking, (entry, due) =>
      this.expiring.release(entry, due),
    );
    this.expiring = new Expiring(core, this.breaking, this.consuming, this.holding);
    this.due = new DueEvents(core, this.expiring);
    core.counting = this.counting;
    core.consuming = this.consuming;
    core.groups = new Groups(core, this.counting, (legs, n, sequence) =>
      this.consuming.consume(legs, n, sequence),
    );
  }

  /** The watermark reached `time`: whatever it is strictly past happens, in order of time, then arrival. */
  raise(time: number): void {
    if (time > this.core.watermark) this.core.watermark = time;
    this.due.handleAll();
  }

  /** The same, as far as the budget goes. */
  raiseWithin(time: number): void {
    if (time > this.core.watermark) this.core.watermark = time;
    this.due.handleSome();
  }

  /** The row at hand arrives in the lanes that select it, no two of one pool. */
  arrive(lanes: readonly Lane[]): void {
    const { core } = this;
    core.ring = NO_ENTRY;
    for (let i = 0; i < lanes.length; i++) {
      const { state, side } = lanes[i]!;
      if (state.hasTwins) this.#meetTwin(state, side, i);
    }
    for (let i = 0; i < lanes.length; i++) {
      const { state, side } = lanes[i]!;
      const end = this.windowEnd(state, side);
      const due = Math.max(end, core.watermark) + state.grace;
      core.laneDue = core.itemDue = due;
      const entry = this.#arriveIn(state, side, i, end < core.watermark);
      if (entry >= 0) this.expiring.schedule(entry, due);
    }
  }

  /** The same where some of the lanes share a pool: what is matched in a lane is gone from the others of its pool. */
  arriveShared(lanes: readonly Lane[]): void {
    const { core } = this;
    const items = itemsOf(lanes, (state, side) => this.dueIn(state, side));
    for (const [i, { state, side }] of lanes.entries()) if (state.hasTwins) this.#meetTwin(state, side, i);
    for (const [i, { state, side, pool }] of lanes.entries()) {
      const item = items.get(pool)!;
      if (item.isClosed) continue;
      core.ring = item.first;
      core.laneDue = this.dueIn(state, side);
      core.itemDue = item.due;
      const entry = this.#arriveIn(state, side, i, this.windowEnd(state, side) < core.watermark);
      item.isClosed = entry < 0 || this.#isKept;
      if (entry < 0) item.first = NO_ENTRY;
      else if (item.first === NO_ENTRY || this.#isKept) item.first = entry;
    }
    for (const { first, due } of items.values()) if (first !== NO_ENTRY) this.expiring.schedule(first, due);
  }

  /**
   * Rules have changed: they are tried for the row at hand, which is in memory, as at arrival.
   * @param entries its entry in each of the lanes
   */
  arriveAgain(lanes: readonly Lane[], entries: readonly number[]): void {
    const { core } = this;
    const closed = new Set<number>();
    for (const [i, { state, side }] of lanes.entries()) if (state.hasTwins) this.#meetTwin(state, side, i);
    core.ring = NO_ENTRY;
    for (const [i, { state, side, pool }] of lanes.entries()) {
      const entry = entries[i]!;
      // One that another lane of its pool has matched is gone.
      if (closed.has(pool) || core.entries.arrival(entry) !== core.row.arrival) continue;
      core.entries.clearFlag(entry, UNTRIED);
      core.standing = entry;
      core.itemDue = core.due(entry);
      core.laneDue = this.dueIn(state, side);
      this.#arriveIn(state, side, i, false);
      if (this.#isKept) closed.add(pool);
      core.standing = NO_ENTRY;
    }
  }

  /** When the row is due in a lane. */
  dueIn(state: ReconciliationState, side: number): number {
    return Math.max(this.windowEnd(state, side), this.core.watermark) + state.grace;
  }

  /** The last moment of the row's window on a side. */
  windowEnd(state: ReconciliationState, side: number): number {
    const { reader, row } = this.core;
    if (state.isAnchored[side === 0 ? 0 : 1]) {
      return state.window.endOf(side, state.rules[0]!.pairing.anchor(side, row), reader.offsetMinutes);
    }
    return state.window.end(side, reader.time, pack(0, reader.dayPrecise, reader.offsetMinutes));
  }

  /**
   * The row at hand arrives in one lane: rules in order; the first that finds a counterpart matches.
   * @param lane its place among the lanes at hand
   * @returns the entry as which it is pending, without an event; GONE when it is matched
   */
  #arriveIn(state: ReconciliationState, side: number, lane: number, isLate: boolean): number {
    const { core } = this;
    const { reader, row } = core;
    this.#isKept = false;
    if (core.standing === NO_ENTRY) state.totals(reader.currency).arrived(side, reader.amount, isLate);
    state.slots.compute(reader, row, side);
    const { rules } = state;
    let refusing = NONE;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      const hasKey = rule.look(reader, row, side);
      if (rule.kind === 'pair') {
        if (!hasKey || (rule.hold >= 0 && !this.#isOver(rule, side))) continue;
        const other = this.#partnerOf(state, rule, side);
        if (other >= 0) {
          this.#match(state, side, rule, other);
          return GONE;
        }
        if (other === REFUSED && refusing === NONE) refusing = rule.index;
      } else if (rule.kind === 'group' && (hasKey || rule.several !== undefined)) {
        const outcome = core.groups.tryRow(state, side, rule);
        if (outcome === MATCHED) return GONE;
        this.#isKept = outcome === KEPT;
        if (this.#isKept) return core.kept;
      }
    }
    const entry = core.keep(state, side);
    if (refusing !== NONE) core.items.setRefusedBy(entry, refusing);
    const twin = state.hasTwins ? this.#twins[lane] : undefined;
    if (twin !== undefined) core.twins.set(entry, twin);
    if (state.hasGroups) {
      core.groups.join(state, side, entry);
      core.groups.pending(state, entry);
    }
    return entry;
  }

  /** Every lane learns of the row, whether or not the row then comes to its turn. */
  #meetTwin(state: ReconciliationState, side: number, lane: number): void {
    const { row, wasReplaced, watermark } = this.core;
    this.#twins[lane] = state.twins[side === 0 ? 0 : 1]?.meet(row, watermark, wasReplaced);
  }

  /** Whom a pair rule matches the row at hand with; NONE, or REFUSED where a unique rule sees several. */
  #partnerOf(state: ReconciliationState, rule: CompiledRule, side: number): number {
    const { core } = this;
    const { reader, row } = core;
    const others = state.chains[side === 0 ? 1 : 0][rule.index]!;
    const first = others.first(rule.hash, side);
    if (first === NO_ENTRY) return NONE;
    if (rule.plain && !core.bars.any) {
      const search = this.#plain;
      search.side = side;
      search.amount = reader.amount;
      search.time = reader.time;
      search.packed = pack(0, reader.dayPrecise, reader.offsetMinutes);
      const tolerance = rule.tolerance(reader.currency, reader);
      return search.nearest(first, others.links, state.window, MATCHABLE, tolerance);
    }
    if (!rule.unique) return this.#pairs.candidate(state, rule, row, side, first);
    const [only, ...more] = this.#pairs.candidates(state, rule, row, side, first);
    if (only === undefined) return NONE;
    if (more.length === 0 && this.holding.rivals(state, rule, only, NONE) === 0) return only;
    return REFUSED;
  }

  /** Whether the watermark has passed the row's anchor by a rule's hold. */
  #isOver(rule: CompiledRule, side: number): boolean {
    return this.core.watermark > rule.pairing.anchor(side, this.core.row).time + rule.hold;
  }

  #match(state: ReconciliationState, side: number, rule: CompiledRule, other: number): void {
    const { core } = this;
    const { emitter, entries, pairMatches, reader } = core;
    const totals = state.totals(reader.currency);
    const n = emitter.n;
    if (core.ring !== NO_ENTRY || core.standing !== NO_ENTRY) {
      const entry = core.keep(state, side);
      const [left, right] = side === LEFT ? [entry, other] : [other, entry];
      pairMatches.ofEntries(state, rule, left, right);
      totals.match(pairMatches.difference, pairMatches.lagMs);
      this.consuming.consume([left, right], n);
      return;
    }
    pairMatches.ofRow(state, rule, side, other);
    totals.matched(side, reader.amount, false);
    totals.match(pairMatches.difference, pairMatches.lagMs);
    if ((entries.packed(other) & EXTENDED) !== 0 || entries.break(other) !== NO_ENTRY) {
      this.consuming.consumeOne(other, n);
      return;
    }
    // Their currencies are the same where keys compare them.
    const others = rule.comparesCurrency ? totals : state.totals(core.currency(other));
    others.matched(1 - side, entries.amount(other), false);
    core.leaveLane(state, other);
    core.release(other);
  }
}

/** What of a row comes into one pool. */
interface ArrivingItem {
  due: number;
  /** Its first entry, or −1. */
  first: number;
  /** It is matched, wholly or in part: no further lane takes it. */
  isClosed: boolean;
}

/** By pool, in the order of lanes. */
function itemsOf(
  lanes: readonly Lane[],
  dueIn: (state: ReconciliationState, side: number) => number,
): Map<number, ArrivingItem> {
  const items = new Map<number, ArrivingItem>();
  for (const { state, side, pool } of lanes) {
    const due = dueIn(state, side);
    const item = items.get(pool);
    if (item === undefined) items.set(pool, { due, first: NO_ENTRY, isClosed: false });
    else item.due = Math.max(item.due, due);
  }
  return items;
}
