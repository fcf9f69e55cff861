import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
import type { CounterfoilError, MoneyRecord, Translated } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { Accounts } from '../contract/index.ts';
import type { JsonValue, LiveSession } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import { startPaypal } from '../simulators/paypal/index.ts';
import type { PaypalSimulator } from '../simulators/paypal/index.ts';
import { createScenario } from '../simulators/scenario/index.ts';
import { paypal } from './index.ts';

const scenario = createScenario({ seed: 3593, payments: 60, providers: ['paypal'], spanMs: 3 * DAY_MS });
const HOUR_MS = 3_600_000;
/** An event of a capture that there is not, and that does not say what it costs. */
const UNKNOWN = {
  event_type: 'PAYMENT.CAPTURE.COMPLETED',
  resource_type: 'capture',
  resource: { id: 'NOTYET', status: 'COMPLETED' },
};
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

/** A PayPal account to which everything has happened, and its time. */
async function account(): Promise<{ simulator: PaypalSimulator; clock: { ms: number } }> {
  const clock = { ms: scenario.endMs + DAY_MS };
  const simulator = await startPaypal({ now: () => clock.ms, clientId: 'app', clientSecret: 'secret' });
  running.push(simulator);
  for (const happening of scenario.happenings) simulator.apply(happening);
  return { simulator, clock };
}

function open(simulator: PaypalSimulator, clock: { ms: number }, written: object = {}): LiveSession {
  const settings = paypal.settings.parse({
    clientId: 'app',
    clientSecret: 'secret',
    webhookIds: ['W'],
    trustedCertificates: simulator.trustedCertificates,
    http: { routes: [simulator.url], retries: 0 },
    ...written,
  });
  const http = createProviderHttp({ source: 'paypal', settings: settings.http });
  running.push(http);
  const signal = new AbortController().signal;
  return paypal.open!(
    {
      ...{
        source: 'paypal',
        zone: new Zone('UTC'),
        accounts: new Accounts(settings),
        notice: () => undefined,
      },
      ...{ http, kept: keptInMemory(), now: () => clock.ms, signal },
    },
    settings,
  );
}

const read = (session: LiveSession, payload: unknown): Promise<readonly Translated[]> =>
  session.webhooks!.read(
    { eventId: undefined, eventType: undefined, sentMs: undefined, payload },
    { requestId: 'r', headers: {}, body: new Uint8Array(), receivedMs: 0 },
  );

/** One round of polling: the records that came, and the cursor as it is kept. */
async function round(
  session: LiveSession,
  cursor?: JsonValue,
): Promise<{ records: MoneyRecord[]; cursor: JsonValue; progress: number[] }> {
  const items: Translated[] = [];
  let next = cursor;
  for await (const page of session.polling!.pages(cursor, new AbortController().signal)) {
    items.push(...page.items);
    if (page.cursor !== undefined) next = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
  }
  return {
    records: items.flatMap((item) => (item.type === 'record' ? [item.record] : [])),
    progress: items.flatMap((item) => (item.type === 'progress' ? [item.time] : [])),
    cursor: next!,
  };
}

const errorOf = (promise: Promise<unknown>): Promise<CounterfoilError> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as CounterfoilError,
  );

