import { join } from 'node:path';
import type { Config } from '../engine/config/index.ts';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { Publisher } from '../engine/domain/index.ts';
import type { Logger } from '../engine/telemetry/index.ts';
import { openSource } from './open-source.ts';
import { watchFiles } from './runtime/index.ts';

/** How often folders are looked at again. */
const POLL_INTERVAL_MS = 1000;
/** A file that changed less than this ago may still be being written. */
const SETTLE_MS = 1000;

/** What the connectors role is composed from. The caller opens and closes these. */
export interface ConnectorsDeps {
  readonly config: Pick<Config, 'sources' | 'dataDir'>;
  /** The configuration file's folder: relative paths of sources start there. */
  readonly directory: string;
  /** Takes what the files say. What is posted reaches it through the API. */
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** Called once if the log can take nothing more, such as `diskFull`; reading has stopped by then. */
  readonly onFatal?: (error: CounterfoilError) => void;
}

export interface Connectors {
  /** Stops reading and waits for what is on its way to the log. */
  stop(): Promise<void>;
}

/** Starts the connectors role: reads the sources' files, and what comes to them, until it is stopped. */
export function startConnectors(deps: ConnectorsDeps): Connectors {
  const { config, logger } = deps;
  const stopping = new AbortController();
  const sources = config.sources.map((spec) =>
    openSource(spec, (line) => {
      logger.info({ source: spec.name }, line);
    }),
  );
  const watching = watchFiles(
    {
      sources,
      publisher: deps.publisher,
      directory: deps.directory,
      cursorDirectory: join(config.dataDir, 'connectors'),
      signal: stopping.signal,
      settleMs: SETTLE_MS,
      onFailure(source, file, error) {
        logger.warn({ source, file, code: error.code }, error.message);
      },
      onFile(source, file, items) {
        logger.info({ source, file, items }, 'file read');
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
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
