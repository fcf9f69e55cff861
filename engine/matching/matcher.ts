import { CounterfoilError } from '../domain/index.ts';
import { Blobs } from './blobs.ts';
import { Breaks } from './breaks.ts';
import { ALONE, CandidateSearch, FREE, MATCHABLE } from './candidate-search.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { Emitter } from './emitter.ts';
import { Entries, EVICTED, EXPIRED, laneOf, pack } from './entries.ts';
import { SharedMemory, type ReconciliationState } from './reconciliation-state.ts';
import type { RowReader } from './row-reader.ts';
import { NO_ENTRY } from './slab.ts';
import { TimingWheel } from './timing-wheel.ts';

/** Lanes there can be: two per reconciliation. */
export const MAX_LANES = 4096;

/**
 * The rules of matching, breaking and healing (docs/kernel.md), over the records in memory. It is told of arrivals and
 * of the watermark and says what follows through its emitter.
 */
export class Matcher {
  readonly entries: Entries = new Entries();
  readonly breaks: Breaks = new Breaks();
  readonly memory: SharedMemory;
  readonly wheel: TimingWheel;
  readonly emitter: Emitter;
  /** Place of each lane's reconciliation in the configuration. */
  readonly order: Int32Array = new Int32Array(MAX_LANES);
  /** By slot. */
  readonly states: (ReconciliationState | undefined)[] = [];
  /** Event time reached; −∞ before any source has spoken. */
  watermark = Number.NEGATIVE_INFINITY;
  /** Unmatched records in memory. */
  open = 0;
  maxOpen = 0;
  readonly #reader: RowReader;
  readonly #search: CandidateSearch;

  constructor(reader: RowReader, blobs: Blobs = new Blobs()) {
    this.#reader = reader;
    this.memory = new SharedMemory(this.entries, blobs);
    this.wheel = new TimingWheel(this.entries, this.order);
    this.emitter = new Emitter(this.entries, blobs, this.breaks, reader);
    this.#search = new CandidateSearch(this.entries, this.breaks);
  }

  /** The watermark reached `time`: whatever it is strictly past happens, in order of time, then arrival. */
  raise(time: number): void {
    if (time > this.watermark) this.watermark = time;
    for (;;) {
      const entry = this.wheel.take(this.watermark);
      if (entry === NO_ENTRY) return;
      const packed = this.entries.packed(entry);
      const state = this.states[laneOf(packed) >>> 1]!;
      if ((packed & EXPIRED) === 0) this.#expire(state, entry);
      else this.#evict(state, entry);
    }
  }

