import type { Dispatcher } from 'undici';
import { ProviderFailure, isAborted } from '../contract/index.ts';
import type { ProviderRequest, ProviderResponse } from '../contract/index.ts';
import { Aborted } from './aborted.ts';
import type { HttpClock } from './clock.ts';
import { exchange } from './exchange.ts';
import type { ExchangeOptions } from './exchange.ts';
import { FailedRequest, failureOfAnswer, failureOfError, isHostFailure } from './failures.ts';
import type { HttpObserver } from './observer.ts';
import { Places } from './places.ts';
import { RateLimits } from './rate-limits.ts';
import { Routes } from './routes.ts';
import type { Route } from './routes.ts';
import type { HttpSettings } from './settings.ts';

export interface CallsOptions {
  readonly settings: HttpSettings;
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
  readonly clock: HttpClock;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
  /** Epoch milliseconds. */
  readonly epochNow: () => number;
  readonly observer: HttpObserver;
  /** The provider's own word on whether an answer that is a failure may be asked for again; undefined where it has none. */
  readonly shouldRetry?: ((answer: ProviderResponse) => boolean | undefined) | undefined;
}

/** A call under way. */
export interface Call {
  readonly request: ProviderRequest;
  readonly signal: AbortSignal;
  readonly isRepeatable: boolean;
  readonly deadlineMs: number;
  /** Requests made so far. */
  requests: number;
}

/**
 * Calls a provider: each call goes to the routes in their order until one answers, and if none does, begins anew after
 * a while, within the limits on repetitions, time and rate.
 */
export class Calls {
  readonly #options: CallsOptions;
  readonly #exchange: ExchangeOptions;
  readonly #routes: Routes;
  readonly #rateLimits: RateLimits;
  readonly #places: Places;

  constructor(options: CallsOptions) {
    const { settings, clock, observer, dispatcher, userAgent } = options;
    this.#options = options;
    this.#exchange = { dispatcher, userAgent, maxBodyBytes: settings.maxBodyMiB * 1024 * 1024 };
    this.#routes = new Routes({ bases: settings.routes, breaker: settings.breaker, clock, observer });
    this.#rateLimits = new RateLimits(settings.rateLimits);
    this.#places = new Places({ concurrency: settings.concurrency, queue: settings.queue, clock });
  }

  start(request: ProviderRequest, signal: AbortSignal): Call {
    return {
      request,
      signal,
      isRepeatable: request.isIdempotent ?? request.method === 'GET',
      deadlineMs: this.#options.clock.now() + this.#options.settings.maxElapsed,
      requests: 0,
    };
  }

