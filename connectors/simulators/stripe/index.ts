import Stripe from 'stripe';
import { concerns } from '../concerns.ts';
import { NO_FAULTS } from '../faults.ts';
import type { Faults } from '../faults.ts';
import { startSimulatedServer } from '../http-server.ts';
import type { SimulatedServer } from '../http-server.ts';
import type { Simulator } from '../play.ts';
import { WebhookSender } from '../webhook-sender.ts';
import type { Flushed, PostWebhook, PostedWebhook } from '../webhook-sender.ts';
import { answerStripe, failure } from './api.ts';
import { StripeBooks } from './books.ts';
import type { SimulatedEvent } from './books.ts';

export { stripeIds } from './ids.ts';

const MINUTE_MS = 60_000;
/** Longer and longer, for three days, as in live mode. The minutes are not published. */
const RETRY_DELAYS_MS = [1, 5, 30, 120, 300, 600, 720, 720, 720, 720, 405].map(
  (minutes) => minutes * MINUTE_MS,
);

export interface StripeSimulatorOptions {
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  readonly apiKey?: string;
  /** Where webhooks go; without it none are sent. See `postTo` for a URL. */
  readonly post?: PostWebhook;
  /** Every webhook is signed with each: two while one replaces the other. */
  readonly secrets?: readonly string[];
  readonly faults?: Faults;
  /** Whose happenings it takes. Default: all. */
  readonly merchants?: readonly string[];
  /** Webhooks that are posted at a time; see WebhookSenderOptions. */
  readonly concurrency?: number;
  /** Real milliseconds; see SimulatedServerOptions. */
  readonly hangMs?: number;
}

/** A Stripe account that lives through a scenario: its API on a free port of this machine, and its webhooks. */
export interface StripeSimulator extends Simulator {
  /** Base URL of the API. */
  readonly url: string;
  /** Requests to the API so far. */
  readonly requests: number;
  readonly books: StripeBooks;
  flush(): Promise<Flushed>;
}

export async function startStripe(options: StripeSimulatorOptions): Promise<StripeSimulator> {
  const { now, post, merchants, faults = NO_FAULTS, apiKey = 'sk_test_simulated', hangMs } = options;
  const secrets = options.secrets ?? ['whsec_simulated'];
  const books = new StripeBooks(Stripe.API_VERSION);
  const server: SimulatedServer = await startSimulatedServer({
    answer: (request) => answerStripe(request, { books, apiKey, faults, now }),
    refuse: (status) =>
      status === 429
        ? failure(429, 'invalid_request_error', 'Too many requests.', 'rate_limit')
        : failure(500, 'api_error', 'Something went wrong on our end.'),
    faults,
    now,
    ...(hangMs === undefined ? {} : { hangMs }),
  });
  const sender = new WebhookSender<SimulatedEvent>({
    post: post ?? (() => Promise.reject(new Error('there is no webhook endpoint'))),
    idOf: (event) => event.id,
    webhookOf: (event, nowMs, isForged) => webhookOf(event, nowMs + faults.skewMs, isForged, secrets),
    retryDelaysMs: RETRY_DELAYS_MS,
    faults,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    delivered: (event) => (event.pending_webhooks = 0),
  });
  return {
    url: server.url,
    books,
    get requests() {
      return server.requests;
    },
    get nextDueMs() {
      return sender.nextDueMs;
    },
    apply(happening) {
      if (!concerns(happening, 'stripe', merchants)) return;
      for (const event of books.apply(happening)) if (post !== undefined) sender.enqueue(event, now());
    },
    flush: () => sender.flush(now()),
    close: () => server.close(),
  };
}

function webhookOf(
  event: SimulatedEvent,
  sentMs: number,
  isForged: boolean,
  secrets: readonly string[],
): PostedWebhook {
  const timestamp = Math.floor(sentMs / 1000);
  const payload = JSON.stringify(isForged ? forged(event) : event, null, 2);
  const [header, ...others] = (isForged ? ['whsec_of_somebody_else'] : secrets).map((secret) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  );
  const signatures = others.map((other) => other.slice(other.indexOf(',')));
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': `${header!}${signatures.join('')}`,
    },
    body: payload,
  };
}

/** Another event, of another amount: believing it would change the books. */
function forged(event: SimulatedEvent): SimulatedEvent {
  const { object } = event.data;
  return {
    ...event,
    id: `${event.id}f`,
    data: { object: { ...object, id: 'ch_forged', amount: 99_999_900 } },
  };
}
