/**
 * An engine in a process of its own, to be measured or killed: `node engine-process.js '<EngineProcessOptions>'`.
 * It says what happens as JSON lines on standard output and stops in an orderly way when its standard input ends.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { createConfigSchema } from '../config/index.ts';
import { startEngine } from '../main.ts';
import { openStore } from '../store/index.ts';
import { connectLog, createLeases } from '../stream/index.ts';
import { createLogger, createMetrics } from '../telemetry/index.ts';

export interface EngineProcessOptions {
  readonly natsUrl: string;
  readonly dataDir: string;
  /** The configuration as it would be written in YAML; its sources name the connector `test`, which has no settings. */
  readonly config: object;
}

/** What the process says. `at` is epoch milliseconds. */
export type EngineProcessLine =
  | { readonly type: 'starting'; readonly at: number }
  | { readonly type: 'ready' }
  /** Everything of the partition through `sequence` is queryable. */
  | { readonly type: 'stored'; readonly partition: number; readonly sequence: number; readonly at: number }
  | { readonly type: 'fatal'; readonly code: string; readonly message: string }
  | { readonly type: 'stopped' };

function say(line: EngineProcessLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const options = JSON.parse(process.argv[2] ?? '{}') as EngineProcessOptions;
const config = createConfigSchema({ test: z.strictObject({}) }).parse({
  ...options.config,
  dataDir: options.dataDir,
});
const log = await connectLog({ url: options.natsUrl, partitionBy: config.partitionBy });
await log.open(config.partitions);
// One owner name for all lives: the next one need not wait for the lease of a killed one.
const leases = await createLeases({ url: options.natsUrl, owner: options.dataDir });
const store = await openStore({ url: 'embedded', path: join(options.dataDir, 'store') });
say({ type: 'starting', at: Date.now() });
const engine = await startEngine({
  config,
  log,
  leases,
  store,
  metrics: createMetrics({ process: false }),
  logger: createLogger({ level: config.log.level, role: 'engine' }),
  onFatal: ({ code, message }) => say({ type: 'fatal', code, message }),
  onStored: (partition, sequence) => say({ type: 'stored', partition, sequence, at: Date.now() }),
});
say({ type: 'ready' });

process.stdin.resume();
process.stdin.on('end', () => {
  void (async () => {
    await engine.stop();
    await store.close();
    await log.close();
    say({ type: 'stopped' });
  })();
});
