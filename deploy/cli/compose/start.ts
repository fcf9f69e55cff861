import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startApi } from '../../../api/main.ts';
import { startConnectors } from '../../../connectors/main.ts';
import { keptRatesDirectory, startRates } from '../../../connectors/rates/index.ts';
import { createPublisher } from '../../../connectors/runtime/index.ts';
import type { Config } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Log } from '../../../engine/domain/index.ts';
import { publishFirstRules, startEngine } from '../../../engine/main.ts';
import { openStore } from '../../../engine/store/index.ts';
import { connectLog, createLeases } from '../../../engine/stream/index.ts';
import type { Logger, Metrics } from '../../../engine/telemetry/index.ts';
import { lockDataDirectory, startNatsServer, watchDisk } from '../../local/index.ts';
import type { DataDirectoryLock } from '../../local/index.ts';
import { brokerOptions } from '../broker-options.ts';
import { Closing } from './closing.ts';
import { observeProviders } from './observe-providers.ts';
import { observePublisher } from './observe-publisher.ts';
import { observeRates } from './observe-rates.ts';

export type Role = 'engine' | 'connectors' | 'api';

export interface StartOptions {
  readonly config: Config;
  /** Folder that the sources' relative paths start from. */
  readonly directory: string;
  readonly roles: readonly Role[];
  /** Whether a nats-server and a database of our own may take the place of configured ones. */
  readonly embedded: boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The clock that providers live by, epoch milliseconds. Default: the machine's; simulated ones have their own. */
  readonly providersNow?: () => number;
  /** Called as each part starts, with a few words. */
  readonly onPhase?: (phase: string) => void;
  /** Everything of a partition through `sequence` is queryable now. */
  readonly onStored?: (partition: number, sequence: number) => void;
}

/** What runs in this process. */
export interface Running {
  /** Base address of the API, where it runs here. */
  readonly apiUrl: string | undefined;
  readonly log: Log;
  /** Resolves with the reason if a part cannot go on; stop() is then to be called. */
  readonly failed: Promise<CounterfoilError>;
  /** Stops everything in an orderly way. Safe to repeat. @throws CounterfoilError the first thing that went wrong */
  stop(): Promise<void>;
}

const SERVER_STOP_MS = 25_000;
const CLOSE_MS = 15_000;
const LOCK_PATIENCE_MS = 1500;

/**
 * Starts the roles of one process, each on what it needs, and resolves when all of them work. Whatever has been
 * started is stopped again when something fails.
 * @throws CounterfoilError saying what is missing and what to do
 */
export async function start(options: StartOptions): Promise<Running> {
  const closing = new Closing();
  const tell = (line: string): void => options.logger.error(line);
  try {
    return await startParts(options, closing, tell);
  } catch (error) {
    await closing.close(tell).catch(() => undefined);
    throw error;
  }
}

async function startParts(
  options: StartOptions,
  closing: Closing,
  tell: (line: string) => void,
): Promise<Running> {
  const { config, roles, logger, metrics, onPhase = () => undefined } = options;
  refuseMissingServers(options);
  let fail: (error: CounterfoilError) => void = () => undefined;
  const failed = new Promise<CounterfoilError>((resolve) => (fail = resolve));

  for (const directory of directoriesOf(config, roles)) {
    const lock = await lockPatiently(directory);
    closing.add('data directory', CLOSE_MS, () => lock.release());
  }
  const natsUrl = config.stream.url === undefined ? await ownBroker(options, closing, fail) : undefined;
  onPhase('connecting to the broker');
  const broker = brokerOptions(config, natsUrl);
  const log = await connectLog({
    ...broker,
    onNotice: ({ type, message }) => logger.warn({ type }, message),
  });
  closing.add('broker connection', CLOSE_MS, () => log.close());
  onPhase('opening the log');
  await log.open(config.partitions);
  await publishFirstRules(log, config);

  const store =
    roles.includes('engine') || roles.includes('api') ? await ownStore(options, closing) : undefined;
  if (roles.includes('engine')) {
    const { url, timeoutMs, user, password, replicas } = broker;
    const owner = `${hostname()}:${config.dataDir}`;
    const leases = await createLeases({
      url,
      owner,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(replicas === undefined ? {} : { replicas }),
    });
    closing.add('leases', CLOSE_MS, () => leases.close());
    onPhase('starting the engine');
    const engine = await startEngine({
      config,
      log,
      leases,
      store: store!,
      metrics,
      logger,
      onFatal: fail,
      ...(options.onStored === undefined ? {} : { onStored: options.onStored }),
    });
    closing.add('engine', config.engine.stopTimeout + CLOSE_MS, () => engine.stop());
  }
  const publisher = createPublisher({
    log,
    partitions: config.partitions,
    partitionBy: config.partitionBy,
    dueSources: new Set(config.sources.filter(({ due }) => due !== undefined).map(({ name }) => name)),
    observer: observePublisher(metrics),
  });
  closing.add('publisher', CLOSE_MS, () => publisher.close());
  if (roles.includes('connectors')) {
    onPhase('starting the connectors');
    const connectors = await startConnectors({
      config,
      directory: options.directory,
      publisher,
      logger,
      observer: observeProviders(metrics, logger),
      ...(options.providersNow === undefined ? {} : { now: options.providersNow }),
      onFatal: fail,
    });
    closing.add('connectors', CLOSE_MS, () => connectors.stop());
    const rates = startRates({
      sources: config.ratesSources,
      reconciliations: config.reconciliations,
      partitions: config.partitions,
      log,
      directory: options.directory,
      keptDirectory: keptRatesDirectory(config.dataDir),
      observer: observeRates(metrics, logger),
      onFatal: fail,
    });
    closing.add('sources of rates', CLOSE_MS, () => rates.stop());
  }
  let apiUrl: string | undefined;
  if (roles.includes('api')) {
    onPhase('starting the API');
    const { directory } = options;
    const api = await startApi({ config, directory, log, store: store!, publisher, metrics, logger });
    closing.add('API', CLOSE_MS, () => api.close());
    apiUrl = api.url;
  }
  return { apiUrl, log, failed, stop: () => closing.close(tell) };
}

