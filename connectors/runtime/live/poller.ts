import { setTimeout as sleep } from 'node:timers/promises';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Publisher } from '../../../engine/domain/index.ts';
import { isAborted } from '../../contract/index.ts';
import type { Polling } from '../../contract/index.ts';
import type { Arrivals } from './arrivals.ts';
import type { LiveObserver } from './observer.ts';
import type { PollCursor } from './poll-cursor.ts';

/** How often a source is polled. Milliseconds. */
export interface PollSchedule {
  /** From the end of one round to the start of the next while webhooks bring everything. */
  readonly intervalMs: number;
  /** The same while webhooks are missed, and the least that a row of failures waits. */
  readonly minIntervalMs: number;
}

export interface PollerOptions {
  readonly source: string;
  readonly polling: Polling;
  readonly cursor: PollCursor;
  readonly schedule: PollSchedule;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly arrivals: Arrivals;
  readonly observer: LiveObserver;
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** From 0 to 1: spreads waiting after failures. */
  readonly random: () => number;
}

/** A row of failures waits at most this many intervals. */
const LONGEST_BACKOFF = 8;
/** A round without a gap lets the interval grow back by this factor. */
const RELAX = 1.5;

/**
 * Polls one source, round after round. The cursor moves only over pages whose items the log has acknowledged. A source
 * whose webhooks are missed is polled harder: the interval halves with each round that finds a gap, and grows back.
 */
export class Poller {
  readonly #options: PollerOptions;
  #intervalMs: number;
  #failures = 0;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#intervalMs = options.schedule.intervalMs;
  }

  /** How long after a round the next one starts now, milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Polls until the signal aborts. Never rejects for what the provider does. @throws `diskFull` and its like */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!isAborted(signal)) {
      const waitMs = await this.round();
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One round. @returns how long to wait before the next, milliseconds */
  async round(): Promise<number> {
    const { source, observer, signal, now, schedule } = this.#options;
    const started = now();
    try {
      const { records, missed } = await this.#pages();
      this.#failures = 0;
      const { intervalMs, minIntervalMs } = schedule;
      this.#intervalMs =
        missed > 0
          ? Math.max(minIntervalMs, this.#intervalMs / 2)
          : Math.min(intervalMs, this.#intervalMs * RELAX);
      observer.polled?.(source, records, now() - started, this.#intervalMs);
      if (missed > 0) {
        observer.gaps?.(source, missed);
        observer.event('warn', `polling found ${missed} records that no webhook brought`, { source, missed });
      }
      return this.#intervalMs;
    } catch (cause) {
      const error = CounterfoilError.from(cause);
      if (isAborted(signal) || error.code === 'stopping') return 0;
      if (isOurs(error)) throw error;
      observer.pollFailed?.(source, error);
      if (this.#failures === 0) {
        observer.event('warn', `polling failed and is tried again: ${error.message}`, {
          source,
          code: error.code,
        });
      }
      return this.#backoff();
    }
  }

  async #pages(): Promise<{ records: number; missed: number }> {
    const { source, polling, cursor, publisher, arrivals, signal, now } = this.#options;
    let records = 0;
    let missed = 0;
    for await (const page of polling.pages(cursor.value, signal)) {
      if (page.items.length > 0) {
        await publisher.publish(source, page.items);
        for (const item of page.items) if (item.type === 'record') records++;
        missed += arrivals.byPoll(page.items, now(), polling.hasWebhook?.bind(polling));
      }
      if (page.cursor !== undefined) await cursor.save(page.cursor);
      if (isAborted(signal)) break;
    }
    return { records, missed };
  }

  /** Full jitter between the shortest wait and one that doubles with each failure. */
  #backoff(): number {
    const { minIntervalMs, intervalMs } = this.#options.schedule;
    const most = Math.min(intervalMs * LONGEST_BACKOFF, minIntervalMs * 2 ** ++this.#failures);
    return minIntervalMs + this.#options.random() * Math.max(0, most - minIntervalMs);
  }
}

/** Trouble of this process, which no waiting mends: a provider's own is told and tried again. */
function isOurs(error: CounterfoilError): boolean {
  return error.disposition === 'fatal' && error.code !== 'internal';
}
