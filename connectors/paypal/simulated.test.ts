import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
import type { CounterfoilError, MoneyRecord, Translated } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { Accounts } from '../contract/index.ts';
import type { JsonValue, LiveSession } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import { createFaults } from '../simulators/faults.ts';
import type { Fault } from '../simulators/faults.ts';
import { SimulatedClock, play } from '../simulators/play.ts';
import { createScenario } from '../simulators/scenario/index.ts';
import type { Scenario } from '../simulators/scenario/index.ts';
import { paypalIds, paypalRecordId, startPaypal } from '../simulators/paypal/index.ts';
import type { PostedWebhook } from '../simulators/webhook-sender.ts';
import { paypal } from './index.ts';

const WEBHOOK_ID = '1JE4291016473214C';
const SECRET = 'EClusvsecret';
const HOUR_MS = 3_600_000;
const REQUEST_FAULTS: readonly Fault[] = [
  'rateLimits',
  'silentRateLimits',
  'serverErrors',
  'resets',
  'slowBodies',
  'expiredTokens',
];
const WEBHOOK_FAULTS: readonly Fault[] = [
  'lostWebhooks',
  'duplicateWebhooks',
  'reorderedWebhooks',
  'lateWebhooks',
  'wrongSignatures',
];

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

/** What the kernel would keep: of each id the highest version, and no record twice. */
class Ledger {
  readonly records = new Map<string, MoneyRecord>();
  readonly deadLetters: Translated[] = [];

  add(items: readonly Translated[]): void {
    for (const item of items) {
      if (item.type === 'deadLetter') this.deadLetters.push(item);
      if (item.type !== 'record') continue;
      const { record } = item;
      const known = this.records.get(record.id);
      if (known !== undefined && known.version === record.version) {
        expect(contentOf(record)).toEqual(contentOf(known));
      }
      if (known === undefined || record.version! > known.version!) this.records.set(record.id, record);
    }
  }
}

/** What a record says of money. What else is known of it depends on who tells. */
function contentOf(record: MoneyRecord): object {
  return { ...record, attributes: {} };
}

interface Run {
  readonly scenario: Scenario;
  readonly ledger: Ledger;
  readonly refused: ReadonlyMap<string, number>;
  readonly viaWebhooks: number;
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
  const ledger = new Ledger();
  const refused = new Map<string, number>();
  let viaWebhooks = 0;
  const post = async ({ headers, body }: PostedWebhook): Promise<number> => {
    const delivery = { requestId: 'r', headers, body: Buffer.from(body), receivedMs: clock.now() };
    try {
      const event = await session.webhooks!.verify(delivery);
      const items = await session.webhooks!.read(event, delivery);
      viaWebhooks += items.length;
      ledger.add(items);
      return 200;
    } catch (error) {
      const { code } = error as CounterfoilError;
      refused.set(code, (refused.get(code) ?? 0) + 1);
      return code === 'deliveryUnverified' ? 401 : 503;
    }
  };
  const simulator = await startPaypal({
    now: clock.now,
    clientId: 'app',
    clientSecret: SECRET,
    webhookId: WEBHOOK_ID,
    faults,
    maxResults,
    hangMs: 150,
    ...(webhooks ? { post } : {}),
  });
  running.push(simulator);
  const session = open(simulator, clock.now);
  let cursor: JsonValue | undefined;
  const poll = async (): Promise<void> => {
    try {
      for await (const page of session.polling!.pages(cursor, new AbortController().signal)) {
        ledger.add(page.items);
        expect(page.items.length).toBeLessThanOrEqual(512);
        // As it is kept: in JSON.
        if (page.cursor !== undefined) cursor = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
      }
    } catch (error) {
      expect(['providerUnreachable', 'timeout', 'providerRateLimited', 'providerAuth']).toContain(
        (error as CounterfoilError).code,
      );
    }
  };
  let polledMs = clock.now();
  await play({
    happenings: scenario.happenings,
    simulators: [simulator],
    clock,
    stepMs: HOUR_MS / 60,
    async onStep(nowMs) {
      if (pollEveryMs === undefined || nowMs - polledMs < pollEveryMs) return;
      polledMs = nowMs;
      await poll();
    },
  });
  if (pollEveryMs !== undefined) {
    clock.advanceTo(scenario.endMs);
    // Past the outage that may be on, and past what lists lag.
    clock.advanceTo(clock.now() + HOUR_MS);
    await poll();
    clock.advanceTo(clock.now() + 7 * HOUR_MS);
    await poll();
  }
  return { scenario, ledger, refused, viaWebhooks, tokens: simulator.tokens };
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
      routes: [url],
      timeout: '120ms',
      retries: 12,
      backoff: { first: '1ms', most: '4ms' },
      retryAfter: { unstated: '2ms', most: '2ms' },
      rateLimits: {
        all: { perSecond: 10_000 },
        default: { perSecond: 10_000 },
        certificates: { perSecond: 10_000 },
      },
      // A breaker counts real time, of which ten simulated minutes have next to none.
      breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
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
function compared({ scenario, ledger }: Run): { expected: unknown; found: unknown } {
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
  const found = [...ledger.records.values()].map((record) => ({
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
  expect(result.ledger.deadLetters).toEqual([]);
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
    expect(result.refused.size).toBe(0);
    const { expected, found } = compared(result);
    const told = Object.entries(expected as object).filter(([, { kind }]) =>
      ['charge', 'refund', 'chargeback'].includes(kind as string),
    );
    expect(found).toEqual(Object.fromEntries(told));
    check(await run({ on: [], webhooks: true, pollEveryMs: 20 * HOUR_MS }));
  });

  test.each<[string, readonly Fault[]]>([
    ['lost, doubled, late and forged webhooks in any order', WEBHOOK_FAULTS],
    ['requests that fail, and tokens that end early', REQUEST_FAULTS],
    ['lists that lag, clocks that differ, and outages', ['shiftingPages', 'clockSkew', 'outages']],
  ])('with %s', async (_, on) => {
    check(await run({ on, webhooks: true, pollEveryMs: 20 * HOUR_MS }));
  });

  test('with every fault at once', async () => {
    const result = await run({ on: 'all', webhooks: true, pollEveryMs: 20 * HOUR_MS });
    check(result);
    expect(result.viaWebhooks).toBeGreaterThan(20);
    expect(result.refused.get('deliveryUnverified')).toBeGreaterThan(0);
    expect(result.tokens).toBeGreaterThan(1);
  });
});
