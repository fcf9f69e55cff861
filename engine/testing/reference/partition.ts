import { CounterfoilError, type MoneyRecord, type RuleSet } from '../../domain/index.ts';
import { fieldsOf } from '../../rules/index.ts';
import { Bars } from './bars.ts';
import { breakUp, forgetWithItsBreak } from './breaking.ts';
import { matchContra } from './contra.ts';
import { Emitter } from './emitter.ts';
import { EventQueue, type DueEvent } from './event-queue.ts';
import { addPlace, newItem } from './items.ts';
import { joinGroup, latestGroupDue, leaveGroup, matchGroupAtArrival, matchGroupAtExpiry } from './groups.ts';
import { match } from './matches.ts';
import { MatchMemory } from './match-memory.ts';
import { allocateAtArrival } from './partial.ts';
import { partnerOf } from './pairs.ts';
import type { ReferenceReconciliation, ReferenceRule } from './reconciliation.ts';
import { breakOnSignal } from './signal-break.ts';
import type { Item, OpenBreak, Place } from './state.ts';
import { findTwin } from './twins.ts';

/** SEMANTICS §3 to §5 for the records of one partition: arrival, holds, expiry, release, eviction. */
export class Partition {
  readonly emitter = new Emitter();
  readonly events = new EventQueue();
  readonly matches = new MatchMemory(this);
  readonly bars = new Bars();
  /** F3: what amendments of legs broke, by match; as long as the reconciliation is there. */
  readonly amended = new Map<string, OpenBreak>();
  reconciliations: ReferenceReconciliation[] = [];
  /** Event time; −Infinity before it has moved. */
  watermark = -Infinity;
  rules: RuleSet | undefined;
  /** The time of the event at hand; Infinity when there is none. */
  #eventTime = Infinity;
  /** Items in memory by the place where their record arrived. */
  readonly #items = new Map<string, Item[]>();

  /** Items in memory of the record that arrived there. */
  itemsAt(sequence: number, ordinal: number): readonly Item[] {
    return this.#items.get(`${sequence}-${ordinal}`) ?? [];
  }

  /** Every item in memory. */
  items(): Item[] {
    return [...this.#items.values()].flat();
  }

  open(): number {
    return this.reconciliations.reduce((sum, each) => sum + each.open, 0);
  }

  isBarred(reconciliation: ReferenceReconciliation, legs: readonly Place[]): boolean {
    return this.bars.has(
      reconciliation.name,
      legs.map((leg) => leg.item),
    );
  }

  /**
   * The items of a record: one for each pool, with a place in each lane that takes the record.
   * @param only the reconciliations that are asked; all where absent
   */
  itemsOf(
    record: MoneyRecord,
    sequence: number,
    ordinal: number,
    only: readonly ReferenceReconciliation[] = this.reconciliations,
  ): Item[] {
    const items = new Map<string, Item>();
    const fields = fieldsOf(record);
    for (const reconciliation of only) {
      const side = reconciliation.sideOf(record, fields);
      if (side === undefined) continue;
      const pool = reconciliation.pool(side);
      const item = items.get(pool) ?? newItem(record, sequence, ordinal, pool);
      items.set(pool, item);
      addPlace(item, reconciliation, side, this.watermark);
    }
    return [...items.values()];
  }

  /** B2: a record arrives in the lanes of its items, in configured order; a lane whose item is consumed is skipped. */
  arrive(items: readonly Item[], maxOpenRecords: number): void {
    const places = items
      .flatMap((item) => item.places)
      .sort((a, b) => a.reconciliation.index - b.reconciliation.index);
    for (const place of places) place.twin = findTwin(place, this.watermark);
    for (const place of places) {
      if (place.item.consumed || place.item.partly !== undefined) continue;
      if (place.windowEnd < this.watermark) place.reconciliation.late += 1;
      this.arriveIn(place);
      if (this.open() > maxOpenRecords) {
        throw new CounterfoilError(
          'openRecordsLimit',
          `more than ${maxOpenRecords} open records; raise engine.maxOpenRecords or shorten windows and retain`,
        );
      }
    }
  }

  /** §3.3, arrival in a lane: the first rule that finds partners matches; else the record is pending. */
  arriveIn(place: Place): void {
    for (const rule of place.reconciliation.rules) {
      if (this.#tryAtArrival(place, rule)) return;
    }
    this.keep(place, place.reconciliation.rules);
    breakOnSignal(this, place);
  }

  #tryAtArrival(x: Place, rule: ReferenceRule): boolean {
    if (x.keys[rule.index]!.length === 0) return false;
    switch (rule.cardinality) {
      case '1:1': {
        // D1: a rule with hold waits.
        const { hold } = rule.rule;
        if (hold !== undefined && this.watermark <= x.anchor.time + hold) return false;
        return this.#matchPair(x, rule);
      }
      case 'contra':
        return false;
      default:
        return rule.rule.partial === true
          ? allocateAtArrival(this, rule, x)
          : matchGroupAtArrival(this, rule, x);
    }
  }

  #matchPair(x: Place, rule: ReferenceRule): boolean {
    const partner = partnerOf(this, rule, x);
    if (partner === undefined) return false;
    match(this, rule, [x, partner.place], partner.sums);
    return true;
  }

  /** E7: a 1:1 rule is tried for a record in memory, unless it still waits for its hold. */
  matchPairNow(x: Place, rule: ReferenceRule): boolean {
    const { hold } = rule.rule;
    if (!x.chains.has(rule)) return false;
    if (hold !== undefined && this.watermark <= Math.min(x.anchor.time + hold, x.item.due)) return false;
    return this.#matchPair(x, rule);
  }

