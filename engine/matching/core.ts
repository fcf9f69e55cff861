import type { MoneyRecord } from '../domain/index.ts';
import { CounterfoilError } from '../domain/index.ts';
import { Blobs } from './blobs.ts';
import { Breaks } from './breaks.ts';
import { Bars } from './commands/bars.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { Consuming } from './consuming.ts';
import type { Counting } from './counting.ts';
import { Emitter } from './emitter.ts';
import { AWAY, Entries, EXTENDED, laneOf, LEG, pack } from './entries.ts';
import type { GroupHooks } from './group-hooks.ts';
import { Items } from './items.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { PairMatches } from './pair-matches.ts';
import { AmendedBreaks } from './replacing/amended-breaks.ts';
import { MatchMemory } from './replacing/match-memory.ts';
import { RowFields } from './row-fields.ts';
import type { RowReader } from './row-reader.ts';
import { EntryLinks, SideLinks, type ChainLinks } from './rule-links.ts';
import { FETCHED, NO_ENTRY } from './slab.ts';
import { StoredFields, type StoredLayout } from './stored-fields.ts';
import { TimingWheel } from './timing-wheel.ts';
import type { Twin } from './twins.ts';

/** Lanes there can be: two per reconciliation. */
export const MAX_LANES = 4096;

/**
 * What matching works on: the records in memory, their breaks and events, and the row at hand. An entry stands for one
 * record in one lane (a side of a reconciliation); the entries of one record in lanes of one pool are an item.
 */
export class KernelCore {
  readonly reader: RowReader;
  readonly entries: Entries = new Entries();
  readonly blobs: Blobs;
  readonly breaks: Breaks = new Breaks();
  readonly items: Items = new Items();
  /** Place of each lane's reconciliation in the configuration. */
  readonly order: Int32Array = new Int32Array(MAX_LANES);
  readonly wheel: TimingWheel;
  readonly emitter: Emitter;
  readonly pairMatches: PairMatches;
  /** By slot, without holes: see {@link KernelCore.setState}. */
  readonly states: (ReconciliationState | undefined)[] = [];
  readonly bars: Bars = new Bars();
  /** Numbers of the sources whose records may be replaced by others. */
  readonly tracked: Set<number> = new Set();
  /** Matches with a leg of those. */
  readonly remembered: MatchMemory = new MatchMemory();
  /** What is amended beyond the tolerance in a match. */
  readonly amended: AmendedBreaks;
  /** Told of every entry of those sources that is kept. */
  onTracked: (entry: number) => void = () => undefined;
  /** Whether another record has taken the place of the one that arrived there. */
  wasReplaced: (arrival: number) => boolean = () => false;
  /** Twins of entries that have one. */
  readonly twins: Map<number, Twin> = new Map();
  /** Set once, by the matcher. */
  groups!: GroupHooks;
  counting!: Counting;
  consuming!: Consuming;
  /** The row at hand. */
  readonly row: RowFields;
  /** Cursors for whoever compares two stored records; good until someone else does. */
  readonly left: StoredFields;
  readonly right: StoredFields;
  /** The entry that the row at hand has in the lane at hand already, where changed rules are tried for it; or −1. */
  standing: number = NO_ENTRY;
  /** When the row at hand is due in the lane at hand, and in its pool; and its first entry in earlier lanes of it, or −1. */
  laneDue = 0;
  itemDue = 0;
  ring: number = NO_ENTRY;
  /** The entry that the row at hand was kept as last. */
  kept: number = NO_ENTRY;
  /** Event time reached; −∞ before any source has spoken. */
  watermark = Number.NEGATIVE_INFINITY;
  /** The time of the event at hand; ∞ when there is none. */
  eventTime = Number.POSITIVE_INFINITY;
  /** Told of every group that is given back. */
  onGroupFreed: (group: number) => void = () => undefined;
  /** What {@link KernelCore.fetch} has read; of no meaning, but it has to come to something to be read at all. */
  fetched = 0;
  /** Unmatched entries in memory. */
  open = 0;
  maxOpen = 0;
  readonly #further: SideLinks[] = [];
  readonly #first: EntryLinks;
  readonly #keys: StoredFields;

