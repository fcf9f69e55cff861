import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, Zone } from '../../engine/domain/index.ts';
import { Connected } from '../conformance/connected.ts';
import { Accounts } from '../contract/index.ts';
import type { LiveSession } from '../contract/index.ts';
import { createProviderHttp } from '../http/index.ts';
import { KeptFile } from '../runtime/live/index.ts';
import { REQUEST_FAULTS, WEBHOOK_FAULTS, createFaults } from '../simulators/faults.ts';
import type { Fault } from '../simulators/faults.ts';
import {
  midOf,
  ngeniusIds,
  ngeniusRecordId,
  startNgenius,
} from '../simulators/network-international/index.ts';
import { SimulatedClock, play } from '../simulators/play.ts';
import { simulatedHttp } from '../simulators/simulated-http.ts';
import { createScenario } from '../simulators/scenario/index.ts';
import type { Scenario } from '../simulators/scenario/index.ts';
import type { PostWebhook } from '../simulators/webhook-sender.ts';
import { networkInternational } from './index.ts';

const KEY = 'c2ltdWxhdGVkOmtleQ==';
const HEADER = { name: 'X-Shop', value: 'the-header-value' };
const MERCHANTS = ['souk', 'dune'] as const;
const HOUR_MS = 3_600_000;
const MAY_FAIL = ['providerUnreachable', 'timeout', 'providerRateLimited', 'providerAuth'];

const WITHOUT_LOSS = WEBHOOK_FAULTS.filter((fault) => fault !== 'lostWebhooks');

let directory: string;
const running: { close(): Promise<void> }[] = [];
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'counterfoil-ngenius-'))));
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
  await rm(directory, { recursive: true, force: true });
});

interface RunOptions {
  readonly on: readonly Fault[] | 'all';
  readonly webhooks: boolean;
  readonly pollEveryMs?: number;
  /** Whether the shop writes down the orders that it makes. */
  readonly hasFile?: boolean;
  readonly hasHeader?: boolean;
  /** The process is killed so often, at any time. */
  readonly crashEveryMs?: number;
  /** Webhooks about refunds never come. */
  readonly losesRefunds?: boolean;
}

interface Run {
  readonly scenario: Scenario;
  readonly source: Connected;
}

/** Lets a scenario happen at outlets that are connected by webhooks, polls, or both. */
async function run(options: RunOptions): Promise<Run> {
  const {
    on,
    webhooks,
    pollEveryMs,
    hasFile = false,
    hasHeader = true,
    crashEveryMs = Infinity,
    losesRefunds = false,
  } = options;
  const seed = 7340;
  const scenario = createScenario({
    seed,
    payments: 20,
    providers: ['networkInternational'],
    spanMs: 3 * DAY_MS,
  });
  const clock = new SimulatedClock(scenario.happenings[0]!.atMs - HOUR_MS);
  const faults = createFaults({ seed, on, rate: 0.06 });
  const ordersFile = join(directory, 'orders');
  await writeFile(ordersFile, '# orders of the shop\n');
  let made = '';
  let session: Promise<LiveSession> | undefined;

  const opened = (): Promise<LiveSession> =>
    (session ??= KeptFile.open(directory, 'ngenius').then((file) =>
      open(simulator.url, clock.now, file, {
        ...(hasFile ? { ordersFile } : {}),
        ...(hasHeader ? { webhookHeader: HEADER } : {}),
      }),
    ));
  const source = new Connected({ session: opened, now: clock.now, mayFail: MAY_FAIL });
  const post: PostWebhook = async (webhook) =>
    losesRefunds && /"eventName":"\w*REFUND/.test(webhook.body) ? 0 : source.post(webhook);
  const simulator = await startNgenius({
    now: clock.now,
    apiKey: KEY,
    faults,
    hangMs: 100,
    onOrder: (name) => (made += `${name}\n`),
    ...(hasHeader ? { header: HEADER } : {}),
    ...(webhooks ? { post } : {}),
  });
  running.push(simulator);
  const poll = async (): Promise<void> => {
    if (made !== '') await appendFile(ordersFile, made);
    made = '';
    await source.poll();
  };
  let [polledMs, crashedMs] = [clock.now(), clock.now()];
  await play({
    happenings: scenario.happenings,
    simulators: [simulator],
    clock,
    stepMs: HOUR_MS / 60,
    async onStep(nowMs) {
      if (nowMs - crashedMs >= crashEveryMs) {
        crashedMs = nowMs;
        session = undefined;
      }
      if (pollEveryMs === undefined || nowMs - polledMs < pollEveryMs) return;
      polledMs = nowMs;
      await poll();
    },
  });
  // A settled order is looked at once a day.
  for (let n = 0; n < 4 && pollEveryMs !== undefined; n++) {
    clock.advanceTo(clock.now() + 25 * HOUR_MS);
    await poll();
  }
  return { scenario, source };
}

