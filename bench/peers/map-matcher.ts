import type { Break, Match, RuleSet, Side, Why } from '../../engine/domain/index.ts';
import { decidingFields, toleranceLimit } from '../../engine/rules/index.ts';
import { MapBase, refOf, refuseUnknown, signsFit, type Held, type PeerSink, type Place } from './map-base.ts';
import type { Row } from './map-row.ts';

interface Open extends Held {
  /** Per rule. */
  readonly keys: readonly (string | undefined)[];
  /** Holds that are not over yet, in order of their end. */
  readonly holds: { readonly rule: number; readonly end: number }[];
  deadline: number;
  /** It is in the lists of its keys: it was not matched as it arrived. */
  listed: boolean;
  expired: boolean;
  break: OpenBreak | undefined;
}

interface OpenBreak {
  readonly place: Place;
  version: number;
  owner: Open;
  joined: Open | undefined;
  /** As the last version said. */
  why: Why | undefined;
}

const MAX = Number.MAX_SAFE_INTEGER;
/** Of the records with a key the first by arrival are looked at, and the best of them named. */
const LOOKED_AT = 64;
const NAMED = 5;

/**
 * One-to-one rules in order, as a competent engineer would write them first: a Map per side and rule from key text to
 * the open records with that key, which are compared one after the other. For one reconciliation.
 */
export class MapMatcher extends MapBase<Open> {
  readonly #byKey: { left: Map<string, Open[]>[]; right: Map<string, Open[]>[] };
  /** What decides a match, per rule. */
  readonly #fields: string[][];