  constructor(reader: RowReader, blobs: Blobs = new Blobs()) {
    this.reader = reader;
    this.blobs = blobs;
    this.wheel = new TimingWheel(this.entries, this.order);
    this.#first = new EntryLinks(this.entries);
    this.row = new RowFields(reader);
    this.left = this.cursor();
    this.right = this.cursor();
    this.#keys = this.cursor();
    this.emitter = new Emitter(this);
    this.amended = new AmendedBreaks(this);
    this.pairMatches = new PairMatches(this);
  }

  /** Links of the rule at a place in its reconciliation. */
  linksOf(rule: number): ChainLinks {
    return rule === 0 ? this.#first : this.furtherLinksOf(rule);
  }

  furtherLinksOf(rule: number): SideLinks {
    while (this.#further.length < rule) this.#further.push(new SideLinks());
    return this.#further[rule - 1]!;
  }

  /** Links of the second and further rules, as far as there are any. */
  get furtherLinks(): readonly SideLinks[] {
    return this.#further;
  }

  /** A reconciliation comes into force in its slot. Slots before it may be empty, as those of former rules are: undefined. */
  setState(state: ReconciliationState): void {
    while (this.states.length <= state.slot) this.states.push(undefined);
    this.states[state.slot] = state;
  }

  /** The reconciliation of an entry. */
  stateOf(entry: number): ReconciliationState {
    return this.states[laneOf(this.entries.packed(entry)) >>> 1]!;
  }

  /** 0 left, 1 right. */
  sideOf(entry: number): number {
    return this.entries.packed(entry) & 1;
  }

  /** A new cursor over stored records. */
  cursor(): StoredFields {
    return new StoredFields(this.entries, this.blobs, this.reader, (entry) => this.layoutOf(entry));
  }

  layoutOf(entry: number): StoredLayout {
    return this.stateOf(entry).slots.layouts[this.sideOf(entry) === 0 ? 0 : 1];
  }

  /** A stored record as it came. */
  recordAt(entry: number): MoneyRecord {
    return this.#keys.to(entry).record();
  }

  /** The currency in a stored record's key under a rule that reads it. */
  keyCurrency(rule: CompiledRule, side: number, entry: number): string {
    return rule.keyCurrency(side, this.#keys.to(entry));
  }

  /**
   * Reads the beginnings of some entries and of their blobs, those in `list` from `from` on. Whoever goes through records
   * that have not been touched for long has the memory for several of them fetched at once, in little more time than
   * for one.
   */
  fetch(list: readonly number[], from: number): void {
    const { blobs, entries } = this;
    const to = Math.min(from + FETCHED, list.length);
    let fetched = 0;
    for (let i = from; i < to; i++) fetched ^= entries.blob(list[i]!);
    for (let i = from; i < to; i++) fetched ^= blobs.account(entries.blob(list[i]!));
    this.fetched = fetched;
  }

  /** The same of the entries that are to be taken next, and of what is kept beside them. */
  fetchFree(): void {
    const { entries, items, groups } = this;
    let fetched = 0;
    for (let i = 0; i < FETCHED; i++) {
      const entry = entries.nextFree(i);
      if (entry === NO_ENTRY) break;
      fetched ^= entries.packed(entry) ^ items.touch(entry) ^ groups.touch(entry);
    }
    this.fetched = fetched;
  }

  /** The same of the entries alone. */
  fetchEntries(list: readonly number[], from: number): void {
    const { entries } = this;
    const to = Math.min(from + FETCHED, list.length);
    let fetched = 0;
    for (let i = from; i < to; i++) fetched ^= entries.packed(list[i]!);
    this.fetched = fetched;
  }

  currency(entry: number): number {
    return this.blobs.currency(this.entries.blob(entry));
  }

  /** When an entry that is no leg, and has not expired, is or was due. */
  due(entry: number): number {
    return (this.entries.packed(entry) & EXTENDED) === 0 ? this.entries.event(entry) : this.items.due(entry);
  }

  /** An entry that is alone is to say when it was due even while its event is another. */
  extend(entry: number, due: number): void {
    if ((this.entries.packed(entry) & EXTENDED) !== 0) return;
    this.entries.setFlag(entry, EXTENDED);
    this.items.add(entry, due);
  }

  /** The next entry of the same item; the entry itself when it is alone. */
  sibling(entry: number): number {
    return (this.entries.packed(entry) & EXTENDED) === 0 ? entry : this.items.next(entry);
  }

  /** Sets a flag of every entry of an item. */
  flagItem(entry: number, flag: number): void {
    let each = entry;
    do {
      this.entries.setFlag(each, flag);
      each = this.sibling(each);
    } while (each !== entry);
  }

  /** Says of every entry of an item in which break it is. */
  setBreak(entry: number, broken: number): void {
    let each = entry;
    do {
      this.entries.setBreak(each, broken);
      each = this.sibling(each);
    } while (each !== entry);
  }

  /**
   * Keeps the row at hand as an entry of a lane, in the chains of every pair rule under which it has a key; it is in no
   * group, and has no event. Every rule must have looked at it.
   */
  keep(state: ReconciliationState, side: number): number {
    if (this.standing !== NO_ENTRY) {
      this.kept = this.standing;
      this.#chain(state, side, this.standing);
      return this.standing;
    }
    if (this.open >= this.maxOpen) {
      throw new CounterfoilError(
        'openRecordsLimit',
        `${this.open} unmatched records are in memory, the most that engine.maxOpenRecords allows; raise it, or shorten windows and retain`,
      );
    }
    const { reader, entries } = this;
    const isExtended = state.extended[side === 0 ? 0 : 1];
    const lane = pack((state.slot << 1) | side, reader.dayPrecise, reader.offsetMinutes);
    const blob = this.blobs.write(reader, state.slots.layouts[side === 0 ? 0 : 1]);
    const packed = isExtended ? lane | EXTENDED : lane;
    const entry = entries.add(reader.amount, reader.time, this.row.arrival, blob, packed);
    if (isExtended) {
      this.items.add(entry, this.itemDue);
      this.items.setLaneDue(entry, this.laneDue);
      if (this.ring !== NO_ENTRY) this.#linkTo(this.ring, entry);
    }
    this.#chain(state, side, entry);
    state.open++;
    this.open++;
    this.kept = entry;
    if (this.tracked.size > 0 && this.tracked.has(reader.source)) this.onTracked(entry);
    return entry;
  }

  /** The entry of a further lane joins its item, which may be in a break already: that of a group whose signal is reached. */
  #linkTo(ring: number, entry: number): void {
    this.items.link(ring, entry);
    const broken = this.entries.break(ring);
    if (broken === NO_ENTRY) return;
    this.entries.setBreak(entry, broken);
    const totals = this.stateOf(entry).totals(this.currency(entry));
    totals.moved(this.sideOf(entry), this.entries.amount(entry), false, -1);
  }

  #chain(state: ReconciliationState, side: number, entry: number): void {
    const mine = state.chains[side === 0 ? 0 : 1];
    for (let i = 0; i < mine.length; i++) {
      const rule = state.rules[i]!;
      if (rule.hasKey && rule.kind === 'pair') mine[i]!.append(entry, rule.hash);
    }
  }

