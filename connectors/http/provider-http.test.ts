import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import {
  answer,
  cutOff,
  drip,
  flood,
  hang,
  reset,
  startScriptedServer,
} from '../conformance/scripted-server.ts';
import type { ScriptedServer, Step } from '../conformance/scripted-server.ts';
import { TestClock } from '../conformance/test-clock.ts';
import { failureOf } from '../contract/index.ts';
import type { ProviderRequest } from '../contract/index.ts';
import { createProviderHttp, httpSettings } from './index.ts';
import type { HttpObserver, OwnedProviderHttp, ProviderHttpOptions } from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const GET: ProviderRequest = { endpoint: 'charges', method: 'GET', path: '/v1/charges?key=sk_hidden' };
const POST: ProviderRequest = { endpoint: 'refunds', method: 'POST', path: '/v1/refunds', body: 'a=1' };

async function serverWith(...steps: Step[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...steps);
  closing.push(() => server.close());
  return server;
}

interface Seen {
  readonly http: OwnedProviderHttp;
  readonly clock: TestClock;
  readonly events: unknown[][];
}

/** Calls over `routes`, whose clock jumps over every wait, and whose jitter is the whole of what it may be. */
function httpOver(
  routes: readonly string[],
  settings: { readonly [name: string]: unknown } = {},
  options: Partial<ProviderHttpOptions> & { readonly clock?: TestClock } = {},
): Seen {
  const events: unknown[][] = [];
  const clock = options.clock ?? new TestClock();
  const observer: HttpObserver = {
    request: (...facts) => events.push(['request', ...facts.slice(0, 3)]),
    retry: (...facts) => events.push(['retry', ...facts]),
    rateLimitWait: (...facts) => events.push(['rateLimitWait', ...facts]),
    breaker: (...facts) => events.push(['breaker', ...facts]),
    failover: (...facts) => events.push(['failover', ...facts]),
  };
  const http = createProviderHttp({
    source: 'shop',
    settings: httpSettings().parse({ routes, ...settings }),
    observer,
    random: () => 1,
    ...options,
    clock,
  });
  closing.push(() => http.close());
  return { http, clock, events };
}

async function errorOf(promise: Promise<unknown>): Promise<CounterfoilError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CounterfoilError);
  return error as CounterfoilError;
}

describe('answers', () => {
  it('sends what it is told to the base URL of its route, and gives the whole answer', async () => {
    const server = await serverWith(answer(201, { 'X-Two': 'a' }, '{"id":1}'));
    const { http } = httpOver([`${server.url}/proxy/`]);
    const got = await http.send({ ...POST, headers: { Authorization: 'Bearer x', Host: 'elsewhere' } });
    expect(got.status).toBe(201);
    expect(got.headers['x-two']).toBe('a');
    expect(Buffer.from(got.body).toString()).toBe('{"id":1}');
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/proxy/v1/refunds', body: 'a=1' });
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer x', host: server.host });
  });

  it('uses a connection again', async () => {
    const server = await serverWith(answer(200));
    const { http } = httpOver([server.url]);
    for (let i = 0; i < 8; i++) await http.send(GET);
    // Two take turns: the next request may come before the first connection is seen to be free.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('decompresses, and takes no more than the largest answer afterwards either', async () => {
    const bomb = gzipSync(Buffer.alloc(3 * 1024 * 1024));
    const server = await serverWith(
      answer(200, { 'content-encoding': 'gzip' }, gzipSync('{"a":1}')),
      answer(200, { 'content-encoding': 'gzip' }, bomb),
      answer(200, { 'content-encoding': 'gzip' }, 'no gzip'),
      answer(200, { 'content-encoding': 'zstd' }, 'x'),
    );
    const { http } = httpOver([server.url], { maxBodyMiB: 1 });
    const got = await http.send(GET);
    expect(Buffer.from(got.body).toString()).toBe('{"a":1}');
    expect(got.headers['content-encoding']).toBeUndefined();
    for (const part of ['more than 1048576 bytes', 'cannot be decompressed', 'encoding "zstd"']) {
      const error = await errorOf(http.send(GET));
      expect(error.code).toBe('providerContract');
      expect(error.message).toContain(part);
    }
  });
});

