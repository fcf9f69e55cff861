import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import type { LoadedConfig } from '../../../engine/config/index.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { connectLog } from '../../../engine/stream/index.ts';
import { brokerOptions, withoutCredentials } from '../broker-options.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';
import type { Finding } from './checks.ts';
import {
  checkDataDirectory,
  checkEmbeddedDatabase,
  checkMachine,
  checkNatsServer,
  checkNode,
  checkPort,
  checkReachable,
} from './checks.ts';

const REACH_TIMEOUT_MS = 5000;

/**
 * Looks at the machine and, where there is one, at the configuration.
 * @param file path of the configuration; the default one where it exists, if undefined
 */
export async function* examine(file: string | undefined): AsyncGenerator<Finding> {
  yield checkNode();
  yield checkMachine();
  const path = file ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  let loaded: LoadedConfig | undefined;
  if (path === undefined) {
    yield { name: 'configuration', state: 'ok', detail: `none given and no ${DEFAULT_CONFIG} here` };
  } else {
    try {
      loaded = loadConfig(path, CONNECTOR_SCHEMAS);
      const { sources, reconciliations } = loaded.config;
      const size = `${sources.length} sources, ${reconciliations.length} reconciliations`;
      yield { name: 'configuration', state: 'ok', detail: `${path}: ${size}` };
    } catch (error) {
      for (const line of CounterfoilError.from(error).message.split('\n')) {
        yield { name: 'configuration', state: 'missing', detail: line };
      }
    }
  }
  const config = loaded?.config;
  yield await checkNatsServer(config?.stream.url === undefined);
  if (config?.stream.url !== undefined) {
    const options = { ...brokerOptions(config), timeoutMs: REACH_TIMEOUT_MS };
    yield await checkReachable('broker', withoutCredentials(config.stream.url), async () => {
      const log = await connectLog(options);
      await log.ping().finally(() => log.close());
    });
  }
  if (config === undefined || config.store.url === 'embedded') {
    yield await checkEmbeddedDatabase();
  } else {
    const url = config.store.url;
    yield await checkReachable('clickhouse', withoutCredentials(url), () => reachStore(url));
  }
  if (config !== undefined) yield await checkPort('api port', config.api.host, config.api.port);
  yield await checkDataDirectory(config?.dataDir ?? resolve('.counterfoil/data'));
}

async function reachStore(url: string): Promise<void> {
  const shown = withoutCredentials(url);
  let answer: Response;
  try {
    answer = await fetch(new URL('/ping', url), { signal: AbortSignal.timeout(REACH_TIMEOUT_MS) });
  } catch (error) {
    throw new CounterfoilError(
      'storeUnreachable',
      `${shown} does not answer; start ClickHouse there, or correct store.url`,
      {
        cause: error,
      },
    );
  }
  if (!answer.ok) {
    throw new CounterfoilError(
      'storeUnreachable',
      `${shown} answers ${answer.status}; is it the HTTP port of ClickHouse?`,
    );
  }
}
