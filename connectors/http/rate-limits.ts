import type { RateLimit } from './settings.ts';

/** Endpoints that have a bucket of their own; those that come later share one. */
const MAX_ENDPOINTS = 256;

/**
 * A token bucket that hands out turns in the order in which they are asked for: it keeps the time at which it would be
 * full again, from which the wait for each turn follows. Times are milliseconds of one clock.
 */
export class TokenBucket {
  readonly #tokenMs: number;
  readonly #burstMs: number;
  #fullAtMs = -Infinity;

  /** @param limit undefined for a bucket that only ever waits for {@link pause} */
  constructor(limit: RateLimit | undefined) {
    this.#tokenMs = limit === undefined ? 0 : 1000 / limit.perSecond;
    this.#burstMs = limit === undefined ? 0 : (limit.burst - 1) * this.#tokenMs;
  }

  /** How long the next turn is away. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#fullAtMs - this.#burstMs - nowMs);
  }

  take(nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#tokenMs;
  }

  /** Gives no turn until then, and from then on one at a time: whoever asked for the pause had too many. */
  pause(untilMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, untilMs + this.#burstMs);
  }
}

/** The limits of a provider: one for all its endpoints together, and one for each. */
export class RateLimits {
  readonly #limits: { readonly [endpoint: string]: RateLimit };
  readonly #all: TokenBucket;
  readonly #endpoints = new Map<string, TokenBucket>();
  readonly #others: TokenBucket;

  /** @param limits by endpoint; `all` and `default` as in the setting `rateLimits` */
  constructor(limits: { readonly [endpoint: string]: RateLimit }) {
    this.#limits = limits;
    this.#all = new TokenBucket(limits['all']);
    this.#others = new TokenBucket(limits['default']);
  }

  /**
   * Takes the next turn, unless it is further away than `mostMs`.
   * @returns how long to wait for it; the time it is away in `refused` where it was not taken
   */
  take(
    endpoint: string,
    nowMs: number,
    mostMs: number,
  ): { readonly waitMs: number } | { readonly refused: number } {
    const bucket = this.#bucketOf(endpoint);
    const waitMs = Math.max(this.#all.waitMs(nowMs), bucket.waitMs(nowMs));
    if (waitMs > mostMs) return { refused: waitMs };
    this.#all.take(nowMs);
    bucket.take(nowMs);
    return { waitMs };
  }

  /** The provider said that the endpoint had too many calls. */
  pause(endpoint: string, untilMs: number): void {
    this.#bucketOf(endpoint).pause(untilMs);
  }

  #bucketOf(endpoint: string): TokenBucket {
    let bucket = this.#endpoints.get(endpoint);
    if (bucket !== undefined) return bucket;
    const own = Object.hasOwn(this.#limits, endpoint) ? this.#limits[endpoint] : undefined;
    if (own === undefined && this.#endpoints.size >= MAX_ENDPOINTS) return this.#others;
    bucket = new TokenBucket(own ?? this.#limits['default']);
    this.#endpoints.set(endpoint, bucket);
    return bucket;
  }
}
