import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startNatsServer } from '../deploy/local/index.ts';
import { encodeFrame } from './codec/index.ts';
import { connectLog } from './stream/index.ts';
import { Random } from './testing/index.ts';
import { commandsAbout } from './testing/log-commands.ts';
import { spawnEngine } from './testing/spawn-engine.ts';
import { ROW_TABLES, expectedRows, readStored } from './testing/stored-rows.ts';
import { syntheticDay } from './testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from './testing/workload.ts';

const PARTITIONS = 4;
const RECORDS = 200_000;
const COMMANDS = 400;
const KILLS = 4;
const HOUR = 3_600_000;

test(`an engine killed ${KILLS} times in ${RECORDS} records stores exactly what the reference matcher says`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-crash-'));
  const nats = await startNatsServer({ dataDir: directory });
  const config = {
    ...workloadConfig(PARTITIONS),
    engine: { shards: 2, checkpointInterval: '700ms', flushInterval: '50ms', flushRows: 3000 },
  };
  const log = await connectLog({ url: nats.url });
  const seed = Number(process.env['COUNTERFOIL_SEED'] ?? Date.now() % 1_000_000);
  console.log(`crash test seed ${seed}`);
  const random = new Random(seed);
  try {
    await log.open(PARTITIONS);
    await firstRules(log, config);
    const tick = encodeFrame({ kind: 'tick' });
    const day = syntheticDay({
      records: RECORDS,
      seed,
      accounts: 40,
      start: Date.now() - 4 * HOUR,
      spanMs: 4 * HOUR,
    });
    await publishAll(log, PARTITIONS, take(day, RECORDS / 4), { maxRecords: 64 });
    const commands = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) => commandsAbout(log, p, COMMANDS / PARTITIONS, seed + p)),
    );
    const published = await publishAll(log, PARTITIONS, day, {
      maxRecords: 64,
      onFrame: async (partition, frames) => {
        if (frames % 20 === 0) await log.append(partition, tick);
        const command = frames % 4 === 0 ? commands[partition]!.shift() : undefined;
        if (command !== undefined) await log.append(partition, command);
      },
    });

    const options = { natsUrl: nats.url, dataDir: join(directory, 'engine'), config };
    const total = published.last.reduce((sum, last) => sum + last, 0);
    for (let kill = 1; kill <= KILLS; kill++) {
      const engine = spawnEngine(options);
      const enough = (total * kill) / (KILLS + 1);
      await engine.until(() => sumOf(engine.stored.values()) >= enough, 60_000);
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, 80)));
      await engine.kill();
      console.log(`kill ${kill}: ${sumOf(engine.stored.values())} of ${total} messages were stored`);
    }
    const engine = spawnEngine(options);
    await engine.until(() => published.last.every((last, p) => (engine.stored.get(p) ?? 0) >= last), 90_000);
    await engine.stop();

    const stored = await readStored(join(options.dataDir, 'store'));
    let changes = 0;
    for (let p = 0; p < PARTITIONS; p++) {
      const expected = await expectedRows(log, p, engine.stored.get(p)!);
      for (const table of ROW_TABLES) {
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
      }
      expect(expected.matches.length).toBeGreaterThan(1000);
      expect(expected.breaks.length).toBeGreaterThan(10);
      expect(expected.commands.length).toBeGreaterThan(50);
      changes += expected.rules.length - 1;
    }
    // A seed may have all the commands that change rules refused in a partition.
    expect(changes).toBeGreaterThan(0);
  } finally {
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 240_000);

function* take<T>(items: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const next = items.next();
    if (next.done === true) return;
    yield next.value;
  }
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
