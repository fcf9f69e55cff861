import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startNatsServer } from '../deploy/local/index.ts';
import { decodeFrame } from './codec/index.ts';
import { connectLog } from './stream/index.ts';
import { composeEngine, type ComposedEngine } from './testing/composed-engine.ts';
import { ROW_TABLES, expectedRows, readLog, readStored } from './testing/stored-rows.ts';
import { syntheticDay } from './testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from './testing/workload.ts';

const PARTITIONS = 2;
const RECORDS = 20_000;
const HOUR = 3_600_000;

interface Config {
  readonly reconciliations: readonly {
    readonly name: string;
    readonly rules: readonly { readonly name: string; readonly keys: readonly string[] }[];
  }[];
}

/** Another tolerance and another key, while one reconciliation has another name: its records are gone. */
function edited(config: object): object {
  const [first, second] = (config as Config).reconciliations;
  return {
    ...config,
    reconciliations: [
      {
        ...first!,
        window: { before: '8m', after: '20m', grace: '2m' },
        rules: [
          { name: 'by-reference', keys: ['reference'], tolerance: { amount: '1.50' } },
          { name: 'by-amount', keys: ['amount', 'currency'] },
        ],
      },
      { ...second!, name: 'bank-to-books' },
    ],
  };
}

test('an edited configuration takes effect while records are open, and the results are the reference’s', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-rules-change-'));
  const nats = await startNatsServer({ dataDir: directory });
  const log = await connectLog({ url: nats.url });
  const config = {
    ...workloadConfig(PARTITIONS),
    engine: { shards: 1, checkpointInterval: '300ms', flushInterval: '50ms', flushRows: 2000 },
    log: { level: 'error' },
  };
  const day = syntheticDay({
    records: RECORDS,
    seed: 7,
    accounts: 40,
    start: Date.now() - 4 * HOUR,
    spanMs: 4 * HOUR,
  });
  const dataDir = join(directory, 'engine');
  let engine: ComposedEngine | undefined;
  try {
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const last = new Array<number>(PARTITIONS).fill(0);
    for (const each of [config, edited(config), edited(config)]) {
      engine = await composeEngine({ natsUrl: nats.url, log, dataDir, config: each });
      const published = await publishAll(log, PARTITIONS, take(day, RECORDS / 3), { maxRecords: 64 });
      await engine.untilStored(published.last, 30_000);
      for (let p = 0; p < PARTITIONS; p++) last[p] = engine.stored.get(p)!;
      expect(engine.fatal()).toBeUndefined();
      await engine.stop();
      engine = undefined;
    }
    const stored = await readStored(join(dataDir, 'store'));
    for (let p = 0; p < PARTITIONS; p++) {
      const expected = await expectedRows(log, p, (await log.state(p)).lastSequence);
      for (const table of ROW_TABLES) {
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
      }
      const frames = (await readLog(log, p, last[p]!)).map(({ payload }) => decodeFrame(payload));
      const hashes = frames.flatMap((frame) => (frame.kind === 'rules' ? [frame.hash] : []));
      expect(new Set(hashes).size).toBe(2);
      // The start with the same configuration as before publishes no rules again.
      expect(hashes.filter((hash) => hash === hashes.at(-1))).toHaveLength(1);
      expect(expected.findings).toEqual([]);
      for (const name of ['by-reference', 'by-amount', 'bank-to-books']) {
        expect(
          expected.matches.some((row) => row.includes(`\t${name}\t`)),
          name,
        ).toBe(true);
      }
    }
  } finally {
    await engine?.stop();
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);

function* take<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const next = items.next();
    if (next.done === true) return;
    yield next.value;
  }
}
