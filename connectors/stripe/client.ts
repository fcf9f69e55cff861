import Stripe from 'stripe';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ErrorCode } from '../../engine/domain/index.ts';
import type { LiveContext } from '../contract/index.ts';
import type { StripeSettings } from './settings.ts';

/** The most that one page of a list holds. */
const PAGE = 100;
/** More than the calls' own limit, which is the one that counts. */
const SPARE_MS = 5000;

/** Unix seconds; without an upper bound up to now. */
export interface CreatedRange {
  readonly from: number;
  readonly to?: number | undefined;
}

/** What is asked of Stripe. Lists come newest first, and end when their caller stops taking. */
export interface StripeApi {
  transaction(id: string): Promise<unknown>;
  transactions(range: CreatedRange): AsyncIterable<unknown>;
  /**
   * Complete only once the payout is reconciled. The payout's own transaction may be among them.
   * @param type of balance transaction; without it all
   */
  members(payout: string, type?: string): AsyncIterable<unknown>;
  /** With its balance transactions expanded. */
  payout(id: string): Promise<unknown>;
  payouts(range: CreatedRange): AsyncIterable<unknown>;
  /** Of the last 30 days; at most 20 types. */
  events(range: CreatedRange, types: readonly string[]): AsyncIterable<unknown>;
}

/** The official client, over our own calls: they repeat, limit and fail over, so that the client does not. */
export function createStripeApi({ http }: Pick<LiveContext, 'http'>, settings: StripeSettings): StripeApi {
  const { hostname, port, protocol } = new URL(settings.http.routes[0]!);
  const stripe = new Stripe(settings.apiKey.reveal(), {
    httpClient: Stripe.createFetchHttpClient(http.fetch),
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: settings.http.maxElapsed + SPARE_MS,
    host: hostname,
    ...(port === '' ? {} : { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(settings.stripeAccount === undefined ? {} : { stripeAccount: settings.stripeAccount }),
  });
  const created = ({ from, to }: CreatedRange): Stripe.RangeQueryParam => ({
    gte: from,
    ...(to === undefined ? {} : { lt: to }),
  });
  const expand = ['data.source', 'data.source.charge'];
  return {
    transaction: (id) =>
      told(() => stripe.balanceTransactions.retrieve(id, { expand: ['source', 'source.charge'] })),
    transactions: (range) =>
      each(() => stripe.balanceTransactions.list({ created: created(range), limit: PAGE, expand })),
    members: (payout, type) =>
      each(() =>
        stripe.balanceTransactions.list({
          payout,
          limit: PAGE,
          expand,
          ...(type === undefined ? {} : { type }),
        }),
      ),
    payout: (id) =>
      told(() =>
        stripe.payouts.retrieve(id, { expand: ['balance_transaction', 'failure_balance_transaction'] }),
      ),
    payouts: (range) => each(() => stripe.payouts.list({ created: created(range), limit: PAGE })),
    events: (range, types) =>
      each(() => stripe.events.list({ created: created(range), limit: PAGE, types: [...types] })),
  };
}

async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw stripeError(error);
  }
}

async function* each<T>(list: () => AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* list();
  } catch (error) {
    throw stripeError(error);
  }
}

/**
 * What the client threw, as one of ours: the one that our own call ended with, where it was that. What Stripe says about
 * a refused key is left out, because it quotes the key.
 */
function stripeError(error: unknown): CounterfoilError {
  if (error instanceof CounterfoilError) return error;
  const { StripeError } = Stripe.errors;
  if (!(error instanceof StripeError))
    return new CounterfoilError('internal', messageOf(error), { cause: error });
  if (error.detail instanceof CounterfoilError) return error.detail;
  const { statusCode, requestId, code = error.type } = error;
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const known = statusCode === undefined ? undefined : BY_STATUS.get(statusCode);
  if (known !== undefined)
    return new CounterfoilError(known[0], `${known[1]} (status ${statusCode!}${request})`);
  if (statusCode === undefined || statusCode >= 500) {
    return new CounterfoilError(
      'providerUnreachable',
      `Stripe gave no answer that can be read (${code}${request}); it will be asked again`,
    );
  }
  return new CounterfoilError(
    'providerRefused',
    `Stripe refused the request: ${error.message.slice(0, 200)} (status ${statusCode}, ${code}${request})`,
  );
}

const BY_STATUS: ReadonlyMap<number, readonly [code: ErrorCode, message: string]> = new Map([
  [401, ['providerAuth', 'Stripe does not accept apiKey; check that it is the right one and not revoked']],
  [
    403,
    ['providerAuth', 'apiKey may not read this; give it read access to balance, charges, payouts and events'],
  ],
  [404, ['providerUnreachable', 'Stripe does not know what it told of yet; it will be asked again']],
  [
    429,
    ['providerRateLimited', 'Stripe takes no more requests for now; lower http.rateLimits if this goes on'],
  ],
]);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
