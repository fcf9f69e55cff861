import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ResultStore } from '../../engine/domain/index.ts';
import { PIPELINE_DEFAULTS } from '../../engine/pipeline/index.ts';
import { connectLog } from '../../engine/stream/index.ts';
import { composeEngine } from '../../engine/testing/composed-engine.ts';
import { ROW_TABLES, expectedRows, readStored } from '../../engine/testing/stored-rows.ts';
import { syntheticDay } from '../../engine/testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from '../../engine/testing/workload.ts';
import { startNatsServer } from '../local/index.ts';

const PARTITIONS = 4;
const RECORDS = 400_000;
const HOUR = 3_600_000;
const MIB = 1024 * 1024;
/** How long the store is slow, and then away. */
const SLOW_MS = 2500;
const AWAY_MS = 2500;
/**
 * Each partition may have one batch under way beyond the bound. It is at most half of what a partition reads ahead
 * (1 MiB here), and rows are some four times as large as what they are made from.
 */
const BOUND = PIPELINE_DEFAULTS.maxPendingBytes + PARTITIONS * 4 * MIB;

/** A store that answers late, then not at all, and then as usual. */
class SluggishStore implements ResultStore {
  readonly #store: ResultStore;
  readonly #born = Date.now();
  refused = 0;

  constructor(store: ResultStore) {
    this.#store = store;
  }

  async insert(...args: Parameters<ResultStore['insert']>): Promise<void> {
    const slowUntil = this.#born + SLOW_MS;
    if (Date.now() < slowUntil) await delay(slowUntil - Date.now());
    else if (Date.now() < slowUntil + AWAY_MS) {
      this.refused++;
      throw new CounterfoilError(
        'storeUnreachable',
        'the store is away for a moment; it comes back by itself',
      );
    }
    return this.#store.insert(...args);
  }

  migrate = (): Promise<void> => this.#store.migrate();
  settle = (): Promise<void> => this.#store.settle();
  positionsAbove: ResultStore['positionsAbove'] = (...args) => this.#store.positionsAbove(...args);
  rollup = (minutes: readonly number[]): Promise<void> => this.#store.rollup(minutes);
  ping = (): Promise<number> => this.#store.ping();
  close = (): Promise<void> => this.#store.close();
}

test('a store that is slow and then away holds the reading back, fills no memory and loses nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-backpressure-'));
  const nats = await startNatsServer({ dataDir: directory });
  const log = await connectLog({ url: nats.url });
  const config = {
    ...workloadConfig(PARTITIONS),
    engine: { shards: 2, prefetchBytes: '4MiB' },
    log: { level: 'error' },
  };
  try {
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const day = { records: RECORDS, seed: 5, accounts: 40, start: Date.now() - 8 * HOUR, spanMs: 8 * HOUR };
    const published = await publishAll(log, PARTITIONS, syntheticDay(day));

    const before = process.memoryUsage();
    let store: SluggishStore | undefined;
    const wrap = (real: ResultStore): ResultStore => (store = new SluggishStore(real));
    const dataDir = join(directory, 'engine');
    const engine = await composeEngine({ natsUrl: nats.url, log, dataDir, config, wrap });
    let mostPending = 0;
    let mostBuffers = 0;
    let mostMemory = 0;
    const sampling = setInterval(() => {
      const { rss, arrayBuffers } = process.memoryUsage();
      mostPending = Math.max(mostPending, engine.pendingBytes());
      mostBuffers = Math.max(mostBuffers, arrayBuffers - before.arrayBuffers);
      mostMemory = Math.max(mostMemory, rss - before.rss);
    }, 20);
    try {
      await engine.untilStored(published.last, 60_000);
    } finally {
      clearInterval(sampling);
      await engine.stop();
    }
    const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
    console.log(
      `most: ${mib(mostPending)} of rows waiting, ${mib(mostBuffers)} of buffers, ${mib(mostMemory)} of memory; ${store!.refused} inserts refused`,
    );
    expect(store!.refused).toBeGreaterThan(0);

    const stored = await readStored(join(dataDir, 'store'));
    let bytes = 0;
    for (let p = 0; p < PARTITIONS; p++) {
      const expected = await expectedRows(log, p, engine.stored.get(p)!);
      for (const table of ROW_TABLES) {
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
        for (const row of expected[table]) bytes += row.length + 1;
      }
    }
    console.log(`${mib(bytes)} of rows in all`);
    // Had nothing held the reading back, all of them would have waited at once.
    expect(bytes).toBeGreaterThan(1.3 * BOUND);
    expect(mostPending).toBeGreaterThan(PIPELINE_DEFAULTS.maxPendingBytes / 2);
    expect(mostPending).toBeLessThan(BOUND);
    expect(mostBuffers).toBeLessThan(3 * BOUND);
    expect(mostMemory).toBeLessThan(900 * MIB);
  } finally {
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 180_000);
