import { createFaults } from '../faults.ts';
import type { FaultOptions } from '../faults.ts';
import { SimulatedClock } from '../play.ts';
import type { Simulator } from '../play.ts';
import { createScenario } from '../scenario/index.ts';
import type { Provider, Scenario } from '../scenario/index.ts';
import type { PartContext, WorldPart } from './part.ts';
import { PROVIDER_PARTS, bankPart } from './parts.ts';
import { Poster } from './poster.ts';

const MINUTE_MS = 60_000;

export interface WorldOptions {
  readonly seed: number;
  readonly payments: number;
  /** Simulated time of the first sale, and how long sales go on; milliseconds. */
  readonly startMs: number;
  readonly spanMs: number;
  /** Nothing happens later than this; see ScenarioOptions. */
  readonly untilMs?: number;
  readonly providers: readonly Provider[];
  /** Default: two. Where there is one, all records are of an account of that name. */
  readonly merchants?: readonly string[];
  /** Base URL of the webhooks of Counterfoil. */
  readonly webhooksUrl: string;
  /** A folder in which the bank puts its statements, and the shop a list of its orders. */
  readonly directory: string;
  /** What goes wrong. Default: everything. */
  readonly faults?: Omit<FaultOptions, 'seed'>;
  /** How often sources are polled; durations as they are configured. */
  readonly poll?: { readonly interval: string; readonly minInterval: string };
}

/** Payment companies and a bank on which things go wrong, and what Counterfoil must know in the end. */
export interface World {
  readonly clock: SimulatedClock;
  readonly scenario: Scenario;
  readonly simulators: readonly Simulator[];
  /** The section `sources` of a configuration that reads them, with the secrets by name that it takes from outside. */
  readonly sources: { readonly [name: string]: object };
  readonly secrets: { readonly [name: string]: string };
  /** Webhooks that were posted, copies and forgeries included, whatever became of them. */
  readonly posted: () => number;
  /** One line for each record that must be in the store, by source, sorted. */
  wanted(): { readonly [source: string]: readonly string[] };
  close(): Promise<void>;
}

/** How Counterfoil calls simulators: as fast as this machine allows, and never for long. */
const HTTP = {
  timeout: '2s',
  retries: 10,
  backoff: { first: '1ms', most: '20ms' },
  retryAfter: { most: '10ms' },
  rateLimits: { all: { perSecond: 10_000 }, default: { perSecond: 10_000 } },
  breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
};

/** Outages are as long a part of the time as those of ten minutes in six hours, and more often. */
const EVERYTHING: Omit<FaultOptions, 'seed'> = {
  on: 'all',
  // As much as goes wrong otherwise: what is not listed has to be fetched one by one.
  lateInLists: 0.05,
  outageEveryMs: 4 * MINUTE_MS,
  outageMs: 7000,
};

export async function startWorld(options: WorldOptions): Promise<World> {
  const { seed, startMs, providers, webhooksUrl, directory, merchants = ['souk', 'dune'] } = options;
  const { poll = { interval: '2s', minInterval: '500ms' } } = options;
  const scenario = createScenario({ ...options, merchants });
  const clock = new SimulatedClock(startMs - MINUTE_MS);
  const poster = new Poster(webhooksUrl);
  const context: PartContext = {
    ...{ directory, merchants, now: clock.now, hangMs: 100, concurrency: 400 },
    faults: createFaults({ ...(options.faults ?? EVERYTHING), seed }),
    post: (source) => (webhook) => poster.post(source, webhook),
    live: (url) => ({ http: { ...HTTP, routes: [url] }, poll }),
    account: merchants.length === 1 ? merchants[0]! : 'main',
  };
  const parts: WorldPart[] = [];
  for (const provider of providers) parts.push(await PROVIDER_PARTS[provider](context));
  parts.push(await bankPart(context));
  return {
    ...{ clock, scenario, simulators: parts.map(({ simulator }) => simulator) },
    sources: Object.fromEntries(parts.map(({ name, source }) => [name, source])),
    secrets: Object.assign({}, ...parts.map(({ secrets }) => secrets)) as World['secrets'],
    posted: () => poster.posted,
    wanted: () => Object.fromEntries(parts.map((part) => [part.name, [...part.wanted(scenario)].sort()])),
    async close() {
      for (const { simulator } of parts) await simulator.close();
      await poster.close();
    },
  };
}
