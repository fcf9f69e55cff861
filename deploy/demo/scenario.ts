import { setTimeout as wait } from 'node:timers/promises';
import { bankWeek } from './bank.ts';
import { demoReconciliations, demoSources, FILES, LEDGER_HEADER } from './configuration.ts';
import { localDay } from './merchant.ts';
import { nothingPlanted, type Planted } from './planted.ts';
import { integer, seededRandom } from './random.ts';
import { Sales, type GatewayRecord, type Happened } from './sales.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The day begins so long before now, and this much of it is there when the demo starts. */
const DAY_MS = 24 * HOUR;
const HISTORY_MS = 8 * HOUR;
/** After this much event time whatever was planted has been found: window, grace, and how far sources may lag. */
const CLOSING_MS = 50 * MINUTE;
/** How often the stream goes on, in real time. */
const STEP_MS = 250;
/** Records in one post of the history. */
const HISTORY_BATCH = 50;

/** What to post to `/v1/records`. */
export interface GatewayPost {
  readonly source: 'gateway';
  readonly records: readonly GatewayRecord[];
}

/** One thing that happens: something to post, or text to append to one of the files. */
export type DemoStep =
  | { readonly kind: 'post'; readonly post: GatewayPost }
  | { readonly kind: 'append'; readonly file: string; readonly text: string };

export interface ScenarioOptions {
  readonly seed: number;
  /** Epoch milliseconds. The day told is that of the 24 hours before. */
  readonly now: number;
  /** Sales in the part of the day that is there at the start; each is a gateway record and a ledger entry. */
  readonly historySales?: number;
  /** Records per second of the stream, gateway and ledger together. */
  readonly rate?: number;
  /** Seconds of the day per second of the stream, until it has caught up with now. */
  readonly speed?: number;
  /** The stream ends after so many seconds; without it, never. */
  readonly streamSeconds?: number;
}

export interface Scenario {
  /** @param folder where the caller has put the files */
  sources(folder: string): { [source: string]: { [setting: string]: unknown } };
  readonly reconciliations: { [setting: string]: unknown }[];
  /** Files to write before the sources are opened, by name. */
  readonly files: { readonly [name: string]: string };
  /** The part of the day that is there at the start, as the gateway delivers it. */
  readonly history: readonly GatewayPost[];
  /**
   * The rest of the day, step by step at its pace. Each step is to be carried out before the next is asked for: a
   * slow receiver slows the day. Ends with `streamSeconds`, or when `signal` aborts.
   */
  stream(pace?: Pace): AsyncGenerator<DemoStep, void, undefined>;
  /** What has been planted so far; grows with the stream. */
  readonly planted: Readonly<Planted>;
}

/** The stream's clock; replaced in tests. */
export interface Pace {
  readonly signal?: AbortSignal;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A seeded day of a merchant in the Emirates, with the ordinary troubles in it, each counted. */
export function createScenario(options: ScenarioOptions): Scenario {
  const { seed, now, historySales = 1500, rate = 40, speed = 60, streamSeconds = Infinity } = options;
  const planted = nothingPlanted();
  const random = seededRandom(seed);
  const start = Math.floor((now - DAY_MS) / 1000) * 1000;
  const streamStart = start + HISTORY_MS;
  const end = Math.min(streamStart + streamSeconds * 1000 * speed, now + streamSeconds * 1000);
  const bank = bankWeek(random, localDay(now), planted);
  const sales = new Sales(random, planted, start, end - CLOSING_MS);
  const past = sales.between(start, streamStart, historySales);
  const history = historyPosts(past, planted);

  return {
    sources: demoSources,
    reconciliations: demoReconciliations(),
    files: {
      [FILES.ledger]: `${[LEDGER_HEADER, ...past.ledger].join('\n')}\n`,
      [FILES.cashBook]: bank.cashBook,
      [FILES.statement]: bank.statement,
    },
    history,
    planted,
    async *stream(pace = {}) {
      const { signal, clock = Date.now } = pace;
      const sleep = pace.sleep ?? ((ms) => wait(ms, undefined, signal && { signal }).catch(() => undefined));
      const began = clock();
      let told = streamStart;
      let owed = 0;
      for (let step = 1; step * STEP_MS <= streamSeconds * 1000; step++) {
        await sleep(began + step * STEP_MS - clock());
        if (signal?.aborted === true) return;
        // The day runs at its speed until it has caught up; from there on it is now.
        const until = Math.min(streamStart + step * STEP_MS * speed, clock());
        owed += (rate / 2) * (STEP_MS / 1000);
        const count = until > told ? Math.floor(owed) : 0;
        if (count === 0) continue;
        owed -= count;
        const happened = sales.between(told, until, count);
        told = until;
        yield* stepsOf(happened, random() < 0.02, planted);
      }
    },
  };

  function historyPosts(happened: Happened, counts: Planted): GatewayPost[] {
    const posts: GatewayPost[] = [];
    for (let from = 0; from < happened.gateway.length; from += HISTORY_BATCH) {
      posts.push({ source: 'gateway', records: happened.gateway.slice(from, from + HISTORY_BATCH) });
    }
    // The answer to one delivery was lost: the gateway sends it again.
    const again = integer(random, 1, Math.max(1, posts.length - 2));
    const repeated = posts[again];
    if (repeated !== undefined) {
      posts.splice(again + 1, 0, repeated);
      counts.duplicateDelivery += repeated.records.length;
    }
    return posts;
  }
}

function* stepsOf(
  happened: Happened,
  again: boolean,
  planted: Planted,
): Generator<DemoStep, void, undefined> {
  if (happened.gateway.length > 0) {
    const post: GatewayPost = { source: 'gateway', records: happened.gateway };
    yield { kind: 'post', post };
    if (again) {
      planted.duplicateDelivery += post.records.length;
      yield { kind: 'post', post };
    }
  }
  if (happened.ledger.length > 0) {
    yield { kind: 'append', file: FILES.ledger, text: `${happened.ledger.join('\n')}\n` };
  }
}
