import type {
  KeyField,
  Key,
  Reconciliation,
  RecordFrame,
  Rule,
  RuleSet,
  Side,
} from '../../engine/domain/index.ts';
import type { Break, Match } from '../../engine/domain/index.ts';
import { DAY_MS, localDayOf } from '../../engine/domain/index.ts';
import { MapHeap } from './map-heap.ts';
import { readRow, type Row } from './map-row.ts';

/** What a matcher tells of. */
export interface PeerSink {
  match(match: Match): void;
  break(breakVersion: Break): void;
}

/** A record in memory. */
export interface Held {
  readonly row: Row;
  readonly side: Side;
  readonly due: number;
  /** It is matched, or forgotten. */
  gone: boolean;
}

/** Place of a result. */
export interface Place {
  readonly sequence: number;
  readonly n: number;
}

/**
 * What a competent engineer would write first, as far as it is the same for pairs and groups: records as objects, a Map
 * of what was seen, a binary heap of what falls due. The semantics are the kernel's, with the watermark of the file
 * command, for one reconciliation of rules that compare plain fields.
 */
export abstract class MapBase<X extends Held> {
  duplicates = 0;
  protected readonly definition: Reconciliation;
  protected readonly pools: readonly [string, string];
  protected watermark = -Infinity;
  readonly #seen = new Map<string, string | string[]>();
  readonly #nullValues: Set<string>;
  readonly #names: string[];
  /** Per rule, the places of its keys among the names. */
  readonly #keys: number[][];
  readonly #events = new MapHeap<X>((held) => held.row.sequence);
  #sequence = 0;
  #n = 0;

  constructor(rules: RuleSet) {
    this.definition = rules.reconciliations[0]!;
    const { left, right, name, nullValues } = this.definition;
    this.#nullValues = new Set(nullValues);
    const keys = this.definition.rules.map((rule) => rule.keys.map(plainKey));
    this.#names = [...new Set(keys.flat())];
    this.#keys = keys.map((names) => names.map((field) => this.#names.indexOf(field)));
    this.pools = [left.pool ?? `${name}.left`, right.pool ?? `${name}.right`];
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
      if (this.definition.left.sources.includes(row.source)) this.arrive(row, 'left', sink);
      else if (this.definition.right.sources.includes(row.source)) this.arrive(row, 'right', sink);
    }
  }

  /** The end of the input closes every window. */
  finish(sink: PeerSink): void {
    this.#sequence++;
    this.#n = 0;
    this.#raise(Infinity, sink);
  }

  protected abstract arrive(row: Row, side: Side, sink: PeerSink): void;

  /** The watermark is past the time for which a record was scheduled. It may be gone by now. */
  protected abstract fire(x: X, time: number, sink: PeerSink): void;

  protected schedule(x: X, time: number): void {
    this.#events.push(x, time);
  }

  protected nextPlace(): Place {
    return { sequence: this.#sequence, n: this.#n++ };
  }

  protected dueOf(row: Row, side: Side): number {
    return Math.max(this.#windowEnd(row, side), this.watermark) + this.definition.window.grace;
  }

  /** What records have in common that a rule may match; undefined where the rule is not for this one. */
  protected keyOf(index: number, row: Row, side: Side): string | undefined {
    const { fx } = this.definition.rules[index]!;
    if (fx !== undefined && row.currency !== (side === 'left' ? fx.from : fx.to)) return undefined;
    let key = fx === undefined ? `${row.account}\0${row.currency}` : row.account;
    for (const place of this.#keys[index]!) {
      const text = row.fields[place];
      if (text === undefined || text === '' || this.#nullValues.has(text)) return undefined;
      key += `\0${text}`;
    }
    return key;
  }

  /** How far right is outside the window of left, milliseconds; 0 inside. */
  protected outsideWindow(left: Row, right: Row): number {
    const { before, after } = this.definition.window;
    if (!left.day && !right.day)
      return Math.max(left.time - before - right.time, right.time - left.time - after, 0);
    const days = localDayOf(right.time, right.offsetMinutes) - localDayOf(left.time, left.offsetMinutes);
    return Math.max(-days - Math.ceil(before / DAY_MS), days - Math.ceil(after / DAY_MS), 0) * DAY_MS;
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

  #raise(time: number, sink: PeerSink): void {
    this.watermark = Math.max(this.watermark, time);
    for (;;) {
      const event = this.#events.takeBefore(this.watermark);
      if (event === undefined) return;
      this.fire(event.item, event.time, sink);
    }
  }

  #windowEnd(row: Row, side: Side): number {
    const { before, after } = this.definition.window;
    const duration = side === 'left' ? after : before;
    if (!row.day) return row.time + duration;
    const last = localDayOf(row.time, row.offsetMinutes) + Math.ceil(duration / DAY_MS);
    return (last + 1) * DAY_MS - row.offsetMinutes * 60_000 - 1;
  }
}

/** Opposite signs never match; zero fits both. */
export function signsFit(left: number, right: number): boolean {
  return left === 0 || right === 0 || left > 0 === right > 0;
}

/** What a result says of a record. */
export function refOf({ row, side }: Held): {
  source: string;
  id: string;
  sequence: number;
  ordinal: number;
  side: Side;
} {
  return { source: row.source, id: row.id, sequence: row.sequence, ordinal: 0, side };
}

/** How a rule is asked for that the matchers know nothing of. */
export function refuseUnknown(rule: Rule, known: readonly (keyof Rule)[]): void {
  const unknown = Object.entries(rule).filter(
    ([option, value]) => value !== undefined && !(known as readonly string[]).includes(option),
  );
  if (unknown.length > 0)
    throw new Error(`the Map matcher does not know ${unknown.map(([name]) => name).join(', ')}`);
}

/** A key that is a plain field; the matchers know no others. */
function plainKey(key: Key): KeyField {
  if (typeof key === 'string') return key;
  throw new Error('the Map matcher compares plain fields only');
}
