import { afterEach, describe, expect, it } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { answer, hang, startScriptedServer } from '../conformance/scripted-server.ts';
import type { ScriptedServer, Step } from '../conformance/scripted-server.ts';
import { TestClock } from '../conformance/test-clock.ts';
import { failureOf } from '../contract/index.ts';
import type { ProviderRequest } from '../contract/index.ts';
import { createProviderHttp, httpSettings } from './index.ts';
import type { HttpObserver, OwnedProviderHttp } from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const GET: ProviderRequest = { endpoint: 'charges', method: 'GET', path: '/v1/charges' };
const POST: ProviderRequest = { ...GET, method: 'POST' };
const OK = answer(200);
const BAD = answer(500);

async function serverWith(...steps: Step[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...steps);
  closing.push(() => server.close());
  return server;
}

/** Breakers that open after three failures for ten seconds; one request a call and route. The clock stands still. */
function httpOver(
  servers: readonly ScriptedServer[],
  settings: { readonly [name: string]: unknown } = {},
): { http: OwnedProviderHttp; clock: TestClock; events: unknown[][] } {
  const events: unknown[][] = [];
  const clock = new TestClock('wait');
  const nameOf = (host: string): string => `s${servers.findIndex((server) => server.host === host)}`;
  const observer: HttpObserver = {
    breaker: (host, state) => events.push([nameOf(host), state]),
    failover: (from, to, isPreferred) => events.push([nameOf(from), nameOf(to), isPreferred]),
  };
  const http = createProviderHttp({
    source: 'shop',
    settings: httpSettings().parse({
      routes: servers.map(({ url }) => url),
      retries: 0,
      timeout: '20s',
      breaker: { failures: 3, coolDown: '10s', maxCoolDown: '30s' },
      rateLimits: { all: { perSecond: 1000 }, default: { perSecond: 1000 } },
      ...settings,
    }),
    observer,
    clock,
  });
  closing.push(() => http.close());
  return { http, clock, events };
}

