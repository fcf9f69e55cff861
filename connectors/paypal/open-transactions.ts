import { z } from 'zod';
import { DAY_MS } from '../../engine/domain/index.ts';
import { textAt } from '../contract/index.ts';

/** The most transactions that are looked at again. The oldest give way. */
const MAX_OPEN = 1000;
/** How often, and for how long after it was begun, milliseconds. */
const LOOK_AGAIN_MS = 6 * 3_600_000;
const LOOK_UNTIL_MS = 45 * DAY_MS;
/** How many at a time, so that a round comes to its end. */
const MAX_DUE = 50;

/** By transaction: when it was begun, and when to look again, epoch milliseconds. */
export const openShape = z.record(z.string(), z.tuple([z.int().min(0), z.int().min(0)]));

type Open = z.output<typeof openShape>;

/**
 * Transactions that are pending. What becomes of one stays at the time when it was begun, where no later search looks: so
 * these are searched for one by one, now and then.
 */
export class OpenTransactions {
  readonly #open: Map<string, readonly [atMs: number, dueMs: number]>;

  constructor(open: Open) {
    this.#open = new Map(Object.entries(open));
  }

  /** @param row of a search, with `transaction_info` */
  see(row: unknown, nowMs: number): void {
    const id = textAt(row, 'transaction_info', 'transaction_id') ?? '';
    const begun = textAt(row, 'transaction_info', 'transaction_initiation_date') ?? '';
    const atMs = Date.parse(begun.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    if (id === '' || Number.isNaN(atMs)) return;
    if (textAt(row, 'transaction_info', 'transaction_status') !== 'P' || atMs < nowMs - LOOK_UNTIL_MS) {
      this.#open.delete(id);
      return;
    }
    this.#open.set(id, [Math.max(0, atMs), this.#open.get(id)?.[1] ?? nowMs + LOOK_AGAIN_MS]);
    while (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
  }

  /** Those that it is time to look at. */
  due(nowMs: number): readonly { readonly id: string; readonly atMs: number }[] {
    const due = [...this.#open].filter(([, [, dueMs]]) => dueMs <= nowMs);
    return due.slice(0, MAX_DUE).map(([id, [atMs]]) => ({ id, atMs }));
  }

  /** One was looked at, whatever was found: not listed any more, it is looked for until it is too old. */
  looked(id: string, nowMs: number): void {
    const [atMs] = this.#open.get(id) ?? [0];
    if (atMs < nowMs - LOOK_UNTIL_MS) this.#open.delete(id);
    else this.#open.set(id, [atMs, nowMs + LOOK_AGAIN_MS]);
  }

  entries(): Open {
    return Object.fromEntries([...this.#open].map(([id, [atMs, dueMs]]) => [id, [atMs, dueMs] as const]));
  }
}
