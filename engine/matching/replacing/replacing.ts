import type { Leg, MoneyRecord, RecordFrame, SourceRule } from '../../domain/index.ts';
import { BREAK_KINDS } from '../../domain/index.ts';
import { readRecord } from '../../codec/index.ts';
import { fieldsOf } from '../../rules/index.ts';
import { leaveSilently, standIn } from '../commands/standing.ts';
import { isUnmatched } from '../commands/pointed-records.ts';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import { EXTENDED, laneOf, ORDINALS } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT, SIDES, type ReconciliationState } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import { Amendments, type AmendmentsState } from './amendments.ts';
import { Interims, REPLACEABLE_MS, type InterimsState } from './interims.ts';
import type { RememberedLeg, RememberedMatch } from './match-memory.ts';

/** What a snapshot keeps. */
export interface ReplacingState {
  readonly amendments: AmendmentsState;
  readonly interims: InterimsState;
  /** JSON. */
  readonly matches: string;
}

/** Records that take the place of earlier ones: amendments by version, and final records of interim ones. */
export class Replacing {
  readonly amendments = new Amendments();
  readonly #interims = new Interims();
  readonly #matcher: Matcher;
  readonly #core: KernelCore;
  /** Entries of records of tracked sources by arrival; some of them are gone. */
  readonly #entries = new Map<number, number[]>();
  #sweepAt = 4096;
  /** Numbers of the sources that amend. */
  #amending: ReadonlySet<number> = new Set();

  constructor(matcher: Matcher) {
    this.#matcher = matcher;
    this.#core = matcher.core;
    this.#core.wasReplaced = (arrival) => this.#interims.wasReplaced(arrival);
  }

  setSources(sources: readonly SourceRule[]): void {
    const { reader, tracked } = this.#core;
    this.#interims.setSources(sources);
    const amending = new Set<number>();
    for (const { name, amends } of sources) {
      if (amends !== undefined) amending.add(reader.sources.internText(name));
    }
    for (const source of this.#amending) if (!amending.has(source)) this.amendments.end(source);
    this.#amending = amending;
    const names = sources.filter(
      ({ name, amends }) => amends !== undefined || this.#interims.isInterim(name),
    );
    const numbers = names.map(({ name }) => reader.sources.internText(name));
    const isSame = numbers.length === tracked.size && numbers.every((number) => tracked.has(number));
    tracked.clear();
    for (const number of numbers) tracked.add(number);
    if (!isSame) this.findEntries();
  }

  /** Finds the entries of tracked sources that are in memory. */
  findEntries(): void {
    const { entries, blobs, tracked } = this.#core;
    this.#entries.clear();
    if (tracked.size === 0) return;
    for (let entry = 0; entry < entries.count; entry++) {
      if (entries.arrival(entry) >= 0 && tracked.has(blobs.source(entries.blob(entry)))) this.kept(entry);
    }
  }

  /** An entry of a tracked source came into memory. */
  kept(entry: number): void {
    const arrival = this.#core.entries.arrival(entry);
    const known = this.#entries.get(arrival);
    if (known === undefined) this.#entries.set(arrival, [entry]);
    else if (!known.includes(entry)) known.push(entry);
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
  }

  /**
   * The row at hand arrives, in the place of an earlier record where it has one.
   * @param former arrival of the version that it amends, or −1
   */
  arrive(frame: RecordFrame, lanes: readonly Lane[], isShared: boolean, former: number): void {
    const { row, watermark } = this.#core;
    const before = former >= 0 ? former : this.#interims.take(row, watermark);
    // A record is replaced within this time of its own, which lies at most some days ahead of the watermark.
    if (former >= 0) this.#interims.replaced(former, watermark + 2 * REPLACEABLE_MS, watermark);
    this.#interims.add(row, watermark);
    if (before < 0) this.#arriveIn(lanes, isShared);
    else this.#takePlace(frame, lanes, isShared, before);
  }

  state(bucket: number): ReplacingState {
    const { watermark, remembered } = this.#core;
    return {
      amendments: this.amendments.state(bucket),
      interims: this.#interims.state(watermark),
      matches: remembered.state(),
    };
  }

  /** False when bytes are of another size. */
  restore(state: ReplacingState): boolean {
    this.#core.remembered.restore(state.matches);
    return this.amendments.restore(state.amendments) && this.#interims.restore(state.interims);
  }

  #arriveIn(lanes: readonly Lane[], isShared: boolean): void {
    if (isShared) this.#matcher.arriveShared(lanes);
    else this.#matcher.arrive(lanes);
  }