  /** The row at hand arrives on one side of a reconciliation: it is matched, or pending. */
  arrive(state: ReconciliationState, side: number, arrival: number): void {
    const reader = this.#reader;
    const packed = pack((state.slot << 1) | side, reader.dayPrecise, reader.offsetMinutes);
    const end = state.window.end(side, reader.time, packed);
    const late = end < this.watermark;
    state.totals(reader.currency).arrived(side, reader.amount, late);
    const search = this.#search;
    search.side = side;
    search.amount = reader.amount;
    search.time = reader.time;
    search.packed = packed;
    const { rules } = state;
    const others = state.chains[side === 0 ? 1 : 0];
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (!rule.look(reader)) continue;
      const chains = others[i]!;
      const first = chains.first(reader, rule.hash);
      if (first === NO_ENTRY) continue;
      const tolerance = rule.tolerance(reader.currency, reader);
      const best = search.nearest(first, chains.links, state.window, MATCHABLE, tolerance);
      if (best === NO_ENTRY) continue;
      this.#match(state, side, rule, best, arrival);
      return;
    }
    const due = (late ? this.watermark : end) + state.definition.window.grace;
    this.#pend(state, side, packed, arrival, due);
  }

  #pend(state: ReconciliationState, side: number, packed: number, arrival: number, due: number): void {
    if (this.open >= this.maxOpen) {
      throw new CounterfoilError(
        'openRecordsLimit',
        `${this.open} unmatched records are in memory, the most that engine.maxOpenRecords allows; raise it, or shorten windows and retain`,
      );
    }
    const reader = this.#reader;
    const blob = this.memory.blobs.write(reader, state.fields);
    const entry = this.entries.add(reader.amount, reader.time, arrival, blob, packed);
    const mine = state.chains[side === 0 ? 0 : 1];
    for (let i = 0; i < mine.length; i++) {
      const rule = state.rules[i]!;
      // Every rule has looked at the row: none matched it.
      if (rule.hasKey) mine[i]!.append(entry, reader, rule.hash);
    }
    this.wheel.schedule(entry, due);
    state.open++;
    this.open++;
  }

  #match(state: ReconciliationState, side: number, rule: CompiledRule, entry: number, arrival: number): void {
    const reader = this.#reader;
    const n = this.emitter.n;
    this.emitter.match(state, rule, side, entry, arrival);
    const amount = this.entries.amount(entry);
    const broken = this.entries.break(entry);
    const totals = state.totals(reader.currency);
    totals.matched(side, reader.amount, false);
    totals.matched(1 - side, amount, broken !== NO_ENTRY);
    const difference = side === 0 ? reader.amount - amount : amount - reader.amount;
    totals.match(difference, Math.abs(reader.time - this.entries.time(entry)));
    this.#leaveMemory(state, entry);
    if (broken !== NO_ENTRY) this.#heal(state, broken, entry, n);
    this.#release(entry);
  }

  /** A member of a break was matched: the break is resolved, or goes on without it. */
  #heal(state: ReconciliationState, broken: number, entry: number, n: number): void {
    const { breaks, entries } = this;
    const owner = breaks.owner(broken);
    const joined = breaks.joined(broken);
    if (owner !== entry) {
      // An owner that has left memory is in no chain, and so finds nobody.
      this.#change(state, broken, this.#nearest(state, owner, FREE));
      if ((entries.packed(owner) & EVICTED) === 0) return;
      breaks.free(broken);
      this.#release(owner);
      return;
    }
    this.#count(state, broken, -1);
    state.totals(this.#currency(entry)).healed();
    breaks.nextVersion(broken);
    this.emitter.resolved(state, broken, n);
    const due = breaks.joinedDue(broken);
    breaks.free(broken);
    if (joined === NO_ENTRY) return;
    if ((entries.packed(joined) & EVICTED) !== 0) {
      this.#release(joined);
      return;
    }
    entries.setBreak(joined, NO_ENTRY);
    this.#broke(state, joined, -1);
    // Once it is due it may not be in no break; the event of its eviction stays.
    if (this.watermark > due) this.#breakUp(state, joined, due);
  }

  #expire(state: ReconciliationState, entry: number): void {
    const due = this.entries.event(entry);
    this.entries.setFlag(entry, EXPIRED);
    if (this.entries.break(entry) === NO_ENTRY) this.#breakUp(state, entry, due);
    this.wheel.schedule(entry, due + state.definition.retain);
  }

  /** A due record in no break opens one with the nearest that is in none, or joins the nearest alone, or is alone. */
  #breakUp(state: ReconciliationState, entry: number, due: number): void {
    const free = this.#nearest(state, entry, FREE);
    const alone = free === NO_ENTRY ? this.#nearest(state, entry, ALONE) : NO_ENTRY;
    if (alone !== NO_ENTRY) {
      const broken = this.entries.break(alone);
      this.#count(state, broken, -1);
      this.#join(state, broken, entry, due);
      this.breaks.nextVersion(broken);
      this.#count(state, broken, 1);
      this.emitter.break(state, broken);
      return;
    }
    const broken = this.breaks.add(this.emitter.sequence, this.emitter.n, entry, due);
    this.entries.setBreak(entry, broken);
    this.#broke(state, entry, 1);
    // In no break, it waits for its expiry: its event is its due time.
    if (free !== NO_ENTRY) this.#join(state, broken, free, this.entries.event(free));
    this.#count(state, broken, 1);
    this.emitter.break(state, broken);
  }

  /** The joined record of a break was matched: the next version has another, or none. */
  #change(state: ReconciliationState, broken: number, next: number): void {
    this.#count(state, broken, -1);
    this.breaks.leave(broken);
    if (next !== NO_ENTRY) this.#join(state, broken, next, this.entries.event(next));
    this.breaks.nextVersion(broken);
    this.#count(state, broken, 1);
    this.emitter.break(state, broken);
  }

  #join(state: ReconciliationState, broken: number, entry: number, due: number): void {
    this.breaks.join(broken, entry, due);
    this.entries.setBreak(entry, broken);
    this.#broke(state, entry, 1);
  }

  /** A broken record's time to be matched is over, unless its partner's is not. */
  #evict(state: ReconciliationState, entry: number): void {
    const { breaks, entries } = this;
    const broken = entries.break(entry);
    const owner = breaks.owner(broken);
    const partner = owner === entry ? breaks.joined(broken) : owner;
    if (partner !== NO_ENTRY) {
      const due = owner === entry ? breaks.joinedDue(broken) : breaks.ownerDue(broken);
      const deadline = due + state.definition.retain;
      if (deadline > entries.event(entry)) {
        this.wheel.schedule(entry, deadline);
        return;
      }
    }
    this.#leaveMemory(state, entry);
    if (partner !== NO_ENTRY && (entries.packed(partner) & EVICTED) === 0) {
      // A later version of the break may still have to show it.
      entries.setFlag(entry, EVICTED);
      return;
    }
    breaks.free(broken);
    if (partner !== NO_ENTRY) this.#release(partner);
    this.#release(entry);
  }

  #nearest(state: ReconciliationState, entry: number, wanted: number): number {
    const side = laneOf(this.entries.packed(entry)) & 1;
    const mine = state.chains[side === 0 ? 0 : 1][0]!;
    if (mine.links.next(entry) === NO_ENTRY) return NO_ENTRY;
    const others = state.chains[side === 0 ? 1 : 0][0]!;
    const first = others.firstLike(entry, mine.links.hash(entry));
    if (first === NO_ENTRY) return NO_ENTRY;
    this.#search.lookFor(entry, side);
    return this.#search.nearest(first, others.links, state.window, wanted, Number.POSITIVE_INFINITY);
  }

  #leaveMemory(state: ReconciliationState, entry: number): void {
    const side = laneOf(this.entries.packed(entry)) & 1;
    const chains = state.chains[side === 0 ? 0 : 1];
    for (let i = 0; i < chains.length; i++) chains[i]!.remove(entry);
    this.wheel.cancel(entry);
    state.open--;
    this.open--;
  }

  #release(entry: number): void {
    this.memory.blobs.free(this.entries.blob(entry));
    this.entries.free(entry);
  }

  #currency(entry: number): number {
    return this.memory.blobs.currency(this.entries.blob(entry));
  }

  #broke(state: ReconciliationState, entry: number, into: 1 | -1): void {
    const side = laneOf(this.entries.packed(entry)) & 1;
    state.totals(this.#currency(entry)).broke(side, this.entries.amount(entry), into);
  }

  #count(state: ReconciliationState, broken: number, change: 1 | -1): void {
    const isAmount = this.breaks.joined(broken) !== NO_ENTRY;
    const currency = this.#currency(this.breaks.owner(broken));
    const amount = this.emitter.breakAmount(broken);
    state.totals(currency).breakChanged(change, isAmount, amount, this.breaks.ownerDue(broken));
  }
}
