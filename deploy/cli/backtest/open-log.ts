import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Log } from '../../../engine/domain/index.ts';
import { connectLog } from '../../../engine/stream/index.ts';
import { runningNatsServer, startNatsServer } from '../../local/index.ts';
import { brokerOptions } from '../broker-options.ts';

export interface OpenedLog {
  readonly log: Log;
  readonly close: () => Promise<void>;
}

/**
 * The log of a deployment, for reading: at the configured broker, at the nats-server that a running `counterfoil up` has
 * started, or at one of our own on the data that a stopped one left.
 * @throws CounterfoilError `fileNotFound` where there is no log yet; `brokerUnreachable`, `logMismatch`
 */
export async function openLog(config: Config): Promise<OpenedLog> {
  const dataDir = config.stream.dataDir ?? config.dataDir;
  let stop = (): Promise<void> => Promise.resolve();
  let url: string | undefined;
  if (config.stream.url === undefined) {
    if (!existsSync(join(dataDir, 'nats'))) {
      throw new CounterfoilError(
        'fileNotFound',
        `${dataDir}: there is no log here; run "counterfoil up" first, or check dataDir`,
      );
    }
    url = await runningNatsServer(dataDir);
    if (url === undefined) {
      const server = await startNatsServer({ dataDir });
      url = server.url;
      stop = () => server.stop();
    }
  }
  try {
    const log = await connectLog(brokerOptions(config, url));
    const close = async (): Promise<void> => {
      await log.close();
      await stop();
    };
    try {
      await log.open(config.partitions);
    } catch (error) {
      await log.close();
      throw error;
    }
    return { log, close };
  } catch (error) {
    await stop();
    throw error;
  }
}