describe('categories', () => {
  const of: readonly (readonly [string, Step, string, string, number])[] = [
    ['401', answer(401), 'providerAuth', 'auth', 1],
    ['403', answer(403), 'providerAuth', 'auth', 1],
    ['404', answer(404), 'providerRefused', 'client', 1],
    ['422', answer(422), 'providerRefused', 'client', 1],
    ['408', answer(408), 'timeout', 'timeout', 3],
    ['429', answer(429), 'providerRateLimited', 'rateLimit', 3],
    ['500', answer(500), 'providerUnreachable', 'server', 3],
    ['503', answer(503), 'providerUnreachable', 'server', 3],
    ['a redirection', answer(302, { location: 'http://127.0.0.1:1/' }), 'providerContract', 'contract', 1],
    ['a reset', reset, 'providerUnreachable', 'network', 3],
    ['a cut-off body', cutOff, 'providerUnreachable', 'network', 3],
    ['a hang', hang, 'timeout', 'timeout', 3],
    ['a slow body', drip, 'timeout', 'timeout', 3],
    ['an endless body', flood, 'providerContract', 'contract', 1],
    [
      'what is not HTTP',
      (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n\r\n'),
      'providerContract',
      'contract',
      1,
    ],
  ];

  it.each(of)('%s', async (_name, step, code, category, requests) => {
    const server = await serverWith(step);
    const timeout = step === hang || step === drip ? '60ms' : '20s';
    const { http, events } = httpOver([server.url], { retries: 2, timeout, maxBodyMiB: 1 });
    const error = await errorOf(http.send({ ...GET, headers: { authorization: 'Bearer sk_secret' } }));
    expect(error.code).toBe(code);
    expect(failureOf(error)?.category).toBe(category);
    expect(server.seen).toHaveLength(requests);
    expect(events.filter(([type]) => type === 'request')).toEqual(
      Array.from({ length: requests }, () => ['request', server.host, 'charges', category]),
    );
    expect(error.message).toMatch(/^source "shop": GET charges: 127\.0\.0\.1:\d+ /);
    expect(error.message).not.toMatch(/hidden|secret|\n/);
  });

  it('a host that is not there', async () => {
    const server = await startScriptedServer();
    await server.close();
    const { http } = httpOver([server.url], { retries: 1 });
    const error = await errorOf(http.send(POST));
    expect(error.code).toBe('providerUnreachable');
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).toContain('the last of 2 requests');
  });

  it('names the request of the provider, where its header is a name', async () => {
    const server = await serverWith(
      answer(404, { 'request-id': 'req_1' }),
      answer(404, { 'request-id': 'a b' }),
    );
    const { http } = httpOver([server.url]);
    expect((await errorOf(http.send(GET))).message).toContain('answered 404 (request req_1)');
    expect((await errorOf(http.send(GET))).message).toContain('answered 404; look');
  });

  it('gives the answers that are expected', async () => {
    const server = await serverWith(answer(400, {}, 'RESULTSET_TOO_LARGE'));
    const { http } = httpOver([server.url]);
    const got = await http.send({ ...GET, expect: [400] });
    expect(Buffer.from(got.body).toString()).toBe('RESULTSET_TOO_LARGE');
  });

  it('does not send a header that would be two', async () => {
    const server = await serverWith(answer(200));
    const { http } = httpOver([server.url]);
    const error = await errorOf(http.send({ ...GET, headers: { authorization: 'sk_secret\r\nx: y' } }));
    expect(error.code).toBe('providerRefused');
    expect(error.message).not.toContain('sk_secret');
    expect(server.seen).toHaveLength(0);
  });
});