describe('an event', () => {
  test('that says what a capture costs needs no call, and one that does not is asked about', async () => {
    const { simulator, clock } = await account();
    const session = open(simulator, clock);
    const events = simulator.books.events.filter(({ event_type: type }) => type.endsWith('.COMPLETED'));
    const isSparse = ({ resource }: { resource: object }): boolean =>
      !('seller_receivable_breakdown' in resource);
    const [whole, sparse] = [events.find((event) => !isSparse(event)), events.find(isSparse)];
    const before = simulator.requests;
    expect(await read(session, whole)).toMatchObject([
      { record: { kind: 'charge', status: 'booked', version: 3 } },
    ]);
    expect(simulator.requests).toBe(before);
    const [item] = await read(session, sparse);
    expect(item).toMatchObject({ record: { id: sparse!.resource['id'], kind: 'charge' } });
    if (item?.type === 'record') expect(item.record.fee).toBeGreaterThan(0n);
    // A token, and the capture.
    expect(simulator.requests).toBe(before + 2);
  });

  test('about what is not there yet is to come again', async () => {
    const { simulator, clock } = await account();
    const session = open(simulator, clock, { overlap: '30d' });
    const { code, disposition } = await errorOf(read(session, UNKNOWN));
    expect([code, disposition]).toEqual(['providerUnreachable', 'retryable']);
    // Listed among others, it holds nothing up.
    simulator.books.events.push({ id: 'WH-X', create_time: new Date(clock.ms).toISOString(), ...UNKNOWN });
    expect((await round(session)).records.length).toBeGreaterThan(60);
  });

  test.each<[string, object]>([
    ['of an order', { event_type: 'CHECKOUT.ORDER.APPROVED', resource_type: 'checkout-order' }],
    ['of an authorisation', { event_type: 'PAYMENT.AUTHORIZATION.CREATED', resource_type: 'authorization' }],
    ['of an older version', { event_type: 'PAYMENT.SALE.COMPLETED', resource_type: 'sale' }],
    [
      'of another account',
      {
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        resource_type: 'capture',
        resource: { id: 'X', payee: { merchant_id: 'OTHER' } },
      },
    ],
    ['of nothing', {}],
  ])('%s gives nothing', async (_, event) => {
    const { simulator, clock } = await account();
    const session = open(simulator, clock, { merchantId: 'S2MERCHANT222' });
    expect(await read(session, { resource: { id: 'X' }, ...event })).toEqual([]);
  });

  test('of a dispute brings what it has moved, as a search brings it', async () => {
    const { simulator, clock } = await account();
    const event = simulator.books.events.find(({ event_type: type }) => type === 'CUSTOMER.DISPUTE.CREATED')!;
    const session = open(simulator, clock);
    const [item, ...others] = await read(session, event);
    expect(others).toEqual([]);
    if (item?.type !== 'record') throw new Error('no record');
    expect(item.record.kind).toBe('chargeback');
    const { records } = await round(session);
    expect(records.find(({ id }) => id === item.record.id)).toEqual(item.record);
    expect(await read(open(simulator, clock, { merchantId: 'OTHER' }), event)).toEqual([]);
  });

  test('is no reason to tell the secret', async () => {
    const { simulator, clock } = await account();
    const session = open(simulator, clock, { clientSecret: 'EHsecretH' });
    const { code, message } = await errorOf(read(session, UNKNOWN));
    expect(code).toBe('providerAuth');
    expect(message).not.toMatch(/EHsecretH|app:/);
    // Disputes are left to the polls, which say what is wrong.
    const dispute = simulator.books.events.find(({ event_type: type }) => type.startsWith('CUSTOMER'))!;
    expect(await read(session, dispute)).toEqual([]);
    expect((await errorOf(round(session))).code).toBe('providerAuth');
  });
});

describe('polling', () => {
  test('brings by the list of events what searches do not find yet, where there are webhooks', async () => {
    const { simulator, clock } = await account();
    const [, captured] = [simulator.books.rows.splice(0), simulator.books.captures.size];
    clock.ms = scenario.endMs;
    const settings = { overlap: '30d' };
    const { records } = await round(open(simulator, clock, settings));
    expect(records.filter(({ kind, version }) => kind === 'charge' && version === 3)).toHaveLength(captured);
    expect((await round(open(simulator, clock, { ...settings, webhookIds: undefined }))).records).toEqual([]);
  });

  test('goes on where it was, and tells how far it is', async () => {
    const { simulator, clock } = await account();
    const first = await round(open(simulator, clock));
    expect(new Set(first.records.map(({ id }) => id)).size).toBe(simulator.books.rows.length);
    clock.ms += 30 * DAY_MS;
    const again = await round(open(simulator, clock), first.cursor);
    expect(again.records).toEqual([]);
    expect(first.progress).toEqual([clock.ms - 30 * DAY_MS - 180_000]);
    expect(again.progress).toEqual([clock.ms - 180_000]);
  });

  test('finds what was listed hours after it had happened', async () => {
    const { simulator, clock } = await account();
    const session = open(simulator, clock, { webhookIds: undefined });
    const [row] = simulator.books.rows.splice(0, 1);
    const { cursor } = await round(session);
    const atMs = clock.ms - 3 * HOUR_MS;
    const begun = new Date(atMs).toISOString();
    simulator.books.rows.push({
      atMs,
      transaction_info: { ...row!.transaction_info, transaction_initiation_date: begun },
    });
    clock.ms += HOUR_MS / 2;
    expect((await round(session, cursor)).records).toMatchObject([{ time: Math.floor(atMs / 1000) * 1000 }]);
  });

  test('begins anew with a cursor that it cannot read', async () => {
    const { simulator, clock } = await account();
    const { records } = await round(open(simulator, clock), { searched: 'x' });
    expect(records.length).toBeGreaterThan(60);
  });

  test('looks again at what was pending, where no search looks any more', async () => {
    const { simulator, clock } = await account();
    const rows = simulator.books.rows;
    const payout = rows.findIndex(({ transaction_info: info }) => info.transaction_event_code === 'T0400');
    const { transaction_info: info, atMs } = rows[payout]!;
    rows[payout] = { atMs, transaction_info: { ...info, transaction_status: 'P' } };
    const id = `${info.transaction_id}:T0400-`;
    const session = open(simulator, clock, { webhookIds: undefined });
    const first = await round(session);
    expect(first.records.find((record) => record.id === id)).toMatchObject({ status: 'pending', version: 1 });
    rows[payout] = { atMs, transaction_info: info };
    clock.ms += DAY_MS;
    const second = await round(session, first.cursor);
    expect(second.records).toMatchObject([{ id, status: 'booked', version: 3 }]);
    clock.ms += DAY_MS;
    expect((await round(session, second.cursor)).records).toEqual([]);
  });
});
