import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFaults } from '../../connectors/simulators/faults.ts';
import { SimulatedClock, play } from '../../connectors/simulators/play.ts';
import { createScenario } from '../../connectors/simulators/scenario/index.ts';
import type { Scenario } from '../../connectors/simulators/scenario/index.ts';
import { startStripe, stripeIds } from '../../connectors/simulators/stripe/index.ts';
import { postTo } from '../../connectors/simulators/webhook-sender.ts';
import { lineOf } from '../../connectors/simulators/world/part.ts';
import { DAY_MS } from '../../engine/domain/index.ts';
import { freePort } from '../local/index.ts';
import { storedOf } from './deliveries/ledgers.ts';
import { getJson } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

const KEY = 'sk_test_end_to_end';
const SECRET = 'whsec_end_to_end';
const HOUR_MS = 3_600_000;
/** How long an answer to a webhook may take. */
const ANSWER_MS = 15_000;
/** How long the source may still have to poll after the last delivery. */
const CATCH_UP_MS = 45_000;

test('a Stripe account with every fault at once, and a kill in the middle, is in the store to the last record', async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'counterfoil-stripe-')));
  const seed = Number(process.env['COUNTERFOIL_SEED'] ?? Date.now() % 1_000_000);
  console.log(`stripe seed ${seed}`);
  process.env['COUNTERFOIL_E2E_STRIPE_KEY'] = KEY;
  process.env['COUNTERFOIL_E2E_STRIPE_SECRET'] = SECRET;
  const startMs = Math.floor(Date.now() / DAY_MS - 6) * DAY_MS;
  const scenario = createScenario({
    ...{ seed, payments: 40, providers: ['stripe'], startMs, spanMs: 3 * DAY_MS },
    // Nothing is delivered, or listed, that is later than now.
    untilMs: Date.now() - DAY_MS,
  });
  const clock = new SimulatedClock(startMs - HOUR_MS);
  const port = await freePort();
  const simulator = await startStripe({
    now: clock.now,
    apiKey: KEY,
    secrets: [SECRET],
    faults: createFaults({ seed, on: 'all', rate: 0.06 }),
    hangMs: 300,
    post: postTo(`http://127.0.0.1:${port}/webhooks/stripe`, ANSWER_MS),
  });
  const config = upConfig(simulator.url, port);
  let up: UpProcess | undefined;
  try {
    up = await startUp(directory, config);
    let isKilled = false;
    await play({
      happenings: scenario.happenings,
      simulators: [simulator],
      clock,
      stepMs: HOUR_MS / 60,
      async onStep(nowMs) {
        if (isKilled || nowMs < startMs + 1.5 * DAY_MS) return;
        isKilled = true;
        await up!.kill();
        up = await startUp(directory, config);
      },
    });
    expect(isKilled).toBe(true);
    // Past what lists lag and outages last.
    clock.advanceTo(clock.now() + 8 * HOUR_MS);
    const { apiUrl } = up;
    const wanted = wantedOf(scenario);
    expect(await storedOf(apiUrl, 'stripe', wanted, CATCH_UP_MS)).toEqual(wanted);
    const { totals } = await getJson<{ totals: { deadLetters: number } }>(apiUrl, '/v1/summary');
    expect(totals.deadLetters).toBe(0);
    expect(up.output()).not.toContain(KEY);
    expect(up.output()).not.toContain(SECRET);
    expect(await up.stop()).toBe(0);
  } finally {
    await up?.kill();
    await simulator.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 150_000);

function upConfig(url: string, port: number): object {
  return {
    partitions: 2,
    webhooks: { port },
    engine: { shards: 1, checkpointInterval: '700ms', flushInterval: '50ms' },
    sources: {
      stripe: {
        connector: 'stripe',
        apiKey: '${COUNTERFOIL_E2E_STRIPE_KEY}',
        webhookSecrets: '${COUNTERFOIL_E2E_STRIPE_SECRET}',
        account: 'main',
        // Simulated time is some days behind.
        tolerance: '7d',
        http: {
          routes: [url],
          timeout: '250ms',
          retries: 10,
          backoff: { first: '1ms', most: '10ms' },
          retryAfter: { most: '10ms' },
          rateLimits: { all: { perSecond: 10_000 }, default: { perSecond: 10_000 } },
          breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
        },
        poll: { interval: '1s', minInterval: '200ms' },
      },
      ledger: { connector: 'http-json' },
    },
    reconciliations: [
      {
        name: 'ledger-to-stripe',
        left: { sources: ['ledger'] },
        right: { sources: ['stripe'] },
        window: { before: '1d', after: '1d' },
        rules: [{ name: 'by-charge', keys: ['references.charge'] }],
      },
    ],
  };
}

/** One line for each record of the scenario, sorted. */
function wantedOf(scenario: Scenario): string[] {
  return scenario
    .ledger('stripe')
    .map((record) =>
      lineOf(stripeIds.transaction(record.id), record, record.payout && stripeIds.payout(record.payout)),
    )
    .sort();
}
