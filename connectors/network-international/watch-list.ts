import { z } from 'zod';
import { DAY_MS } from '../../engine/domain/index.ts';
import type { JsonValue } from '../contract/index.ts';
import type { Outlook } from './translate.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long an order is asked for that N-Genius does not know. */
const UNKNOWN_FOR_MS = DAY_MS;

/** The longer nothing has changed, the longer until the next look: by this part of its age, within bounds. */
const PACE = {
  open: { part: 0.5, least: MINUTE_MS, most: 6 * HOUR_MS },
  settled: { part: 1, least: HOUR_MS, most: DAY_MS },
} as const;

const seconds = z.int().min(0);
const cursorShape = z.object({
  /** By `outlet/order`: when it last changed, when to look next (Unix seconds), and whether something is to come soon. */
  orders: z.record(z.string(), z.tuple([seconds, seconds, z.boolean()])),
  /** How much of the file of orders has been read. */
  fileBytes: z.int().min(0),
});

interface Watched {
  readonly sinceMs: number;
  readonly nextMs: number;
  readonly isOpen: boolean;
}

/**
 * The orders that are looked at until nothing more is to come of them: there is no list to ask for, so that an order is
 * known by a webhook or the file, and remembered here. It lives in the poll's cursor.
 */
export class WatchList {
  readonly #watchMs: number;
  readonly #most: number;
  readonly #orders: Map<string, Watched>;
  /** How much of the file of orders has been read. */
  fileBytes: number;

  /**
   * @param cursor as {@link cursor} gave it
   * @param watchMs how long after its last change an order is looked at
   * @param most the most orders
   */
  constructor(cursor: JsonValue | undefined, watchMs: number, most: number) {
    this.#watchMs = watchMs;
    this.#most = most;
    const parsed = cursorShape.safeParse(cursor);
    this.#orders = new Map();
    this.fileBytes = parsed.success ? parsed.data.fileBytes : 0;
    if (!parsed.success) return;
    for (const [name, [since, next, isOpen]] of Object.entries(parsed.data.orders)) {
      this.#orders.set(name, { sinceMs: since * 1000, nextMs: next * 1000, isOpen });
    }
  }

  /** How many more orders fit. */
  get room(): number {
    return Math.max(0, this.#most - this.#orders.size);
  }

  /** An order that something was heard of: it is looked at in this round. */
  heard(name: string, nowMs: number): void {
    this.#orders.set(name, { sinceMs: nowMs, nextMs: nowMs, isOpen: true });
  }

  /** Orders to look at by now, those that have waited longest first. */
  due(nowMs: number): readonly string[] {
    return [...this.#orders]
      .filter(([, { nextMs }]) => nextMs <= nowMs)
      .toSorted(([, a], [, b]) => a.nextMs - b.nextMs)
      .map(([name]) => name);
  }

  /**
   * @param outlook undefined where N-Genius does not know the order
   * @param isChanged whether it says something else than at the last look
   */
  looked(name: string, outlook: Outlook | undefined, isChanged: boolean, nowMs: number): void {
    const sinceMs = isChanged ? nowMs : (this.#orders.get(name)?.sinceMs ?? nowMs);
    const ageMs = Math.max(0, nowMs - sinceMs);
    const most = outlook === undefined ? Math.min(UNKNOWN_FOR_MS, this.#watchMs) : this.#watchMs;
    if (outlook === 'final' || ageMs >= most) {
      this.#orders.delete(name);
      return;
    }
    const isOpen = outlook !== 'settled';
    const pace = isOpen ? PACE.open : PACE.settled;
    const waitMs = Math.min(pace.most, Math.max(pace.least, ageMs * pace.part));
    this.#orders.set(name, { sinceMs, nextMs: nowMs + waitMs, isOpen });
  }

  /** An order that could not be read: others come first, and what is known of it stays. */
  postpone(name: string, nowMs: number): void {
    const order = this.#orders.get(name);
    if (order !== undefined) this.#orders.set(name, { ...order, nextMs: nowMs + MINUTE_MS });
  }

  /**
   * Leaves out the orders that are too many: settled ones first, and of these those that have not changed for longest.
   * @returns how many
   */
  trim(): number {
    const tooMany = this.#orders.size - this.#most;
    if (tooMany <= 0) return 0;
    const ranked = [...this.#orders].toSorted(
      ([, a], [, b]) => Number(a.isOpen) - Number(b.isOpen) || a.sinceMs - b.sinceMs,
    );
    for (const [name] of ranked.slice(0, tooMany)) this.#orders.delete(name);
    return tooMany;
  }

  /** What the next round starts from. */
  cursor(): JsonValue {
    const orders: { [name: string]: readonly [number, number, boolean] } = {};
    for (const [name, { sinceMs, nextMs, isOpen }] of this.#orders) {
      orders[name] = [Math.floor(sinceMs / 1000), Math.floor(nextMs / 1000), isOpen];
    }
    return { orders, fileBytes: this.fileBytes };
  }
}