/** The code of the error that a call ends with, or `ok`. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    return CounterfoilError.from(error).code;
  }
}

async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await outcome(call());
}

describe('the breaker of a host', () => {
  it('opens after failures in a row, lets one probe through when it has cooled down, and closes by it', async () => {
    const server = await serverWith(BAD);
    const { http, clock, events } = httpOver([server]);
    await times(3, () => http.send(GET));
    expect(events).toEqual([['s0', 'open']]);
    clock.advance(9999);
    const error = await http.send(GET).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'providerUnreachable' });
    expect(failureOf(error)?.retryAfterMs).toBe(1);
    expect(server.seen).toHaveLength(3);

    clock.advance(1);
    const held: (() => void)[] = [];
    server.script((_request, response) => void held.push(() => response.end('{}')));
    const probe = http.send(GET);
    await expect.poll(() => held.length).toBe(1);
    expect(await outcome(http.send(GET))).toBe('providerUnreachable');
    held[0]?.();
    expect(await outcome(probe)).toBe('ok');
    server.script(OK);
    expect(await outcome(http.send(GET))).toBe('ok');
    expect(events).toEqual([
      ['s0', 'open'],
      ['s0', 'halfOpen'],
      ['s0', 'closed'],
    ]);
  });

  it('cools down twice as long after each probe that fails, up to the most, and anew after one that does not', async () => {
    const server = await serverWith(BAD);
    const { http, clock } = httpOver([server]);
    await times(3, () => http.send(GET));
    for (const coolDownMs of [10_000, 20_000, 30_000, 30_000]) {
      const before = server.seen.length;
      clock.advance(coolDownMs - 1);
      await times(2, () => http.send(GET));
      expect(server.seen).toHaveLength(before);
      clock.advance(1);
      await times(2, () => http.send(GET));
      expect(server.seen).toHaveLength(before + 1);
    }
    clock.advance(30_000);
    server.script(OK);
    await http.send(GET);
    server.script(BAD);
    await times(3, () => http.send(GET));
    clock.advance(10_000);
    server.script(OK);
    expect(await outcome(http.send(GET))).toBe('ok');
  });

  it('opens for a host that fails every other time too', async () => {
    const server = await serverWith(...Array.from({ length: 40 }, (_, i) => (i % 5 < 3 ? BAD : OK)));
    const { http, events } = httpOver([server], {
      breaker: { failures: 100, errorRate: 0.5, window: 10 },
    });
    await times(20, () => http.send(GET));
    expect(events).toEqual([['s0', 'open']]);
    // The tenth was a success: the next failure decides.
    expect(server.seen).toHaveLength(11);
  });

  it.each([400, 401, 404, 429])('stays closed whatever is wrong with a request: %i', async (status) => {
    const server = await serverWith(answer(status));
    const { http, events } = httpOver([server]);
    await times(10, () => http.send(GET));
    expect(server.seen).toHaveLength(10);
    expect(events).toEqual([]);
  });

  it('takes nothing from a probe that its caller gave up', async () => {
    const server = await serverWith(BAD, BAD, BAD, hang, OK);
    const { http, clock, events } = httpOver([server]);
    await times(3, () => http.send(GET));
    clock.advance(10_000);
    const abort = new AbortController();
    const probe = outcome(http.send(GET, abort.signal));
    await expect.poll(() => server.seen.length).toBe(4);
    abort.abort();
    expect(await probe).toBe('stopping');
    expect(await outcome(http.send(GET))).toBe('ok');
    expect(events.map(([, state]) => state)).toEqual(['open', 'halfOpen', 'open', 'halfOpen', 'closed']);
  });
});

describe('failover', () => {
  it('goes on to the next route at once, and past a host that is down', async () => {
    const [first, second] = [await serverWith(BAD), await serverWith(OK)];
    const { http, clock, events } = httpOver([first, second]);
    for (let i = 0; i < 5; i++) expect(await outcome(http.send(GET))).toBe('ok');
    expect(first.seen).toHaveLength(3);
    expect(second.seen).toHaveLength(5);
    expect(events).toEqual([
      ['s0', 's1', false],
      ['s0', 'open'],
    ]);
    expect(clock.slept).toEqual([]);
  });

  it('goes back to the preferred route as soon as it answers a probe', async () => {
    const [first, second] = [await serverWith(BAD), await serverWith(OK)];
    const { http, clock, events } = httpOver([first, second]);
    await times(3, () => http.send(GET));
    clock.advance(10_000);
    expect(await outcome(http.send(GET))).toBe('ok');
    expect([first.seen.length, second.seen.length]).toEqual([4, 4]);
    first.script(OK);
    clock.advance(20_000);
    await times(2, () => http.send(GET));
    expect([first.seen.length, second.seen.length]).toEqual([6, 4]);
    expect(events.at(-1)).toEqual(['s1', 's0', true]);
  });

  it('does not probe with a request that may not be sent twice, while another route is open', async () => {
    const [first, second] = [await serverWith(BAD), await serverWith(OK)];
    const { http, clock } = httpOver([first, second]);
    await times(3, () => http.send(GET));
    clock.advance(10_000);
    expect(await outcome(http.send(POST))).toBe('ok');
    expect(first.seen).toHaveLength(3);
  });

  it('does not send a POST by another route when the first may have carried it out', async () => {
    const [first, second] = [await serverWith(hang), await serverWith(OK)];
    const { http } = httpOver([first, second], { timeout: '60ms' });
    expect(await outcome(http.send(POST))).toBe('timeout');
    expect(second.seen).toHaveLength(0);
  });

  it('sends a POST by another route when the first was never reached', async () => {
    const [gone, second] = [await startScriptedServer(), await serverWith(OK)];
    await gone.close();
    const { http } = httpOver([gone, second]);
    expect(await outcome(http.send(POST))).toBe('ok');
  });

  it.each([401, 404, 429])('is no way around a refusal: %i', async (status) => {
    const [first, second] = [await serverWith(answer(status)), await serverWith(OK)];
    const { http } = httpOver([first, second]);
    expect(await outcome(http.send(GET))).not.toBe('ok');
    expect(second.seen).toHaveLength(0);
  });

  it('spares a route that asked for it, and returns in time', async () => {
    const [first, second] = [await serverWith(answer(503, { 'retry-after': '5' }), OK), await serverWith(OK)];
    const { http, clock } = httpOver([first, second]);
    await times(2, () => http.send(GET));
    expect([first.seen.length, second.seen.length]).toEqual([1, 2]);
    clock.advance(5000);
    await http.send(GET);
    expect([first.seen.length, second.seen.length]).toEqual([2, 2]);
  });

  it('begins with the first route again after a while when all have failed', async () => {
    const [first, second] = [await serverWith(BAD, OK), await serverWith(BAD)];
    const { http, clock } = httpOver([first, second], { retries: 1 });
    const call = outcome(http.send(GET));
    await expect.poll(() => clock.sleeping).toBe(1);
    clock.advance(1000);
    expect(await call).toBe('ok');
    expect([first.seen.length, second.seen.length]).toEqual([2, 1]);
  });

  it('of routes over one host looks at the host', async () => {
    const server = await serverWith(BAD);
    const { http } = httpOver([server], { routes: [`${server.url}/a`, `${server.url}/b`] });
    await times(3, () => http.send(GET));
    expect(server.seen.map(({ url }) => url)).toEqual(['/a/v1/charges', '/b/v1/charges', '/a/v1/charges']);
  });
});
