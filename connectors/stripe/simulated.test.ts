import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
import type { CounterfoilError } from '../../engine/domain/index.ts';
import { Connected } from '../conformance/connected.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { Accounts } from '../contract/index.ts';
import type { LiveSession } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import { REQUEST_FAULTS, WEBHOOK_FAULTS, createFaults } from '../simulators/faults.ts';
import type { Fault } from '../simulators/faults.ts';
import { SimulatedClock, play } from '../simulators/play.ts';
import { simulatedHttp } from '../simulators/simulated-http.ts';
import { createScenario } from '../simulators/scenario/index.ts';
import type { Scenario } from '../simulators/scenario/index.ts';
import { startStripe, stripeIds } from '../simulators/stripe/index.ts';
import { stripe } from './index.ts';

const SECRET = 'whsec_simulated';
const KEY = 'sk_test_simulated';
const HOUR_MS = 3_600_000;
const MAY_FAIL = ['providerUnreachable', 'timeout', 'providerRateLimited'];

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

interface Run {
  readonly scenario: Scenario;
  readonly source: Connected;
}

/** Lets a scenario happen to a Stripe account that is connected by webhooks, polls, or both. */
async function run(options: {
  readonly on: readonly Fault[] | 'all';
  readonly webhooks: boolean;
  readonly pollEveryMs?: number;
  readonly payments?: number;
  readonly seed?: number;
}): Promise<Run> {
  const { seed = 3593, on, webhooks, pollEveryMs, payments = 16 } = options;
  const scenario = createScenario({ seed, payments, providers: ['stripe'], spanMs: 3 * DAY_MS });
  const clock = new SimulatedClock(scenario.happenings[0]!.atMs - HOUR_MS);
  const faults = createFaults({ seed, on, rate: 0.06 });
  const source = new Connected({ session: () => session, now: clock.now, mayFail: MAY_FAIL });
  const simulator = await startStripe({
    now: clock.now,
    apiKey: KEY,
    secrets: [SECRET],
    faults,
    hangMs: 150,
    ...(webhooks ? { post: source.post } : {}),
  });
  running.push(simulator);
  const session = open(simulator.url, clock.now);
  let polledMs = clock.now();
  await play({
    happenings: scenario.happenings,
    simulators: [simulator],
    clock,
    stepMs: HOUR_MS / 60,
    async onStep(nowMs) {
      if (pollEveryMs === undefined || nowMs - polledMs < pollEveryMs) return;
      polledMs = nowMs;
      await source.poll();
    },
  });
  if (pollEveryMs !== undefined) {
    // Past the outage that may be on, and past what lists lag.
    clock.advanceTo(clock.now() + HOUR_MS);
    await source.poll();
    clock.advanceTo(clock.now() + 7 * HOUR_MS);
    await source.poll();
  }
  return { scenario, source };
}

function open(url: string, now: () => number, apiKey = KEY): LiveSession {
  const settings = stripe.settings.parse({
    apiKey,
    webhookSecrets: SECRET,
    account: 'main',
    http: simulatedHttp(url, '120ms'),
  });
  const http = createProviderHttp({ source: 'stripe', settings: settings.http });
  running.push(http);
  return stripe.open!(
    {
      source: 'stripe',
      zone: new Zone('UTC'),
      accounts: new Accounts(settings),
      notice: () => undefined,
      http,
      now,
      signal: new AbortController().signal,
      kept: keptInMemory(),
    },
    settings,
  );
}

/** What the scenario says must have come, and what came, in the same words. */
function compared({ scenario, source }: Run): { expected: unknown; found: unknown } {
  const optional = (fields: { [name: string]: unknown }): object =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const byId = (rows: { id: string }[]): object => Object.fromEntries(rows.map((row) => [row.id, row]));
  const expected = scenario.ledger('stripe').map((record) => ({
    id: stripeIds.transaction(record.id),
    kind: record.kind,
    currency: record.currency,
    amount: record.amount,
    fee: record.fee,
    tax: record.tax,
    time: record.atMs,
    availableOn: record.availableMs! / DAY_MS,
    ...optional({
      original: record.presented,
      link: record.link && stripeIds.transaction(record.link),
      payout: record.payout && stripeIds.payout(record.payout),
      trace: record.trace,
    }),
  }));
  const found = [...source.kept.records.values()].map((record) => ({
    id: record.id,
    kind: record.kind,
    currency: record.currency,
    amount: record.amount,
    fee: record.fee,
    tax: record.tax,
    time: record.time,
    availableOn: record.availableOn,
    ...optional({
      original: record.original,
      link: record.link,
      payout: record.references['payout'],
      trace: record.references['trace'],
    }),
  }));
  return { expected: byId(expected), found: byId(found) };
}

function check(result: Run): void {
  const { expected, found } = compared(result);
  expect(result.source.kept.deadLetters).toEqual([]);
  expect(found).toEqual(expected);
}

describe('the records are those of the account', () => {
  test('which has all kinds of them', async () => {
    const { scenario } = await run({ on: [], webhooks: false });
    expect(new Set(scenario.ledger('stripe').map(({ kind }) => kind)).size).toBe(7);
  });

  test('by webhooks alone, when none are lost', async () => {
    const result = await run({ on: [], webhooks: true });
    check(result);
    expect(result.source.refused.size).toBe(0);
  });

  test('by polling alone', async () => {
    check(await run({ on: [], webhooks: false, pollEveryMs: 20 * HOUR_MS }));
  });

  test('by polling once, after everything has happened', async () => {
    check(await run({ on: [], webhooks: false, pollEveryMs: Infinity }));
  });

  test.each<[string, readonly Fault[]]>([
    ['lost, doubled, late and forged webhooks in any order', WEBHOOK_FAULTS],
    ['requests that fail', REQUEST_FAULTS],
    ['lists that lag, clocks that differ, and outages', ['shiftingPages', 'clockSkew', 'outages']],
  ])('with %s', async (_, on) => {
    check(await run({ on, webhooks: true, pollEveryMs: 20 * HOUR_MS }));
  });

  test('with every fault at once', async () => {
    const result = await run({ on: 'all', webhooks: true, pollEveryMs: 20 * HOUR_MS });
    check(result);
    expect(result.source.viaWebhooks).toBeGreaterThan(20);
    expect(result.source.refused.get('deliveryUnverified')).toBeGreaterThan(0);
  });
});

describe('what cannot be had', () => {
  const errorOf = async (key: string, object: object): Promise<CounterfoilError> => {
    const simulator = await startStripe({ now: () => 0, apiKey: KEY });
    running.push(simulator);
    const session = open(simulator.url, () => 0, key);
    const payload = { id: 'evt_1', type: 'refund.created', data: { object } };
    const event = { eventId: 'evt_1', eventType: 'refund.created', sentMs: 0, payload };
    const delivery = { requestId: 'r', headers: {}, body: new Uint8Array(), receivedMs: 0 };
    return session.webhooks!.read(event, delivery).then(
      () => expect.unreachable(),
      (error: unknown) => error as CounterfoilError,
    );
  };
  const refund = { object: 'refund', balance_transaction: 'txn_none' };

  test('because the key is wrong, is an error that does not tell the key', async () => {
    const { code, message, disposition } = await errorOf('sk_live_51HsecretHsecret', refund);
    expect(code).toBe('providerAuth');
    expect(disposition).toBe('retryable');
    expect(message).not.toContain('sk_');
  });

  test('because it is not there yet, is to be asked for again', async () => {
    const { code, disposition } = await errorOf(KEY, refund);
    expect(code).toBe('providerUnreachable');
    expect(disposition).toBe('retryable');
  });
});
