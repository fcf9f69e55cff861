import type { Simulator } from '../../connectors/simulators/play.ts';
import type { Happening, Movement, Payment, Payout } from '../../connectors/simulators/scenario/index.ts';
import { DAY_MS, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { Planted } from './planted.ts';

/** The merchant, and the account that all records are of. */
export const MERCHANT = 'souk';

/** A record as it is posted to `/v1/records`. Amounts are decimals in major units. */
export interface PostedRecord {
  readonly id: string;
  readonly currency: string;
  readonly amount: string;
  readonly time: string;
  readonly reference: string;
  readonly [more: string]: unknown;
}

/** What to post to `/v1/records`. */
export interface Posted {
  readonly source: 'orders' | 'acquirer';
  readonly records: readonly PostedRecord[];
}

/** Trouble comes once in so many orders, at fixed numbers among them. */
const CYCLE = 60;
/** The till hears of a payment so long before the gateway books it. */
const AHEAD_MS = 20_000;
/** When an order is entered a second time. */
const AGAIN_MS = 5 * 3_600_000;
/** How late an order is entered that is late. */
const LATE_MS = 10 * DAY_MS;
/** Records in one post. */
const BATCH = 100;

interface Waiting {
  readonly source: Posted['source'];
  readonly record: PostedRecord;
  readonly dueMs: number;
}

/** Where an entry is not as it should be. */
interface Entry {
  readonly reference: string;
  /** When it is entered. */
  readonly dueMs: number;
}

/**
 * The merchant's own books, which are posted: each order as it is made, with what goes wrong among them, and what the
 * acquirer behind N-Genius says in its files that it has paid out, which the gateway itself does not tell.
 */
export class Merchant implements Simulator {
  readonly #post: (posted: Posted) => Promise<void>;
  readonly #planted: Planted;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #orders = 0;

  /** @param now simulated time, epoch milliseconds */
  constructor(post: (posted: Posted) => Promise<void>, planted: Planted, now: () => number) {
    this.#post = post;
    this.#planted = planted;
    this.#now = now;
  }

  get nextDueMs(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    return this.#waiting.reduce((least, { dueMs }) => Math.min(least, dueMs), Infinity);
  }

  apply(happening: Happening): void {
    if (happening.type === 'charge') this.#order(happening.payment, happening.movement);
    else if (happening.type === 'payout' || happening.type === 'payoutFailed') {
      const { payout, movement } = happening;
      if (payout.provider === 'networkInternational') this.#settlement(payout, movement);
    }
  }

  async flush(): Promise<void> {
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= this.#now());
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > this.#now());
    for (const source of ['orders', 'acquirer'] as const) {
      const records = due.filter((each) => each.source === source).map(({ record }) => record);
      for (let from = 0; from < records.length; from += BATCH) {
        await this.#post({ source, records: records.slice(from, from + BATCH) });
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #order(payment: Payment, movement: Movement): void {
    const planted = this.#planted;
    const { atMs, currency, amount } = movement;
    const enter = (name: string, minor: bigint, timeMs: number, entry: Partial<Entry> = {}): void => {
      const { reference = payment.order, dueMs = timeMs } = entry;
      const record = {
        ...{ id: `${name}-${payment.order}`, currency, reference },
        amount: formatMinor(minor, exponentOf(currency)),
        time: new Date(timeMs - AHEAD_MS).toISOString(),
        attributes: { gateway: payment.provider },
      };
      this.#waiting.push({ source: 'orders', record, dueMs });
    };
    switch (++this.#orders % CYCLE) {
      case 10:
        planted.unknownOrder += 1;
        enter('so', amount, atMs);
        enter('so-unpaid', amount, atMs, { reference: `${payment.order}-B` });
        return;
      case 15:
        planted.lateOrder += 1;
        enter('so', amount, atMs, { dueMs: atMs + LATE_MS });
        return;
      case 20:
        planted.missingOrder += 1;
        return;
      case 30:
        // A person typed the letter O: no amount, and nobody may guess which.
        planted.noRecord += 1;
        // Before another of its post: one of which nothing can be taken is refused.
        this.#waiting.push({ source: 'orders', dueMs: atMs, record: typo(payment, atMs) });
        enter('so', amount, atMs);
        return;
      case 40:
        planted.wrongAmount += 1;
        enter('so', amount * 10n, atMs);
        return;
      case 50:
        planted.orderTwice += 1;
        enter('so', amount, atMs);
        enter('so-again', amount, atMs + AGAIN_MS);
        return;
      default:
        enter('so', amount, atMs);
    }
  }

  #settlement({ id, trace }: Payout, { id: movement, kind, currency, amount, atMs }: Movement): void {
    const record = {
      ...{ id: movement, kind, currency, reference: id },
      amount: formatMinor(amount, exponentOf(currency)),
      time: new Date(atMs).toISOString(),
      ...(trace === undefined ? {} : { references: { trace } }),
    };
    this.#waiting.push({ source: 'acquirer', record, dueMs: atMs });
  }
}

function typo({ order, provider }: Payment, atMs: number): PostedRecord {
  return {
    ...{ id: `so-typo-${order}`, currency: 'AED', amount: '12O.50', reference: `${order}-C` },
    time: new Date(atMs).toISOString(),
    attributes: { gateway: provider },
  };
}
