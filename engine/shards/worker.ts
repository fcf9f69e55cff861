/** The worker thread of a shard: it holds the partitions given to it and does one task at a time. */
import { randomUUID } from 'node:crypto';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { CounterfoilError } from '../domain/index.ts';
import { PartitionHost } from './partition-host.ts';
import type { AppliedBatch, ShardAnswer, ShardRequest, ShardTask, ShardValues } from './protocol.ts';

/** Identifies this thread: a thread started in its place has another. */
const life = randomUUID();
const hosts = new Map<number, PartitionHost>();

export default function handle(request: ShardRequest): unknown {
  try {
    if (request.life !== null && request.life !== life) {
      throw new CounterfoilError(
        'shardDied',
        'the thread was started again and has lost its state; open the partition again',
      );
    }
    const value = perform(request.task);
    const answer: ShardAnswer<typeof value> = { ok: true, life, value };
    return request.task.type === 'apply' ? moveBlocks(answer, value as AppliedBatch) : answer;
  } catch (error) {
    return { ok: false, life, error: CounterfoilError.from(error).toPlain() } satisfies ShardAnswer<never>;
  }
}

function perform(task: ShardTask): ShardValues[ShardTask['type']] {
  if (task.type === 'open') {
    const { host, facts } = PartitionHost.open(task.partition, task.epoch, task.directory);
    hosts.set(task.partition, host);
    return facts;
  }
  if (task.type === 'close') {
    hosts.delete(task.partition);
    return null;
  }
  const host = hosts.get(task.partition);
  if (host === undefined) {
    throw new CounterfoilError(
      'shardDied',
      `partition ${task.partition} is not open in this thread; open it again`,
    );
  }
  switch (task.type) {
    case 'stored':
      host.skip(task.stored);
      return null;
    case 'apply':
      return host.apply(task.batch);
    case 'checkpoint':
      return host.checkpoint(task.streamCreatedMs);
    case 'summary':
      return host.summary();
  }
}

/** Rows leave the thread by transfer, not by copy. */
function moveBlocks(answer: unknown, batch: AppliedBatch): unknown {
  return move({
    get [transferableSymbol](): ArrayBuffer[] {
      return batch.blocks.map((block) => block.bytes.buffer as ArrayBuffer);
    },
    get [valueSymbol](): unknown {
      return answer;
    },
  } as never);
}
