import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFaults } from '../faults.ts';
import { SimulatedClock, play } from '../play.ts';
import { createScenario } from '../scenario/index.ts';
import type { PostedWebhook } from '../webhook-sender.ts';
import { ngeniusIds, ngeniusRecordId, startNgenius } from './index.ts';
import type { NgeniusSimulator } from './index.ts';

const KEY = 'c2ltdWxhdGVkOmtleQ==';
const IDENTITY = 'application/vnd.ni-identity.v1+json';
const PAYMENT = 'application/vnd.ni-payment.v2+json';
const scenario = createScenario({ seed: 4, payments: 120, providers: ['networkInternational'] });
const clock = new SimulatedClock(0);

interface Order {
  readonly reference: string;
  readonly _embedded: { readonly payment: readonly Payment[] };
}
interface Payment {
  readonly reference: string;
  readonly state: string;
  readonly aani?: object;
  readonly _links: { readonly [name: string]: { readonly href: string } };
  readonly _embedded: { readonly [name: string]: readonly { readonly state: string }[] };
}
interface Event {
  readonly eventName: string;
  readonly eventId: string;
  readonly outletId: string;
  readonly order: Order;
}

let simulator: NgeniusSimulator;
const names: string[] = [];
const posted: { readonly event: Event; readonly headers: PostedWebhook['headers']; readonly atMs: number }[] =
  [];
beforeAll(async () => {
  simulator = await startNgenius({
    now: clock.now,
    apiKey: KEY,
    header: { name: 'X-Shop', value: 'secret' },
    onOrder: (name) => names.push(name),
    post: ({ headers, body }) => {
      posted.push({ event: JSON.parse(body) as Event, headers, atMs: clock.now() });
      // Whatever the answer is, nothing is posted again.
      return Promise.resolve(posted.length % 2 === 0 ? 500 : 200);
    },
  });
  await play({ happenings: scenario.happenings, simulators: [simulator], clock });
});
afterAll(() => simulator.close());

const asked = (
  path: string,
  headers: { readonly [name: string]: string },
  method = 'GET',
  url = simulator.url,
) => fetch(`${url}${path}`, { method, headers, signal: AbortSignal.timeout(5000) });
const basic = { authorization: `Basic ${KEY}`, 'content-type': IDENTITY };

async function tokenOf(url = simulator.url): Promise<string> {
  const response = await asked('/identity/auth/access-token', basic, 'POST', url);
  const answer = (await response.json()) as { readonly access_token: string; readonly expires_in: number };
  expect(answer.expires_in).toBe(300);
  return answer.access_token;
}

const get = async (path: string, token: string, url = simulator.url): Promise<Response> =>
  asked(path, { authorization: `Bearer ${token}`, accept: PAYMENT }, 'GET', url);
const pathOf = (name: string): string => `/transactions/outlets/${name.replace('/', '/orders/')}`;

async function allOrders(): Promise<Order[]> {
  const token = await tokenOf();
  return Promise.all(names.map(async (name) => (await get(pathOf(name), token)).json() as Promise<Order>));
}

