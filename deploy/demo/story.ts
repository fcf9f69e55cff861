import { setTimeout as sleep } from 'node:timers/promises';
import { play } from '../../connectors/simulators/play.ts';
import type { Fault } from '../../connectors/simulators/faults.ts';
import { PROVIDERS } from '../../connectors/simulators/scenario/index.ts';
import { startWorld } from '../../connectors/simulators/world/world.ts';
import { DAY_MS } from '../../engine/domain/index.ts';
import { withBankTroubles } from './bank-troubles.ts';
import { demoRates, demoReconciliations, demoSources } from './configuration.ts';
import { MERCHANT, Merchant } from './merchant.ts';
import type { Posted } from './merchant.ts';
import { nothingPlanted } from './planted.ts';
import type { Planted } from './planted.ts';

/** How long the days of a story take. */
export interface Pace {
  readonly payments: number;
  /** Days on which there are sales. What comes of them takes some four weeks more. */
  readonly salesDays: number;
  /** Real milliseconds of a day with sales, and of one of those after. */
  readonly salesDayMs: number;
  readonly laterDayMs: number;
  /** How often gateways are polled, in real time. */
  readonly poll: { readonly interval: string; readonly minInterval: string };
  /** How long a webhook may take, in simulated time, before what a poll finds counts as missed: longer than a step. */
  readonly webhookGrace: string;
}

/** Everything that a provider may do to us, short of outages: in a hurried story they would last for days. */
const FAULTS: readonly Fault[] = [
  'lostWebhooks',
  'duplicateWebhooks',
  'reorderedWebhooks',
  'lateWebhooks',
  'wrongSignatures',
  'rateLimits',
  'silentRateLimits',
  'serverErrors',
  'resets',
  'expiredTokens',
];
/** How long before now it all begins: longer than it lasts, because nothing may happen later than now. */
const AGO_DAYS = 120;
/** Simulators send what is due so often, in real time. */
const STEP_MS = 200;
/** For how many days after the last event nothing happens, so that every window closes. */
const SILENT_DAYS = 20;

export interface StoryOptions {
  readonly seed: number;
  /** Epoch milliseconds, of the machine. */
  readonly now: number;
  readonly pace: Pace;
  /** Base URL of the webhooks. */
  readonly webhooksUrl: string;
  /** A folder for the bank's statements and the shop's list of orders. */
  readonly directory: string;
}

/** Some days of a merchant who sells through three gateways and is paid out to one bank, all of them simulated. */
export interface Story {
  /** Sections of a configuration. */
  readonly configuration: {
    readonly sources: object;
    readonly reconciliations: readonly object[];
    readonly rates: object;
  };
  /** The clock that the gateways live by, epoch milliseconds. */
  readonly now: () => number;
  /** What has been planted so far; grows as the story goes on. */
  readonly planted: Readonly<Planted>;
  /** Webhooks that were posted so far. */
  readonly posted: () => number;
  /**
   * Lets it happen at its pace: a slow receiver slows it. Rejects with the reason of the signal when that aborts.
   * @param post takes what the merchant posts
   * @param onDay told when another day begins, counted from 1
   */
  tell(
    post: (posted: Posted) => Promise<void>,
    signal: AbortSignal,
    onDay: (day: number, hasSales: boolean) => void,
  ): Promise<void>;
  close(): Promise<void>;
}

export async function startStory(options: StoryOptions): Promise<Story> {
  const { seed, now, pace, webhooksUrl, directory } = options;
  const startMs = (Math.floor(now / DAY_MS) - AGO_DAYS) * DAY_MS;
  const salesEndMs = startMs + pace.salesDays * DAY_MS;
  const planted = nothingPlanted();
  const world = await startWorld({
    ...{ seed, startMs, webhooksUrl, directory, payments: pace.payments },
    ...{ spanMs: pace.salesDays * DAY_MS, providers: PROVIDERS, merchants: [MERCHANT] },
    faults: { on: FAULTS },
    poll: pace.poll,
  });
  const { clock, scenario, simulators } = world;

  return {
    configuration: {
      sources: demoSources(world.sources, world.secrets, pace.webhookGrace),
      reconciliations: demoReconciliations(),
      rates: demoRates(startMs),
    },
    now: clock.now,
    planted,
    posted: world.posted,
    async tell(post, signal, onDay) {
      const began = performance.now();
      let day = 0;
      const onTime = async (): Promise<void> => {
        signal.throwIfAborted();
        const today = Math.floor((clock.now() - startMs) / DAY_MS) + 1;
        if (today > day) onDay((day = today), clock.now() < salesEndMs);
        const waitMs = began + realMs(clock.now()) - performance.now();
        if (waitMs > 0) await sleep(waitMs, undefined, { signal });
      };
      const merchant = new Merchant(post, planted, clock.now);
      await play({
        happenings: withBankTroubles(scenario.happenings, planted),
        simulators: [...simulators, merchant],
        clock,
        stepMs: (ms) => (STEP_MS / (ms < salesEndMs ? pace.salesDayMs : pace.laterDayMs)) * DAY_MS,
        onStep: onTime,
      });
      const endMs = clock.now() + SILENT_DAYS * DAY_MS;
      while (clock.now() < endMs) {
        clock.advanceTo(clock.now() + DAY_MS / 2);
        await onTime();
      }
    },
    close: () => world.close(),
  };

  /** When something happens, from the start, in real milliseconds. */
  function realMs(atMs: number): number {
    const salesMs = Math.min(atMs, salesEndMs) - startMs;
    const laterMs = Math.max(0, atMs - salesEndMs);
    return (salesMs * pace.salesDayMs + laterMs * pace.laterDayMs) / DAY_MS;
  }
}
