import { CounterfoilError, DEAD_LETTER_PARTITION } from '../domain/index.ts';
import type { AppliedBatch } from '../shards/index.ts';
import { LEASE_LOST, PartitionRunner, type RunnerContext } from './partition-runner.ts';
import { ResultAnnouncer } from './announcer.ts';
import { Rollups } from './rollups.ts';
import { pause } from './signal.ts';
import type { PipelineDeps, PipelineOptions } from './types.ts';
import { ResultWriter } from './writer.ts';

/** How often a partition that another process owns is asked for again. */
const LEASE_RETRY_MS = 2_000;
const ROLLUP_INTERVAL_MS = 5_000;

/**
 * The engine's main loop: owns partitions by lease, runs each of them, and stores their results with one writer.
 * Start it once; {@link stop} drains it.
 */
export class Pipeline {
  readonly #context: RunnerContext;
  readonly #stopping = new AbortController();
  readonly #announcer: ResultAnnouncer;
  #running: Promise<unknown> = Promise.resolve();
  #newestLogTime = 0;
  #failed = false;

  constructor(deps: PipelineDeps, options: PipelineOptions) {
    this.#announcer = new ResultAnnouncer(deps, this.#stopping.signal);
    const rollups = new Rollups(deps.store, deps.observer);
    const writer = new ResultWriter(
      deps.store,
      options,
      deps.observer,
      (partition, batch) => this.#stored(partition, batch),
      (error) => this.#fatal(error),
    );
    this.#context = { deps, options, writer, rollups };
  }

  /** Bytes of rows waiting for ClickHouse. */
  get pendingBytes(): number {
    return this.#context.writer.pendingBytes;
  }

  /**
   * Starts owning and running partitions. Resolves when our rules are in the log of each that nobody else owns, so that
   * records of sources that are new in them may be written; the work goes on in the background.
   */
  async start(): Promise<void> {
    await this.#context.deps.store.settle();
    const partitions = [...Array(this.#context.options.partitions).keys(), DEAD_LETTER_PARTITION];
    const owning: Promise<void>[] = [];
    const ready = partitions.map(
      (partition) =>
        new Promise<void>((resolve) => owning.push(this.#own(partition, resolve).finally(resolve))),
    );
    this.#running = Promise.all([...owning, this.#rollupLoop()]).catch((cause: unknown) =>
      this.#fatal(CounterfoilError.from(cause)),
    );
    await Promise.all(ready);
  }

  /**
   * Stops reading, stores what is under way, writes the last checkpoints and gives the leases back.
   * @param timeoutMs after it, what is not stored is left to the replay of the next start
   */
  async stop(timeoutMs = 20_000): Promise<void> {
    this.#stopping.abort();
    const patience = new AbortController();
    await Promise.race([this.#running, pause(timeoutMs, patience.signal)]);
    // Else its timer would hold the process.
    patience.abort();
    await this.#context.writer.close(this.#failed ? 0 : timeoutMs);
    await this.#context.deps.leases.close();
  }

  /**
   * Holds one partition for as long as the lease and the process last.
   * @param ready called when our rules are in its log, or another process owns it
   */
  async #own(partition: number, ready: () => void): Promise<void> {
    const { deps, writer } = this.#context;
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      const lost = new AbortController();
      const owned = await deps.leases
        .acquire(partition, () => {
          lost.abort(LEASE_LOST);
          writer.discard(partition);
        })
        .catch((cause: unknown) => {
          const error = CounterfoilError.from(cause);
          if (error.disposition !== 'retryable') throw error;
          deps.observer.event('warn', `no lease for partition ${partition} yet: ${error.message}`, {
            code: error.code,
          });
          return undefined;
        });
      if (owned !== true) {
        if (owned === false) ready();
        await pause(LEASE_RETRY_MS, signal);
        continue;
      }
      await new PartitionRunner(partition, this.#context).run(AbortSignal.any([signal, lost.signal]), ready);
      if (lost.signal.aborted) {
        deps.observer.event(
          'warn',
          `the lease of partition ${partition} was lost; another process may own it now`,
          { partition },
        );
      } else {
        await deps.leases.release(partition).catch(() => undefined);
      }
    }
  }

  async #rollupLoop(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(ROLLUP_INTERVAL_MS, signal);
      // A minute is closed when log time has left it; the wall clock serves where the log is quiet.
      await this.#context.rollups.through(
        Math.floor(Math.max(this.#newestLogTime, Date.now() - 5_000) / 60_000),
      );
    }
    await this.#context.rollups.through(Infinity);
  }

  #stored(partition: number, batch: AppliedBatch): void {
    const { deps, rollups } = this.#context;
    rollups.touch(batch.minutes);
    this.#newestLogTime = Math.max(this.#newestLogTime, batch.logTime);
    deps.observer.stored(partition, batch);
    this.#announcer.announce(partition, batch.blocks);
  }

  #fatal(error: CounterfoilError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopping.abort();
    this.#context.deps.onFatal(error);
  }
}
