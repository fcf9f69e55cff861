import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLiveFeed } from '../../../api/live-feed.ts';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import type { Config } from '../../../engine/config/index.ts';
import { createConfigSchema } from '../../../engine/config/index.ts';
import { CounterfoilError, DEAD_LETTER_PARTITION } from '../../../engine/domain/index.ts';
import { createLogger, createMetrics } from '../../../engine/telemetry/index.ts';
import { DemoDisplay } from '../../demo/display-driver.ts';
import { describePlanted, expectedOf } from '../../demo/planted.ts';
import type { Scenario } from '../../demo/scenario.ts';
import { createScenario } from '../../demo/scenario.ts';
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
/** The day told to its end: a stream of so many seconds, at so many seconds of the day a second. */
const WHOLE_DAY = { streamSeconds: 12, speed: 600 };
/** How long everything may take to be stored, and then to be found, once the day is over. */
const SETTLE_MS = 60_000;

/** A day of a merchant, from a fresh directory that is removed at the end. @returns the exit status */
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
  readonly #scenario: Scenario;
  readonly #display: DemoDisplay;
  readonly #metrics = createMetrics({ process: false });
  readonly #started = Date.now();
  readonly #ended = new AbortController();
  /** Sequence through which each partition is queryable. */
  readonly #stored = new Map<number, number>();
  #phase = 'starting';
  #figures: DemoFigures | undefined;
  #api: string | undefined;

  constructor(options: DemoOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
    const pace = options.exit ? WHOLE_DAY : {};
    this.#scenario = createScenario({ seed: options.seed, now: Date.now(), ...pace });
    this.#display = new DemoDisplay(options.json ? process.stderr : process.stdout, process.env);
  }

  /** Resolves when everything that it started has ended. */
  async run(asked: Promise<undefined>): Promise<void> {
    void asked.then(() => this.#ended.abort());
    const drawing = this.#draw();
    let running: Running | undefined;
    let failure: CounterfoilError | undefined;
    try {
      running = await this.#start();
      const failed = running.failed.then((error) => {
        throw error;
      });
      await Promise.race([this.#tell(running), failed, asked]);
    } catch (error) {
      failure = CounterfoilError.from(error);
    }
    this.#phase = 'stopping';
    this.#ended.abort();
    await drawing;
    this.#display.close(failure === undefined ? await this.#state() : undefined);
    await running?.stop();
    if (failure !== undefined) throw failure;
  }

  async #start(): Promise<Running> {
    const folder = join(this.#directory, 'files');
    await mkdir(folder);
    for (const [name, text] of Object.entries(this.#scenario.files))
      await writeFile(join(folder, name), text);
    return start({
      config: this.#config(folder),
      directory: folder,
      roles: ['engine', 'connectors', 'api'],
      embedded: true,
      logger: createLogger({ level: 'silent' }),
      metrics: this.#metrics,
      onPhase: (phase) => (this.#phase = phase),
      onStored: (partition, sequence) => this.#stored.set(partition, sequence),
    });
  }

  #config(folder: string): Config {
    return createConfigSchema(CONNECTOR_SCHEMAS).parse({
      dataDir: join(this.#directory, 'data'),
      partitions: PARTITIONS,
      sources: this.#scenario.sources(folder),
      reconciliations: this.#scenario.reconciliations,
      api: { port: this.#options.port },
    });
  }

  /** Lets the day happen, and with `exit` waits until all of it is found. */
  async #tell(running: Running): Promise<void> {
    const logger = createLogger({ level: 'silent' });
    const feed = createLiveFeed({ log: running.log, logger });
    const figures = new DemoFigures(feed.summaries, this.#metrics);
    feed.subscribe((live) => figures.take(live));
    this.#figures = figures;
    this.#api = running.apiUrl;
    const api = new ApiClient(running.apiUrl!);
    try {
      this.#phase = 'the day so far';
      for (const post of this.#scenario.history) {
        if (this.#ended.signal.aborted) return;
        await api.post(post);
      }
      this.#phase = 'the day goes on';
      figures.startTiming();
      for await (const step of this.#scenario.stream({ signal: this.#ended.signal })) {
        if (step.kind === 'post') await api.post(step.post);
        else await appendFile(join(this.#directory, 'files', step.file), step.text);
      }
      if (!this.#options.exit || this.#ended.signal.aborted) return;
      this.#phase = 'the day is over; waiting until everything is found';
      const found = await this.#settle(running, figures);
      if (this.#options.json) await this.#printSummary(api, found);
    } finally {
      await feed.close();
    }
  }

  /** Waits until everything in the log is queryable and everything planted is found, or for as long as is sensible. */
  async #settle(running: Running, figures: DemoFigures): Promise<Figures> {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const found = await figures.now();
      if (this.#agrees(found)) break;
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
          `not everything was queryable ${SETTLE_MS / 1000} s after the day's end; try again on a quieter machine`,
        );
      }
      await delay(50);
    }
    return figures.now();
  }

  /** Whether what was put into the day has been found, all of it and nothing else, and nothing is pending. */
  #agrees(found: Figures): boolean {
    const expected = expectedOf(this.#scenario.planted);
    return (
      found.open === expected.breaks.unmatched + 2 * expected.breaks.amount &&
      found.duplicates === expected.duplicates &&
      found.deadLetters === expected.deadLetters &&
      (found.breaks['unmatched'] ?? 0) === expected.breaks.unmatched &&
      (found.breaks['amount'] ?? 0) === expected.breaks.amount
    );
  }

  async #printSummary(api: ApiClient, found: Figures): Promise<void> {
    const { records, matches, open, breaks, healed, duplicates, deadLetters, latencyMs } = found;
    const queryable = {
      records: await api.count('/v1/records'),
      matches: await api.count('/v1/matches'),
      openBreaks: await api.count('/v1/breaks', { state: 'open' }),
    };
    const summary = {
      ...{ records, matches, open, breaks, healed, duplicates, deadLetters, latencyMs },
      queryable,
      planted: this.#scenario.planted,
      expected: expectedOf(this.#scenario.planted),
      agrees: this.#agrees(found),
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
      records: 0,
      rate: 0,
      matches: 0,
      open: 0,
      breaks: {},
      healed: 0,
      duplicates: 0,
      deadLetters: 0,
    };
    return {
      ...((await this.#figures?.now()) ?? nothing),
      phase: this.#phase,
      elapsedMs: Date.now() - this.#started,
      planted: describePlanted(this.#scenario.planted),
      ...(this.#api === undefined ? {} : { api: this.#api }),
    };
  }
}
