import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { answer, hang, startScriptedServer } from '../conformance/scripted-server.ts';
import type { ScriptedServer, Step } from '../conformance/scripted-server.ts';
import { TestClock } from '../conformance/test-clock.ts';
import type { Delivery, JsonValue, LiveSession } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import type { OwnedProviderHttp } from '../http/index.ts';
import { contextOf, lines, orderOf, part, payment, settingsOf } from './fixtures.ts';
import { networkInternational } from './index.ts';

const SECRET = 'the-header-value';
const PAID = orderOf([payment('CAPTURED', 1000, { captures: [part('captures/c1', 1000)] })]);
const event = (order: object = { reference: 'o1' }, outletId = 'outlet-1'): string =>
  JSON.stringify({ outletId, eventId: 'e1', eventName: 'CAPTURED', order });

let server: ScriptedServer;
const clients: OwnedProviderHttp[] = [];
const aborts: AbortController[] = [];
beforeEach(async () => (server = await startScriptedServer()));
afterEach(async () => {
  for (const abort of aborts.splice(0)) abort.abort();
  for (const client of clients.splice(0)) await client.close();
  await server.close();
});

/** Gives tokens `t1`, `t2`, … and answers what is asked of orders by `steps`, the last one repeated. */
function serve(...steps: Step[]): { readonly tokens: () => number } {
  let [tokens, orders] = [0, 0];
  server.script((request, response) => {
    const step =
      request.url === '/identity/auth/access-token'
        ? json({ access_token: `t${++tokens}`, expires_in: 300 })
        : steps[Math.min(orders++, steps.length - 1)]!;
    step(request, response);
  });
  return { tokens: () => tokens };
}

const json = (value: unknown): Step => answer(200, {}, JSON.stringify(value));

function open(written: object = {}, clock = new TestClock(), kept = keptInMemory()): LiveSession {
  const settings = settingsOf({
    http: { routes: [server.url], retries: 0 },
    webhookHeader: { name: 'X-Shop', value: SECRET },
    ...written,
  });
  const http = createProviderHttp({ source: 'ngenius', settings: settings.http, clock, random: () => 0 });
  const abort = new AbortController();
  clients.push(http);
  aborts.push(abort);
  const context = { ...contextOf(), http, now: clock.now, signal: abort.signal, kept };
  return networkInternational.open!(context, settings);
}

function deliveryOf(
  body: string,
  headers: { readonly [name: string]: string } = { 'x-shop': SECRET },
): Delivery {
  return { requestId: 'r', headers, body: Buffer.from(body), receivedMs: 0 };
}

async function receive(session: LiveSession, body: string, headers?: { readonly [name: string]: string }) {
  const delivery = deliveryOf(body, headers);
  return session.webhooks!.read(await session.webhooks!.verify(delivery), delivery);
}

/** One round of polling: what came, and the cursor as it is kept. */
async function round(session: LiveSession, cursor?: JsonValue) {
  const items = [];
  let next = cursor;
  for await (const page of session.polling!.pages(cursor, new AbortController().signal)) {
    items.push(...page.items);
    if (page.cursor !== undefined) next = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
  }
  return { lines: lines(items), cursor: next, orders: Object.keys((next as { orders: object }).orders) };
}

describe('calls', () => {
  test('a token by the key as given, then the order by the token', async () => {
    const { tokens } = serve(json(PAID));
    const session = open({ apiKey: 'a2V5OnNlY3JldA==' });
    await receive(session, event());
    await receive(session, event());
    const [asked, got, again] = server.seen;
    expect(asked).toMatchObject({
      method: 'POST',
      url: '/identity/auth/access-token',
      body: '',
      headers: {
        authorization: 'Basic a2V5OnNlY3JldA==',
        'content-type': 'application/vnd.ni-identity.v1+json',
      },
    });
    expect(got).toMatchObject({
      method: 'GET',
      url: '/transactions/outlets/outlet-1/orders/o1',
      headers: { authorization: 'Bearer t1', accept: 'application/vnd.ni-payment.v2+json' },
    });
    expect(again?.headers.authorization).toBe('Bearer t1');
    expect(tokens()).toBe(1);
  });

  test('a token that is refused or has expired is replaced', async () => {
    const clock = new TestClock();
    const { tokens } = serve(answer(401), json(PAID));
    const session = open({}, clock);
    expect(lines(await receive(session, event()))).toHaveLength(1);
    expect(tokens()).toBe(2);
    clock.advance(300_000);
    await receive(session, event());
    expect(tokens()).toBe(3);
  });

  test.each([
    ['another order', json(orderOf([], { reference: 'o2' }))],
    ['a page of some proxy', answer(200, {}, '<html>')],
  ])('%s is no answer', async (_, step) => {
    serve(step);
    const [item] = await receive(open(), event());
    expect(item).toMatchObject({ deadLetter: { code: 'providerContract', payload: 'outlet-1/o1' } });
  });
});

