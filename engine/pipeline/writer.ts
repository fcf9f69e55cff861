import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CounterfoilError, TABLE_NAMES, type ResultStore, type TableName } from '../domain/index.ts';
import type { AppliedBatch } from '../shards/index.ts';
import { Signal } from './signal.ts';
import type { PipelineObserver, PipelineOptions } from './types.ts';

/** What the writer is told of a batch; `discarded` ones belong to a partition that was lost to another owner. */
interface Pending {
  readonly partition: number;
  readonly batch: AppliedBatch;
  readonly rows: number;
  readonly bytes: number;
}

type WriterOptions = Pick<PipelineOptions, 'flushIntervalMs' | 'flushRows' | 'maxPendingBytes'>;

/** Most rows in one insert: beyond it ClickHouse gains nothing and memory is only held longer. */
const MAX_INSERT_ROWS = 200_000;
/**
 * A batch this much older than the clock shows that the engine is catching up. Then few large inserts matter more than
 * the age of a row: each insert has a fixed cost, and what it wrote is merged with the others later.
 */
const BEHIND_MS = 3_000;
const BEHIND_INTERVAL_MS = 1_000;
const BEHIND_ROWS = 120_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Collects the rows of all partitions and stores them with one insert per table. A batch counts as stored only when
 * every table has acknowledged its rows; checkpoints wait for that. One flush is under way at a time, so what is
 * stored of a partition is always a prefix of its log.
 */
export class ResultWriter {
  readonly #store: ResultStore;
  readonly #options: WriterOptions;
  readonly #observer: PipelineObserver;
  readonly #onStored: (partition: number, batch: AppliedBatch) => void;
  readonly #onFatal: (error: CounterfoilError) => void;
  /** Marks this life's inserts: a token is repeated only by a retry. */
  readonly #life = randomUUID();
  readonly #storedThrough = new Map<number, number>();
  /** Wakes whoever waits for room or for something to be stored. */
  readonly #progress = new Signal();
  #queue: Pending[] = [];
  #pendingBytes = 0;
  #pendingRows = 0;
  #flushes = 0;
  #behind = false;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #stopped = false;

  constructor(
    store: ResultStore,
    options: WriterOptions,
    observer: PipelineObserver,
    onStored: (partition: number, batch: AppliedBatch) => void,
    onFatal: (error: CounterfoilError) => void,
  ) {
    this.#store = store;
    this.#options = options;
    this.#observer = observer;
    this.#onStored = onStored;
    this.#onFatal = onFatal;
  }

  /** Bytes of rows waiting for ClickHouse. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Takes a batch; resolves when there is room for the next, which is what slows the reading down. */
  async add(partition: number, batch: AppliedBatch, signal: AbortSignal): Promise<void> {
    let rows = 0;
    let bytes = 0;
    for (const block of batch.blocks) {
      rows += block.rows;
      bytes += block.bytes.byteLength;
    }
    this.#queue.push({ partition, batch, rows, bytes });
    this.#behind = Date.now() - batch.logTime > BEHIND_MS;
    this.#pendingRows += rows;
    this.#pendingBytes += bytes;
    this.#schedule();
    while (this.#pendingBytes > this.#options.maxPendingBytes && !signal.aborted && !this.#stopped) {
      await this.#progress.next(signal);
    }
  }

