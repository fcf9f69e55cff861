import { keyText } from '../../codec/index.ts';
import type { KeyField, MoneyRecord, Reconciliation, Rule, Side } from '../../domain/index.ts';
import type { Emitter } from './emitter.ts';
import type { EventQueue } from './event-queue.ts';
import type { OpenBreak, OpenRecord } from './open-record.ts';
import { breakVersion, matchOf } from './made-results.ts';
import { differenceOf, inWindow, signsFit, toleranceOf, windowEnd } from './windows.ts';

/** SEMANTICS §3 for one reconciliation: arrival, expiry, joining, release, healing, eviction. */
export class ReferenceReconciliation {
  readonly definition: Reconciliation;
  /** Its place among the configured ones. */
  index = 0;
  /** Records in memory: pending and broken. */
  open = 0;
  late = 0;
  readonly #events: EventQueue;
  readonly #emitter: Emitter;
  /** Open records by side, rule and key, in order of arrival. */
  readonly #byKey = new Map<string, OpenRecord[]>();

  constructor(definition: Reconciliation, events: EventQueue, emitter: Emitter) {
    this.definition = definition;
    this.#events = events;
    this.#emitter = emitter;
  }

  /** The side that selects a source, if one does. */
  sideOf(source: string): Side | undefined {
    if (this.definition.left.sources.includes(source)) return 'left';
    if (this.definition.right.sources.includes(source)) return 'right';
    return undefined;
  }

