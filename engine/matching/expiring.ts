import type { Breaking } from './breaking.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { Consuming } from './consuming.ts';
import type { KernelCore } from './core.ts';
import { EXPIRED, EXTENDED, laneOf } from './entries.ts';
import type { Holding } from './holding.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { FETCHED, NO_ENTRY } from './slab.ts';

/** The events of items in memory: rules that waited, expiry, eviction. An item's first entry has them. */
export class Expiring {
  readonly #core: KernelCore;
  readonly #breaking: Breaking;
  readonly #consuming: Consuming;
  readonly #holding: Holding;
  /** First entries of broken items for which changed rules that wait are yet to be tried, in the message at hand. */
  readonly #untriedHolds = new Set<number>();

  constructor(core: KernelCore, breaking: Breaking, consuming: Consuming, holding: Holding) {
    this.#core = core;
    this.#breaking = breaking;
    this.#consuming = consuming;
    this.#holding = holding;
  }

  /** Gives an item that has just become pending its first event: a rule to try, or its expiry. */
  schedule(first: number, due: number): void {
    const { wheel, watermark, entries, groups } = this.#core;
    if (groups.events.coversPending(this.#core.stateOf(first), first, due)) return;
    if ((entries.packed(first) & EXTENDED) === 0) wheel.schedule(first, due);
    else wheel.schedule(first, Math.min(due, this.#holding.nextAfter(first, watermark, due)));
  }

  /** The event of an item that has not expired. */
  expire(first: number): void {
    const core = this.#core;
    if ((core.entries.packed(first) & EXTENDED) === 0) {
      this.#end(first, core.entries.event(first));
      return;
    }
    const due = core.items.due(first);
    const time = core.entries.event(first);
    if (this.#tryHeld(first, time, due)) return;
    if (time < due) {
      core.wheel.schedule(first, Math.min(due, this.#holding.nextAfter(first, nextUp(time), due)));
      return;
    }
    const until = this.#waitsUntil(first);
    if (until > time) {
      core.wheel.schedule(first, until);
      return;
    }
    if (this.#tryGroups(first)) return;
    this.#end(first, due);
    this.#endWith(first, time);
  }

  /** A break, or all groups but one, let an item go: it is pending, or, when it and its groups are due, expires at once. */
  release(entry: number, due: number): void {
    const core = this.#core;
    const { entries, wheel } = core;
    const first = this.#firstOf(entry);
    const isExtended = (entries.packed(first) & EXTENDED) !== 0;
    const time = isExtended ? Math.max(due, this.#waitsUntil(first)) : due;
    if (Math.min(core.watermark, core.eventTime) > time) {
      wheel.cancel(first);
      if (!isExtended || !this.#tryGroups(first)) this.#end(first, due);
    } else if ((entries.packed(first) & EXPIRED) !== 0 || entries.event(first) > time) {
      wheel.cancel(first);
      this.#unexpire(first);
      core.groups.events.uncovered(core.stateOf(first), first);
      wheel.schedule(first, time);
    }
  }

  /** A broken item's time to be matched is over, unless that of another member, or of its group, is not. */
  evict(first: number): void {
    const core = this.#core;
    const { breaks, entries, wheel } = core;
    const time = entries.event(first);
    if (this.#untriedHolds.delete(first)) {
      const due = core.items.due(first);
      if (!this.#tryHeld(first, due, due, core.watermark)) this.awaitEviction(first, due);
      return;
    }
    const broken = entries.break(first);
    let stays = this.#staysUntil(first);
    let owner = first;
    let joined = NO_ENTRY;
    if (broken >= 0) {
      owner = breaks.owner(broken);
      joined = breaks.joined(broken);
      const isOwner = this.#isOfItem(owner, first);
      const partner = isOwner ? joined : owner;
      if (partner !== NO_ENTRY) {
        const due = isOwner ? breaks.joinedDue(broken) : breaks.ownDue(broken);
        stays = Math.max(stays, due + this.#retainOf(partner), this.#staysUntil(partner));
      }
    }
    if (stays > time) {
      wheel.schedule(first, stays);
      return;
    }
    // All members of a break leave together: nobody is left to whom a later version could be about.
    if (broken < NO_ENTRY) {
      const members = core.groups.evict(broken);
      const state = core.stateOf(members[0]!);
      if (state.tiesOnlyGroups) {
        this.#consuming.leaveAlone(state, members);
        return;
      }
      for (let i = 0; i < members.length; i++) {
        if (i % FETCHED === 0) core.fetch(members, i);
        this.#leave(members[i]!);
      }
      return;
    }
    breaks.free(broken);
    this.#leave(owner);
    if (joined !== NO_ENTRY) this.#leave(joined);
  }

  /** An item is due and unmatched: it is broken from now on, if it is not already, and leaves memory after `retain`. */
  #end(first: number, due: number): void {
    const core = this.#core;
    core.flagItem(first, EXPIRED);
    if (core.entries.break(first) === NO_ENTRY) this.#breaking.breakUp(first, due);
    this.awaitEviction(first, due);
  }

  /** An item has expired with which others do. @param time when it did */
  #endWith(first: number, time: number): void {
    const { entries, groups, items, wheel } = this.#core;
    const members = groups.events.expiringWith(first);
    if (members.length === 0) return;
    const broken = entries.break(first);
    const isCovered = groups.events.hasCarrier(broken);
    for (let i = 0; i < members.length; i++) {
      const member = members[i]!;
      if (isCovered && entries.break(member) === broken) {
        entries.setFlag(member, EXPIRED);
      } else if (entries.break(member) === NO_ENTRY) {
        // A signal has broken the group before its end: those that came later join its break each in its turn.
        groups.events.uncovered(this.#core.stateOf(member), member);
        wheel.schedule(member, time);
      } else {
        this.#end(member, items.due(member));
      }
    }
  }

  /** Rules have changed for a broken item that is due: those that are to wait longer are tried yet, then it waits to leave. */
  endAnew(first: number, due: number): void {
    const core = this.#core;
    core.flagItem(first, EXPIRED);
    if (!this.#holding.waitsBeyond(first, core.watermark)) {
      this.awaitEviction(first, due);
      return;
    }
    this.#untriedHolds.add(first);
    core.wheel.schedule(first, due);
  }

  /** What rules that changed have left to be tried has been tried: the message is over. */
  endMessage(): void {
    this.#untriedHolds.clear();
  }

  /** A broken item stays for as long as its lanes retain it. */
  awaitEviction(first: number, due: number): void {
    const core = this.#core;
    core.flagItem(first, EXPIRED);
    if (core.groups.events.coversBroken(core.stateOf(first), first)) return;
    core.wheel.schedule(first, due + this.#retainOf(first));
  }

  #unexpire(first: number): void {
    let entry = first;
    do {
      this.#core.entries.clearFlag(entry, EXPIRED);
      entry = this.#core.sibling(entry);
    } while (entry !== first);
  }

  #tryHeld(first: number, time: number, due: number, since?: number): boolean {
    const core = this.#core;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      if (state.holds.length > 0 && this.#tryHeldIn(state, entry, time, due, since)) return true;
      entry = core.sibling(entry);
    } while (entry !== first);
    return false;
  }

  #tryHeldIn(
    state: ReconciliationState,
    entry: number,
    time: number,
    due: number,
    since: number | undefined,
  ): boolean {
    const match = (rule: CompiledRule, other: number): void =>
      this.#consuming.matchPair(state, rule, entry, other);
    return this.#holding.tryAt(state, entry, time, due, match, since);
  }

  #waitsUntil(first: number): number {
    const core = this.#core;
    let until = Number.NEGATIVE_INFINITY;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      if (state.hasGroups) until = Math.max(until, core.groups.waitsUntil(state, entry));
      entry = core.sibling(entry);
    } while (entry !== first);
    return until;
  }

  #tryGroups(first: number): boolean {
    const core = this.#core;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      if (state.hasGroups && core.groups.tryExpired(state, entry)) return true;
      entry = core.sibling(entry);
    } while (entry !== first);
    do {
      const state = core.stateOf(entry);
      if (state.hasGroups && core.groups.tryContra(state, entry)) return true;
      entry = core.sibling(entry);
    } while (entry !== first);
    return false;
  }

  #staysUntil(first: number): number {
    const core = this.#core;
    let until = Number.NEGATIVE_INFINITY;
    let entry = first;
    do {
      const state = core.stateOf(entry);
      // The break of a group outlasts the group's rule.
      if (state.hasGroups || core.entries.break(entry) < NO_ENTRY)
        until = Math.max(until, core.groups.staysUntil(state, entry));
      entry = core.sibling(entry);
    } while (entry !== first);
    return until;
  }

  /** How long an item stays after it was due: the longest of its lanes. */
  #retainOf(first: number): number {
    const core = this.#core;
    let retain = 0;
    let entry = first;
    do {
      retain = Math.max(retain, core.stateOf(entry).definition.retain);
      entry = core.sibling(entry);
    } while (entry !== first);
    return retain;
  }

  /** An item leaves memory. */
  #leave(entry: number): void {
    this.#consuming.leaveLanes(entry);
    this.#consuming.letGo(entry);
  }

  #isOfItem(entry: number, first: number): boolean {
    let each = first;
    do {
      if (each === entry) return true;
      each = this.#core.sibling(each);
    } while (each !== first);
    return false;
  }

  /** The first entry of an item in the order of its lanes. */
  #firstOf(entry: number): number {
    const { order } = this.#core;
    let first = entry;
    for (let each = this.#core.sibling(entry); each !== entry; each = this.#core.sibling(each)) {
      if (order[laneOf(this.#core.entries.packed(each))]! < order[laneOf(this.#core.entries.packed(first))]!)
        first = each;
    }
    return first;
  }
}

/** The least number above a whole number of milliseconds that is told from it. */
function nextUp(time: number): number {
  return time + 1;
}