function open(url: string, now: () => number, kept: KeptFile, written: object): LiveSession {
  const settings = networkInternational.settings.parse({
    apiKey: KEY,
    outlets: MERCHANTS.map(ngeniusIds.outlet),
    accounts: Object.fromEntries(
      MERCHANTS.flatMap((name) => [
        [midOf(name), name],
        [ngeniusIds.outlet(name), name],
      ]),
    ),
    http: simulatedHttp(url, '80ms'),
    ...written,
  });
  const http = createProviderHttp({ source: 'ngenius', settings: settings.http });
  running.push(http);
  return networkInternational.open!(
    {
      source: 'ngenius',
      zone: new Zone('UTC'),
      accounts: new Accounts(settings),
      notice: () => undefined,
      http,
      now,
      signal: new AbortController().signal,
      kept,
    },
    settings,
  );
}

/** What the scenario says must have come, and what came, in the same words. */
function check({ scenario, source: { kept } }: Run): void {
  const expected = scenario.ledger('networkInternational').map((record) => ({
    id: ngeniusRecordId(record),
    account: record.merchant,
    kind: record.kind,
    status: record.isVoid === true ? 'void' : 'booked',
    currency: record.currency,
    amount: record.amount,
    fee: 0n,
    tax: 0n,
    time: record.atMs,
    link: record.link === undefined ? undefined : ngeniusRecordId({ kind: 'charge', id: record.link }),
  }));
  const found = [...kept.records.values()].map(
    ({ id, account, kind, status, currency, amount, fee, tax, time, link }) => ({
      ...{ id, account, kind, status, currency, amount, fee, tax, time, link },
    }),
  );
  const byId = (rows: { id: string }[]): object => Object.fromEntries(rows.map((row) => [row.id, row]));
  expect(kept.deadLetters).toEqual([]);
  expect(byId(found)).toEqual(byId(expected));
  expect(found).toHaveLength(expected.length);
}

const POLLED = { pollEveryMs: 9 * HOUR_MS };

describe('the records are those of the outlets', () => {
  test('which have charges, refunds, and refunds that come to nothing', async () => {
    const { scenario } = await run({ on: [], webhooks: false });
    const ledger = scenario.ledger('networkInternational');
    expect(ledger.filter(({ kind }) => kind === 'charge')).toHaveLength(20);
    expect(ledger.filter(({ kind }) => kind === 'refund').length).toBeGreaterThan(3);
    expect(ledger.some(({ isVoid }) => isVoid)).toBe(true);
  });

  test.each([true, false])('by webhooks alone, when none are lost; with a header: %s', async (hasHeader) => {
    const result = await run({ on: [], webhooks: true, hasHeader });
    check(result);
    expect(result.source.refused).toEqual(new Map());
  });

  test('by polling the orders of the shop alone', async () => {
    check(await run({ on: [], webhooks: false, hasFile: true, ...POLLED }));
  });

  test.each<[string, readonly Fault[], boolean]>([
    ['lost, doubled, late and forged webhooks in any order', WEBHOOK_FAULTS, true],
    ['requests that fail and tokens that end early', [...REQUEST_FAULTS, 'expiredTokens'], false],
    ['clocks that differ, and outages', ['shiftingPages', 'clockSkew', 'outages'], false],
  ])('with %s', async (_, on, hasFile) => {
    check(await run({ on, webhooks: true, hasFile, ...POLLED }));
  });

  test('with forged webhooks that nothing tells from true ones, because there is no header', async () => {
    const result = await run({ on: WITHOUT_LOSS, webhooks: true, hasHeader: false, ...POLLED });
    check(result);
    expect(result.source.refused.get('deliveryUnverified')).toBeUndefined();
  });

  test('when the process is killed between webhooks and polls, and no webhook tells of refunds', async () => {
    const on: readonly Fault[] = [...REQUEST_FAULTS, 'hangs'];
    const result = await run({
      on,
      webhooks: true,
      losesRefunds: true,
      crashEveryMs: 2 * HOUR_MS,
      ...POLLED,
    });
    check(result);
    expect(result.source.refused.get('deliveryUnverified')).toBeUndefined();
  });

  test('with every fault at once', async () => {
    const result = await run({
      on: 'all',
      webhooks: true,
      hasFile: true,
      crashEveryMs: 5 * HOUR_MS,
      ...POLLED,
    });
    check(result);
    expect(result.source.viaWebhooks).toBeGreaterThan(20);
    expect(result.source.refused.get('deliveryUnverified')).toBeGreaterThan(0);
  });
});
