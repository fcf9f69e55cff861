import { join } from 'node:path';
import type { Config } from '../engine/config/index.ts';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { Publisher } from '../engine/domain/index.ts';
import type { Logger } from '../engine/telemetry/index.ts';
import { openSource } from './open-source.ts';
import { watchFiles } from './runtime/index.ts';
import { startLive } from './start-live.ts';
import type { ProviderObserver } from './start-live.ts';

/** How often folders are looked at again. */
const POLL_INTERVAL_MS = 1000;
/** A file that changed less than this ago may still be being written. */
const SETTLE_MS = 1000;

/** What the connectors role is composed from. The caller opens and closes these. */
export interface ConnectorsDeps {
  readonly config: Pick<Config, 'sources' | 'dataDir' | 'webhooks'>;
  /** The configuration file's folder: relative paths of sources start there. */
  readonly directory: string;
  /** Takes what the files say. What is posted reaches it through the API. */
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** Takes what live sources and their calls report; lines for people come to the logger. */
  readonly observer?: Partial<ProviderObserver>;
  /** The clock that providers live by, epoch milliseconds. Default: the machine's; simulated ones have their own. */
  readonly now?: () => number;
  /** Called once if the log can take nothing more, such as `diskFull`; reading has stopped by then. */
  readonly onFatal?: (error: CounterfoilError) => void;
}

export interface Connectors {
  /** Where providers' webhooks are received: `<this>/webhooks/<source>`. Undefined where no source takes any. */
  readonly webhooksUrl: string | undefined;
  /** Stops reading and waits for what is on its way to the log. */
  stop(): Promise<void>;
}

/**
 * Starts the connectors role: reads the sources' files, receives their webhooks and polls their providers, until it is
 * stopped.
 * @throws CounterfoilError `portInUse`, `invalidConfig`, `unreadableFile` where webhooks or polling cannot start
 */
export async function startConnectors(deps: ConnectorsDeps): Promise<Connectors> {
  const { config, logger } = deps;
  const cursorDirectory = join(config.dataDir, 'connectors');
  const stopping = new AbortController();
  const sources = config.sources.map((spec) =>
    openSource(spec, (line) => {
      logger.info({ source: spec.name }, line);
    }),
  );
  const live = await startLive({
    sources,
    webhooks: config.webhooks,
    cursorDirectory,
    publisher: deps.publisher,
    ...(deps.now === undefined ? {} : { now: deps.now }),
    observer: {
      ...deps.observer,
      event: (level, message, facts) => logger[level](facts, message),
    },
    onFatal(error) {
      logger.error({ code: error.code }, `providers are not polled any more: ${error.message}`);
      deps.onFatal?.(error);
    },
  });
  if (live.webhooksUrl !== undefined) logger.info({ url: live.webhooksUrl }, 'webhooks are received');
  const watching = watchFiles(
    {
      sources,
      publisher: deps.publisher,
      directory: deps.directory,
      cursorDirectory,
      signal: stopping.signal,
      settleMs: SETTLE_MS,
      onFailure(source, file, error) {
        logger.warn({ source, file, code: error.code }, error.message);
      },
      onFile(source, file, items) {
        logger.info({ source, file, items }, 'file read');
      },
      onCopy(source, file, first) {
        logger.info({ source, file }, `passed over: every byte of it was read as ${first}`);
      },
    },
    POLL_INTERVAL_MS,
  ).catch((error: unknown) => {
    if (stopping.signal.aborted) return;
    const fatal = CounterfoilError.from(error);
    logger.error({ code: fatal.code }, `files are not read any more: ${fatal.message}`);
    deps.onFatal?.(fatal);
  });
  return {
    webhooksUrl: live.webhooksUrl,
    async stop() {
      stopping.abort();
      await live.stop();
      await watching;
    },
  };
}
