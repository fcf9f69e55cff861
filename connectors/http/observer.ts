import type { FailureCategory } from '../contract/index.ts';

/** How a request ended: `ok`, why it failed, or `aborted` by its caller. */
export type RequestOutcome = 'ok' | FailureCategory | 'aborted';

export type BreakerState = 'closed' | 'halfOpen' | 'open';

/**
 * Facts of calls for metrics and logs. Hosts and endpoints are few; nothing here has a key, an id or a query in it.
 * Calls must not block and may not throw.
 */
export interface HttpObserver {
  /** One request, of as many as its call may need, has ended. */
  request?(host: string, endpoint: string, outcome: RequestOutcome, durationMs: number): void;
  /** A call has failed on every route and is repeated after `delayMs`. */
  retry?(endpoint: string, category: FailureCategory, delayMs: number): void;
  /** A request waits so long for its turn under a rate limit. */
  rateLimitWait?(endpoint: string, waitMs: number): void;
  breaker?(host: string, state: BreakerState): void;
  /** Another route answers from now on than before: the next one, or one that is preferred and back. */
  failover?(from: string, to: string, isPreferred: boolean): void;
}
