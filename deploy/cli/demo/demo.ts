import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLiveFeed } from '../../../api/live-feed.ts';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { createConfigSchema } from '../../../engine/config/index.ts';
import { CounterfoilError, DEAD_LETTER_PARTITION } from '../../../engine/domain/index.ts';
import { createLogger, createMetrics } from '../../../engine/telemetry/index.ts';
import { DemoDisplay } from '../../demo/display-driver.ts';
import { describePlanted, expectedOf, isAsExpected } from '../../demo/planted.ts';
import { startStory } from '../../demo/story.ts';
import type { Pace, Story } from '../../demo/story.ts';
import { freePort } from '../../local/index.ts';
import { leave } from '../compose/serve.ts';
import type { Running } from '../compose/start.ts';
import { start } from '../compose/start.ts';
import { onStopSignals } from '../compose/stop-signals.ts';
import { ApiClient } from './api-client.ts';
import type { Figures } from './figures.ts';
import { DemoFigures } from './figures.ts';

export interface DemoOptions {
  readonly seed: number;
  /** Ends by itself when everything is found and queryable. */
  readonly exit: boolean;
  /** Prints one summary as JSON on standard output; what happens is shown on standard error. */
  readonly json: boolean;
  /** Port of the API; 0 takes a free one. */
  readonly port: number;
}

const PARTITIONS = 4;
const REFRESH_MS = 200;
/** For a story that is watched, and for one that is told to its end. */
const WATCHED: Pace = {
  ...{ payments: 4000, salesDays: 12, salesDayMs: 30_000, laterDayMs: 5000 },
  ...{ poll: { interval: '3s', minInterval: '1s' }, webhookGrace: '30m' },
};
const HURRIED: Pace = {
  ...{ payments: 900, salesDays: 3, salesDayMs: 3500, laterDayMs: 180 },
  ...{ poll: { interval: '1s', minInterval: '500ms' }, webhookGrace: '2h' },
};
/** How long everything may take to be found and stored once the story is over. */
const SETTLE_MS = 60_000;

