import { CounterfoilError } from '../../engine/domain/index.ts';
import { Secret, TokenSource, at, textAt } from '../contract/index.ts';
import type { AccessToken, LiveContext, ProviderResponse } from '../contract/index.ts';
import { REFERENCE } from './settings.ts';
import type { NgeniusSettings } from './settings.ts';

const IDENTITY = 'application/vnd.ni-identity.v1+json';
const PAYMENT = 'application/vnd.ni-payment.v2+json';
/** How long a token is valid, where its answer does not say: what the documentation says. */
const TOKEN_LIFE_S = 300;

/** An order is known by its outlet's reference and its own. */
export interface OrderKey {
  readonly outlet: string;
  readonly order: string;
}

/** What is asked of N-Genius Online. Source: docs.ngenius-payments.com. */
export interface NgeniusApi {
  /**
   * The order as it is now; undefined where N-Genius knows none of that reference.
   * @throws CounterfoilError what `ProviderHttp.send` throws; `providerContract` for an answer that is no order
   */
  order(key: OrderKey, signal?: AbortSignal): Promise<unknown>;
}

export function createNgeniusApi(
  { http, now, signal: closing }: Pick<LiveContext, 'http' | 'now' | 'signal'>,
  settings: Pick<NgeniusSettings, 'apiKey' | 'realm'>,
): NgeniusApi {
  const tokens = new TokenSource({
    now,
    signal: closing,
    async fetchToken(_key, signal): Promise<AccessToken> {
      const response = await http.send(
        {
          endpoint: 'token',
          method: 'POST',
          path: '/identity/auth/access-token',
          // The portal's key is already what follows `Basic`.
          headers: {
            authorization: `Basic ${settings.apiKey.reveal()}`,
            'content-type': IDENTITY,
            accept: IDENTITY,
          },
          ...(settings.realm === undefined ? {} : { body: JSON.stringify({ realmName: settings.realm }) }),
          isIdempotent: true,
        },
        signal,
      );
      const answer = parsed(response, 'the token');
      const token = textAt(answer, 'access_token');
      if (token === undefined) throw contract('the answer to a request for a token has no access_token');
      return { token: new Secret(token), lifeMs: Number(at(answer, 'expires_in') ?? TOKEN_LIFE_S) * 1000 };
    },
  });
  return {
    async order(key, signal) {
      if (!REFERENCE.test(key.outlet) || !REFERENCE.test(key.order)) return undefined;
      const path = `/transactions/outlets/${key.outlet}/orders/${key.order}`;
      const get = (token: Secret): Promise<ProviderResponse> =>
        http.send(
          {
            endpoint: 'orders',
            method: 'GET',
            path,
            headers: { authorization: `Bearer ${token.reveal()}`, accept: PAYMENT },
            expect: [404],
          },
          signal,
        );
      const response = await tokens.withToken(get, '', signal);
      if (response.status === 404) return undefined;
      const order = parsed(response, 'an order');
      const reference = textAt(order, 'reference');
      if (reference !== key.order)
        throw contract('the answer to a request for an order is another one, or none');
      return order;
    },
  };
}

function parsed({ body }: ProviderResponse, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    throw contract(`the answer with ${what} is no JSON`);
  }
}

function contract(what: string): CounterfoilError {
  return new CounterfoilError('providerContract', `N-Genius: ${what}; check http.routes`);
}