  /** Resolves when everything of `partition` through `sequence` is stored; rejects with `stopping` if that ends first. */
  async whenStored(partition: number, sequence: number, signal: AbortSignal): Promise<void> {
    while ((this.#storedThrough.get(partition) ?? 0) < sequence) {
      if (signal.aborted || this.#stopped) throw new CounterfoilError('stopping', 'the engine is stopping');
      await this.#progress.next(signal);
    }
  }

  /** Where a partition starts: everything through `sequence` is stored already. */
  startAt(partition: number, sequence: number): void {
    this.#storedThrough.set(partition, sequence);
  }

  /** Resolves when nothing of `partition` waits any more. */
  async drain(partition: number, signal: AbortSignal): Promise<void> {
    while (this.#queue.some((p) => p.partition === partition) || this.#flushing !== undefined) {
      if (signal.aborted || this.#stopped) return;
      this.#schedule(true);
      await this.#progress.next(signal);
    }
  }

  /** Forgets rows of a partition that now belongs to another owner, which will write them. */
  discard(partition: number): void {
    for (const pending of this.#queue.filter((p) => p.partition === partition)) {
      this.#pendingRows -= pending.rows;
      this.#pendingBytes -= pending.bytes;
    }
    this.#queue = this.#queue.filter((p) => p.partition !== partition);
    this.#progress.notify();
  }

  /** Stores what waits, for at most `timeoutMs`; what is left then is replayed at the next start. */
  async close(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (
      (this.#queue.length > 0 || this.#flushing !== undefined) &&
      Date.now() < deadline &&
      !this.#stopped
    ) {
      this.#schedule(true);
      await this.#progress.next(AbortSignal.timeout(Math.max(1, Math.min(500, deadline - Date.now()))));
    }
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#progress.notify();
  }

  #schedule(now = false): void {
    if (this.#stopped || this.#flushing !== undefined || this.#queue.length === 0) return;
    const { flushRows, flushIntervalMs, maxPendingBytes } = this.#options;
    const full = this.#pendingRows >= (this.#behind ? Math.max(flushRows, BEHIND_ROWS) : flushRows);
    // Half of the room at the latest: nobody should wait for a flush that has not begun.
    if (now || full || this.#pendingBytes >= maxPendingBytes / 2) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
        this.#progress.notify();
        this.#schedule();
      });
    } else {
      const wait = this.#behind ? Math.max(flushIntervalMs, BEHIND_INTERVAL_MS) : flushIntervalMs;
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#schedule(true);
      }, wait);
    }
  }

  async #flush(): Promise<void> {
    const taken = this.#take();
    this.#flushes++;
    const inserts: Promise<void>[] = [];
    for (const table of TABLE_NAMES) {
      const blocks = taken.flatMap(({ batch }) => batch.blocks.filter((block) => block.table === table));
      if (blocks.length > 0) inserts.push(this.#insert(table, blocks));
    }
    const outcomes = await Promise.allSettled(inserts);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    for (const pending of taken) {
      this.#pendingRows -= pending.rows;
      this.#pendingBytes -= pending.bytes;
    }
    if (failure !== undefined) {
      this.#stopped = true;
      const error = CounterfoilError.from(failure.reason);
      if (error.code !== 'stopping') this.#onFatal(error);
      return;
    }
    for (const { partition, batch } of taken) {
      this.#storedThrough.set(partition, Math.max(this.#storedThrough.get(partition) ?? 0, batch.sequence));
      this.#onStored(partition, batch);
    }
  }

  /** Batches from the front of the queue, up to the rows of one insert. */
  #take(): Pending[] {
    let rows = 0;
    let count = 0;
    while (
      count < this.#queue.length &&
      (count === 0 || rows + this.#queue[count]!.rows <= MAX_INSERT_ROWS)
    ) {
      rows += this.#queue[count]!.rows;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #insert(table: TableName, blocks: AppliedBatch['blocks']): Promise<void> {
    const chunks = blocks.map((block) => block.bytes);
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const token = `${this.#life}-${this.#flushes}-${table}`;
    for (let attempt = 1; ; attempt++) {
      const started = performance.now();
      try {
        await this.#store.insert(table, chunks, rows, token);
        this.#observer.inserted(table, rows, bytes, performance.now() - started);
        return;
      } catch (cause) {
        const error = CounterfoilError.from(cause);
        if (error.disposition !== 'retryable') throw error;
        if (this.#stopped) throw new CounterfoilError('stopping', 'the engine is stopping');
        this.#observer.insertRetried(table, error, attempt);
        await sleep(Math.random() * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10)));
      }
    }
  }
}