describe('repetitions', () => {
  it('wait twice as long each time, up to the most, by full jitter', async () => {
    const server = await serverWith(answer(500));
    const settings = {
      retries: 5,
      backoff: { first: '100ms', most: '1s' },
      breaker: { failures: 100, window: 100 },
    };
    const whole = httpOver([server.url], settings);
    await errorOf(whole.http.send(GET));
    expect(whole.clock.slept).toEqual([100, 200, 400, 800, 1000]);
    const half = httpOver([server.url], settings, { random: () => 0.5 });
    await errorOf(half.http.send(GET));
    expect(half.clock.slept).toEqual([50, 100, 200, 400, 500]);
    expect(half.events).toContainEqual(['retry', 'charges', 'server', 50]);
  });

  it('end with the first answer', async () => {
    const server = await serverWith(answer(500), reset, answer(200, {}, 'ok'));
    const { http } = httpOver([server.url]);
    expect(Buffer.from((await http.send(GET)).body).toString()).toBe('ok');
    expect(server.seen).toHaveLength(3);
  });

  it('end when the time of the call is up', async () => {
    const server = await serverWith(answer(500));
    const { http, clock } = httpOver([server.url], {
      retries: 20,
      maxElapsed: '1s',
      backoff: { first: '400ms', most: '400ms' },
      breaker: { failures: 100, window: 100 },
    });
    await errorOf(http.send(GET));
    expect(clock.slept).toEqual([400, 400]);
  });

  it.each([
    ['500', answer(500)],
    ['503 with Retry-After', answer(503, { 'retry-after': '1' })],
    ['a reset', reset],
    ['a hang', hang],
  ])('a POST is not repeated after %s: it may have been carried out', async (_name, step) => {
    const server = await serverWith(step, answer(200));
    const { http } = httpOver([server.url], { timeout: step === hang ? '60ms' : '20s' });
    await errorOf(http.send(POST));
    expect(server.seen).toHaveLength(1);
  });

  it('a POST is repeated after a 429, and after anything if it is idempotent', async () => {
    const server = await serverWith(answer(429), answer(200));
    const { http } = httpOver([server.url]);
    expect((await http.send(POST)).status).toBe(200);
    server.script(answer(500), answer(200));
    expect((await http.send({ ...POST, isIdempotent: true })).status).toBe(200);
  });

  it("heed the provider's own word on whether to repeat", async () => {
    const server = await serverWith(answer(409, { 'should-retry': 'true' }), answer(200));
    const shouldRetry: ProviderHttpOptions['shouldRetry'] = ({ headers }) =>
      headers['should-retry'] === undefined ? undefined : headers['should-retry'] === 'true';
    const { http } = httpOver([server.url], {}, { shouldRetry });
    expect((await http.send(GET)).status).toBe(200);
    server.script(answer(500, { 'should-retry': 'false' }), answer(200));
    expect((await errorOf(http.send(GET))).code).toBe('providerUnreachable');
  });
});

describe('Retry-After', () => {
  const date = 'Mon, 23 Nov 2026 08:00:00 GMT';

  it.each([
    ['429 in seconds', answer(429, { 'retry-after': '7' }), 7000],
    ['503 in seconds', answer(503, { 'retry-after': '7' }), 7000],
    ['429 by date', answer(429, { 'retry-after': 'Mon, 23 Nov 2026 08:00:30 GMT', date }), 30_000],
    ['more than the most', answer(429, { 'retry-after': '86400' }), 60_000],
  ])('%s', async (_name, step, waitMs) => {
    const server = await serverWith(step, answer(200));
    const { http, clock } = httpOver([server.url], { backoff: { first: '1ms' } });
    const before = clock.now();
    await http.send(GET);
    expect(clock.now() - before).toBe(waitMs);
  });

  it('is waited for by every call of the endpoint after a 429, and by no other', async () => {
    const server = await serverWith(answer(429, { 'retry-after': '7' }), answer(200));
    const clock = new TestClock('wait');
    const { http } = httpOver([server.url], {}, { clock });
    const first = http.send(GET);
    await expect.poll(() => clock.sleeping).toBe(1);
    const second = http.send(GET);
    await expect.poll(() => clock.sleeping).toBe(2);
    await http.send({ ...GET, endpoint: 'payouts' });
    expect(server.seen).toHaveLength(2);
    clock.advance(6999);
    expect(clock.sleeping).toBe(2);
    clock.advance(1);
    await expect.poll(() => server.seen.length).toBe(3);
    // From then on one at a time, by the rate: the provider said that there were too many.
    clock.advance(1000);
    await Promise.all([first, second]);
    expect(server.seen).toHaveLength(4);
  });

  it('longer than the call may take ends it at once, and tells how long', async () => {
    const server = await serverWith(answer(429, { 'retry-after': '50' }), answer(200));
    const { http, clock } = httpOver([server.url], { maxElapsed: '10s' });
    const error = await errorOf(http.send(GET));
    expect(error.code).toBe('providerRateLimited');
    expect(failureOf(error)?.retryAfterMs).toBe(50_000);
    expect(clock.slept).toEqual([]);
  });

  it('that a provider leaves out after a 429 is what is configured', async () => {
    const server = await serverWith(answer(429), answer(200));
    const { http, clock } = httpOver([server.url], { retryAfter: { unstated: '30s' } });
    await http.send(GET);
    expect(clock.slept).toEqual([30_000]);
  });
});

