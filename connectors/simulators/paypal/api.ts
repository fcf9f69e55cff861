import type { Faults } from '../faults.ts';
import type { SimulatedAnswer, SimulatedRequest } from '../http-server.ts';
import { tokenOf } from '../seeded.ts';
import { failure, json } from './answers.ts';
import type { PaypalBooks } from './books.ts';
import { BASE } from './objects.ts';
import { answerSearch } from './search.ts';

/** How long a token lasts, in seconds: about nine hours. */
const TOKEN_LIFE_S = 32_400;
/** How long one lasts that ends early, unbeknown to whoever has it. */
const EARLY_MS = 60_000;
/** The most tokens that are known at a time. */
const MAX_TOKENS = 1000;

export interface PaypalApiOptions {
  readonly books: PaypalBooks;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Path of the certificate, and its chain in PEM. */
  readonly certificate: { readonly path: string; readonly pem: string };
  readonly maxResults: number;
  readonly faults: Faults;
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
}

/** The part of PayPal's REST API that reads. */
export class SimulatedPaypalApi {
  readonly #options: PaypalApiOptions;
  /** Until when each token is taken. */
  readonly #tokens = new Map<string, number>();
  #issued = 0;

  constructor(options: PaypalApiOptions) {
    this.#options = options;
  }

  /** How many tokens were issued. */
  get issued(): number {
    return this.#issued;
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    const { certificate } = this.#options;
    const { method, path } = request;
    if (method === 'POST' && path === '/v1/oauth2/token') return this.#token(request);
    if (method !== 'GET') return failure(404, 'RESOURCE_NOT_FOUND', 'There is no such resource.');
    // Certificates are for everyone.
    if (path === certificate.path) {
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: certificate.pem };
    }
    if (!this.#isAuthorised(request)) {
      return {
        status: 401,
        body: JSON.stringify({
          error: 'invalid_token',
          error_description: 'Token signature verification failed',
        }),
      };
    }
    return this.#read(request) ?? failure(404, 'RESOURCE_NOT_FOUND', 'The resource does not exist.');
  }

  #token({ headers, body }: SimulatedRequest): SimulatedAnswer {
    const { clientId, clientSecret, faults, now } = this.#options;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    if (headers['authorization'] !== `Basic ${basic}`) {
      return {
        status: 401,
        body: JSON.stringify({ error: 'invalid_client', error_description: 'Client Authentication failed' }),
      };
    }
    if (new URLSearchParams(body).get('grant_type') !== 'client_credentials') {
      return { status: 400, body: JSON.stringify({ error: 'unsupported_grant_type' }) };
    }
    const token = `A21AA${tokenOf(40, 'token', ++this.#issued)}`;
    this.#tokens.set(token, now() + (faults.expiresEarly(token) ? EARLY_MS : TOKEN_LIFE_S * 1000));
    if (this.#tokens.size > MAX_TOKENS) this.#tokens.delete(this.#tokens.keys().next().value!);
    return json({ access_token: token, token_type: 'Bearer', app_id: 'APP-SIM', expires_in: TOKEN_LIFE_S });
  }

  #isAuthorised({ headers }: SimulatedRequest): boolean {
    const [scheme, token = ''] = String(headers['authorization'] ?? '').split(' ');
    return scheme === 'Bearer' && this.#options.now() < (this.#tokens.get(token) ?? 0);
  }

  #read({ path, query }: SimulatedRequest): SimulatedAnswer | undefined {
    const { books, faults, now, maxResults } = this.#options;
    if (path === '/v1/reporting/transactions') {
      return answerSearch(query, { rows: books.rows, faults, nowMs: now(), maxResults });
    }
    if (path === '/v1/notifications/webhooks-events') return this.#events(query);
    const id = path.slice(path.lastIndexOf('/') + 1);
    const shelves: { readonly [path: string]: ReadonlyMap<string, unknown> } = {
      '/v2/payments/captures': books.captures,
      '/v2/payments/refunds': books.refunds,
      '/v1/customer/disputes': books.disputes,
    };
    const found = shelves[path.slice(0, -id.length - 1)]?.get(id);
    return found === undefined ? undefined : json(found);
  }

  /** Newest first; the next page begins after an event. */
  #events(query: URLSearchParams): SimulatedAnswer {
    const { books } = this.#options;
    const fromMs = Date.parse(query.get('start_time') ?? '1970-01-01T00:00:00Z');
    const toMs = Date.parse(query.get('end_time') ?? '2999-01-01T00:00:00Z');
    const size = Number(query.get('page_size') ?? 10);
    const listed = books.events.filter(({ create_time: time }) => {
      const atMs = Math.floor(Date.parse(time) / 1000) * 1000;
      return atMs >= fromMs && atMs <= toMs;
    });
    listed.reverse();
    const after = listed.findIndex(({ id }) => id === query.get('start_id'));
    const events = listed.slice(after + 1, after + 1 + size);
    const next = new URLSearchParams(query);
    next.set('start_id', events.at(-1)?.id ?? '');
    const isLast = after + 1 + size >= listed.length;
    const href = `${BASE}/v1/notifications/webhooks-events?${next.toString()}`;
    return json({
      events,
      count: events.length,
      links: isLast ? [] : [{ href, rel: 'next', method: 'GET' }],
    });
  }
}