  /** @throws FailedRequest, Aborted, CounterfoilError `overloaded` */
  async run(call: Call): Promise<ProviderResponse> {
    const { settings, clock, observer } = this.#options;
    let failed: FailedRequest | undefined;
    for (let round = 0; ; round++) {
      const heldMs = this.#routes.waitMs();
      if (heldMs === undefined) throw failed ?? this.#noRoute(this.#routes.probeInMs());
      if (heldMs > this.#leftMs(call)) throw failed ?? this.#noRoute(heldMs);
      await this.#sleep(heldMs, call);
      const result = await this.#tryRoutes(call);
      if (!(result instanceof FailedRequest)) return result;
      failed = result;
      if (round >= settings.retries || !this.#mayRepeat(failed, call)) throw failed;
      const delayMs = this.#delayMs(round, failed);
      if (delayMs >= call.deadlineMs - clock.now()) throw failed;
      observer.retry?.(call.request.endpoint, failed.failure.category, delayMs);
      await this.#sleep(delayMs, call);
    }
  }

  async #tryRoutes(call: Call): Promise<ProviderResponse | FailedRequest> {
    let failed: FailedRequest | undefined;
    for (const route of this.#routes.candidates(call.isRepeatable)) {
      const leave = await this.#takeTurn(call);
      try {
        // While it waited for its turn, others may have found the host to be down.
        if (route.breaker.admits === 'no') continue;
        const answer = await route.breaker.run(() => this.#request(route, call));
        this.#routes.answered(route);
        return answer;
      } catch (error) {
        if (!(error instanceof FailedRequest)) throw error;
        failed = error;
      } finally {
        leave();
      }
      this.#heed(failed, route, call);
      if (!isHostFailure(failed) || !this.#mayRepeat(failed, call)) break;
    }
    return failed ?? this.#noRoute(this.#routes.probeInMs());
  }

  /** Waits for the rate limits, then for a place: a place that waits for its time would keep others from theirs. */
  async #takeTurn(call: Call): Promise<() => void> {
    const { clock, observer } = this.#options;
    const { endpoint } = call.request;
    const turn = this.#rateLimits.take(endpoint, clock.now(), this.#leftMs(call));
    if ('refused' in turn) {
      const waitMs = Math.ceil(turn.refused);
      throw new FailedRequest(
        new ProviderFailure('rateLimit', `was not asked: its rate limit has no room for ${waitMs} ms`, {
          retryAfterMs: waitMs,
        }),
        false,
      );
    }
    if (turn.waitMs > 0) {
      observer.rateLimitWait?.(endpoint, turn.waitMs);
      await this.#sleep(turn.waitMs, call);
    }
    try {
      return await this.#places.enter(this.#leftMs(call), call.signal);
    } catch (error) {
      if (call.signal.aborted) throw new Aborted(call.signal.reason);
      throw error;
    }
  }

  async #request(route: Route, call: Call): Promise<ProviderResponse> {
    const { settings, clock, observer, epochNow } = this.#options;
    const { request } = call;
    const startMs = clock.now();
    const ended = (outcome: Parameters<NonNullable<HttpObserver['request']>>[2]): void =>
      observer.request?.(route.host, request.endpoint, outcome, clock.now() - startMs);
    call.requests++;
    const timeoutMs = Math.max(1, Math.min(settings.timeout, this.#leftMs(call)));
    let answer: ProviderResponse;
    try {
      answer = await exchange(route.base, request, timeoutMs, call.signal, this.#exchange);
    } catch (error) {
      if (error instanceof Aborted) {
        ended('aborted');
        throw error;
      }
      const failed = failureOfError(route.host, error);
      ended(failed.failure.category);
      throw failed;
    }
    const failed = failureOfAnswer(route.host, answer, epochNow());
    ended(failed?.failure.category ?? 'ok');
    if (failed === undefined || request.expect?.includes(answer.status) === true) return answer;
    throw failed;
  }

  /** What the provider says about when to come back holds for everyone who would call it. */
  #heed({ failure }: FailedRequest, route: Route, call: Call): void {
    const waitMs = this.#retryAfterMs(failure);
    if (waitMs === undefined) return;
    if (failure.category !== 'rateLimit') this.#routes.hold(route, waitMs);
    else this.#rateLimits.pause(call.request.endpoint, this.#options.clock.now() + waitMs);
  }

  #retryAfterMs({ category, retryAfterMs }: ProviderFailure): number | undefined {
    const { unstated, most } = this.#options.settings.retryAfter;
    const stated = retryAfterMs ?? (category === 'rateLimit' ? unstated : undefined);
    return stated === undefined ? undefined : Math.min(stated, most);
  }

  #mayRepeat({ failure, isUncertain, answer }: FailedRequest, call: Call): boolean {
    const isSafe = call.isRepeatable || !isUncertain;
    const said = answer === undefined ? undefined : this.#options.shouldRetry?.(answer);
    if (said !== undefined) return said && isSafe;
    switch (failure.category) {
      case 'rateLimit':
        return true;
      case 'server':
      case 'network':
      case 'timeout':
        return isSafe;
      case 'auth':
      case 'client':
      case 'contract':
        return false;
    }
  }

  /** Full jitter: callers that failed together do not come back together. */
  #delayMs(round: number, { failure }: FailedRequest): number {
    const { first, most } = this.#options.settings.backoff;
    const backoffMs = this.#options.random() * Math.min(most, first * 2 ** round);
    return failure.category === 'rateLimit'
      ? Math.max(backoffMs, this.#retryAfterMs(failure) ?? 0)
      : backoffMs;
  }

  #noRoute(againInMs: number): FailedRequest {
    const retryAfterMs = Math.ceil(againInMs);
    return new FailedRequest(
      new ProviderFailure(
        'network',
        `${this.#routes.hosts} was not asked: it failed before, and is left alone for ${retryAfterMs} ms more`,
        { retryAfterMs },
      ),
      false,
    );
  }

  #leftMs(call: Call): number {
    return Math.max(0, call.deadlineMs - this.#options.clock.now());
  }

  async #sleep(ms: number, { signal }: Call): Promise<void> {
    if (signal.aborted) throw new Aborted(signal.reason);
    if (ms <= 0) return;
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch (error) {
      throw isAborted(signal) ? new Aborted(signal.reason) : error;
    }
  }
}