describe('rate limits', () => {
  it('space calls by endpoint and over all, after a burst', async () => {
    const server = await serverWith(answer(200));
    const { http, clock, events } = httpOver([server.url], {
      rateLimits: { all: { perSecond: 1000, burst: 1000 }, charges: { perSecond: 10, burst: 2 } },
    });
    for (let i = 0; i < 4; i++) await http.send(GET);
    await http.send(POST);
    expect(clock.slept).toEqual([100, 100]);
    expect(events.filter(([type]) => type === 'rateLimitWait')).toEqual([
      ['rateLimitWait', 'charges', 100],
      ['rateLimitWait', 'charges', 100],
    ]);
  });

  it('refuse a call whose turn would come too late', async () => {
    const server = await serverWith(answer(200));
    const { http } = httpOver([server.url], {
      maxElapsed: '5s',
      rateLimits: { default: { perSecond: 0.1 } },
    });
    await http.send(GET);
    const error = await errorOf(http.send(GET));
    expect(error.code).toBe('providerRateLimited');
    expect(failureOf(error)?.retryAfterMs).toBe(10_000);
    expect(server.seen).toHaveLength(1);
  });
});

describe('the bulkhead', () => {
  it('lets so many requests out at a time, so many callers wait, and refuses the rest', async () => {
    const open: (() => void)[] = [];
    const server = await serverWith((_request, response) => void open.push(() => response.end('{}')));
    const { http } = httpOver([server.url], { concurrency: 2, queue: 1 }, { clock: new TestClock('wait') });
    const calls = [http.send(GET), http.send(GET), http.send(GET)];
    await expect.poll(() => open.length).toBe(2);
    expect((await errorOf(http.send(GET))).code).toBe('overloaded');
    expect(open).toHaveLength(2);
    open.shift()?.();
    await expect.poll(() => open.length).toBe(2);
    for (const end of open.splice(0)) end();
    await Promise.all(calls);
  });

  it('passes the place of one who gave up waiting on to the next', async () => {
    const open: (() => void)[] = [];
    const server = await serverWith((_request, response) => void open.push(() => response.end('{}')));
    const clock = new TestClock('wait');
    const { http } = httpOver([server.url], { concurrency: 1, maxElapsed: '10s' }, { clock });
    const first = http.send(GET);
    await expect.poll(() => open.length).toBe(1);
    const abort = new AbortController();
    const second = errorOf(http.send(GET, abort.signal));
    clock.advance(1000);
    const third = http.send(GET);
    const late = errorOf(http.send(GET));
    await expect.poll(() => clock.sleeping).toBe(3);
    abort.abort();
    expect((await second).code).toBe('stopping');
    open.shift()?.();
    await first;
    await expect.poll(() => open.length).toBe(1);
    clock.advance(10_000);
    expect((await late).code).toBe('overloaded');
    open.shift()?.();
    expect((await third).status).toBe(200);
  });
});