/** A role alone shares broker and database with others: what this process would start itself, they could not reach. */
function refuseMissingServers({ config, roles, embedded }: StartOptions): void {
  if (embedded) return;
  const names = roles.join(', ');
  if (config.stream.url === undefined) {
    throw new CounterfoilError(
      'invalidConfig',
      `stream.url: is missing; ${names} alone needs a NATS server that the other roles reach too, or run "counterfoil up" for everything in one process`,
    );
  }
  if (config.store.url === 'embedded' && (roles.includes('engine') || roles.includes('api'))) {
    throw new CounterfoilError(
      'invalidConfig',
      `store.url: found "embedded", which one process has to itself; ${names} alone needs the address of a ClickHouse server, or run "counterfoil up"`,
    );
  }
}

/** A process that was killed a moment ago may still be on its way out. */
async function lockPatiently(directory: string): Promise<DataDirectoryLock> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return await lockDataDirectory(directory);
    } catch (error) {
      const held = error instanceof CounterfoilError && error.code === 'dataDirectoryLocked';
      if (!held || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

function directoriesOf(config: Config, roles: readonly Role[]): string[] {
  return [
    ...(roles.includes('engine') ? [config.dataDir] : []),
    ...(roles.includes('connectors') ? [join(config.dataDir, 'connectors')] : []),
  ];
}

async function ownBroker(
  { config, onPhase }: StartOptions,
  closing: Closing,
  onFatal: (error: CounterfoilError) => void,
): Promise<string> {
  onPhase?.('starting the nats-server');
  const server = await startNatsServer({
    dataDir: config.stream.dataDir ?? config.dataDir,
    port: config.stream.port,
  });
  let stopping = false;
  void server.exited.then(() => {
    if (stopping) return;
    onFatal(
      new CounterfoilError(
        'brokerUnreachable',
        'the nats-server ended unexpectedly; start again to go on from the log',
      ),
    );
  });
  closing.add('nats-server', SERVER_STOP_MS, () => {
    stopping = true;
    return server.stop();
  });
  const unwatch = watchDisk(config.stream.dataDir ?? config.dataDir, onFatal);
  closing.add('watch of the disk', CLOSE_MS, () => {
    unwatch();
    return Promise.resolve();
  });
  return server.url;
}

async function ownStore({ config, logger, onPhase }: StartOptions, closing: Closing) {
  onPhase?.('opening the database');
  const { url, database, username, password, retainYears, allowShortRetention, timeout, dataDir } =
    config.store;
  const store = await openStore({
    url,
    path: dataDir ?? join(config.dataDir, 'store'),
    database,
    username,
    password,
    retainYears,
    allowShortRetention,
    limits: { writeTimeoutMs: timeout },
    logger,
  });
  closing.add('database', CLOSE_MS, () => store.close());
  onPhase?.('preparing the tables');
  await store.migrate();
  return store;
}
