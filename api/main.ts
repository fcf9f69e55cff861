import { openSource } from '../connectors/open-source.ts';
import type { Source } from '../connectors/open-source.ts';
import { rereadDeadLetter } from '../connectors/reread.ts';
import { createPublisher } from '../connectors/runtime/index.ts';
import { rulesHash, rulesJson, toRuleSet, type Config } from '../engine/config/index.ts';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { Log, Publisher, ResultQueries, ResultStore } from '../engine/domain/index.ts';
import { publishFirstRules } from '../engine/main.ts';
import { openStore } from '../engine/store/index.ts';
import { connectLog } from '../engine/stream/index.ts';
import type { LogOptions } from '../engine/stream/index.ts';
import type { Logger, Metrics } from '../engine/telemetry/index.ts';
import { createApp } from './app.ts';
import { createCommandLog } from './commands/log.ts';
import type { ApiLimits } from './deps.ts';
import { createIngest } from './ingest.ts';
import type { PushTranslator } from './ingest.ts';
import { createLiveFeed } from './live-feed.ts';
import { createReplay } from './replay.ts';
import type { Rereader } from './replay.ts';
import { createReadiness } from './readiness.ts';
import { startServer } from '../engine/server/index.ts';
import type { RunningServer } from '../engine/server/index.ts';

/** How long the files of a dead letter may be read again: less than a request may take. */
const REPLAY_MS = 25_000;

/** What the API role is composed from. The caller opens and closes these. */
export interface ApiRoleDeps {
  readonly config: Config;
  /** Where relative paths of sources start. */
  readonly directory: string;
  readonly log: Log;
  readonly store: ResultQueries & Pick<ResultStore, 'ping'>;
  /** Takes what is posted. */
  readonly publisher: Publisher;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits?: Partial<ApiLimits>;
}

/** Starts the API role on `config.api.host` and `port`. Resolves when it listens. @throws `portInUse`, `invalidConfig` */
export async function startApi(deps: ApiRoleDeps): Promise<RunningServer> {
  const { config, directory, log, store, publisher, metrics, logger, limits } = deps;
  const feed = createLiveFeed({ log, logger });
  const rules = toRuleSet(config);
  const sources = config.sources.map((spec) =>
    openSource(spec, (line) => logger.info({ source: spec.name }, line)),
  );
  const app = createApp({
    queries: store,
    ingest: createIngest(pushTranslators(sources), publisher),
    replay: createReplay({
      ...{ publisher, queries: store, withinMs: REPLAY_MS },
      rereaders: rereaders(sources, directory),
    }),
    commands: createCommandLog(log, config.partitions, { json: rulesJson, hash: rulesHash }),
    summaries: feed.summaries,
    live: feed,
    rules: () => rules,
    balanceSources: sources
      .filter(({ connector }) => connector.capabilities.balances)
      .map(({ name }) => name),
    readiness: createReadiness(log, store),
    metrics,
    logger,
    ...(limits === undefined ? {} : { limits }),
  });
  try {
    const server = await startServer({ section: 'api', app, host: config.api.host, port: config.api.port });
    logger.info({ url: server.url }, 'api listens');
    return {
      ...server,
      async close(graceMs) {
        await server.close(graceMs);
        await feed.close();
      },
    };
  } catch (error) {
    await feed.close();
    throw error;
  }
}

/** The sources that take posts. */
function pushTranslators(sources: readonly Source[]): ReadonlyMap<string, PushTranslator> {
  const pushed = sources.filter(({ connector }) => connector.capabilities.push);
  return new Map(pushed.map((source) => [source.name, (payload) => source.translate(payload)]));
}

/** How the dead letters of each source are read again. */
function rereaders(sources: readonly Source[], directory: string): ReadonlyMap<string, Rereader> {
  return new Map(
    sources.map((source) => [
      source.name,
      (letter, corrected) => rereadDeadLetter(source, letter, corrected, directory),
    ]),
  );
}

/** What the API role needs when it runs in a process of its own. */
export interface ApiProcessDeps {
  readonly config: Config;
  /** Where relative paths of sources start. */
  readonly directory: string;
  /** How to reach the broker. */
  readonly broker: LogOptions;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Runs the API role in a process of its own: connects to the broker and the database that the configuration names, and
 * closes them again when it is closed.
 * @throws CounterfoilError `invalidConfig` for the embedded database, which belongs to `counterfoil up`;
 *   `brokerUnreachable`, `logMismatch`, `portInUse`
 */
export async function runApi(deps: ApiProcessDeps): Promise<RunningServer> {
  const { config, directory, broker, metrics, logger } = deps;
  if (config.store.url === 'embedded') {
    throw new CounterfoilError(
      'invalidConfig',
      'store.url is embedded, and that database belongs to counterfoil up alone; set store.url to a ClickHouse server, or use counterfoil up',
    );
  }
  // Closed in the opposite order of opening, also when opening stops half way.
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const log = await connectLog(broker);
    opened.push(() => log.close());
    await log.open(config.partitions);
    await publishFirstRules(log, config);
    const { url, database, username, password, timeout } = config.store;
    const store = await openStore({
      url,
      database,
      username,
      password,
      limits: { readTimeoutMs: timeout },
    });
    opened.push(() => store.close());
    const publisher = createPublisher({
      log,
      partitions: config.partitions,
      partitionBy: config.partitionBy,
      dueSources: new Set(config.sources.filter(({ due }) => due !== undefined).map(({ name }) => name)),
      observer: {
        published: (source, records) => metrics.publishedRecords.inc({ source }, records),
        deadLetter: (source, code) => metrics.deadLetters.inc({ source, code }),
        inFlight: (messages, bytes) => {
          metrics.publisherInFlightFrames.set(messages);
          metrics.publisherInFlightBytes.set(bytes);
        },
        appended: (durationMs) => metrics.publishDuration.observe(durationMs / 1000),
      },
    });
    opened.push(() => publisher.close());
    const server = await startApi({ config, directory, log, store, publisher, metrics, logger });
    return {
      ...server,
      async close(graceMs) {
        await server.close(graceMs);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
