import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { CounterfoilError } from '../domain/index.ts';
import type { ShardAnswer, ShardRequest, ShardTask, ShardValues } from './protocol.ts';

/** The compiled worker. Under vitest this file is TypeScript, which a worker thread cannot load: the build is used. */
const WORKER = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/engine/shards/worker.js', import.meta.url)
    : new URL('./worker.js', import.meta.url),
);

/** Far longer than any task: a checkpoint of millions of records takes seconds. */
const TASK_TIMEOUT_MS = 120_000;

function startThread(): Piscina {
  const pool = new Piscina({
    filename: WORKER,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
    maxQueue: 4096,
    // A thread that waits in Atomics.wait could not finish its file writes.
    atomics: 'disabled',
    recordTiming: false,
    // Most of a task's garbage is dead by its end: with room for a few tasks hardly any of it is ever copied.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  // A pool whose thread dies rejects its tasks; without a listener the event would end the process.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * The worker threads. Each shard is a piscina pool of exactly one thread, so that a partition's state and its tasks
 * are always on the same thread; one pool of many would send a task to whichever thread is free.
 */
export class ShardPool {
  readonly #threads: { pool: Piscina; life: string | null }[] = [];
  #closed = false;

  /** @param shards number of threads, at least 1 */
  constructor(shards: number) {
    for (let i = 0; i < shards; i++) this.#threads.push({ pool: startThread(), life: null });
  }

  get shards(): number {
    return this.#threads.length;
  }

  /** Which thread owns a partition. */
  shardOf(partition: number): number {
    return partition % this.#threads.length;
  }

  /**
   * Runs a task on its partition's thread, after the tasks given before.
   * @throws `shardDied` when the thread is another than the one that opened the partition: open it again
   */
  async run<K extends ShardTask['type']>(
    task: Extract<ShardTask, { type: K }>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ShardValues[K]> {
    if (this.#closed) throw new CounterfoilError('stopping', 'the shard threads are stopping');
    const thread = this.#threads[this.shardOf(task.partition)]!;
    const request: ShardRequest = { life: task.type === 'open' ? null : thread.life, task };
    let answer: ShardAnswer<ShardValues[K]>;
    try {
      answer = (await this.#runOn(thread, request, transfer)) as ShardAnswer<ShardValues[K]>;
    } catch (cause) {
      throw new CounterfoilError(
        'shardDied',
        `the thread of shard ${this.shardOf(task.partition)} died (${cause instanceof Error ? cause.message : String(cause)}); its partitions restore from their checkpoints`,
        { cause },
      );
    }
    if (!answer.ok) throw CounterfoilError.fromPlain(answer.error);
    if (task.type === 'open') thread.life = answer.life;
    return answer.value;
  }

  /** A thread that dies while it starts is not replaced by piscina, and its tasks would wait for ever: we replace it. */
  async #runOn(
    thread: { pool: Piscina; life: string | null },
    request: ShardRequest,
    transfer: readonly ArrayBuffer[],
  ): Promise<unknown> {
    const { pool } = thread;
    const timer = setTimeout(() => {
      if (this.#closed || thread.pool !== pool) return;
      thread.pool = startThread();
      // Rejects what waits on it.
      void pool.destroy();
    }, TASK_TIMEOUT_MS);
    try {
      return await pool.run(request, { transferList: [...transfer] });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the threads; tasks under way are given up after `timeoutMs`. */
  async close(timeoutMs = 10_000): Promise<void> {
    this.#closed = true;
    const ends = this.#threads.map(({ pool }) => pool.close({ force: false }).catch(() => undefined));
    const timer = setTimeout(() => {
      for (const { pool } of this.#threads) void pool.destroy();
    }, timeoutMs);
    await Promise.all(ends);
    clearTimeout(timer);
  }
}