  /** The record stands in its lane, for these rules; it joins their groups and waits for their holds. */
  keep(place: Place, rules: readonly ReferenceRule[]): void {
    const { item, reconciliation } = place;
    if (!place.kept) reconciliation.open += 1;
    place.kept = true;
    for (const rule of rules) {
      reconciliation.addToChains(place, rule);
      if (rule.gathers && place.chains.has(rule) && !place.groups.has(rule)) joinGroup(this, rule, place);
      this.#hold(place, rule);
    }
    if (item.inMemory) return;
    item.inMemory = true;
    const where = `${item.sequence}-${item.ordinal}`;
    this.#items.set(where, [...(this.#items.get(where) ?? []), item]);
    this.schedule(item, 'expiry', item.due);
  }

  /** D1: a rule with hold is tried when the watermark has passed anchor + hold, or at the latest when the item is due. */
  #hold(place: Place, rule: ReferenceRule): void {
    const { hold } = rule.rule;
    if (hold === undefined || !place.chains.has(rule) || this.watermark > place.anchor.time + hold) return;
    const { item } = place;
    const moment = Math.min(place.anchor.time + hold, item.due);
    place.held.set(rule, moment);
    if (item.holds.has(moment)) return;
    item.holds.add(moment);
    this.events.add({ time: moment, kind: 'hold', item });
  }

  schedule(item: Item, kind: DueEvent['kind'], time: number): void {
    item.event = { time, kind, item };
    this.events.add(item.event);
  }

  /** The record leaves a lane: nothing can match it there any more. */
  leaveLane(place: Place): void {
    const { reconciliation } = place;
    for (const rule of reconciliation.rules) {
      reconciliation.removeFromChains(place, rule);
      leaveGroup(rule, place);
    }
    if (place.kept) reconciliation.open -= 1;
    place.kept = false;
  }

  /** The item leaves all its lanes, and memory. */
  forget(item: Item): void {
    for (const place of item.places) this.leaveLane(place);
    item.event = undefined;
    item.holds.clear();
    item.inMemory = false;
    const where = `${item.sequence}-${item.ordinal}`;
    const rest = (this.#items.get(where) ?? []).filter((other) => other !== item);
    if (rest.length === 0) this.#items.delete(where);
    else this.#items.set(where, rest);
  }

  /** The watermark never goes back. Everything that it is past fires, in order, with what that schedules. */
  raise(watermark: number): void {
    this.watermark = Math.max(this.watermark, watermark);
    this.fireDue();
  }

  fireDue(): void {
    for (;;) {
      const event = this.events.takeDue(this.watermark);
      if (event === undefined) break;
      this.#eventTime = event.time;
      if (event.kind === 'hold') this.#endHold(event.item, event.time);
      else if (event.kind === 'expiry') this.#expire(event.item, event.time);
      else this.#evict(event.item, event.time);
    }
    this.#eventTime = Infinity;
  }

  /** D1: the rules that the record was held back from until now, lane by lane. */
  #endHold(item: Item, moment: number): void {
    item.holds.delete(moment);
    for (const place of item.places) {
      for (const rule of place.reconciliation.rules) {
        if (place.held.get(rule) === moment && place.chains.has(rule) && this.#matchPair(place, rule)) return;
      }
    }
  }

  /** C4, C5: a record is due. Its groups are tried, then contra; if nothing matches it, it breaks. */
  #expire(item: Item, time: number): void {
    const groupsDue = latestGroupDue(item.places);
    if (groupsDue > time) {
      this.schedule(item, 'expiry', groupsDue);
      return;
    }
    if (item.partly === undefined) {
      for (const place of item.places) {
        for (const rule of place.reconciliation.rules) {
          if (rule.gathers && rule.rule.partial !== true && matchGroupAtExpiry(this, rule, place)) return;
        }
      }
      for (const place of item.places) {
        if (matchContra(this, place)) return;
      }
    }
    if (item.broken === undefined) breakUp(this, item);
    this.awaitEviction(item);
  }

  awaitEviction(item: Item): void {
    this.schedule(item, 'eviction', item.due + longestRetain(item));
  }

  /** A record that its break has let go is pending again, and expires at once if it is due. */
  release(item: Item): void {
    if (!item.inMemory || item.broken !== undefined) return;
    const time = Math.max(item.due, latestGroupDue(item.places));
    if (Math.min(this.watermark, this.#eventTime) > time) this.#expire(item, time);
    else this.schedule(item, 'expiry', time);
  }

  /** §3.9: a broken record leaves memory `retain` after it and its groups were due; the members of a break together. */
  #evict(item: Item, time: number): void {
    const members = item.broken?.members ?? [item];
    const until = Math.max(...members.map(staysUntil));
    if (until > time) this.schedule(item, 'eviction', until);
    else forgetWithItsBreak(this, item);
  }
}

function longestRetain(item: Item): number {
  const lanes = item.places.filter((place) => place.kept);
  return Math.max(...lanes.map((place) => place.reconciliation.definition.retain));
}

function staysUntil(item: Item): number {
  const groups = item.places.flatMap((place) =>
    [...place.groups.values()].map((group) => group.due + place.reconciliation.definition.retain),
  );
  return Math.max(item.due + longestRetain(item), ...groups);
}
