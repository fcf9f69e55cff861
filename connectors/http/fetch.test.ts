import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, hang, reset, startScriptedServer } from '../conformance/scripted-server.ts';
import type { ScriptedServer } from '../conformance/scripted-server.ts';
import { TestClock } from '../conformance/test-clock.ts';
import { EndpointNames } from './endpoint-name.ts';
import { createProviderHttp, httpSettings } from './index.ts';
import type { OwnedProviderHttp } from './index.ts';

let server: ScriptedServer;
let http: OwnedProviderHttp;
let endpoints: string[];

beforeEach(async () => {
  server = await startScriptedServer();
  endpoints = [];
  http = createProviderHttp({
    source: 'shop',
    settings: httpSettings().parse({ routes: [server.url], retries: 2 }),
    clock: new TestClock(),
    observer: { request: (_host, endpoint) => endpoints.push(endpoint) },
  });
});
afterEach(async () => {
  await http.close();
  await server.close();
});

describe('fetch over routes', () => {
  it('sends path, query, headers and body by the route, whatever host the address names', async () => {
    server.script(answer(200, { 'content-type': 'application/json', 'x-a': 'b' }, '{"ok":true}'));
    const response = await http.fetch('https://api.example.com/v1/charges/ch_1?limit=3', {
      method: 'POST',
      headers: { Authorization: 'Bearer k' },
      body: new URLSearchParams({ a: '1' }),
    });
    expect(await response.json()).toEqual({ ok: true });
    expect(response.headers.get('x-a')).toBe('b');
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/v1/charges/ch_1?limit=3', body: 'a=1' });
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer k',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    });
    expect(endpoints).toEqual(['charges']);
  });

  it.each([400, 401, 404, 302])('gives %i as a response, at once', async (status) => {
    server.script(answer(status, {}, '{"error":{}}'));
    const response = await http.fetch('https://x/v1/charges');
    expect(response.status).toBe(status);
    expect(await response.text()).toBe('{"error":{}}');
    expect(server.seen).toHaveLength(1);
  });

  it.each([429, 500])('gives %i as a response, when repetitions are used up', async (status) => {
    server.script(answer(status, {}, 'no'));
    const response = await http.fetch('https://x/v1/charges');
    expect(response.status).toBe(status);
    expect(server.seen).toHaveLength(3);
  });

  it.each([204, 304])('gives %i without a body', async (status) => {
    server.script(answer(status, {}, ''));
    expect((await http.fetch('https://x/v1/charges')).status).toBe(status);
  });

  it('rejects without an answer', async () => {
    server.script(reset);
    await expect(http.fetch('https://x/v1/charges')).rejects.toMatchObject({ code: 'providerUnreachable' });
  });

  it('repeats a POST with an idempotency key, and no other', async () => {
    server.script(answer(500), answer(200));
    const headers = { 'Idempotency-Key': 'k' };
    expect((await http.fetch('https://x/v1/refunds', { method: 'POST', headers })).status).toBe(200);
    server.script(answer(500), answer(200));
    expect((await http.fetch('https://x/v1/refunds', { method: 'POST' })).status).toBe(500);
  });

  it('rejects with the reason of its signal', async () => {
    server.script(hang);
    const abort = new AbortController();
    const call = http.fetch('https://x/v1/charges', { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe("the official package of Stripe's", () => {
  function stripe(): Stripe {
    return new Stripe('sk_test_1', {
      httpClient: Stripe.createFetchHttpClient(http.fetch),
      maxNetworkRetries: 0,
    });
  }

  it('pages through a list', async () => {
    const page = (ids: readonly string[], has_more: boolean) =>
      answer(
        200,
        { 'content-type': 'application/json', 'request-id': 'req_1' },
        JSON.stringify({ object: 'list', url: '/v1/charges', has_more, data: ids.map((id) => ({ id })) }),
      );
    server.script(page(['ch_1', 'ch_2'], true), answer(429), page(['ch_3'], false));
    const ids: string[] = [];
    for await (const { id } of stripe().charges.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(['ch_1', 'ch_2', 'ch_3']);
    expect(server.seen.at(-1)?.url).toBe('/v1/charges?limit=2&starting_after=ch_2');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer sk_test_1');
  });

  it('sees errors as its own', async () => {
    server.script(
      answer(404, { 'content-type': 'application/json' }, '{"error":{"type":"invalid_request_error"}}'),
    );
    await expect(stripe().charges.retrieve('ch_1')).rejects.toBeInstanceOf(
      Stripe.errors.StripeInvalidRequestError,
    );
    server.script(reset);
    await expect(stripe().charges.retrieve('ch_1')).rejects.toBeInstanceOf(
      Stripe.errors.StripeConnectionError,
    );
  });
});

describe('names of endpoints', () => {
  it.each([
    ['/v1/charges', 'charges'],
    ['/v1/balance_transactions/txn_1Mk', 'balance_transactions'],
    ['/v1/reporting/transactions', 'reporting/transactions'],
    ['/v2/checkout/orders/5O190127TN364715T/capture', 'checkout/orders/capture'],
    ['/transactions/outlets/0b1e2c3d-aaaa-bbbb/orders/x-1', 'transactions/outlets/orders'],
    ['/', 'root'],
  ])('%s is %s', (path, name) => {
    expect(new EndpointNames().nameOf(path)).toBe(name);
  });

  it('are few', () => {
    const names = new EndpointNames();
    const found = new Set(
      Array.from({ length: 1000 }, (_, i) =>
        names.nameOf(`/v1/${'abcdefghij'[i % 10]!.repeat(1 + (i % 37))}`),
      ),
    );
    expect(found.size).toBe(65);
    expect(found).toContain('other');
  });
});
