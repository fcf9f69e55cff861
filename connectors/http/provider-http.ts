import { Agent } from 'undici';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ProviderHttp, ProviderRequest, ProviderResponse } from '../contract/index.ts';
import { linkedSignal } from './aborted.ts';
import { Calls } from './calls.ts';
import { systemClock } from './clock.ts';
import type { HttpClock } from './clock.ts';
import { errorOf } from './errors.ts';
import { FailedRequest } from './failures.ts';
import { fetchOver } from './fetch.ts';
import type { HttpObserver } from './observer.ts';
import type { HttpSettings } from './settings.ts';

export interface ProviderHttpOptions {
  /** Name of the source, for messages. */
  readonly source: string;
  readonly settings: HttpSettings;
  readonly observer?: HttpObserver;
  /** What waits are reckoned with; the machine's without it. Requests themselves take real time. */
  readonly clock?: HttpClock;
  /** From 0 to 1, without 1. */
  readonly random?: () => number;
  /** Epoch milliseconds, for `Retry-After` with a date. */
  readonly now?: () => number;
  /** What the provider itself says about asking again, such as `Stripe-Should-Retry`; undefined where it says nothing. */
  readonly shouldRetry?: (answer: ProviderResponse) => boolean | undefined;
}

/** {@link ProviderHttp} with its end. */
export interface OwnedProviderHttp extends ProviderHttp {
  /** Aborts what is under way and closes the connections. */
  close(): Promise<void>;
}

/** How long a connection that nobody uses is kept, unless the provider says otherwise. */
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE_MOST_MS = 60_000;

/**
 * Makes what one source calls its provider with. Limits, breakers and connections are the source's own, so that no
 * source waits for another.
 */
export function createProviderHttp(options: ProviderHttpOptions): OwnedProviderHttp {
  const { source, settings, clock = systemClock, observer = {} } = options;
  const dispatcher = createAgent(settings);
  const calls = new Calls({
    settings,
    dispatcher,
    clock,
    observer,
    userAgent: 'counterfoil',
    random: options.random ?? Math.random,
    epochNow: options.now ?? Date.now,
    shouldRetry: options.shouldRetry,
  });
  const closing = new AbortController();

  async function run(
    request: ProviderRequest,
    signal: AbortSignal | undefined,
    takesAny: boolean,
  ): Promise<ProviderResponse> {
    if (!request.path.startsWith('/')) {
      throw new CounterfoilError('internal', `source "${source}": a path to call begins with "/"`);
    }
    const linked = linkedSignal([closing.signal, signal]);
    const call = calls.start(request, linked.signal);
    try {
      return await calls.run(call);
    } catch (error) {
      if (takesAny && error instanceof FailedRequest && error.answer !== undefined) return error.answer;
      throw errorOf(error, source, call);
    } finally {
      linked.release();
    }
  }

  return {
    send: (request, signal) => run(request, signal, false),
    fetch: fetchOver((request, signal) => run(request, signal, true)),
    async close() {
      closing.abort(new CounterfoilError('stopping', `source "${source}" is closed`));
      await dispatcher.destroy();
    },
  };
}

function createAgent(settings: HttpSettings): Agent {
  return new Agent({
    connections: settings.concurrency,
    connect: { timeout: settings.connectTimeout },
    headersTimeout: settings.timeout,
    bodyTimeout: settings.timeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MOST_MS,
  });
}
