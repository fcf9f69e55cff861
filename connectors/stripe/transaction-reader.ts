import { LRUCache } from 'lru-cache';
import { textAt } from '../contract/index.ts';
import type { StripeApi } from './client.ts';

/** Calls at a time: what is asked for meanwhile waits, and is asked for together. */
const MAX_CALLS = 8;
/** How long the first one waits for others that can be asked for with it: a small part of what a call takes. */
const GATHER_MS = 10;
/** From so many transactions of one second on, the second is listed. */
const MIN_LISTED = 4;
/** Of a second, so many transactions are listed. */
const MAX_LISTED = 2000;
/** Seconds of which it is remembered that they were listed to their end. */
const MAX_SECONDS = 10_000;
/** A second is over for us so long after its begin, by our clock, milliseconds. */
const OVER_MS = 5000;
/** Transactions that are kept, and for how long: several events tell of one, soon after each other. */
const MAX_KEPT = 4000;
const KEPT_MS = 60_000;

interface Wanted {
  readonly id: string;
  /** When it was probably made, Unix seconds. */
  readonly created: number | undefined;
  readonly promise: Promise<unknown>;
  readonly resolve: (transaction: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Fetches balance transactions for events, by as few calls as can be: where several of one second are waited for, that
 * second is listed once instead. Stripe takes 25 calls a second to an endpoint, which is less than a busy account has
 * webhooks.
 *
 * A transaction never changes in what a record says of it, except for payouts, which are not read through this.
 */
export class TransactionReader {
  readonly #api: Pick<StripeApi, 'transaction' | 'transactions'>;
  readonly #now: () => number;
  readonly #kept: LRUCache<string, object>;
  /** Of each second that is being listed: who waits for it, by id. */
  readonly #lists = new Map<number, Map<string, Wanted>>();
  readonly #listed = new LRUCache<number, true>({ max: MAX_SECONDS });
  /** By id, in the order in which they were asked for; those on their way are not in it. */
  readonly #waiting = new Map<string, Wanted>();
  readonly #underWay = new Map<string, Wanted>();
  #gathering: NodeJS.Timeout | undefined;
  #calls = 0;

  /** @param now epoch milliseconds */
  constructor(api: Pick<StripeApi, 'transaction' | 'transactions'>, now: () => number) {
    this.#api = api;
    this.#now = now;
    this.#kept = new LRUCache({ max: MAX_KEPT, ttl: KEPT_MS, ttlResolution: 0, perf: { now } });
  }

  /**
   * @param created when it was probably made, Unix seconds: only a hint
   * @throws CounterfoilError as the API's calls do
   */
  read(id: string, created?: number): Promise<unknown> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return Promise.resolve(kept);
    const same = this.#waiting.get(id) ?? this.#underWay.get(id);
    if (same !== undefined) return same.promise;
    const wanted = { id, created, ...deferred() };
    const list = created === undefined ? undefined : this.#lists.get(created);
    if (list === undefined) {
      this.#waiting.set(id, wanted);
      this.#gather();
    } else {
      this.#underWay.set(id, wanted);
      list.set(id, wanted);
    }
    return wanted.promise;
  }

  #gather(): void {
    if (this.#waiting.size === 0) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#start();
    }, GATHER_MS);
  }

  #start(): void {
    while (this.#calls < MAX_CALLS && this.#waiting.size > 0) {
      const batch = this.#takeBatch();
      this.#calls++;
      void (batch.length === 1 ? this.#fetchOne(batch[0]!) : this.#fetchListed(batch)).finally(() => {
        this.#calls--;
        this.#gather();
      });
    }
  }

  /** The one that waits longest, and those of the same second if they are enough for a list that nobody made yet. */
  #takeBatch(): Wanted[] {
    const first = this.#waiting.values().next().value!;
    const { created } = first;
    const isListed = created === undefined || this.#listed.has(created);
    const same = isListed ? [] : [...this.#waiting.values()].filter((each) => each.created === created);
    const batch = same.length >= MIN_LISTED ? same : [first];
    for (const wanted of batch) {
      this.#waiting.delete(wanted.id);
      this.#underWay.set(wanted.id, wanted);
    }
    return batch;
  }

  async #fetchOne(wanted: Wanted): Promise<void> {
    try {
      const transaction = await this.#api.transaction(wanted.id);
      this.#keep(wanted.id, transaction);
      wanted.resolve(transaction);
    } catch (error) {
      wanted.reject(error);
    }
    this.#underWay.delete(wanted.id);
  }

  /**
   * Lists a second to its end: those that nobody waits for yet will be asked for soon. What is wanted and not in the list
   * waits again, to be asked for alone.
   */
  async #fetchListed(batch: readonly Wanted[]): Promise<void> {
    const created = batch[0]!.created!;
    const isOver = this.#now() > created * 1000 + OVER_MS;
    const missing = new Map(batch.map((wanted) => [wanted.id, wanted]));
    this.#lists.set(created, missing);
    let seen = 0;
    try {
      for await (const transaction of this.#api.transactions({ from: created, to: created + 1 })) {
        const id = textAt(transaction, 'id') ?? '';
        this.#keep(id, transaction);
        missing.get(id)?.resolve(transaction);
        if (missing.delete(id)) this.#underWay.delete(id);
        if (++seen >= MAX_LISTED) break;
      }
      if (isOver) this.#listed.set(created, true);
    } catch (error) {
      for (const { id, reject } of missing.values()) {
        this.#underWay.delete(id);
        reject(error);
      }
      missing.clear();
    }
    this.#lists.delete(created);
    for (const wanted of missing.values()) {
      this.#underWay.delete(wanted.id);
      this.#waiting.set(wanted.id, { ...wanted, created: undefined });
    }
  }

  #keep(id: string, transaction: unknown): void {
    if (typeof transaction === 'object' && transaction !== null) this.#kept.set(id, transaction);
  }
}

/** A promise and what settles it. */
function deferred(): Pick<Wanted, 'promise' | 'resolve' | 'reject'> {
  let resolve!: (transaction: unknown) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<unknown>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
