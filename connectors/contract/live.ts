import type { MoneyRecord, Translated } from '../../engine/domain/index.ts';
import type { SourceContext } from './connector.ts';

/** A value as JSON holds it: what a cursor may be. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One request that a provider made to our webhook, as it came. */
export interface Delivery {
  /** Follows the delivery through logs. */
  readonly requestId: string;
  /** By name in lower case; repeated ones joined by `, `. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** The raw bytes: signatures are over these, not over what a parser makes of them. */
  readonly body: Uint8Array;
  /** When it came, epoch milliseconds of the runtime's clock. */
  readonly receivedMs: number;
}

/** A delivery whose sender is proven and whose time is acceptable. */
export interface VerifiedEvent {
  /** The provider's id of the event: a repeat of one that was acknowledged is answered alike and not read again. */
  readonly eventId: string | undefined;
  /** What kind of event the provider calls it, for logs and metrics. */
  readonly eventType: string | undefined;
  /** When the provider says it sent it, epoch milliseconds. */
  readonly sentMs: number | undefined;
  /** The parsed body. */
  readonly payload: unknown;
}

/** How a source is pushed to by its provider. */
export interface Webhooks {
  /**
   * Proves who sent a delivery and that it is neither stale nor from the future, in constant time where secrets are
   * compared. Does not look at what the event says.
   * @throws CounterfoilError `deliveryUnverified` (401), `deliveryStale` (400), `malformedDelivery` (400); retryable
   *   codes (a certificate that could not be fetched) are answered 503
   */
  verify(delivery: Delivery): VerifiedEvent | Promise<VerifiedEvent>;
  /**
   * What the event makes known: its own content, or what it made us fetch. An event of no interest gives nothing; one
   * that cannot become a record gives a dead letter. The caller publishes the items and answers 2xx only after their
   * acknowledgement.
   * @throws CounterfoilError retryable ones are answered 503, so that the provider sends again
   */
  read(event: VerifiedEvent, delivery: Delivery): Promise<readonly Translated[]>;
}

/** A part of one round of polling. */
export interface PolledPage {
  readonly items: readonly Translated[];
  /**
   * Where the next round may start once the items of this page, and of those before it, are acknowledged; undefined
   * keeps the one there was.
   */
  readonly cursor: JsonValue | undefined;
}

/** How a source is asked for what no webhook brought. */
export interface Polling {
  /**
   * One round: everything new since `cursor`, in pages of bounded size, overlapping what the last round saw so far as
   * the provider's list lags. Ends when the provider has nothing more. Called again after the source's interval, never
   * twice at a time.
   * @param cursor as the last acknowledged page left it; undefined at the first start
   */
  pages(cursor: JsonValue | undefined, signal: AbortSignal): AsyncIterable<PolledPage>;
  /**
   * Whether the provider sends a webhook for what such a record tells, so that one which polling finds first was missed.
   * Without it: for every record.
   */
  hasWebhook?(record: MoneyRecord): boolean;
}

/** One call to a provider's API. */
export interface ProviderRequest {
  /** Groups calls for rate limits, breakers and metrics, such as `balance_transactions`. Never with an id in it. */
  readonly endpoint: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, joined to the base URL of the route that is in use. */
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** Whether it may be sent again when nobody knows if it was carried out. Default: `GET` only. */
  readonly isIdempotent?: boolean;
  /** Statuses from 300 on that come back as answers, at once, rather than as errors or after repetitions. */
  readonly expect?: readonly number[];
}

/** A provider's answer with a status below 300, 304, or one that {@link ProviderRequest.expect} names. */
export interface ProviderResponse {
  readonly status: number;
  /** By name in lower case; repeated ones joined by `, `. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** Calls a provider with timeouts, retries, rate limits, a breaker per host and failover between routes. */
export interface ProviderHttp {
  /**
   * @throws CounterfoilError by category: `providerAuth` (401, 403), `providerRateLimited` (429, retries used up),
   *   `providerRefused` (other 4xx), `providerUnreachable` (5xx, network, breaker open), `timeout`, `providerContract`
   *   (a body larger than allowed, a redirection); `overloaded` (too many calls wait for a place), `stopping`. Of those
   *   by category, `failureOf` gives the status, and how long the provider asked to be left alone.
   */
  send(request: ProviderRequest, signal?: AbortSignal): Promise<ProviderResponse>;
  /**
   * {@link send} in the shape of `fetch`, for official SDKs that take one. Of the address only path and query count: the
   * route in use stands before them. Answers of any status come back as responses, once repetitions are used up;
   * without an answer it rejects with what {@link send} throws. A request with an `Idempotency-Key` or
   * `PayPal-Request-Id` may be sent again.
   */
  readonly fetch: typeof fetch;
}

/**
 * Short texts of one source that outlive a crash: what a webhook made known that has to be looked at again, until it is
 * in the cursor of a poll. At most some ten thousand; the connector minds that.
 */
export interface KeptTexts {
  /** All of them, those of before a restart too. */
  all(): readonly string[];
  /**
   * Resolves when the text is on the disk; at once where it is already. Those that come together are written together.
   * @param text without line ends
   * @throws CounterfoilError `diskFull`, `unreadableFile`: it is not kept
   */
  keep(text: string): Promise<void>;
  /** Those of these texts that are kept are no longer. After a crash some may be there once more. */
  drop(texts: Iterable<string>): Promise<void>;
}

/** What a live session is given by the runtime. */
export interface LiveContext extends SourceContext {
  readonly http: ProviderHttp;
  /** Epoch milliseconds: the only clock a connector may look at. */
  readonly now: () => number;
  /** Aborts when the source is closed. */
  readonly signal: AbortSignal;
  readonly kept: KeptTexts;
}

/** A source that talks with its provider while it runs. */
export interface LiveSession {
  readonly webhooks?: Webhooks;
  readonly polling?: Polling;
}