  #takePlace(frame: RecordFrame, lanes: readonly Lane[], isShared: boolean, before: number): void {
    const { breaks, entries, remembered, watermark } = this.#core;
    const open = (this.#entries.get(before) ?? []).filter((entry) => entries.arrival(entry) === before);
    this.#entries.delete(before);
    const { order } = this.#core;
    const unmatched = open
      .filter((entry) => isUnmatched(this.#core, entry))
      .sort((a, b) => order[laneOf(entries.packed(a))]! - order[laneOf(entries.packed(b))]!);
    const openPools = new Set(unmatched.map((entry) => poolOf(this.#core, entry)));
    const heirs = this.#leave(unmatched, lanes);
    const closed = new Set<string>();
    const matches = remembered.of(before, watermark).map((match) => {
      const leg = match.legs.find((each) => each.arrival === before)!;
      const state = this.#core.states.find((each) => each?.definition.name === match.reconciliation)!;
      return { match, leg, state, pool: state.pools[leg.side === 'left' ? 0 : 1] };
    });
    for (const pool of matches.length === 0 ? [] : this.#poolsOf(matches[0]!.leg.record)) {
      const found = matches.find((each) => each.pool === pool);
      if (found === undefined || openPools.has(pool)) continue;
      closed.add(pool);
      this.#takeLeg(frame, found.state, found.match, found.leg);
    }
    const isClosed = ({ state, side }: Lane): boolean => closed.has(state.pools[side === LEFT ? 0 : 1]);
    const { row, wasReplaced } = this.#core;
    // A lane learns of the row even where that is a leg already: a later one may repeat it.
    for (const lane of lanes) {
      if (isClosed(lane)) lane.state.twins[lane.side === LEFT ? 0 : 1]?.meet(row, watermark, wasReplaced);
    }
    const left = lanes.filter((lane) => !isClosed(lane));
    if (heirs.size === 0) {
      this.#arriveIn(left, isShared);
      return;
    }
    this.#arriveStanding(left, heirs);
    for (const [entry, broken] of heirs) {
      if (entries.arrival(entry) !== this.#core.row.arrival || entries.break(entry) !== broken) continue;
      this.#matcher.breaking.sayAgain(this.#core.stateOf(breaks.owner(broken)), broken);
    }
  }

  /**
   * The entries of a record leave memory, but for those whose place in a break the row at hand takes.
   * @returns these, each with its break
   */
  #leave(open: readonly number[], lanes: readonly Lane[]): Map<number, number> {
    const { breaks, emitter, entries } = this.#core;
    const { counting } = this.#matcher;
    const heirs = new Map<number, number>();
    for (const entry of open) {
      const state = this.#core.stateOf(entry);
      const broken = entries.break(entry);
      const isHere = broken >= 0 && (breaks.owner(broken) === entry || breaks.joined(broken) === entry);
      const isGroup = broken < NO_ENTRY && this.#core.groups.isIn(broken, entry);
      counting.gone(entry);
      if (isHere) {
        const owner = this.#core.stateOf(breaks.owner(broken));
        counting.breakChanged(owner, broken, -1);
        // Until there is a new version the break says what it said.
        breaks.setTold(broken, emitter.bodyOf(owner, broken));
        if (lanes.some((lane) => lane.state === state && lane.side === this.#core.sideOf(entry))) {
          heirs.set(entry, broken);
          continue;
        }
        const partner = breaks.owner(broken) === entry ? breaks.joined(broken) : breaks.owner(broken);
        leaveSilently(this.#core, entry, broken);
        if (partner !== NO_ENTRY) counting.breakChanged(owner, broken, 1);
      } else if (isGroup) {
        leaveSilently(this.#core, entry, broken);
      }
    }
    const leaving = open.filter((entry) => !this.#core.groups.retire(this.#core.stateOf(entry), entry));
    for (const entry of leaving) this.#core.leaveLane(this.#core.stateOf(entry), entry);
    for (const entry of leaving) if (!heirs.has(entry)) this.#core.release(entry);
    return heirs;
  }

  /** The row at hand arrives as entries that stand in its lanes already, some of them in a break. */
  #arriveStanding(lanes: readonly Lane[], heirs: ReadonlyMap<number, number>): void {
    const core = this.#core;
    const { entries, reader, row } = core;
    const own: number[] = [];
    const firsts = new Map<number, number>();
    for (const { state, side, pool } of lanes) {
      const heir = [...heirs.keys()].find((entry) => core.stateOf(entry) === state);
      const entry =
        heir ?? entries.add(0, 0, 0, core.blobs.write(reader, state.slots.layouts[side === LEFT ? 0 : 1]), 0);
      entries.setRecord(entry, reader.amount, reader.time, row.arrival);
      standIn(this.#matcher, state, side, entry, firsts.get(pool) ?? NO_ENTRY);
      if (!firsts.has(pool)) firsts.set(pool, entry);
      own.push(entry);
      if (core.tracked.has(reader.source)) this.kept(entry);
    }
    for (const [entry, broken] of heirs) {
      this.#matcher.counting.broke(entry, broken);
      this.#matcher.counting.breakChanged(core.stateOf(core.breaks.owner(broken)), broken, 1);
    }
    const dues = new Map<number, number>();
    for (const [i, { pool }] of lanes.entries()) {
      dues.set(pool, Math.max(dues.get(pool) ?? Number.NEGATIVE_INFINITY, entries.event(own[i]!)));
    }
    for (const [i, { pool }] of lanes.entries()) {
      entries.setEvent(own[i]!, dues.get(pool)!);
      if ((entries.packed(own[i]!) & EXTENDED) !== 0) core.items.setDue(own[i]!, dues.get(pool)!);
    }
    for (const [entry, broken] of heirs) core.breaks.setMemberDue(broken, entry, core.due(entry));
    this.#matcher.arriveAgain(lanes, own);
    for (const [pool, first] of firsts) {
      if (entries.arrival(first) === row.arrival) this.#matcher.expiring.schedule(first, dues.get(pool)!);
    }
  }

  /** The pools in which the rules in force would look for a record, in the order of its lanes. */
  #poolsOf(record: MoneyRecord): ReadonlySet<string> {
    const fields = fieldsOf(record);
    const pools = new Set<string>();
    const { order, states } = this.#core;
    const inOrder = states
      .filter((state) => state !== undefined)
      .sort((a, b) => order[a.slot * 2]! - order[b.slot * 2]!);
    for (const state of inOrder) {
      const takes = (side: 0 | 1): boolean =>
        state.definition[SIDES[side]].sources.includes(record.source) &&
        (state.where[side]?.(fields) ?? true);
      if (takes(0)) pools.add(state.pools[0]);
      else if (takes(1)) pools.add(state.pools[1]);
    }
    return pools;
  }

  /** A match goes on with the row at hand as its leg; where its values disagree now, that is a break. */
  #takeLeg(frame: RecordFrame, state: ReconciliationState, match: RememberedMatch, leg: RememberedLeg): void {
    const { emitter, reader, remembered, row } = this.#core;
    const from = leg.arrival;
    this.#count(state, match, leg, -1);
    leg.record = readRecord(frame, reader.row);
    leg.arrival = row.arrival;
    remembered.move(match, from, row.arrival);
    match.version++;
    this.#count(state, match, leg, 1);
    const rule = state.rules[match.rule]!;
    const [left, right] = match.legs.map(({ record }) => fieldsOf(record)) as [
      ReturnType<typeof fieldsOf>,
      ReturnType<typeof fieldsOf>,
    ];
    rule.pairing.compare(left, right, match.rate);
    const { difference, currency, limit, rate, agrees } = rule.pairing;
    const leftCurrency = rule.rule.fx?.from;
    const { account } = match.legs[0].record;
    emitter.match(state, {
      state: 'matched',
      matchSequence: match.sequence,
      matchN: match.n,
      version: match.version,
      rule: rule.name,
      fields: rule.decided,
      account,
      currency,
      leftCurrency,
      legs: match.legs.map((each) => legOf(each)),
      difference,
      causes: rule.pairing.causes(left, right),
      rate,
      lagMs: Math.abs(left.time - right.time),
    });
    if (agrees) {
      this.#settleAmended(state, match);
      return;
    }
    const { allocated, ...member } = legOf(leg);
    this.#breakAmended(state, match, SIDES.indexOf(leg.side), {
      kind: 'amended',
      account: leg.record.account,
      currency,
      ...(leftCurrency === undefined ? {} : { leftCurrency }),
      members: [{ ...member, amount: allocated }],
      amount: difference,
      why: {
        rule: rule.name,
        condition: 'amended',
        difference,
        tolerance: limit,
        match: { sequence: match.sequence, n: match.n },
      },
    });
  }

  /** The totals have the match as it is, and its leg (`change` 1), or have them no more (−1). */
  #count(state: ReconciliationState, match: RememberedMatch, leg: RememberedLeg, change: 1 | -1): void {
    const { pairing } = state.rules[match.rule]!;
    const [left, right] = match.legs;
    const own = state.totals(this.#currencyOf(leg));
    own.legChanged(SIDES.indexOf(leg.side), Number(leg.record.amount), change);
    pairing.compare(fieldsOf(left.record), fieldsOf(right.record), match.rate);
    const lagMs = Math.abs(left.record.time - right.record.time);
    const totals = state.totals(this.#currencyOf(right));
    if (change === 1) totals.match(pairing.difference, lagMs);
    else totals.unmatch(pairing.difference, lagMs);
  }

  #currencyOf({ record }: RememberedLeg): number {
    return this.#core.reader.currencies.internText(record.currency);
  }

  /** The totals have the `amended` break of a match as it is (1), or no more (−1). */
  #countAmended(state: ReconciliationState, { amended }: RememberedMatch, change: 1 | -1): void {
    if (amended === undefined) return;
    const { body, dueTime } = amended;
    const totals = state.totals(this.#core.reader.currencies.internText(body.currency));
    totals.breakChanged(change, BREAK_KINDS.indexOf('amended'), body.amount, dueTime);
  }

  #breakAmended(state: ReconciliationState, match: RememberedMatch, side: number, body: BreakBody): void {
    const { emitter } = this.#core;
    const { sequence, n } = emitter;
    this.#countAmended(state, match, -1);
    match.amended ??= { sequence, n, version: 0, dueTime: this.#matcher.dueIn(state, side), body };
    match.amended.version++;
    match.amended.body = body;
    this.#countAmended(state, match, 1);
    this.#sayAmended(state, match, 'open');
  }

  #settleAmended(state: ReconciliationState, match: RememberedMatch): void {
    if (match.amended === undefined) return;
    this.#countAmended(state, match, -1);
    match.amended.version++;
    this.#sayAmended(state, match, 'resolved');
    match.amended = undefined;
  }

  #sayAmended(
    state: ReconciliationState,
    { amended, sequence, n }: RememberedMatch,
    is: 'open' | 'resolved',
  ): void {
    const { sequence: breakSequence, n: breakN, version, dueTime, body } = amended!;
    this.#core.emitter.breakVersion(state, {
      ...body,
      breakSequence,
      breakN,
      version,
      state: is,
      dueTime,
      reason: '',
      ...(is === 'open' ? {} : { resolvedBy: { sequence, n } }),
    });
  }

  #sweep(): void {
    const { entries } = this.#core;
    for (const [arrival, list] of this.#entries) {
      if (!list.some((entry) => entries.arrival(entry) === arrival)) this.#entries.delete(arrival);
    }
    this.#sweepAt = Math.max(4096, this.#entries.size * 2);
  }
}

function legOf({ record, arrival, side }: RememberedLeg): Leg {
  return {
    source: record.source,
    id: record.id,
    sequence: Math.floor(arrival / ORDINALS),
    ordinal: arrival % ORDINALS,
    side,
    allocated: Number(record.amount),
  };
}

function poolOf(core: KernelCore, entry: number): string {
  return core.stateOf(entry).pools[core.sideOf(entry) === LEFT ? 0 : 1];
}
