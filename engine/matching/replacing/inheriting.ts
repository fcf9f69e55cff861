import { isUnmatched } from '../commands/pointed-records.ts';
import { leaveSilently, standIn } from '../commands/standing.ts';
import type { KernelCore } from '../core.ts';
import { EXTENDED } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import { isSameMoney } from './same-money.ts';

/** Entries that change hands, each with the break in which the new record takes the place of the old one. */
export type Heirs = ReadonlyMap<number, number>;

/** Lets the row at hand arrive where an unmatched record was, in whose breaks it takes that record's place. */
export class Inheriting {
  readonly #matcher: Matcher;
  readonly #core: KernelCore;

  constructor(matcher: Matcher) {
    this.#matcher = matcher;
    this.#core = matcher.core;
  }

  /**
   * The entries of a record leave memory, but for those whose place in a break the row at hand takes.
   * @param lanes that take the row
   */
  leave(open: readonly number[], lanes: readonly Lane[]): Heirs {
    const core = this.#core;
    const heirs = new Map<number, number>();
    const [first] = open;
    const isSame = first !== undefined && isSameMoney(core, core.recordAt(first));
    for (const entry of open) {
      const broken = core.entries.break(entry);
      const isIn = broken !== NO_ENTRY && this.#isIn(broken, entry);
      const isTaken = lanes.some(
        ({ state, side }) => state === core.stateOf(entry) && side === core.sideOf(entry),
      );
      this.#matcher.counting.gone(entry);
      if (!isIn) continue;
      const isInherited = broken >= 0 || core.groups.heirs.mayInherit(broken);
      if (isSame && isTaken && isInherited) {
        heirs.set(entry, broken);
        if (broken < NO_ENTRY) core.groups.heirs.leavePlace(broken, entry);
        else this.#keepTold(broken);
      } else {
        this.#leaveBreak(broken, entry);
      }
    }
    const leaving = open.filter((entry) => !core.groups.retire(core.stateOf(entry), entry));
    for (const entry of leaving) core.leaveLane(core.stateOf(entry), entry);
    for (const entry of leaving) {
      core.twins.delete(entry);
      if (!heirs.has(entry)) core.release(entry);
    }
    return heirs;
  }

  /** The row at hand arrives as entries that stand in its lanes already, some of them in a break. */
  arrive(lanes: readonly Lane[], heirs: Heirs): void {
    const core = this.#core;
    const { entries } = core;
    const own = this.#stand(lanes, heirs);
    for (const [entry, broken] of heirs) {
      if (broken < NO_ENTRY) core.extend(entry, entries.event(entry));
      this.#takePlace(broken, entry);
    }
    const dues = new Map<number, number>();
    for (const [i, { pool }] of lanes.entries()) {
      dues.set(pool, Math.max(dues.get(pool) ?? Number.NEGATIVE_INFINITY, entries.event(own[i]!)));
    }
    for (const [i, { pool }] of lanes.entries()) {
      entries.setEvent(own[i]!, dues.get(pool)!);
      if ((entries.packed(own[i]!) & EXTENDED) !== 0) core.items.setDue(own[i]!, dues.get(pool)!);
    }
    for (const [entry, broken] of heirs) {
      if (broken >= 0) core.breaks.setMemberDue(broken, entry, core.due(entry));
    }
    this.#matcher.arriveAgain(lanes, own);
    this.#schedule(lanes, own);
    this.#sayAgain(heirs);
  }

  /** Entries for the row at hand in its lanes, in their order. */
  #stand(lanes: readonly Lane[], heirs: Heirs): number[] {
    const core = this.#core;
    const { blobs, entries, reader, row } = core;
    const own: number[] = [];
    const firsts = new Map<number, number>();
    for (const { state, side, pool } of lanes) {
      const heir = [...heirs.keys()].find((entry) => core.stateOf(entry) === state);
      const layout = state.slots.layouts[side === LEFT ? 0 : 1];
      const entry = heir ?? entries.add(0, 0, 0, blobs.write(reader, layout), 0);
      entries.setRecord(entry, reader.amount, reader.time, row.arrival);
      const isLate = this.#matcher.windowEnd(state, side) < core.watermark;
      standIn(this.#matcher, state, side, entry, firsts.get(pool) ?? NO_ENTRY, isLate);
      if (!firsts.has(pool)) firsts.set(pool, entry);
      own.push(entry);
      if (core.tracked.has(reader.source)) core.onTracked(entry);
    }
    return own;
  }

  /** What no rule has matched, or has matched in part, waits for its time. */
  #schedule(lanes: readonly Lane[], own: readonly number[]): void {
    const core = this.#core;
    const pools = new Set<number>();
    for (const [i, { pool }] of lanes.entries()) {
      const entry = own[i]!;
      const isOpen = core.entries.arrival(entry) === core.row.arrival && isUnmatched(core, entry);
      if (pools.has(pool) || !isOpen) continue;
      pools.add(pool);
      // A break that let it go may have given it its event.
      if (!core.wheel.isScheduled(entry)) this.#matcher.expiring.schedule(entry, core.due(entry));
    }
  }

  #isIn(broken: number, entry: number): boolean {
    const { breaks, groups } = this.#core;
    if (broken < NO_ENTRY) return groups.isIn(broken, entry);
    return breaks.owner(broken) === entry || breaks.joined(broken) === entry;
  }

  /** Until there is a new version a break says what it said. */
  #keepTold(broken: number): void {
    const { breaks, emitter } = this.#core;
    const owner = this.#core.stateOf(breaks.owner(broken));
    this.#matcher.counting.breakChanged(owner, broken, -1);
    breaks.setTold(broken, emitter.bodyOf(owner, broken));
  }

  /** Nobody takes an entry's place in its break: without any other member that is resolved, else it says nothing of it. */
  #leaveBreak(broken: number, entry: number): void {
    const core = this.#core;
    if (broken < NO_ENTRY) {
      core.groups.heirs.leaveWithout(broken, entry);
      return;
    }
    const { breaks } = core;
    const owner = core.stateOf(breaks.owner(broken));
    const isAlone = breaks.owner(broken) === entry && breaks.joined(broken) === NO_ENTRY;
    if (isAlone) {
      this.#matcher.counting.breakChanged(owner, broken, -1);
      breaks.nextVersion(broken);
      core.emitter.ended(owner, broken, 'resolved');
      breaks.free(broken);
      return;
    }
    this.#keepTold(broken);
    leaveSilently(core, entry, broken);
    this.#matcher.counting.breakChanged(owner, broken, 1);
  }

  #takePlace(broken: number, entry: number): void {
    const core = this.#core;
    if (broken < NO_ENTRY) core.groups.heirs.takePlace(broken, entry);
    this.#matcher.counting.broke(entry, broken);
    if (broken >= 0) this.#matcher.counting.breakChanged(core.stateOf(core.breaks.owner(broken)), broken, 1);
  }

  /** The breaks in which the row has taken a place, and that no match of its has settled, tell of it. */
  #sayAgain(heirs: Heirs): void {
    const core = this.#core;
    const { breaks, entries, groups } = core;
    for (const [entry, broken] of heirs) {
      if (entries.arrival(entry) !== core.row.arrival || entries.break(entry) !== broken) continue;
      if (broken < NO_ENTRY) groups.heirs.sayAgain(broken, entry);
      else this.#matcher.breaking.sayAgain(core.stateOf(breaks.owner(broken)), broken);
    }
  }
}
