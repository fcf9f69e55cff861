import type { Faults } from '../faults.ts';
import type { SimulatedAnswer, SimulatedRequest } from '../http-server.ts';
import { ngeniusIds } from './ids.ts';
import type { NgeniusBooks } from './books.ts';

const IDENTITY = 'application/vnd.ni-identity.v1+json';
const PAYMENT = 'application/vnd.ni-payment.v2+json';
/** How long a token is valid, and what it is refreshed by. Source: docs.ngenius-payments.com. */
const TOKEN_LIFE_S = 300;
const REFRESH_LIFE_S = 1800;
/** Requests that a token serves that ends before its time. */
const EARLY_END = 3;
/** Tokens that are remembered: those of some hours. */
const MAX_TOKENS = 1000;

export interface NgeniusApiOptions {
  readonly books: NgeniusBooks;
  readonly apiKey: string;
  readonly faults: Faults;
  readonly now: () => number;
}

interface Token {
  readonly expiresMs: number;
  requestsLeft: number;
}

/** Answers requests for tokens, and to the part of the API that reads. It holds the tokens that it gave. */
export class NgeniusApi {
  readonly #options: NgeniusApiOptions;
  readonly #tokens = new Map<string, Token>();
  #given = 0;

  constructor(options: NgeniusApiOptions) {
    this.#options = options;
  }

  answer(request: SimulatedRequest): SimulatedAnswer {
    if (request.path === '/identity/auth/access-token') return this.#token(request);
    if (!this.#isAllowed(request))
      return failure(401, 'Unauthorized', 'The access token is missing or has expired.');
    if (request.headers['accept'] !== PAYMENT)
      return failure(406, 'Not Acceptable', `Accept has to be ${PAYMENT}.`);
    const [, transactions, outlets, outlet = '', orders, reference = '', ...rest] = request.path.split('/');
    const isKnown = transactions === 'transactions' && outlets === 'outlets' && orders === 'orders';
    if (!isKnown || reference === '') return failure(404, 'Not Found', 'There is no such resource.');
    if (request.method !== 'GET') return failure(405, 'Method Not Allowed', 'Only reading is simulated.');
    const order = this.#options.books.find(outlet, reference);
    if (order === undefined) return failure(404, 'Not Found', 'There is no order of this reference.');
    if (rest.length === 0) return json(order, PAYMENT);
    const [payments, id, ...part] = rest;
    const payment = order._embedded.payment.find((each) => each.reference === id);
    const isStatus = part.join('/') === 'aani/status' && payment?.aani !== undefined;
    if (payments !== 'payments' || payment === undefined || (part.length > 0 && !isStatus)) {
      return failure(404, 'Not Found', 'There is no payment of this reference.');
    }
    return json(payment, PAYMENT);
  }

  #token({ method, headers }: SimulatedRequest): SimulatedAnswer {
    const { apiKey, faults, now } = this.#options;
    if (method !== 'POST') return failure(405, 'Method Not Allowed', 'Tokens are asked for by POST.');
    if (headers['content-type'] !== IDENTITY) {
      return failure(415, 'Unsupported Media Type', `Content-Type has to be ${IDENTITY}.`);
    }
    if (headers['authorization'] !== `Basic ${apiKey}`)
      return failure(401, 'Unauthorized', 'The API key is not known.');
    const token = ngeniusIds.event(`token/${++this.#given}`);
    this.#tokens.set(token, {
      expiresMs: now() + TOKEN_LIFE_S * 1000,
      requestsLeft: faults.expiresEarly(token) ? EARLY_END : Infinity,
    });
    if (this.#tokens.size > MAX_TOKENS) this.#tokens.delete(this.#tokens.keys().next().value!);
    return json(
      {
        access_token: token,
        expires_in: TOKEN_LIFE_S,
        refresh_expires_in: REFRESH_LIFE_S,
        refresh_token: ngeniusIds.event(`refresh/${this.#given}`),
        token_type: 'bearer',
      },
      IDENTITY,
    );
  }

  #isAllowed({ headers }: SimulatedRequest): boolean {
    const sent = String(headers['authorization'] ?? '');
    const token = this.#tokens.get(sent.startsWith('Bearer ') ? sent.slice('Bearer '.length) : '');
    return token !== undefined && token.expiresMs > this.#options.now() && token.requestsLeft-- > 0;
  }
}

function json(value: unknown, type: string): SimulatedAnswer {
  return { status: 200, headers: { 'content-type': type }, body: JSON.stringify(value) };
}

/** An error in the form of the gateway's. */
export function failure(code: number, errorCode: string, message: string): SimulatedAnswer {
  const error = { message, localizedMessage: message, errorCode, domain: 'transaction-service' };
  return {
    status: code,
    headers: { 'content-type': PAYMENT },
    body: JSON.stringify({ message, code, errors: [error] }),
  };
}
