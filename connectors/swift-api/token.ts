import { setTimeout as sleep } from 'node:timers/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { Secret, at, failureOf, textAt } from '../contract/index.ts';
import type { AccessToken, LiveContext, ProviderRequest, ProviderResponse } from '../contract/index.ts';
import { assertionMaker } from './assertion.ts';
import type { SwiftApiSettings } from './settings.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** How long a token is valid, where its answer does not say: about half an hour by SWIFT's documentation. */
const TOKEN_LIFE_S = 1799;
/** How often a token is asked for, each time with a new assertion, when nobody knows what became of the last one. */
const TOKEN_ATTEMPTS = 4;
const TOKEN_PAUSE_MS = 50;

/**
 * Asks for a token. An assertion is taken once, and the answer to it may be lost: where nobody knows, it is asked for
 * again with another one, rather than by repeating the request.
 */
export function tokenFetcher(
  { http, now, source }: Pick<LiveContext, 'http' | 'now' | 'source'>,
  settings: SwiftApiSettings,
): (key: string, signal: AbortSignal) => Promise<AccessToken> {
  const makeAssertion = assertionMaker(settings, source);
  const { consumerKey, consumerSecret, scope, tokenPath } = settings;
  const credentials = Buffer.from(`${consumerKey.reveal()}:${consumerSecret.reveal()}`).toString('base64');
  const headers = {
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const ask = async (signal: AbortSignal): Promise<AccessToken> => {
    const assertion = await makeAssertion(now());
    const body = new URLSearchParams({ grant_type: GRANT, assertion, scope }).toString();
    const request: ProviderRequest = { endpoint: 'token', method: 'POST', path: tokenPath, headers, body };
    const response = await http.send(request, signal).catch((error: unknown) => {
      throw asAuth(error);
    });
    let answer: unknown;
    try {
      answer = JSON.parse(bytesOf(response).toString('utf8'));
    } catch {
      answer = undefined;
    }
    const token = textAt(answer, 'access_token');
    if (token === undefined) {
      throw new CounterfoilError(
        'providerAuth',
        `source "${source}": the answer to a request for a token has no access_token; check http.routes and tokenPath`,
      );
    }
    return { token: new Secret(token), lifeMs: Number(at(answer, 'expires_in') ?? TOKEN_LIFE_S) * 1000 };
  };
  return async (_key, signal) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(signal);
      } catch (error) {
        const category = failureOf(error)?.category;
        const isUnknown = category === 'server' || category === 'network' || category === 'timeout';
        if (!isUnknown || attempt >= TOKEN_ATTEMPTS) throw error;
        await sleep(TOKEN_PAUSE_MS * 2 ** attempt, undefined, { signal });
      }
    }
  };
}

/** Without a token nothing can be had, and it is not for what was asked for: OAuth says so by 400. */
function asAuth(error: unknown): unknown {
  const isRefusal =
    error instanceof CounterfoilError &&
    ['providerRefused', 'providerContract', 'providerAuth'].includes(error.code);
  if (!isRefusal) return error;
  const what = `${error.message}; check the consumer key and secret, the certificate, scope, audience, subject and our clock`;
  return new CounterfoilError('providerAuth', what, { cause: error });
}

/** An answer's body. */
export function bytesOf({ body }: ProviderResponse): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