describe('the API', () => {
  test('gives tokens for the key as it is, in the right media type, for 300 s', async () => {
    const wrong = { ...basic, authorization: 'Basic bm9ib2R5' };
    expect((await asked('/identity/auth/access-token', wrong, 'POST')).status).toBe(401);
    const plain = { ...basic, 'content-type': 'application/json' };
    expect((await asked('/identity/auth/access-token', plain, 'POST')).status).toBe(415);
    const token = await tokenOf();
    const path = pathOf(names[0]!);
    expect((await get(path, token)).status).toBe(200);
    expect((await get(path, 'another')).status).toBe(401);
    clock.advanceTo(clock.now() + 299_000);
    expect((await get(path, token)).status).toBe(200);
    clock.advanceTo(clock.now() + 1000);
    expect((await get(path, token)).status).toBe(401);
  });

  test('knows orders by outlet and reference, their payments, and the status of Aani', async () => {
    const token = await tokenOf();
    const [outlet] = names[0]!.split('/');
    expect((await get(pathOf(`${outlet!}/${ngeniusIds.order('none')}`), token)).status).toBe(404);
    const other = ngeniusIds.outlet(outlet === ngeniusIds.outlet('souk') ? 'dune' : 'souk');
    expect((await get(pathOf(names[0]!.replace(outlet!, other)), token)).status).toBe(404);
    expect((await get(`/transactions/outlets/${outlet!}/orders`, token)).status).toBe(404);
    const orders = await allOrders();
    const instant = orders
      .flatMap((order) => order._embedded.payment)
      .find(({ aani }) => aani !== undefined)!;
    const { pathname } = new URL(instant._links['cnp:aani-status']!.href);
    expect(await (await get(pathname, token)).json()).toMatchObject({ reference: instant.reference });
  });

  test('has every kind of payment, and states in both spellings', async () => {
    const payments = (await allOrders()).flatMap((order) => order._embedded.payment);
    const states = new Set(payments.map(({ state }) => state));
    for (const state of [
      'CAPTURED',
      'PURCHASED',
      'REFUNDED',
      'PARTIALLY_REFUNDED',
      'CANCELED',
      'CANCELLED',
      'FAILED',
      'AWAIT_3DS',
      'AWAIT3DS',
    ]) {
      expect(states).toContain(state);
    }
    const refunds = payments.flatMap(({ _embedded }) => _embedded['cnp:refund'] ?? []);
    expect(new Set(refunds.map(({ state }) => state)).size).toBeGreaterThan(1);
    expect(refunds).toHaveLength(
      scenario.ledger('networkInternational').filter(({ kind }) => kind === 'refund').length,
    );
  });
});

describe('webhooks', () => {
  test('are posted once whatever the answer, with the header that was chosen and nothing else', () => {
    expect(new Set(posted.map(({ event }) => event.eventId)).size).toBe(posted.length);
    for (const { headers } of posted)
      expect(headers).toEqual({ 'content-type': 'application/json', 'X-Shop': 'secret' });
  });

  test('tell of each step with the order as it was then', () => {
    const named = new Set(posted.map(({ event }) => event.eventName));
    for (const name of [
      'AUTHORISED',
      'CAPTURED',
      'PURCHASED',
      'APM_PAYMENT_ACCEPTED',
      'REFUND_REQUESTED',
      'REFUNDED',
      'PARTIALLY_REFUNDED',
      'AUTHORISATION_FAILED',
    ]) {
      expect(named).toContain(name);
    }
    for (const { event } of posted) {
      const states = event.order._embedded.payment.map(({ state }) => state);
      if (event.eventName === 'APM_PAYMENT_ACCEPTED') expect(states).toContain('PENDING');
      if (event.eventName === 'CAPTURED') expect(states).toContain('CAPTURED');
    }
  });

  test('an instant payment is confirmed later, by itself', () => {
    const pending = posted.filter(({ event }) => event.eventName === 'APM_PAYMENT_ACCEPTED');
    for (const { event, atMs } of pending) {
      const later = posted.find(
        (each) => each.event.order.reference === event.order.reference && each.atMs > atMs,
      );
      expect(['CAPTURED', 'PURCHASED']).toContain(later?.event.eventName);
    }
    expect(pending.length).toBeGreaterThan(5);
  });
});

describe('faults', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  test('a token may end before its time', async () => {
    const faults = createFaults({ seed: 1, on: ['expiredTokens'], rate: 0.999 });
    const own = await startNgenius({ now: () => 0, apiKey: KEY, faults });
    ends.push(() => own.close());
    const token = await tokenOf(own.url);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await get(pathOf('a/b'), token, own.url)).status);
    expect(statuses).toEqual([404, 404, 404, 401, 401]);
  });

  test('a forged webhook has another value in the header, or none can tell it', async () => {
    const faults = createFaults({ seed: 1, on: ['wrongSignatures'], rate: 0.999 });
    const seen: PostedWebhook[] = [];
    const own = await startNgenius({
      now: () => 0,
      faults,
      header: { name: 'X-Shop', value: 'secret' },
      post: (webhook) => Promise.resolve(seen.push(webhook)).then(() => 200),
    });
    ends.push(() => own.close());
    own.apply(scenario.happenings[0]!);
    await own.flush();
    expect(seen.map(({ headers }) => headers['X-Shop'])).toContain('of somebody else');
    expect(seen.map(({ headers }) => headers['X-Shop'])).toContain('secret');
  });
});

test('records are known by captures, or by payments that have none', () => {
  const ids = scenario.ledger('networkInternational').map(ngeniusRecordId);
  expect(new Set(ids).size).toBe(ids.length);
});
