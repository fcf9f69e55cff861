import type { Break, Match, Reconciliation, RecordFrame, RuleSet, Side } from '../../engine/domain/index.ts';
import { DAY_MS, exponentOf, localDayOf, toleranceMinor } from '../../engine/domain/index.ts';
import { MapHeap } from './map-heap.ts';
import { readRow, type Row } from './map-row.ts';

/** What the matcher tells of. */
export interface PeerSink {
  match(match: Match): void;
  break(breakVersion: Break): void;
}

interface Open {
  row: Row;
  side: Side;
  keys: (string | undefined)[];
  due: number;
  deadline: number;
  expired: boolean;
  gone: boolean;
  break: OpenBreak | undefined;
}

interface OpenBreak {
  sequence: number;
  n: number;
  version: number;
  owner: Open;
  joined: Open | undefined;
}

const MAX = Number.MAX_SAFE_INTEGER;

/**
 * What a competent engineer would write first: records as objects, a Map from key text to the open records with that
 * key, a Map of what was seen, a binary heap of what falls due. The semantics are the kernel's, with the watermark of
 * the file command, for one reconciliation.
 */
export class MapMatcher {
  duplicates = 0;
  readonly #definition: Reconciliation;
  readonly #seen = new Map<string, string | string[]>();
  readonly #byKey: { left: Map<string, Open[]>[]; right: Map<string, Open[]>[] };
  readonly #tolerances = new Map<string, number>();
  readonly #nullValues: Set<string>;
  readonly #names: string[];
  /** Per rule, the places of its keys among the names. */
  readonly #keys: number[][];
  readonly #pools: [string, string];
  readonly #events = new MapHeap<Open>((open) => open.row.sequence);
  #watermark = -Infinity;
  #sequence = 0;
  #n = 0;