describe('a webhook', () => {
  test('is a hint: what the API says counts', async () => {
    serve(json(PAID));
    const claims = orderOf([
      payment('CAPTURED', 9_999_999, { captures: [part('captures/evil', 9_999_999)] }),
    ]);
    expect(lines(await receive(open(), event(claims)))).toEqual(['1000 charge booked c1 v2']);
  });

  test.each([
    ['no header', {}],
    ['another value', { 'x-shop': `${SECRET}x` }],
    ['an empty one', { 'x-shop': '' }],
  ])('with %s is not taken', (_, headers: { readonly [name: string]: string }) => {
    const session = open();
    expect(() => session.webhooks!.verify(deliveryOf(event(), headers))).toThrow(
      expect.objectContaining({ code: 'deliveryUnverified' }) as Error,
    );
  });

  test('with either of two values is taken, and without the setting any', () => {
    const verify = (session: LiveSession, value: string) =>
      session.webhooks!.verify(deliveryOf(event(), { 'x-shop': value }));
    const two = open({ webhookHeader: { name: 'x-shop', value: ['old', 'new'] } });
    expect(verify(two, 'old')).toMatchObject({ eventType: 'CAPTURED', eventId: undefined });
    expect(verify(two, 'new')).toMatchObject({ eventType: 'CAPTURED' });
    expect(verify(open({ webhookHeader: undefined }), 'whatever')).toMatchObject({ eventType: 'CAPTURED' });
  });

  test.each(['{', '[]', event({}), event({ reference: '../../identity' }), event({ reference: 'a/b?c' })])(
    'that names no order is malformed: %s',
    (body) => {
      const session = open();
      expect(() => session.webhooks!.verify(deliveryOf(body))).toThrow(
        expect.objectContaining({ code: 'malformedDelivery' }) as Error,
      );
    },
  );

  test('about another outlet gives nothing and asks nothing', async () => {
    expect(await receive(open(), event({ reference: 'o1' }, 'outlet-9'))).toEqual([]);
    expect(server.seen).toEqual([]);
  });

  test('is answered in time, and its order left to the next poll', async () => {
    serve(hang, json(PAID));
    const session = open({ readWithin: '150ms' });
    await expect(receive(session, event())).rejects.toMatchObject({ code: 'timeout' });
    expect((await round(session)).lines).toEqual(['1000 charge booked c1 v2']);
  });

  test('without proof is left to the next poll all the same, whether its order could be read or not', async () => {
    serve(answer(503), json(PAID));
    const session = open({ webhookHeader: undefined });
    await expect(receive(session, event())).rejects.toMatchObject({ code: 'providerUnreachable' });
    expect((await round(session)).lines).toEqual(['1000 charge booked c1 v2']);
    const other = open({ webhookHeader: undefined });
    await receive(other, event());
    expect((await round(other)).orders).toEqual(['outlet-1/o1']);
  });

  test.each([
    ['with its header', {}],
    ['without proof', { webhookHeader: undefined }],
  ])('%s is known by its order after a crash', async (_, written) => {
    serve(json(PAID));
    const kept = keptInMemory();
    await receive(open(written, new TestClock(), kept), event());
    expect(kept.all()).toEqual(['outlet-1/o1']);
    const restarted = open(written, new TestClock(), kept);
    expect((await round(restarted)).orders).toEqual(['outlet-1/o1']);
    expect(kept.all()).toEqual([]);
  });

  test('whose order cannot be kept is not answered 200', async () => {
    serve(json(PAID));
    const full = new CounterfoilError('diskFull', 'no room');
    const session = open({}, new TestClock(), { ...keptInMemory(), keep: () => Promise.reject(full) });
    await expect(receive(session, event())).rejects.toBe(full);
  });

  test('without proof about an order that there is not takes no place', async () => {
    serve(answer(404));
    const session = open({ webhookHeader: undefined });
    expect(await receive(session, event())).toEqual([]);
    expect((await round(session)).orders).toEqual([]);
    const proven = open();
    expect(await receive(proven, event())).toEqual([]);
    expect((await round(proven)).orders).toEqual(['outlet-1/o1']);
  });
});

describe('polling', () => {
  test('reads again what a webhook told of, and gives the same record', async () => {
    serve(json(PAID));
    const session = open();
    const brought = lines(await receive(session, event()));
    expect((await round(session)).lines).toEqual(brought);
  });

  test('outlives a restart: the cursor has what is still to come', async () => {
    const clock = new TestClock();
    const pending = orderOf([
      payment('CAPTURED', 1000, { captures: [part('captures/c1', 1000, 'REQUESTED')] }),
    ]);
    serve(json(pending), json(pending), json(PAID));
    const first = open({}, clock);
    expect(lines(await receive(first, event()))).toEqual(['1000 charge pending c1 v1']);
    const { cursor, orders } = await round(first);
    expect(orders).toEqual(['outlet-1/o1']);
    const restarted = open({}, clock);
    expect((await round(restarted, cursor)).lines).toEqual([]);
    clock.advance(60_000);
    expect((await round(restarted, cursor)).lines).toEqual(['1000 charge booked c1 v2']);
  });
});