  /**
   * §3.3, arrival: the first rule that finds a candidate matches with the best one; else the record is pending.
   * §3.8, late: one that arrives after its own window stays pending until the watermark of its arrival, plus grace.
   */
  arrive(record: MoneyRecord, side: Side, sequence: number, ordinal: number, watermark: number): void {
    const { window, retain, rules, nullValues } = this.definition;
    const end = windowEnd(record, side, window);
    if (end < watermark) this.late += 1;
    const due = Math.max(end, watermark) + window.grace;
    const arriving: OpenRecord = {
      record,
      side,
      sequence,
      ordinal,
      reconciliation: this,
      keys: rules.map((rule) => keyOf(record, rule, nullValues)),
      due,
      deadline: due + retain,
      event: undefined,
      inMemory: false,
      break: undefined,
    };
    for (const [i, rule] of rules.entries()) {
      const candidates = this.#counterparts(arriving, i).filter(
        (other) =>
          signsFit(arriving.record, other.record) &&
          Math.abs(signedDifference(arriving, other)) <= toleranceOf(rule, record.currency),
      );
      const best = nearest(arriving, candidates);
      if (best !== undefined) {
        this.#match(arriving, best, rule, watermark);
        return;
      }
    }
    this.#remember(arriving);
    this.#schedule(arriving, 'expiry', due);
  }

  /** §3.7, expiry: one break, unless the record has joined another's. */
  expire(x: OpenRecord): void {
    if (x.break === undefined) this.#breakUp(x);
    this.#schedule(x, 'eviction', x.deadline);
  }

  /** §3.9: a broken record leaves memory `retain` after it was due, but not before its partner in the break. */
  evict(x: OpenRecord): void {
    const partner = x.break?.owner === x ? x.break.joined : x.break?.owner;
    const partnersDeadline = partner === undefined ? -Infinity : partner.due + this.definition.retain;
    if (partnersDeadline > x.deadline) {
      x.deadline = partnersDeadline;
      this.#schedule(x, 'eviction', x.deadline);
      return;
    }
    this.#forget(x);
  }

  /**
   * The nearest record of the other side in no break yet joins a break of x's own; else x joins the break of the
   * nearest that stands alone in one; else x stands alone itself.
   */
  #breakUp(x: OpenRecord): void {
    const others = this.#counterparts(x, 0);
    const free = nearest(
      x,
      others.filter((other) => other.break === undefined),
    );
    if (free !== undefined) {
      this.#open(x, free);
      return;
    }
    const alone = nearest(
      x,
      others.filter((other) => other.break?.owner === other && other.break.joined === undefined),
    );
    if (alone !== undefined) {
      this.#change(alone.break!, x);
      return;
    }
    this.#open(x, undefined);
  }

  /** Arriving x is matched with y; a break that y is in is resolved, or goes on without it. */
  #match(x: OpenRecord, y: OpenRecord, rule: Rule, watermark: number): void {
    const [left, right] = x.side === 'left' ? [x, y] : [y, x];
    const place = this.#emitter.next();
    this.#emitter.results.push(matchOf(this.definition, rule, left, right, place));
    this.#forget(y);
    const broken = y.break;
    if (broken === undefined) return;

    if (broken.owner === y) {
      broken.version += 1;
      this.#emitter.results.push(breakVersion(this.definition, broken, this.#emitter.next(), place));
      const released = broken.joined;
      if (released?.inMemory !== true) return;
      released.break = undefined;
      if (watermark > released.due) this.expire(released);
      return;
    }

    const owner = broken.owner;
    const next = owner.inMemory
      ? nearest(
          owner,
          this.#counterparts(owner, 0).filter((other) => other.break === undefined),
        )
      : undefined;
    this.#change(broken, next);
  }

  #open(owner: OpenRecord, joined: OpenRecord | undefined): void {
    const place = this.#emitter.next();
    const opened: OpenBreak = { sequence: place.sequence, n: place.n, version: 1, owner, joined };
    owner.break = opened;
    if (joined !== undefined) joined.break = opened;
    this.#emitter.results.push(breakVersion(this.definition, opened, place));
  }

  /** The next version of a break, with another record joined, or none. */
  #change(broken: OpenBreak, joined: OpenRecord | undefined): void {
    broken.version += 1;
    broken.joined = joined;
    if (joined !== undefined) joined.break = broken;
    this.#emitter.results.push(breakVersion(this.definition, broken, this.#emitter.next()));
  }

  /** Unmatched records of the other side in memory, with x's key under a rule, inside the window. */
  #counterparts(x: OpenRecord, rule: number): OpenRecord[] {
    const key = x.keys[rule];
    if (key === undefined) return [];
    const other = x.side === 'left' ? 'right' : 'left';
    return (this.#byKey.get(`${other} ${rule} ${key}`) ?? []).filter((candidate) =>
      x.side === 'left'
        ? inWindow(x.record, candidate.record, this.definition.window)
        : inWindow(candidate.record, x.record, this.definition.window),
    );
  }

  #remember(x: OpenRecord): void {
    x.inMemory = true;
    this.open += 1;
    for (const [rule, key] of x.keys.entries()) {
      if (key === undefined) continue;
      const place = `${x.side} ${rule} ${key}`;
      const list = this.#byKey.get(place);
      if (list === undefined) this.#byKey.set(place, [x]);
      else list.push(x);
    }
  }

  #forget(x: OpenRecord): void {
    x.inMemory = false;
    x.event = undefined;
    this.open -= 1;
    for (const [rule, key] of x.keys.entries()) {
      if (key === undefined) continue;
      const place = `${x.side} ${rule} ${key}`;
      const rest = this.#byKey.get(place)!.filter((other) => other !== x);
      if (rest.length === 0) this.#byKey.delete(place);
      else this.#byKey.set(place, rest);
    }
  }

  #schedule(x: OpenRecord, kind: 'expiry' | 'eviction', time: number): void {
    x.event = { time, kind, record: x };
    this.#events.add(x.event);
  }
}

/**
 * §3.4: a record's key under a rule, account and currency always part of it; undefined where a field that the rule
 * names is absent, empty, or one of the values that mean "none".
 */
function keyOf(record: MoneyRecord, rule: Rule, nullValues: readonly string[]): string | undefined {
  const texts = rule.keys.map((field: KeyField) => keyText(record, field));
  if (texts.some((text) => text === '' || nullValues.includes(text))) return undefined;
  return JSON.stringify([record.account, record.currency, ...texts]);
}

/** left − right, whichever of the two is which. */
function signedDifference(a: OpenRecord, b: OpenRecord): number {
  return a.side === 'left' ? differenceOf(a.record, b.record) : differenceOf(b.record, a.record);
}

/** §3.3: the smallest difference of amounts, then of times, then the earliest arrival. */
function nearest(x: OpenRecord, candidates: readonly OpenRecord[]): OpenRecord | undefined {
  const distance = (y: OpenRecord): number[] => [
    Math.abs(signedDifference(x, y)),
    Math.abs(x.record.time - y.record.time),
    y.sequence,
    y.ordinal,
  ];
  let best: OpenRecord | undefined;
  for (const candidate of candidates) {
    if (best === undefined || isLess(distance(candidate), distance(best))) best = candidate;
  }
  return best;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, value] of a.entries()) {
    if (value !== b[i]) return value < b[i]!;
  }
  return false;
}
