import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../engine/domain/index.ts';
import { createFaults } from '../faults.ts';
import { SimulatedClock, play } from '../play.ts';
import { createScenario } from '../scenario/index.ts';
import { postTo } from '../webhook-sender.ts';
import type { PostedWebhook } from '../webhook-sender.ts';
import { startStripe, stripeIds } from './index.ts';
import type { StripeSimulator } from './index.ts';

const KEY = 'sk_test_simulated';
const SECRET = 'whsec_simulated';
const scenario = createScenario({ seed: 21, payments: 150, providers: ['stripe'] });
const clock = new SimulatedClock(0);

let simulator: StripeSimulator;
let stripe: Stripe;
const posted: { webhook: PostedWebhook; atMs: number }[] = [];

/** The official client as anybody would point it at another host: nothing of it is changed. */
const clientOf = (url: string, key = KEY): Stripe => {
  const { hostname: host, port } = new URL(url);
  return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
};

beforeAll(async () => {
  simulator = await startStripe({
    now: clock.now,
    secrets: [SECRET, 'whsec_next'],
    post: (webhook) => {
      posted.push({ webhook, atMs: clock.now() });
      return Promise.resolve(200);
    },
  });
  stripe = clientOf(simulator.url);
  await play({ happenings: scenario.happenings, simulators: [simulator], clock });
});
afterAll(() => simulator.close());

describe('the official package against it', () => {
  test('pages through a list by itself, newest first', async () => {
    const ids: string[] = [];
    let last = Infinity;
    for await (const transaction of stripe.balanceTransactions.list({ limit: 17 })) {
      ids.push(transaction.id);
      expect(transaction.created).toBeLessThanOrEqual(last);
      expect(transaction.net).toBe(transaction.amount - transaction.fee);
      last = transaction.created;
    }
    const expected = scenario.ledger('stripe').map(({ id }) => stripeIds.transaction(id));
    expect(ids.toSorted()).toEqual(expected.toSorted());
    const some = await stripe.balanceTransactions.list({ limit: 17 }).autoPagingToArray({ limit: 40 });
    expect(some.map(({ id }) => id)).toEqual(ids.slice(0, 40));
  });

  test('pages backwards from an id', async () => {
    const { data } = await stripe.balanceTransactions.list({ limit: 50 });
    const newer = await stripe.balanceTransactions.list({ limit: 3, ending_before: data[10]!.id });
    expect(newer.data.map(({ id }) => id)).toEqual(data.slice(7, 10).map(({ id }) => id));
    expect(newer.has_more).toBe(true);
  });

  test('filters by when things were made', async () => {
    const all = await stripe.balanceTransactions.list({ limit: 100 });
    const middle = all.data[50]!.created;
    const since = await stripe.balanceTransactions.list({ limit: 100, created: { gte: middle } });
    expect(since.data).toEqual(all.data.filter(({ created }) => created >= middle));
    const before = await stripe.balanceTransactions.list({ limit: 100, created: { lt: middle } });
    expect(before.data.every(({ created }) => created < middle)).toBe(true);
  });

  test('expands what a transaction is about', async () => {
    const expand = ['data.source', 'data.source.charge'];
    const { data } = await stripe.balanceTransactions.list({ limit: 100, type: 'refund', expand });
    expect(data.length).toBeGreaterThan(5);
    for (const { source } of data) {
      const refund = source as Stripe.Refund;
      expect(refund.object).toBe('refund');
      expect((refund.charge as Stripe.Charge).object).toBe('charge');
    }
  });

  test('finds everything by its id', async () => {
    const { data } = await stripe.balanceTransactions.list({ limit: 100 });
    const of = (type: string): string => data.find((each) => each.type === type)!.source as string;
    const transaction = await stripe.balanceTransactions.retrieve(data[0]!.id);
    expect(transaction).toMatchObject({ id: data[0]!.id, object: 'balance_transaction' });
    const charge = await stripe.charges.retrieve(of('charge'), { expand: ['balance_transaction'] });
    expect((charge.balance_transaction as Stripe.BalanceTransaction).source).toBe(charge.id);
    expect((await stripe.refunds.retrieve(of('refund'))).object).toBe('refund');
    expect((await stripe.disputes.retrieve(of('adjustment'))).object).toBe('dispute');
    expect((await stripe.payouts.retrieve(of('payout'))).object).toBe('payout');
    const [event] = (await stripe.events.list({ limit: 1 })).data;
    expect((await stripe.events.retrieve(event!.id)).type).toBe(event!.type);
  });

  test('lists a payout’s members, which sum to it', async () => {
    const { data } = await stripe.payouts.list({ limit: 5 });
    for (const payout of data) {
      const members = await stripe.balanceTransactions
        .list({ payout: payout.id, limit: 100 })
        .autoPagingToArray({ limit: 1000 });
      const others = members.filter(({ id }) => id !== payout.balance_transaction);
      expect(members.length).toBe(others.length + 1);
      expect(others.reduce((sum, { net }) => sum + net, 0)).toBe(payout.amount);
    }
  });

  test('lists events of the last 30 days by type, at most 20 of them', async () => {
    const types = ['payout.paid', 'payout.failed'];
    const events = await stripe.events.list({ types, limit: 100 }).autoPagingToArray({ limit: 10_000 });
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(types));
    const oldest = clock.now() / 1000 - (30 * DAY_MS) / 1000;
    expect(events.every(({ created }) => created >= oldest)).toBe(true);
    await expect(stripe.events.list({ types: Array<string>(21).fill('a') })).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
    });
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  test('fails as with Stripe', async () => {
    await expect(clientOf(simulator.url, 'sk_test_other').payouts.list()).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
    });
    await expect(stripe.charges.retrieve('ch_none')).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      code: 'resource_missing',
      statusCode: 404,
    });
    await expect(stripe.payouts.list({ limit: 101 })).rejects.toMatchObject({ param: 'limit' });
    await expect(stripe.customers.list()).rejects.toMatchObject({ statusCode: 404 });
  });

  test.each([SECRET, 'whsec_next'])('believes its webhooks, with either secret', (secret) => {
    expect(posted.length).toBeGreaterThan(300);
    for (const { webhook, atMs } of posted.slice(0, 200)) {
      const { body, headers } = webhook;
      const event = stripe.webhooks.constructEvent(
        body,
        headers['stripe-signature']!,
        secret,
        300,
        undefined,
        atMs,
      );
      expect(event.object).toBe('event');
      expect(event.created * 1000).toBeLessThanOrEqual(atMs);
    }
    expect(() => stripe.webhooks.constructEvent(posted[0]!.webhook.body, 't=1,v1=00', secret, 0)).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    );
  });
});