  /** An entry leaves its lane: its chains, its groups and its event. It stays allocated, and in its break. */
  leaveLane(state: ReconciliationState, entry: number): void {
    const packed = this.entries.packed(entry);
    if ((packed & AWAY) !== 0) throw twice('left its lane', entry);
    this.entries.setPacked(entry, packed | AWAY);
    if (!state.tiesOnlyGroups) {
      const chains = state.chains[this.sideOf(entry) === 0 ? 0 : 1];
      for (let i = 0; i < chains.length; i++) chains[i]!.remove(entry);
    }
    // A leg of a group's match is no member any more.
    if (state.hasGroups && !(state.tiesOnlyGroups && (packed & LEG) !== 0)) this.groups.leave(state, entry);
    this.wheel.cancel(entry);
    state.open--;
    this.open--;
  }

  /**
   * Gives an entry's memory back; nothing may point to it.
   * @throws CounterfoilError `internal` when it was given back before
   */
  release(entry: number): void {
    if (this.entries.arrival(entry) === NO_ENTRY) throw twice('was given back', entry);
    if (this.twins.size > 0) this.twins.delete(entry);
    this.blobs.free(this.entries.blob(entry));
    this.entries.free(entry);
  }
}

/** What must never happen is told at once: later it would only be seen by wrong results. */
function twice(what: string, entry: number): CounterfoilError {
  return new CounterfoilError(
    'internal',
    `record ${entry} in memory ${what} twice; report this with the log`,
  );
}
