import { getEventListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { answer, drip, hang, startScriptedServer } from '../conformance/scripted-server.ts';
import type { ScriptedServer, Step } from '../conformance/scripted-server.ts';
import { TestClock } from '../conformance/test-clock.ts';
import type { ProviderRequest } from '../contract/index.ts';
import { createProviderHttp, httpSettings } from './index.ts';
import type { OwnedProviderHttp } from './index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const GET: ProviderRequest = { endpoint: 'charges', method: 'GET', path: '/v1/charges' };

async function start(
  step: Step,
  settings: { readonly [name: string]: unknown } = {},
): Promise<{ server: ScriptedServer; http: OwnedProviderHttp; clock: TestClock }> {
  const server = await startScriptedServer(step);
  const clock = new TestClock('wait');
  const http = createProviderHttp({
    source: 'shop',
    settings: httpSettings().parse({ routes: [server.url], ...settings }),
    clock,
    random: () => 1,
  });
  closing.push(
    () => http.close(),
    () => server.close(),
  );
  return { server, http, clock };
}

async function errorOf(promise: Promise<unknown>): Promise<CounterfoilError> {
  return CounterfoilError.from(await promise.catch((error: unknown) => error));
}

it.each([
  ['while it waits for an answer', hang],
  ['in the middle of a body', drip],
])('a call ends at once when it is aborted %s, and its connection with it', async (_name, step) => {
  const { server, http } = await start(step);
  const abort = new AbortController();
  const call = errorOf(http.send(GET, abort.signal));
  await expect.poll(() => server.seen.length).toBe(1);
  abort.abort();
  expect((await call).code).toBe('stopping');
  await expect.poll(() => server.open()).toBe(0);
});

it('a call ends at once when it is aborted between two repetitions', async () => {
  const { server, http, clock } = await start(answer(500));
  const abort = new AbortController();
  const call = errorOf(http.send(GET, abort.signal));
  await expect.poll(() => clock.sleeping).toBe(1);
  abort.abort();
  expect((await call).code).toBe('stopping');
  expect(server.seen).toHaveLength(1);
});

it('a call ends at once when it is aborted while it waits for its turn', async () => {
  const { http, clock } = await start(answer(200), { rateLimits: { default: { perSecond: 0.1, burst: 1 } } });
  await http.send(GET);
  const abort = new AbortController();
  const call = errorOf(http.send(GET, abort.signal));
  await expect.poll(() => clock.sleeping).toBe(1);
  abort.abort();
  expect((await call).code).toBe('stopping');
});

it('nothing is sent for a caller who has given up already', async () => {
  const { server, http } = await start(answer(200));
  expect((await errorOf(http.send(GET, AbortSignal.abort()))).code).toBe('stopping');
  expect(server.seen).toHaveLength(0);
});

it("a deadline of the caller's is a timeout, and an error of its own comes back as it is", async () => {
  const { http } = await start(hang);
  expect((await errorOf(http.send(GET, AbortSignal.timeout(20)))).code).toBe('timeout');
  const own = new CounterfoilError('leaseLost', 'own');
  expect(await errorOf(http.send(GET, AbortSignal.abort(own)))).toBe(own);
});

it('leaves no listener on a signal that outlives the call', async () => {
  const { http } = await start(answer(200));
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) await http.send(GET, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('closing ends what is under way, and nothing is sent afterwards', async () => {
  const { server, http } = await start(hang);
  const call = errorOf(http.send(GET));
  await expect.poll(() => server.seen.length).toBe(1);
  await http.close();
  expect((await call).code).toBe('stopping');
  expect((await errorOf(http.send(GET))).code).toBe('stopping');
  expect(server.seen).toHaveLength(1);
});
