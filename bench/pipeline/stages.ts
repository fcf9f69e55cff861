import { join } from 'node:path';
import { TABLE_NAMES, type Log, type StoredMessage } from '../../engine/domain/index.ts';
import type { RowBlock } from '../../engine/shards/index.ts';
import { PartitionHost } from '../../engine/shards/partition-host.ts';
import { openStore } from '../../engine/store/index.ts';
import { packMessages } from '../../engine/shards/pack.ts';
import { readLog } from '../../engine/testing/stored-rows.ts';
import type { Published } from '../../engine/testing/workload.ts';
import type { BenchFigure } from '../figures.ts';

interface StageInput {
  readonly log: Log;
  readonly published: Published;
  readonly directory: string;
  readonly partitions: number;
}

/** Messages that a shard is given at a time. */
const MESSAGES_A_TASK = 32;
const ROWS_AN_INSERT = 50_000;

/** The pipeline's stages one after the other, each alone on one thread of this process, on what was published. */
export async function stageRates(input: StageInput): Promise<BenchFigure[]> {
  const { records } = input.published;
  const rate = (name: string, ms: number): BenchFigure => ({
    name: `pipeline stage alone: ${name}`,
    value: records / (ms / 1000),
    unit: 'records/s',
  });

  let started = performance.now();
  const messages: StoredMessage[][] = [];
  for (let p = 0; p < input.partitions; p++)
    messages.push(await readLog(input.log, p, input.published.last[p]!));
  const figures = [rate('consume from JetStream', performance.now() - started)];

  started = performance.now();
  const blocks: RowBlock[] = [];
  for (let p = 0; p < input.partitions; p++) blocks.push(...applyAll(input.directory, p, messages[p]!));
  figures.push(rate('decode, match and write rows, one thread', performance.now() - started));

  figures.push(rate('insert into ClickHouse', await insertAll(join(input.directory, 'stage-store'), blocks)));
  return figures;
}

function applyAll(directory: string, partition: number, messages: readonly StoredMessage[]): RowBlock[] {
  const { host } = PartitionHost.open(partition, 1, join(directory, `stage-p${partition}`));
  const blocks: RowBlock[] = [];
  for (let i = 0; i < messages.length; i += MESSAGES_A_TASK) {
    blocks.push(...host.apply(packMessages(messages.slice(i, i + MESSAGES_A_TASK))).blocks);
  }
  return blocks;
}

/** @returns milliseconds that the inserts took, table after table */
async function insertAll(path: string, blocks: readonly RowBlock[]): Promise<number> {
  const store = await openStore({ url: 'embedded', path });
  try {
    await store.migrate();
    const started = performance.now();
    let inserts = 0;
    for (const table of TABLE_NAMES) {
      let chunks: Uint8Array[] = [];
      let rows = 0;
      const flush = async (): Promise<void> => {
        if (rows > 0) await store.insert(table, chunks, rows, `stage-${inserts++}`);
        chunks = [];
        rows = 0;
      };
      for (const block of blocks) {
        if (block.table !== table) continue;
        chunks.push(block.bytes);
        rows += block.rows;
        if (rows >= ROWS_AN_INSERT) await flush();
      }
      await flush();
    }
    return performance.now() - started;
  } finally {
    await store.close();
  }
}
