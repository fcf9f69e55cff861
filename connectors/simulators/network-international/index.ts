import { NO_FAULTS } from '../faults.ts';
import type { Faults } from '../faults.ts';
import { startSimulatedServer } from '../http-server.ts';
import type { Simulator } from '../play.ts';
import type { Happening } from '../scenario/index.ts';
import { WebhookSender } from '../webhook-sender.ts';
import type { Flushed, PostWebhook, PostedWebhook } from '../webhook-sender.ts';
import { NgeniusApi, failure } from './api.ts';
import { NgeniusBooks } from './books.ts';
import type { SimulatedEvent } from './books.ts';
import { ngeniusIds } from './ids.ts';

export { ngeniusIds, ngeniusRecordId } from './ids.ts';
export { midOf } from './objects.ts';

export interface NgeniusSimulatorOptions {
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  readonly apiKey?: string;
  /** Where webhooks go; without it none are sent. See `postTo` for a URL. */
  readonly post?: PostWebhook;
  /** The header that the merchant chose, if any: all that a webhook is known by. */
  readonly header?: { readonly name: string; readonly value: string };
  readonly faults?: Faults;
  /** Whose happenings it takes. Default: all. */
  readonly merchants?: readonly string[];
  /** Told of each order as it is made, as `outlet/order`: what the merchant's shop knows. */
  readonly onOrder?: (name: string) => void;
  /** Real milliseconds; see SimulatedServerOptions. */
  readonly hangMs?: number;
}

/** Outlets at N-Genius that live through a scenario: the API on a free port of this machine, and its webhooks. */
export interface NgeniusSimulator extends Simulator {
  /** Base URL of the API. */
  readonly url: string;
  /** Requests to the API so far. */
  readonly requests: number;
  flush(): Promise<Flushed>;
}

export async function startNgenius(options: NgeniusSimulatorOptions): Promise<NgeniusSimulator> {
  const {
    now,
    post,
    header,
    merchants,
    faults = NO_FAULTS,
    apiKey = 'c2ltdWxhdGVkOmtleQ==',
    hangMs,
  } = options;
  const books = new NgeniusBooks();
  const api = new NgeniusApi({ books, apiKey, faults, now });
  const sender = new WebhookSender<SimulatedEvent>({
    post: post ?? (() => Promise.reject(new Error('there is no webhook endpoint'))),
    idOf: (event) => event.eventId,
    webhookOf: (event, _nowMs, isForged) => webhookOf(event, isForged, header),
    // Each event is posted once, whatever becomes of it. Source: docs.ngenius-payments.com, consuming web hooks.
    retryDelaysMs: [],
    faults,
  });
  const send = (events: readonly SimulatedEvent[]): void => {
    for (const event of events) if (post !== undefined) sender.enqueue(event, now());
  };
  const server = await startSimulatedServer({
    answer(request) {
      send(books.settle(now()));
      return api.answer(request);
    },
    refuse: (status) =>
      status === 429
        ? failure(429, 'Too Many Requests', 'Too many requests.')
        : failure(500, 'Internal Server Error', 'Something went wrong.'),
    faults,
    now,
    ...(hangMs === undefined ? {} : { hangMs }),
  });
  return {
    url: server.url,
    get requests() {
      return server.requests;
    },
    get nextDueMs() {
      return [sender.nextDueMs, books.nextDueMs].reduce(
        (least, ms) => (ms === undefined || (least !== undefined && least < ms) ? least : ms),
        undefined,
      );
    },
    apply(happening) {
      if (!('payment' in happening) || happening.payment.provider !== 'networkInternational') return;
      const { id, merchant } = happening.payment;
      if (merchants?.includes(merchant) === false) return;
      send(books.settle(now()));
      send(books.apply(happening));
      if (isNew(happening)) options.onOrder?.(`${ngeniusIds.outlet(merchant)}/${ngeniusIds.order(id)}`);
    },
    flush() {
      send(books.settle(now()));
      return sender.flush(now());
    },
    close: () => server.close(),
  };
}

function isNew({ type }: Happening): boolean {
  return type === 'charge';
}

function webhookOf(
  event: SimulatedEvent,
  isForged: boolean,
  header: NgeniusSimulatorOptions['header'],
): PostedWebhook {
  const value = isForged ? 'of somebody else' : header?.value;
  return {
    headers: {
      'content-type': 'application/json',
      ...(header === undefined ? {} : { [header.name]: value! }),
    },
    body: JSON.stringify(isForged ? forged(event) : event),
  };
}

/** The same order with another amount: believing it would change the books. */
function forged(event: SimulatedEvent): SimulatedEvent {
  const amount = { currencyCode: 'AED', value: 99_999_900 };
  const payment = event.order._embedded.payment.map((each) => ({
    ...each,
    state: 'PURCHASED',
    amount,
    _embedded: { 'cnp:purchase': [] },
  }));
  return { ...event, order: { ...event.order, amount, _embedded: { payment } } };
}