  constructor(rules: RuleSet) {
    this.#definition = rules.reconciliations[0]!;
    const { left, right, name, nullValues } = this.#definition;
    this.#byKey = {
      left: this.#definition.rules.map(() => new Map<string, Open[]>()),
      right: this.#definition.rules.map(() => new Map<string, Open[]>()),
    };
    this.#nullValues = new Set(nullValues);
    this.#names = [...new Set(this.#definition.rules.flatMap((rule) => rule.keys))];
    this.#keys = this.#definition.rules.map((rule) => rule.keys.map((key) => this.#names.indexOf(key)));
    this.#pools = [left.pool ?? `${name}.left`, right.pool ?? `${name}.right`];
  }

  /** Applies a frame whose first record has number `sequence`. */
  apply(frame: RecordFrame, sequence: number, sink: PeerSink): void {
    for (let i = 0; i < frame.count; i++) {
      const row = readRow(frame, i, sequence + i, this.#names);
      if (!this.#isNew(row)) {
        this.duplicates++;
        continue;
      }
      this.#sequence = row.sequence;
      this.#n = 0;
      this.#raise(row.time, sink);
      if (this.#definition.left.sources.includes(row.source)) this.#arrive(row, 'left', sink);
      else if (this.#definition.right.sources.includes(row.source)) this.#arrive(row, 'right', sink);
    }
  }

  finish(sink: PeerSink): void {
    this.#sequence++;
    this.#n = 0;
    this.#raise(Infinity, sink);
  }

  #isNew(row: Row): boolean {
    const identity = `${row.source}\0${row.id}`;
    const known = this.#seen.get(identity);
    if (known === undefined) this.#seen.set(identity, row.content);
    else if (typeof known === 'string') {
      if (known === row.content) return false;
      this.#seen.set(identity, [known, row.content]);
    } else {
      if (known.includes(row.content)) return false;
      known.push(row.content);
    }
    return true;
  }

  #arrive(row: Row, side: Side, sink: PeerSink): void {
    const { rules, window, retain } = this.#definition;
    const end = this.#windowEnd(row, side);
    const due = Math.max(end, this.#watermark) + window.grace;
    const keys = this.#keys.map((places) => this.#key(row, places));
    const x: Open = {
      row,
      side,
      keys,
      due,
      deadline: due + retain,
      expired: false,
      gone: false,
      break: undefined,
    };
    for (let i = 0; i < rules.length; i++) {
      const y = this.#nearest(x, i, this.#tolerance(i, row.currency), (other) =>
        row.amount === 0 || other.row.amount === 0 ? true : row.amount > 0 === other.row.amount > 0,
      );
      if (y !== undefined) {
        this.#match(x, y, i, sink);
        return;
      }
    }
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (key === undefined) continue;
      const map = this.#byKey[side][i]!;
      const list = map.get(key);
      if (list === undefined) map.set(key, [x]);
      else list.push(x);
    }
    this.#events.push(x, due);
  }

  #key(row: Row, places: readonly number[]): string | undefined {
    let key = `${row.account}\0${row.currency}`;
    for (const place of places) {
      const text = row.fields[place];
      if (text === undefined || text === '' || this.#nullValues.has(text)) return undefined;
      key += `\0${text}`;
    }
    return key;
  }

  #nearest(x: Open, rule: number, tolerance: number, fits: (other: Open) => boolean): Open | undefined {
    const key = x.keys[rule];
    if (key === undefined) return undefined;
    let best: Open | undefined;
    let bestDifference = tolerance;
    let bestDistance = Infinity;
    for (const other of this.#byKey[x.side === 'left' ? 'right' : 'left'][rule]!.get(key) ?? []) {
      const difference = Math.min(Math.abs(x.row.amount - other.row.amount), MAX);
      const distance = Math.abs(x.row.time - other.row.time);
      if (difference > bestDifference) continue;
      if (best !== undefined && difference === bestDifference && distance >= bestDistance) continue;
      if (!fits(other)) continue;
      if (!(x.side === 'left' ? this.#inWindow(x.row, other.row) : this.#inWindow(other.row, x.row)))
        continue;
      best = other;
      bestDifference = difference;
      bestDistance = distance;
    }
    return best;
  }

  #match(x: Open, y: Open, rule: number, sink: PeerSink): void {
    const [left, right] = x.side === 'left' ? [x.row, y.row] : [y.row, x.row];
    const difference = left.amount - right.amount;
    const place = { sequence: this.#sequence, n: this.#n++ };
    const leg = (row: Row, side: Side): Match['legs'][number] => ({
      source: row.source,
      id: row.id,
      sequence: row.sequence,
      ordinal: 0,
      side,
      allocated: row.amount,
    });
    sink.match({
      ...place,
      logTime: 0,
      matchSequence: place.sequence,
      matchN: place.n,
      version: 1,
      reconciliation: this.#definition.name,
      pools: this.#pools,
      rule: this.#definition.rules[rule]!.name,
      account: left.account,
      currency: left.currency,
      legs: [leg(left, 'left'), leg(right, 'right')],
      difference,
      causes: difference === 0 ? {} : { tolerance: difference },
      lagMs: Math.abs(left.time - right.time),
    });
    this.#forget(y);
    const broken = y.break;
    if (broken === undefined) return;
    broken.version++;
    if (broken.owner === y) {
      sink.break(this.#version(broken, place));
      const released = broken.joined;
      if (released === undefined || released.gone) return;
      released.break = undefined;
      if (this.#watermark > released.due) this.#breakUp(released, sink);
    } else {
      const next = broken.owner.gone
        ? undefined
        : this.#nearest(broken.owner, 0, Infinity, (other) => other.break === undefined);
      broken.joined = next;
      if (next !== undefined) next.break = broken;
      sink.break(this.#version(broken));
    }
  }

  #raise(time: number, sink: PeerSink): void {
    this.#watermark = Math.max(this.#watermark, time);
    for (;;) {
      const x = this.#events.takeBefore(this.#watermark);
      if (x === undefined) return;
      if (x.gone) continue;
      if (!x.expired) {
        x.expired = true;
        if (x.break === undefined) this.#breakUp(x, sink);
        this.#events.push(x, x.deadline);
        continue;
      }
      const partner = x.break!.owner === x ? x.break!.joined : x.break!.owner;
      const deadline = partner === undefined ? -Infinity : partner.due + this.#definition.retain;
      if (deadline > x.deadline) {
        x.deadline = deadline;
        this.#events.push(x, deadline);
      } else {
        this.#forget(x);
      }
    }
  }

  #breakUp(x: Open, sink: PeerSink): void {
    const free = this.#nearest(x, 0, Infinity, (other) => other.break === undefined);
    const alone =
      free ??
      this.#nearest(
        x,
        0,
        Infinity,
        (other) => other.break?.owner === other && other.break.joined === undefined,
      );
    let broken: OpenBreak;
    if (free === undefined && alone !== undefined) {
      broken = alone.break!;
      broken.joined = x;
      broken.version++;
    } else {
      broken = { sequence: this.#sequence, n: this.#n, version: 1, owner: x, joined: free };
      if (free !== undefined) free.break = broken;
    }
    x.break = broken;
    sink.break(this.#version(broken));
  }

  #version(broken: OpenBreak, resolvedBy?: { sequence: number; n: number }): Break {
    const { owner, joined } = broken;
    const rule = this.#definition.rules[0]!.name;
    const members = (joined === undefined ? [owner] : [owner, joined]).map((x) => ({
      source: x.row.source,
      id: x.row.id,
      sequence: x.row.sequence,
      ordinal: 0,
      side: x.side,
      amount: x.row.amount,
    }));
    let amount = owner.row.amount;
    if (joined !== undefined) {
      const difference =
        owner.side === 'left' ? owner.row.amount - joined.row.amount : joined.row.amount - owner.row.amount;
      amount = Math.max(-MAX, Math.min(MAX, difference));
    }
    const tolerance = this.#tolerance(0, owner.row.currency);
    return {
      sequence: this.#sequence,
      n: this.#n++,
      logTime: 0,
      breakSequence: broken.sequence,
      breakN: broken.n,
      version: broken.version,
      state: resolvedBy === undefined ? 'open' : 'resolved',
      reconciliation: this.#definition.name,
      pools: this.#pools,
      kind: joined === undefined ? 'unmatched' : 'amount',
      account: owner.row.account,
      currency: owner.row.currency,
      members,
      amount,
      dueTime: owner.due,
      why:
        joined === undefined
          ? { rule, condition: 'noCounterpart' }
          : { rule, condition: 'amount', difference: amount, tolerance },
      ...(resolvedBy === undefined ? {} : { resolvedBy }),
    };
  }

  #forget(x: Open): void {
    x.gone = true;
    for (let i = 0; i < x.keys.length; i++) {
      const key = x.keys[i];
      if (key === undefined) continue;
      const map = this.#byKey[x.side][i]!;
      const list = map.get(key)!;
      if (list.length === 1) map.delete(key);
      else list.splice(list.indexOf(x), 1);
    }
  }

  #inWindow(left: Row, right: Row): boolean {
    const { before, after } = this.#definition.window;
    if (!left.day && !right.day) return left.time - before <= right.time && right.time <= left.time + after;
    const leftDay = localDayOf(left.time, left.offsetMinutes);
    const rightDay = localDayOf(right.time, right.offsetMinutes);
    return (
      leftDay - Math.ceil(before / DAY_MS) <= rightDay && rightDay <= leftDay + Math.ceil(after / DAY_MS)
    );
  }

  #windowEnd(row: Row, side: Side): number {
    const { before, after } = this.#definition.window;
    const duration = side === 'left' ? after : before;
    if (!row.day) return row.time + duration;
    const last = localDayOf(row.time, row.offsetMinutes) + Math.ceil(duration / DAY_MS);
    return (last + 1) * DAY_MS - row.offsetMinutes * 60_000 - 1;
  }

  #tolerance(rule: number, currency: string): number {
    const key = `${rule} ${currency}`;
    let tolerance = this.#tolerances.get(key);
    if (tolerance === undefined) {
      const given = this.#definition.rules[rule]!.tolerance.amount;
      const text = typeof given === 'object' ? given[currency] : given;
      tolerance = text === undefined ? 0 : toleranceMinor(text, exponentOf(currency));
      this.#tolerances.set(key, tolerance);
    }
    return tolerance;
  }
}
