import type { CounterfoilError } from '../../../engine/domain/index.ts';

/**
 * What became of a delivery:
 * - `accepted`: everything it made known is in the log;
 * - `repeated`: it was accepted before, and nothing was read again;
 * - `unverified`, `stale`, `malformed`: refused, and sending it again would not help;
 * - `busy`: refused for want of room;
 * - `failed`: something that may pass was in the way.
 */
export type DeliveryOutcome =
  'accepted' | 'repeated' | 'unverified' | 'stale' | 'malformed' | 'busy' | 'failed';

/** Facts of live sources for metrics and logs. Calls must not block and may not throw. */
export interface LiveObserver {
  /** A delivery was answered, so long after it came. */
  delivery?(source: string, outcome: DeliveryOutcome, durationMs: number): void;
  /** So long after the provider sent it, what an event made known is in the log. */
  eventLag?(source: string, lagMs: number): void;
  /** Polling found records that no webhook had brought. */
  gaps?(source: string, records: number): void;
  /** A round of polling ended well; the next comes after `nextMs`. */
  polled?(source: string, records: number, durationMs: number, nextMs: number): void;
  pollFailed?(source: string, error: CounterfoilError): void;
  event(
    level: 'debug' | 'info' | 'warn',
    message: string,
    facts: { readonly source: string; readonly [key: string]: unknown },
  ): void;
}
