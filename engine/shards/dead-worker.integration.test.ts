import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { startNatsServer } from '../../deploy/local/index.ts';
import { connectLog } from '../stream/index.ts';
import { composeEngine } from '../testing/composed-engine.ts';
import { ROW_TABLES, expectedRows, readStored } from '../testing/stored-rows.ts';
import { syntheticDay } from '../testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from '../testing/workload.ts';
import { readCheckpoint } from './checkpoint-file.ts';

const PARTITIONS = 4;
const SHARDS = 2;
const RECORDS = 80_000;
const FRAME = 32;
const DEATHS = 3;
const HOUR = 3_600_000;

test(`${DEATHS} dead worker threads in ${RECORDS} records cost nothing: their partitions restore from their checkpoints`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-dead-worker-'));
  const nats = await startNatsServer({ dataDir: directory });
  const log = await connectLog({ url: nats.url });
  const config = {
    ...workloadConfig(PARTITIONS),
    engine: { shards: SHARDS, checkpointInterval: '300ms', flushInterval: '50ms', flushRows: 2000 },
    log: { level: 'error' },
  };
  // Node tells of every thread that this process starts, in order.
  const threads: Worker[] = [];
  const watch = (worker: Worker): void => void threads.push(worker);
  process.on('worker', watch);
  try {
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const dataDir = join(directory, 'engine');
    const engine = await composeEngine({ natsUrl: nats.url, log, dataDir, config });
    const day = syntheticDay({
      records: RECORDS,
      seed: 11,
      accounts: 40,
      start: Date.now() - 4 * HOUR,
      spanMs: 4 * HOUR,
    });
    const publishPart = (onFrame: (frames: number) => Promise<void>) =>
      publishAll(log, PARTITIONS, take(day, RECORDS / (DEATHS + 1)), {
        maxRecords: FRAME,
        onFrame: (_, frames) => onFrame(frames),
      });
    const first = await publishPart(() => Promise.resolve());
    await engine.untilStored(first.last, 45_000);
    await vi.waitFor(
      () => expect([0, 1, 2, 3].map((p) => checkpointOf(dataDir, p))).not.toContain(0),
      10_000,
    );

    for (let death = 1; death <= DEATHS; death++) {
      // One thread, the one in its place, and then one of the other shard.
      const victim = death === DEATHS ? threads[0]! : threads.at(-1)!;
      const part = await publishPart(async (frames) => {
        if (frames === Math.floor(RECORDS / (DEATHS + 1) / FRAME / 2)) await victim.terminate();
      });
      await engine.untilStored(part.last, 45_000);
      expect(threads).toHaveLength(SHARDS + death);
    }
    expect(engine.fatal()).toBeUndefined();
    await engine.stop();

    const stored = await readStored(join(dataDir, 'store'));
    for (let p = 0; p < PARTITIONS; p++) {
      const expected = await expectedRows(log, p, engine.stored.get(p)!);
      for (const table of ROW_TABLES) {
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
      }
      expect(expected.matches.length).toBeGreaterThan(1000);
      expect(expected.breaks.length).toBeGreaterThan(10);
    }
  } finally {
    process.off('worker', watch);
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 150_000);

function* take<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const next = items.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** Sequence that a partition's current checkpoint holds; 0 without one. */
function checkpointOf(dataDir: string, partition: number): number {
  return readCheckpoint(join(dataDir, 'checkpoints', `p${partition}`))?.facts.sequence ?? 0;
}