  constructor(rules: RuleSet) {
    super(rules);
    for (const rule of this.definition.rules) refuseUnknown(rule, ['name', 'keys', 'tolerance', 'hold']);
    this.#byKey = {
      left: this.definition.rules.map(() => new Map<string, Open[]>()),
      right: this.definition.rules.map(() => new Map<string, Open[]>()),
    };
    this.#fields = this.definition.rules.map(decidingFields);
  }

  protected arrive(row: Row, side: Side, sink: PeerSink): void {
    const { rules, retain } = this.definition;
    const due = this.dueOf(row, side);
    const x: Open = {
      row,
      side,
      keys: rules.map((_rule, i) => this.keyOf(i, row, side)),
      holds: [],
      due,
      deadline: due + retain,
      listed: false,
      expired: false,
      gone: false,
      break: undefined,
    };
    for (const [i, { hold }] of rules.entries()) {
      if (x.keys[i] === undefined) continue;
      if (hold !== undefined && this.watermark <= row.time + hold)
        x.holds.push({ rule: i, end: Math.min(row.time + hold, due) });
      else if (this.#tryRule(x, i, sink)) return;
    }
    x.holds.sort((a, b) => a.end - b.end || a.rule - b.rule);
    x.listed = true;
    for (let i = 0; i < x.keys.length; i++) {
      const key = x.keys[i];
      if (key === undefined) continue;
      const map = this.#byKey[side][i]!;
      const list = map.get(key);
      if (list === undefined) map.set(key, [x]);
      else list.push(x);
    }
    this.schedule(x, x.holds[0]?.end ?? due);
  }

  protected fire(x: Open, time: number, sink: PeerSink): void {
    if (x.gone) return;
    const hold = x.holds.shift();
    if (hold !== undefined) {
      if (!this.#tryRule(x, hold.rule, sink)) this.schedule(x, x.holds[0]?.end ?? x.due);
    } else if (!x.expired) {
      x.expired = true;
      if (x.break === undefined) this.#breakUp(x, sink);
      this.schedule(x, x.deadline);
    } else {
      const partner = x.break!.owner === x ? x.break!.joined : x.break!.owner;
      const deadline = partner === undefined ? -Infinity : partner.due + this.definition.retain;
      x.deadline = Math.max(x.deadline, deadline);
      if (x.deadline > time) this.schedule(x, x.deadline);
      else this.#forget(x);
    }
  }

  #tryRule(x: Open, rule: number, sink: PeerSink): boolean {
    const y = this.#nearest(x, rule, this.#tolerance(rule, x.row.currency), (other) =>
      signsFit(x.row.amount, other.row.amount),
    );
    if (y !== undefined) this.#match(x, y, rule, sink);
    return y !== undefined;
  }

  #othersOf(x: Open, rule: number): readonly Open[] {
    const key = x.keys[rule];
    if (key === undefined) return [];
    return this.#byKey[x.side === 'left' ? 'right' : 'left'][rule]!.get(key) ?? [];
  }

  #nearest(x: Open, rule: number, tolerance: number, fits: (other: Open) => boolean): Open | undefined {
    let best: Open | undefined;
    let bestDifference = tolerance;
    let bestDistance = Infinity;
    for (const other of this.#othersOf(x, rule)) {
      const difference = Math.min(Math.abs(x.row.amount - other.row.amount), MAX);
      const distance = Math.abs(x.row.time - other.row.time);
      if (difference > bestDifference) continue;
      if (best !== undefined && difference === bestDifference && distance >= bestDistance) continue;
      if (!fits(other) || this.#outside(x, other) > 0) continue;
      best = other;
      bestDifference = difference;
      bestDistance = distance;
    }
    return best;
  }

  #outside(x: Open, y: Open): number {
    return x.side === 'left' ? this.outsideWindow(x.row, y.row) : this.outsideWindow(y.row, x.row);
  }

  #match(x: Open, y: Open, rule: number, sink: PeerSink): void {
    const [left, right] = x.side === 'left' ? [x, y] : [y, x];
    const difference = left.row.amount - right.row.amount;
    const place = this.nextPlace();
    const match: Match = {
      ...place,
      logTime: 0,
      matchSequence: place.sequence,
      matchN: place.n,
      version: 1,
      state: 'matched',
      reconciliation: this.definition.name,
      pools: this.pools,
      rule: this.definition.rules[rule]!.name,
      fields: this.#fields[rule]!,
      account: left.row.account,
      currency: left.row.currency,
      legs: [left, right].map((leg) => ({ ...refOf(leg), allocated: leg.row.amount })),
      difference,
      causes: difference === 0 ? {} : { tolerance: difference },
      lagMs: Math.abs(left.row.time - right.row.time),
    };
    sink.match(match);
    this.#forget(x);
    this.#forget(y);
    const released = [left, right].map((leg) => this.#leaveBreak(leg, place, sink));
    for (const each of released) {
      if (each !== undefined && this.watermark > each.due) this.#breakUp(each, sink);
    }
  }

  /** A matched record's break is resolved, or looks for another record. @returns a record that it lets go */
  #leaveBreak(x: Open, match: Place, sink: PeerSink): Open | undefined {
    const broken = x.break;
    if (broken === undefined) return undefined;
    broken.version++;
    if (broken.owner === x || broken.owner.gone) {
      sink.break(this.#version(broken, match));
      const { owner, joined } = broken;
      owner.break = undefined;
      if (joined === undefined) return undefined;
      joined.break = undefined;
      return joined.gone ? undefined : joined;
    }
    const next = this.#nearest(broken.owner, 0, Infinity, (other) => other.break === undefined);
    x.break = undefined;
    broken.joined = next;
    if (next !== undefined) next.break = broken;
    sink.break(this.#version(broken));
    return undefined;
  }

  #breakUp(x: Open, sink: PeerSink): void {
    const free = this.#nearest(x, 0, Infinity, (other) => other.break === undefined);
    const standsAlone = (other: Open): boolean =>
      other.break?.owner === other && other.break.joined === undefined;
    const alone = free ?? this.#nearest(x, 0, Infinity, standsAlone);
    const place = this.nextPlace();
    let broken: OpenBreak;
    if (free === undefined && alone !== undefined) {
      broken = alone.break!;
      broken.joined = x;
      broken.version++;
    } else {
      broken = { place, version: 1, owner: x, joined: free, why: undefined };
      if (free !== undefined) free.break = broken;
    }
    x.break = broken;
    sink.break(this.#version(broken, undefined, place));
  }

  #version(broken: OpenBreak, resolvedBy?: Place, place: Place = this.nextPlace()): Break {
    const { owner, joined } = broken;
    const members = joined === undefined ? [owner] : [owner, joined];
    let amount = owner.row.amount;
    if (joined !== undefined) {
      const difference =
        owner.side === 'left' ? owner.row.amount - joined.row.amount : joined.row.amount - owner.row.amount;
      amount = Math.max(-MAX, Math.min(MAX, difference));
    }
    if (resolvedBy === undefined) broken.why = this.#why(broken, amount);
    return {
      ...place,
      logTime: 0,
      breakSequence: broken.place.sequence,
      breakN: broken.place.n,
      version: broken.version,
      state: resolvedBy === undefined ? 'open' : 'resolved',
      reconciliation: this.definition.name,
      pools: this.pools,
      kind: joined === undefined ? 'unmatched' : 'amount',
      account: owner.row.account,
      currency: owner.row.currency,
      members: members.map((x) => ({ ...refOf(x), amount: x.row.amount })),
      amount,
      dueTime: owner.due,
      why: broken.why!,
      reason: '',
      ...(resolvedBy === undefined ? {} : { resolvedBy }),
    };
  }

  #why({ owner, joined }: OpenBreak, difference: number): Why {
    if (joined === undefined) return this.#whyAlone(owner);
    const tolerance = this.#tolerance(0, owner.row.currency);
    return { rule: this.definition.rules[0]!.name, condition: 'amount', difference, tolerance };
  }

  /** The first rule under which others have the record's key, and what keeps the nearest of them away. */
  #whyAlone(x: Open): Why {
    for (const [i, { name: rule }] of this.definition.rules.entries()) {
      const others = this.#othersOf(x, i);
      if (others.length === 0) continue;
      const amountApart = (y: Open): number => Math.min(Math.abs(x.row.amount - y.row.amount), MAX);
      const timeApart = (y: Open): number => Math.abs(x.row.time - y.row.time);
      const best = others
        .slice(0, LOOKED_AT)
        .sort((a, b) => amountApart(a) - amountApart(b) || timeApart(a) - timeApart(b));
      return { rule, ...this.#misfit(x, best[0]!, i), records: best.slice(0, NAMED).map(refOf) };
    }
    return { rule: this.definition.rules[0]!.name, condition: 'noCounterpart' };
  }

  #misfit(x: Open, y: Open, rule: number): Omit<Why, 'rule'> {
    if (!signsFit(x.row.amount, y.row.amount)) return { condition: 'sign' };
    const outside = this.#outside(x, y);
    if (outside > 0) return { condition: 'window', timeDifference: outside };
    const difference = (x.side === 'left' ? 1 : -1) * (x.row.amount - y.row.amount);
    const tolerance = this.#tolerance(rule, x.row.currency);
    if (Math.abs(difference) > tolerance) return { condition: 'amount', difference, tolerance };
    return { condition: 'noCounterpart' };
  }

  #forget(x: Open): void {
    x.gone = true;
    if (!x.listed) return;
    for (let i = 0; i < x.keys.length; i++) {
      const key = x.keys[i];
      if (key === undefined) continue;
      const map = this.#byKey[x.side][i]!;
      const list = map.get(key)!;
      if (list.length === 1) map.delete(key);
      else list.splice(list.indexOf(x), 1);
    }
  }

  #tolerance(rule: number, currency: string): number {
    return toleranceLimit(this.definition.rules[rule]!.tolerance, 0, 0, currency);
  }
}