/** Some days of a merchant, from a fresh directory that is removed at the end. @returns the exit status */
export async function demo(options: DemoOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-demo-'));
  const signals = onStopSignals(() => process.stderr.write('counterfoil: ended at once\n'));
  try {
    const run = new DemoRun(options, directory);
    await run.run(signals.asked.then(() => undefined));
  } finally {
    signals.release();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
  const words = options.json ? process.stderr : process.stdout;
  words.write('Stopped: nothing is left running, and nothing was kept.\n');
  leave(0);
  return 0;
}

class DemoRun {
  readonly #options: DemoOptions;
  readonly #directory: string;
  readonly #display: DemoDisplay;
  readonly #metrics = createMetrics({ process: false });
  readonly #started = Date.now();
  readonly #ended = new AbortController();
  /** Sequence through which each partition is queryable. */
  readonly #stored = new Map<number, number>();
  #phase = 'starting';
  #webhooksPort = 0;
  #story: Story | undefined;
  #figures: DemoFigures | undefined;
  #api: string | undefined;

  constructor(options: DemoOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
    this.#display = new DemoDisplay(options.json ? process.stderr : process.stdout, process.env);
  }

  /** Resolves when everything that it started has ended. */
  async run(asked: Promise<undefined>): Promise<void> {
    void asked.then(() => this.#ended.abort());
    const drawing = this.#draw();
    let running: Running | undefined;
    let failure: CounterfoilError | undefined;
    try {
      const story = await this.#startStory();
      running = await this.#start(story);
      const failed = running.failed.then((error) => {
        throw error;
      });
      await Promise.race([this.#tell(story, running), failed, asked]);
    } catch (error) {
      if (!this.#ended.signal.aborted) failure = CounterfoilError.from(error);
    }
    this.#phase = 'stopping';
    this.#ended.abort();
    await drawing;
    this.#display.close(failure === undefined ? await this.#state() : undefined);
    await running?.stop();
    await this.#story?.close();
    if (failure !== undefined) throw failure;
  }

  async #startStory(): Promise<Story> {
    const directory = join(this.#directory, 'files');
    await mkdir(directory);
    const port = await freePort();
    this.#story = await startStory({
      seed: this.#options.seed,
      now: Date.now(),
      pace: this.#options.exit ? HURRIED : WATCHED,
      webhooksUrl: `http://127.0.0.1:${port}`,
      directory,
    });
    this.#webhooksPort = port;
    return this.#story;
  }

  #start({ configuration, now }: Story): Promise<Running> {
    const config = createConfigSchema(CONNECTOR_SCHEMAS).parse({
      dataDir: join(this.#directory, 'data'),
      partitions: PARTITIONS,
      ...configuration,
      api: { port: this.#options.port },
      webhooks: { port: this.#webhooksPort },
    });
    return start({
      config,
      directory: this.#directory,
      roles: ['engine', 'connectors', 'api'],
      embedded: true,
      logger: createLogger({ level: 'silent' }),
      metrics: this.#metrics,
      providersNow: now,
      onPhase: (phase) => (this.#phase = phase),
      onStored: (partition, sequence) => this.#stored.set(partition, sequence),
    });
  }

  /** Lets the story happen, and with `exit` waits until all of it is found. */
  async #tell(story: Story, running: Running): Promise<void> {
    const { signal } = this.#ended;
    const feed = createLiveFeed({ log: running.log, logger: createLogger({ level: 'silent' }) });
    const figures = new DemoFigures(feed.summaries, this.#metrics);
    feed.subscribe((live) => figures.take(live));
    this.#figures = figures;
    this.#api = running.apiUrl;
    const api = new ApiClient(running.apiUrl!);
    try {
      figures.startTiming();
      await story.tell(
        (posted) => api.post(posted),
        signal,
        (day, hasSales) => {
          this.#phase = `day ${day}: ${hasSales ? 'sales go on' : 'refunds, disputes and payouts follow'}`;
        },
      );
      if (!this.#options.exit) {
        this.#phase = 'everything is told; look around by the API';
        await once(signal, 'abort');
        return;
      }
      this.#phase = 'everything has happened; waiting until all of it is found';
      const found = await this.#settle(story, running, figures);
      if (this.#options.json) await this.#printSummary(story, api, found);
    } finally {
      await feed.close();
    }
  }

  /** Waits until everything in the log is queryable and everything planted is found, or for as long as is sensible. */
  async #settle(story: Story, running: Running, figures: DemoFigures): Promise<Figures> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const found = await figures.now();
      if (isAsExpected(found, expectedOf(story.planted))) break;
      if (Date.now() > deadline || this.#ended.signal.aborted) break;
      await delay(REFRESH_MS);
    }
    const partitions = [...Array.from({ length: PARTITIONS }, (_, p) => p), DEAD_LETTER_PARTITION];
    const last = await Promise.all(
      partitions.map(async (p) => [p, (await running.log.state(p)).lastSequence] as const),
    );
    while (last.some(([partition, sequence]) => (this.#stored.get(partition) ?? 0) < sequence)) {
      if (Date.now() > deadline) {
        throw new CounterfoilError(
          'timeout',
          `not everything was queryable ${SETTLE_MS / 1000} s after the end; try again on a quieter machine`,
        );
      }
      await delay(50);
    }
    return figures.now();
  }

  async #printSummary({ planted, posted }: Story, api: ApiClient, found: Figures): Promise<void> {
    const { records, matches, open, pending, breaks, healed, duplicates, deadLetters, latencyMs } = found;
    const queryable = {
      records: await api.count('/v1/records'),
      matches: await api.count('/v1/matches'),
      openBreaks: await api.count('/v1/breaks', { state: 'open' }),
    };
    const expected = expectedOf(planted);
    const summary = {
      ...{ records, matches, open, pending, breaks, healed, duplicates, deadLetters, latencyMs },
      sources: found.sources,
      webhooksPosted: posted(),
      queryable,
      planted,
      expected,
      agrees: isAsExpected(found, expected),
      elapsedMs: Date.now() - this.#started,
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  }

  async #draw(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.#display.update(await this.#state());
      await delay(REFRESH_MS, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
  }

  async #state() {
    const nothing = {
      ...{ records: 0, rate: 0, matches: 0, open: 0, pending: 0, breaks: {} },
      ...{ healed: 0, duplicates: 0, deadLetters: 0, sources: [] },
    };
    return {
      ...((await this.#figures?.now()) ?? nothing),
      phase: this.#phase,
      elapsedMs: Date.now() - this.#started,
      planted: this.#story === undefined ? [] : describePlanted(this.#story.planted),
      ...(this.#api === undefined ? {} : { api: this.#api }),
    };
  }
}
