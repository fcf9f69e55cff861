import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer } from '../../deploy/local/index.ts';
import { spawnEngine } from '../../engine/testing/spawn-engine.ts';
import { syntheticDay } from '../../engine/testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from '../../engine/testing/workload.ts';
import { connectLog } from '../../engine/stream/index.ts';
import type { BenchFigure } from '../figures.ts';
import { stageRates } from './stages.ts';

const PARTITIONS = 16;
const HOUR = 3_600_000;

/**
 * Records published to JetStream on file storage beforehand; then an engine is started, and the clock stops when the
 * last row of the last partition is queryable in embedded ClickHouse. Everything is stored: records and results.
 * Beside it the rate of each stage alone, on the same records.
 */
export async function runPipelineBench({ quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const count = quick ? 50_000 : 2_000_000;
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  const nats = await startNatsServer({ dataDir: directory });
  const log = await connectLog({ url: nats.url });
  try {
    const config = { ...workloadConfig(PARTITIONS), engine: { shards: 2 } };
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const day = syntheticDay({
      records: count,
      accounts: 64,
      start: Date.now() - 12 * HOUR,
      spanMs: 12 * HOUR,
    });
    const publishStart = performance.now();
    const published = await publishAll(log, PARTITIONS, day);
    const publishMs = performance.now() - publishStart;

    const engine = spawnEngine({ natsUrl: nats.url, dataDir: join(directory, 'engine'), config });
    const starting = await engine.until(({ type }) => type === 'starting', 30_000);
    const done = await engine.until(
      () => published.last.every((last, p) => (engine.stored.get(p) ?? 0) >= last),
      600_000,
    );
    await engine.stop();
    const seconds = (at(done) - at(starting)) / 1000;
    return [
      {
        name: 'pipeline: JetStream to queryable in ClickHouse',
        value: published.records / seconds,
        unit: 'records/s',
      },
      {
        name: 'pipeline: make, encode and publish',
        value: published.records / (publishMs / 1000),
        unit: 'records/s',
      },
      ...(await stageRates({ log, published, directory, partitions: PARTITIONS })),
    ];
  } finally {
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function at(line: { readonly type: string; readonly at?: number }): number {
  return line.at ?? Number.NaN;
}
