import { join } from 'node:path';
import { z } from 'zod';
import { createConfigSchema } from '../config/index.ts';
import type { Log, ResultStore } from '../domain/index.ts';
import { startEngine } from '../main.ts';
import { openStore } from '../store/index.ts';
import { createLeases } from '../stream/index.ts';
import { createLogger, createMetrics } from '../telemetry/index.ts';

export interface ComposedEngineOptions {
  readonly natsUrl: string;
  readonly log: Log;
  readonly dataDir: string;
  /** As written in YAML; its sources name the connector `test`, which has no settings. */
  readonly config: object;
  /** Puts something between the engine and its store. */
  readonly wrap?: (store: ResultStore) => ResultStore;
}

/** An engine in this process, over the real log and the real embedded ClickHouse in `store` below its directory. */
export interface ComposedEngine {
  /** Highest stored sequence per partition. */
  readonly stored: ReadonlyMap<number, number>;
  /** Bytes of rows that wait for the store. */
  readonly pendingBytes: () => number;
  /** The first error after which it could not go on. */
  readonly fatal: () => Error | undefined;
  /** Resolves when everything through these sequences, one a partition, is stored. @throws Error when time is up */
  untilStored(through: readonly number[], timeoutMs: number): Promise<void>;
  /** Orderly stop of the engine and its store. */
  stop(): Promise<void>;
}

export async function composeEngine(options: ComposedEngineOptions): Promise<ComposedEngine> {
  const { natsUrl, log, dataDir, wrap = (store: ResultStore) => store } = options;
  const config = createConfigSchema({ test: z.strictObject({}) }).parse({ ...options.config, dataDir });
  const store = await openStore({ url: 'embedded', path: join(dataDir, 'store') });
  const leases = await createLeases({ url: natsUrl, owner: dataDir });
  const stored = new Map<number, number>();
  let fatal: Error | undefined;
  const engine = await startEngine({
    config,
    log,
    leases,
    store: wrap(store),
    metrics: createMetrics({ process: false }),
    logger: createLogger({ level: config.log.level, role: 'engine' }),
    onFatal: (error) => (fatal ??= error),
    onStored: (partition, sequence) => stored.set(partition, sequence),
  });
  return {
    stored,
    pendingBytes: () => engine.pendingBytes,
    fatal: () => fatal,
    async untilStored(through, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (through.some((sequence, partition) => (stored.get(partition) ?? 0) < sequence)) {
        if (fatal !== undefined) throw fatal;
        if (Date.now() > deadline) {
          throw new Error(
            `stored is ${JSON.stringify([...stored])} of ${JSON.stringify(through)} after ${timeoutMs} ms`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async stop() {
      await engine.stop();
      await store.close();
    },
  };
}
