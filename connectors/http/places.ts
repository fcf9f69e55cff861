import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { BulkheadPolicy } from 'cockatiel';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { HttpClock } from './clock.ts';

/** A place among the requests that a source may make at a time; free again when called. */
export type Leave = () => void;

/** The bulkhead of a source: so many requests at a time, so many callers waiting. */
export class Places {
  readonly #policy: BulkheadPolicy;
  readonly #clock: HttpClock;

  constructor(options: { readonly concurrency: number; readonly queue: number; readonly clock: HttpClock }) {
    this.#policy = bulkhead(options.concurrency, options.queue);
    this.#clock = options.clock;
  }

  /**
   * @param mostMs how long to wait at most
   * @throws CounterfoilError `overloaded` where too many wait, or it took too long; whatever `signal` is aborted with
   */
  async enter(mostMs: number, signal: AbortSignal): Promise<Leave> {
    signal.throwIfAborted();
    const isFree = this.#policy.executionSlots > 0;
    const entered = new Promise<Leave>((resolve, reject) => {
      // The bulkhead is not given the signal: it would drop an aborted caller without calling the next one in.
      this.#policy
        .execute(() => new Promise<void>((leave) => resolve(leave)))
        .catch((error: unknown) => reject(asError(error)));
    });
    if (isFree) return entered;
    const waiting = new AbortController();
    const stop = (): void => waiting.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const tooLong = this.#clock.sleep(mostMs, waiting.signal).then(() => {
        throw new CounterfoilError(
          'overloaded',
          `no place for a request in ${Math.round(mostMs)} ms; raise http.concurrency, or call less often`,
        );
      });
      return await Promise.race([entered, tooLong]);
    } catch (error) {
      // The place may come yet, and must not be kept.
      entered.then((leave) => leave()).catch(() => undefined);
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      waiting.abort();
    }
  }
}

function asError(error: unknown): CounterfoilError {
  if (!(error instanceof BulkheadRejectedError)) return CounterfoilError.from(error);
  return new CounterfoilError(
    'overloaded',
    'too many calls wait for a place; raise http.concurrency or http.queue, or call less often',
    { cause: error },
  );
}
