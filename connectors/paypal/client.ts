import { CounterfoilError } from '../../engine/domain/index.ts';
import { Secret, TokenSource, at, textAt } from '../contract/index.ts';
import type { AccessToken, LiveContext, ProviderRequest, ProviderResponse } from '../contract/index.ts';
import { listAt } from './fields.ts';
import type { PaypalSettings } from './settings.ts';

/** The most rows of a page of a transaction search, and the most events of a page. */
const PAGE_ROWS = 500;
const PAGE_EVENTS = 100;
/** Ids become part of an address. */
const ID = /^[\w-]{1,64}$/;
const EVENTS_PATH = '/v1/notifications/webhooks-events?';
const TOO_LARGE = 'RESULTSET_TOO_LARGE';

/** A stretch of time, epoch milliseconds in whole seconds, both ends included. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One page of a transaction search. */
export interface SearchPage {
  /** Each with `transaction_info`. */
  readonly rows: readonly unknown[];
  readonly totalItems: number;
  readonly totalPages: number;
  /** Up to when PayPal's list is complete, epoch milliseconds; undefined where it does not say. */
  readonly refreshedMs: number | undefined;
}

/** One page of the events of the last 30 days, newest first. */
export interface EventPage {
  readonly events: readonly unknown[];
  /** Address of the next page, as {@link PaypalApi.events} takes it. */
  readonly next: string | undefined;
}

/** What is asked of PayPal. All of it throws what `ProviderHttp.send` throws, and `providerContract`. */
export interface PaypalApi {
  /**
   * @param page from 1
   * @param transaction only rows of this id
   * @returns undefined where there are more than PayPal searches at a time (10,000): the window has to be smaller
   */
  search(
    window: Window,
    page: number,
    signal: AbortSignal,
    transaction?: string,
  ): Promise<SearchPage | undefined>;
  /** Undefined where PayPal does not know it, or does not know it yet. */
  resource(type: 'captures' | 'refunds', id: string): Promise<unknown>;
  /** Undefined where PayPal does not know it, or does not know it yet. */
  dispute(id: string): Promise<unknown>;
  events(window: Window, next: string | undefined, signal: AbortSignal): Promise<EventPage>;
}

/** Calls of the REST API with the token of the app, which is kept for as long as it lasts. */
export function createPaypalApi(
  { http, now, signal: closing }: Pick<LiveContext, 'http' | 'now' | 'signal'>,
  { clientId, clientSecret }: Pick<PaypalSettings, 'clientId' | 'clientSecret'>,
): PaypalApi {
  const tokens = new TokenSource({
    now,
    signal: closing,
    async fetchToken(_key, signal): Promise<AccessToken> {
      const basic = Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64');
      const response = await http.send(
        {
          endpoint: 'token',
          method: 'POST',
          path: '/v1/oauth2/token',
          headers: {
            authorization: `Basic ${basic}`,
            'content-type': 'application/x-www-form-urlencoded',
            accept: 'application/json',
          },
          body: 'grant_type=client_credentials',
          isIdempotent: true,
        },
        signal,
      );
      const answer = parsed(response, 'the token');
      const token = textAt(answer, 'access_token');
      if (token === undefined) throw contract('the answer to a request for a token has no access_token');
      return { token: new Secret(token), lifeMs: Number(at(answer, 'expires_in')) * 1000 };
    },
  });

  const get = (
    request: Pick<ProviderRequest, 'endpoint' | 'path' | 'expect'>,
    signal: AbortSignal,
  ): Promise<ProviderResponse> =>
    tokens.withToken(
      (token) =>
        http.send(
          {
            ...request,
            method: 'GET',
            headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
          },
          signal,
        ),
      '',
      signal,
    );

  async function one(endpoint: string, path: string, id: string): Promise<unknown> {
    if (!ID.test(id)) throw contract('an id is none that can be asked for');
    const response = await get({ endpoint, path: `${path}/${id}`, expect: [404] }, closing);
    return response.status === 404 ? undefined : parsed(response, 'a resource');
  }

  return {
    async search(window, page, signal, transaction) {
      const query = new URLSearchParams({
        start_date: dateTime(window.fromMs),
        end_date: dateTime(window.toMs),
        fields: 'transaction_info',
        balance_affecting_records_only: 'Y',
        page_size: String(PAGE_ROWS),
        page: String(page),
        ...(transaction === undefined ? {} : { transaction_id: transaction }),
      });
      const path = `/v1/reporting/transactions?${query.toString()}`;
      const response = await get({ endpoint: 'transactions', path, expect: [400] }, signal);
      const answer = parsed(response, 'transactions');
      if (response.status === 400) {
        if (issuesOf(answer).includes(TOO_LARGE)) return undefined;
        throw refused(answer);
      }
      const refreshed = Date.parse(
        (textAt(answer, 'last_refreshed_datetime') ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
      );
      const rows = listAt(answer, 'transaction_details');
      return {
        rows,
        totalItems: count(at(answer, 'total_items')) ?? rows.length,
        totalPages: count(at(answer, 'total_pages')) ?? 1,
        refreshedMs: Number.isNaN(refreshed) ? undefined : refreshed,
      };
    },
    resource: (type, id) => one(type, `/v2/payments/${type}`, id),
    dispute: (id) => one('disputes', '/v1/customer/disputes', id),
    async events(window, next, signal) {
      const query = new URLSearchParams({
        start_time: dateTime(window.fromMs),
        end_time: dateTime(window.toMs),
        page_size: String(PAGE_EVENTS),
      });
      const path = next ?? `${EVENTS_PATH}${query.toString()}`;
      const answer = parsed(await get({ endpoint: 'webhooks-events', path }, signal), 'events');
      const link = listAt(answer, 'links').find((each) => textAt(each, 'rel') === 'next');
      return { events: listAt(answer, 'events'), next: pathOf(textAt(link, 'href')) };
    },
  };
}

/** Only path and query: the route in use stands before them. */
function pathOf(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const { pathname, search } = new URL(href);
  return `${pathname}${search}`.startsWith(EVENTS_PATH) ? `${pathname}${search}` : undefined;
}

/** Seconds are required, fractions optional. */
function dateTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The names of what PayPal found wrong, in an error of either of its forms. */
function issuesOf(answer: unknown): string[] {
  const issues = listAt(answer, 'details').map((each) => textAt(each, 'issue'));
  return [textAt(answer, 'name'), ...issues].filter((name) => name !== undefined);
}

function refused(answer: unknown): CounterfoilError {
  const issues = issuesOf(answer).join(', ').slice(0, 200) || 'no reason given';
  const debugId = textAt(answer, 'debug_id');
  const request = debugId !== undefined && /^\w{1,32}$/.test(debugId) ? `, debug id ${debugId}` : '';
  return new CounterfoilError(
    'providerRefused',
    `PayPal refused a transaction search (${issues}${request}); check that the app may search transactions, and history`,
  );
}

function parsed({ body }: ProviderResponse, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    throw contract(`the answer with ${what} is no JSON`);
  }
}

function contract(what: string): CounterfoilError {
  return new CounterfoilError('providerContract', `PayPal: ${what}; check http.routes`);
}
