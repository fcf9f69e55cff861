import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
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
import { paypalIds, paypalRecordId, startPaypal } from '../simulators/paypal/index.ts';
import { paypal } from './index.ts';

const WEBHOOK_ID = '1JE4291016473214C';
const SECRET = 'EClusvsecret';
const HOUR_MS = 3_600_000;
const MAY_FAIL = ['providerUnreachable', 'timeout', 'providerRateLimited', 'providerAuth'];

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

interface Run {
  readonly scenario: Scenario;
  readonly source: Connected;
  readonly tokens: number;
}

/** Lets a scenario happen to a PayPal account that is connected by webhooks, polls, or both. */
async function run(options: {
  readonly on: readonly Fault[] | 'all';
  readonly webhooks: boolean;
  readonly pollEveryMs?: number;
  readonly payments?: number;
  readonly seed?: number;
  /** The most rows of one search. */
  readonly maxResults?: number;
}): Promise<Run> {
  const { seed = 3593, on, webhooks, pollEveryMs, payments = 60, maxResults = 40 } = options;
  const scenario = createScenario({ seed, payments, providers: ['paypal'], spanMs: 3 * DAY_MS });
  const clock = new SimulatedClock(scenario.happenings[0]!.atMs - HOUR_MS);
  const faults = createFaults({ seed, on, rate: 0.06 });
  const source = new Connected({ session: () => session, now: clock.now, mayFail: MAY_FAIL });
  const simulator = await startPaypal({
    now: clock.now,
    clientId: 'app',
    clientSecret: SECRET,
    webhookId: WEBHOOK_ID,
    faults,
    maxResults,
    hangMs: 150,
    ...(webhooks ? { post: source.post } : {}),
  });
  running.push(simulator);
  const session = open(simulator, clock.now);
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
    clock.advanceTo(scenario.endMs);
    // Past the outage that may be on, and past what lists lag.
    clock.advanceTo(clock.now() + HOUR_MS);
    await source.poll();
    clock.advanceTo(clock.now() + 7 * HOUR_MS);
    await source.poll();
  }
  return { scenario, source, tokens: simulator.tokens };
}

function open(
  { url, trustedCertificates }: { readonly url: string; readonly trustedCertificates: string },
  now: () => number,
  clientSecret = SECRET,
): LiveSession {
  const settings = paypal.settings.parse({
    clientId: 'app',
    clientSecret,
    webhookIds: WEBHOOK_ID,
    trustedCertificates,
    account: 'main',
    http: {
      ...simulatedHttp(url, '120ms'),
      retryAfter: { unstated: '2ms', most: '2ms' },
      rateLimits: {
        all: { perSecond: 10_000 },
        default: { perSecond: 10_000 },
        certificates: { perSecond: 10_000 },
      },
    },
  });
  const http = createProviderHttp({ source: 'paypal', settings: settings.http });
  running.push(http);
  return paypal.open!(
    {
      source: 'paypal',
      zone: new Zone('UTC'),
      accounts: new Accounts(settings),
      notice: () => undefined,
      http,
      kept: keptInMemory(),
      now,
      signal: new AbortController().signal,
    },
    settings,
  );
}

/** What the scenario says must have come, and what came, in the same words. */
function compared({ scenario, source }: Run): { expected: unknown; found: unknown } {
  const optional = (fields: { [name: string]: unknown }): object =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const byId = (rows: { id: string }[]): object => Object.fromEntries(rows.map((row) => [row.id, row]));
  const records = scenario.ledger('paypal');
  const kinds = new Map(records.map(({ id, kind }) => [id, kind]));
  const idOf = (id: string): string => paypalRecordId({ id, kind: kinds.get(id)! });
  const expected = records.map((record) => ({
    id: idOf(record.id),
    status: 'booked',
    kind: record.kind,
    currency: record.currency,
    amount: record.amount,
    fee: record.fee,
    tax: record.tax,
    time: record.atMs,
    transaction: paypalIds.transaction(record.id),
    ...optional({ link: record.link && idOf(record.link), trace: record.trace }),
  }));
  const found = [...source.kept.records.values()].map((record) => ({
    id: record.id,
    status: record.status,
    kind: record.kind,
    currency: record.currency,
    amount: record.amount,
    fee: record.fee,
    tax: record.tax,
    time: record.time,
    transaction: record.references['transaction'],
    ...optional({ link: record.link, trace: record.references['trace'] }),
  }));
  return { expected: byId(expected), found: byId(found) };
}

function check(result: Run): void {
  const { expected, found } = compared(result);
  expect(result.source.kept.deadLetters).toEqual([]);
  expect(found).toEqual(expected);
}

describe('the records are those of the account', () => {
  test('which has all kinds of them', () => {
    const scenario = createScenario({ seed: 3593, payments: 60, providers: ['paypal'], spanMs: 3 * DAY_MS });
    expect(new Set(scenario.ledger('paypal').map(({ kind }) => kind)).size).toBe(7);
  });

  test('by polling once, after everything has happened, in windows that are cut', async () => {
    check(await run({ on: [], webhooks: false, pollEveryMs: Infinity, maxResults: 12 }));
  });

  test('by webhooks, as far as they tell, and by polling for the rest', async () => {
    const result = await run({ on: [], webhooks: true });
    expect(result.source.refused.size).toBe(0);
    const { expected, found } = compared(result);
    const told = Object.entries(expected as object).filter(([, { kind }]) =>
      ['charge', 'refund', 'chargeback'].includes(kind as string),
    );
    expect(found).toEqual(Object.fromEntries(told));
    check(await run({ on: [], webhooks: true, pollEveryMs: 20 * HOUR_MS }));
  });

  test.each<[string, readonly Fault[]]>([
    ['lost, doubled, late and forged webhooks in any order', WEBHOOK_FAULTS],
    ['requests that fail, and tokens that end early', [...REQUEST_FAULTS, 'expiredTokens']],
    ['lists that lag, clocks that differ, and outages', ['shiftingPages', 'clockSkew', 'outages']],
  ])('with %s', async (_, on) => {
    check(await run({ on, webhooks: true, pollEveryMs: 20 * HOUR_MS }));
  });

  test('with every fault at once', async () => {
    const result = await run({ on: 'all', webhooks: true, pollEveryMs: 20 * HOUR_MS });
    check(result);
    expect(result.source.viaWebhooks).toBeGreaterThan(20);
    expect(result.source.refused.get('deliveryUnverified')).toBeGreaterThan(0);
    expect(result.tokens).toBeGreaterThan(1);
  });
});
