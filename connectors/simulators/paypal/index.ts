import { createHash, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { concerns } from '../concerns.ts';
import { NO_FAULTS } from '../faults.ts';
import type { Faults } from '../faults.ts';
import { startSimulatedServer } from '../http-server.ts';
import type { SimulatedServer } from '../http-server.ts';
import type { Simulator } from '../play.ts';
import { tokenOf } from '../seeded.ts';
import { WebhookSender } from '../webhook-sender.ts';
import type { Flushed, PostWebhook, PostedWebhook } from '../webhook-sender.ts';
import { failure } from './answers.ts';
import { SimulatedPaypalApi } from './api.ts';
import { PaypalBooks } from './books.ts';
import type { SimulatedEvent } from './books.ts';
import { simulatedChain } from './certificates.ts';
import type { SigningChain } from './certificates.ts';
import { BASE, dateTime } from './objects.ts';

export { paypalIds, paypalRecordId } from './ids.ts';

const MINUTE_MS = 60_000;
/** Up to 25 times within three days, longer and longer. The minutes are not published. */
const RETRY_DELAYS_MS = [
  1, 2, 5, 10, 20, 30, 60, 60, 90, 120, 120, 180, 180, 240, 240, 240, 240, 240, 240, 300, 300, 300, 300, 300,
].map((minutes) => minutes * MINUTE_MS);
const MAX_RESULTS = 10_000;

export interface PaypalSimulatorOptions {
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Id of the webhook, which signatures are made over. */
  readonly webhookId?: string;
  /** Where webhooks go; without it none are sent. See `postTo` for a URL. */
  readonly post?: PostWebhook;
  readonly faults?: Faults;
  /** Whose happenings it takes. Default: all. */
  readonly merchants?: readonly string[];
  /** The most rows of one transaction search. Default: 10,000. */
  readonly maxResults?: number;
  /** What webhooks are signed with. Default: one that all simulators of the process share. */
  readonly chain?: SigningChain;
  /** Real milliseconds; see SimulatedServerOptions. */
  readonly hangMs?: number;
}

/** A PayPal account that lives through a scenario: its API on a free port of this machine, and its webhooks. */
export interface PaypalSimulator extends Simulator {
  /** Base URL of the API. */
  readonly url: string;
  /** Requests to the API so far. */
  readonly requests: number;
  /** Tokens issued so far. */
  readonly tokens: number;
  /** The root that webhooks can be verified with, in PEM. */
  readonly trustedCertificates: string;
  readonly books: PaypalBooks;
  flush(): Promise<Flushed>;
}

export async function startPaypal(options: PaypalSimulatorOptions): Promise<PaypalSimulator> {
  const { now, post, merchants, faults = NO_FAULTS, hangMs, chain = simulatedChain() } = options;
  const { clientId = 'simulated-client', clientSecret = 'simulated-secret' } = options;
  const webhookId = options.webhookId ?? '0SIMULATED0WEBHOOK';
  const books = new PaypalBooks();
  const certificate = { path: pathOf(chain), pem: chain.pem };
  const api = new SimulatedPaypalApi({
    ...{ books, clientId, clientSecret, certificate, faults, now },
    maxResults: options.maxResults ?? MAX_RESULTS,
  });
  const server: SimulatedServer = await startSimulatedServer({
    answer: (request) => api.answer(request),
    refuse: (status) =>
      status === 429
        ? failure(429, 'RATE_LIMIT_REACHED', 'Too many requests. Blocked due to rate limiting.')
        : failure(500, 'INTERNAL_SERVER_ERROR', 'An internal server error occurred.'),
    faults,
    now,
    ...(hangMs === undefined ? {} : { hangMs }),
  });
  const signer: Signer = { chain, webhookId };
  const sender = new WebhookSender<SimulatedEvent>({
    post: post ?? (() => Promise.reject(new Error('there is no webhook endpoint'))),
    idOf: (event) => event.id,
    webhookOf: (event, nowMs, isForged) => webhookOf(event, nowMs + faults.skewMs, isForged, signer),
    retryDelaysMs: RETRY_DELAYS_MS,
    faults,
  });
  return {
    url: server.url,
    books,
    trustedCertificates: chain.root.pem,
    get requests() {
      return server.requests;
    },
    get tokens() {
      return api.issued;
    },
    get nextDueMs() {
      return sender.nextDueMs;
    },
    apply(happening) {
      if (!concerns(happening, 'paypal', merchants)) return;
      for (const event of books.apply(happening)) if (post !== undefined) sender.enqueue(event, now());
    },
    flush: () => sender.flush(now()),
    close: () => server.close(),
  };
}

/** Who signs, and for whom. */
interface Signer {
  readonly chain: SigningChain;
  readonly webhookId: string;
}

function pathOf({ leaf }: SigningChain): string {
  const digest = createHash('sha256').update(leaf.pem).digest('hex');
  return `/v1/notifications/certs/CERT-${digest.slice(0, 8)}-${digest.slice(8, 16)}-${digest.slice(16, 24)}`;
}

/** The headers that PayPal sends with a body, signed at a moment for the id of a webhook. */
export function paypalHeaders(
  body: string,
  webhookId: string,
  sentMs: number,
  chain: SigningChain = simulatedChain(),
): { readonly [name: string]: string } {
  const id = tokenOf(36, 'transmission', crc32(body), sentMs);
  const time = dateTime(sentMs);
  const message = `${id}|${time}|${webhookId}|${crc32(body)}`;
  return {
    'content-type': 'application/json',
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('sha256', Buffer.from(message), chain.leaf.privateKey).toString('base64'),
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-cert-url': `${BASE.replace('api-m', 'api')}${pathOf(chain)}`,
  };
}

function webhookOf(
  event: SimulatedEvent,
  sentMs: number,
  isForged: boolean,
  { chain, webhookId }: Signer,
): PostedWebhook {
  const body = JSON.stringify(event);
  const headers = paypalHeaders(body, webhookId, sentMs, chain);
  return { headers, body: isForged ? JSON.stringify(forged(event)) : body };
}

/** Another event, of another amount, with the signature of the true one: believing it would change the books. */
function forged(event: SimulatedEvent): SimulatedEvent {
  const { resource } = event;
  return {
    ...event,
    id: `${event.id}F`,
    resource: { ...resource, id: 'FORGED', amount: { currency_code: 'USD', value: '999999.00' } },
  };
}