describe('webhooks', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  test('come by HTTP, again after a failure, each time longer later, and at last no more', async () => {
    const statuses = [500, 404, 200];
    const seen: { readonly id: string; readonly atMs: number }[] = [];
    const own = new SimulatedClock(0);
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string };
        seen.push({ id, atMs: own.now() });
        outgoing.statusCode = statuses[seen.length - 1] ?? 200;
        outgoing.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sending = await startStripe({ now: own.now, post: postTo(`http://127.0.0.1:${port}/hook`) });
    ends.push(() => sending.close());
    ends.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const first = scenario.happenings.find(({ type }) => type === 'payout')!;
    await play({ happenings: [first], simulators: [sending], clock: own });
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
    expect(seen).toHaveLength(3);
    const [a, b, c] = seen.map(({ atMs }) => atMs);
    expect(c! - b!).toBeGreaterThan(b! - a!);
    const { data } = await clientOf(sending.url).events.list({ delivery_success: false });
    expect(data).toEqual([]);
  });

  test('are forged, lost and doubled where that is turned on', async () => {
    const counts = { forged: 0, genuine: 0 };
    const ids = new Set<string>();
    const own = new SimulatedClock(0);
    const sending = await startStripe({
      now: own.now,
      secrets: [SECRET],
      faults: createFaults({
        seed: 1,
        on: ['lostWebhooks', 'duplicateWebhooks', 'wrongSignatures'],
        rate: 0.2,
      }),
      post({ body, headers }) {
        try {
          const header = headers['stripe-signature']!;
          ids.add(Stripe.webhooks.constructEvent(body, header, SECRET, 0).id);
          counts.genuine++;
          return Promise.resolve(200);
        } catch {
          counts.forged++;
          return Promise.resolve(401);
        }
      },
    });
    ends.push(() => sending.close());
    await play({ happenings: scenario.happenings.slice(0, 300), simulators: [sending], clock: own });
    expect(counts.forged).toBeGreaterThan(10);
    expect(counts.genuine).toBeGreaterThan(ids.size);
    expect(sending.books.events.inOrder.length).toBeGreaterThan(ids.size);
  });
});
