import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { expect, test } from 'vitest';
import { startNatsServer } from '../deploy/local/index.ts';
import {
  RowBuffer,
  decodeFrame,
  encodeFrame,
  writeBreakRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from './codec/index.ts';
import type { Log, StoredMessage } from './domain/index.ts';
import { connectLog } from './stream/index.ts';
import { Random, ReferenceMatcher } from './testing/index.ts';
import { spawnEngine } from './testing/spawn-engine.ts';
import { syntheticDay } from './testing/synthetic-day.ts';
import { firstRules, publishAll, workloadConfig } from './testing/workload.ts';

const PARTITIONS = 4;
const RECORDS = 200_000;
const KILLS = 4;
const HOUR = 3_600_000;
const EPOCH = 1;

/** Rows of one partition per table, as the text that ClickHouse stores and shows. */
type Rows = Readonly<Record<'records' | 'matches' | 'breaks' | 'findings', string[]>>;

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
    const published = await publishAll(log, PARTITIONS, day, {
      maxRecords: 64,
      onFrame: async (partition, frames) => {
        if (frames % 20 === 0) await log.append(partition, tick);
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
    for (let p = 0; p < PARTITIONS; p++) {
      const expected = await expectedRows(log, p, engine.stored.get(p)!);
      for (const table of ['records', 'matches', 'breaks', 'findings'] as const) {
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
      }
      expect(expected.matches.length).toBeGreaterThan(1000);
      expect(expected.breaks.length).toBeGreaterThan(10);
    }
  } finally {
    await log.close();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 240_000);

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The reference matcher's results over the log as it lies there, ticks included. */
async function expectedRows(log: Log, partition: number, through: number): Promise<Rows> {
  const matcher = new ReferenceMatcher({ epoch: EPOCH, partition, watermark: 'sources' });
  const buffers = {
    records: new RowBuffer(),
    matches: new RowBuffer(),
    breaks: new RowBuffer(),
    findings: new RowBuffer(),
  };
  for (const message of await readLog(log, partition, through)) {
    const frame = decodeFrame(message.payload);
    for (const result of matcher.apply({ sequence: message.sequence, logTime: message.logTime, frame })) {
      if (result.type === 'accepted' && frame.kind === 'records') {
        writeRecordRow(
          buffers.records,
          EPOCH,
          partition,
          message.sequence,
          result.row,
          message.logTime,
          frame,
          result.row,
        );
      } else if (result.type === 'match') writeMatchRow(buffers.matches, EPOCH, partition, result);
      else if (result.type === 'break') writeBreakRow(buffers.breaks, EPOCH, partition, result);
      else if (result.type === 'finding') writeFindingRow(buffers.findings, EPOCH, partition, result);
    }
  }
  const lines = (buffer: RowBuffer): string[] =>
    Buffer.from(buffer.take()).toString().split('\n').slice(0, -1);
  return {
    records: lines(buffers.records),
    matches: lines(buffers.matches),
    breaks: lines(buffers.breaks),
    findings: lines(buffers.findings).map(withoutMessage),
  };
}

async function readLog(log: Log, partition: number, through: number): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const enough = new AbortController();
  for await (const batch of log.read(partition, 1, { maxBytes: 4 << 20, signal: enough.signal })) {
    messages.push(...batch.filter(({ sequence }) => sequence <= through));
    if (batch.at(-1)!.sequence >= through) break;
  }
  enough.abort();
  return messages;
}

/** What lies in ClickHouse, partition by partition, in order of position. */
async function readStored(path: string): Promise<Map<number, Rows>> {
  // chDB's types come from its own copy of the client's.
  const connection = createChdbConnection({ path }) as unknown as NonNullable<
    ClickHouseClientConfigOptions['connection']
  >;
  const client = createClient({ connection });
  const rows = new Map<number, Rows>();
  for (const table of ['records', 'matches', 'breaks', 'findings'] as const) {
    const result = await client.query({
      query: `SELECT * FROM counterfoil.${table} ORDER BY epoch, partition, sequence, n`,
      format: 'TabSeparated',
    });
    for (const line of (await result.text()).split('\n').slice(0, -1)) {
      const partition = Number(line.split('\t', 2)[1]);
      if (!rows.has(partition)) rows.set(partition, { records: [], matches: [], breaks: [], findings: [] });
      rows.get(partition)![table].push(table === 'findings' ? withoutMessage(line) : line);
    }
  }
  await client.close();
  return rows;
}

/** The wording of a finding is the implementation's own. */
function withoutMessage(line: string): string {
  return line.slice(0, line.lastIndexOf('\t'));
}
