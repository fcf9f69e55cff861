import { join } from 'node:path';
import {
  CounterfoilError,
  DEAD_LETTER_PARTITION,
  TABLE_NAMES,
  type StoredPositions,
  type StreamState,
  type TableName,
} from '../domain/index.ts';
import { commitCheckpoint, packMessages, type CheckpointFacts } from '../shards/index.ts';
import type { Rollups } from './rollups.ts';
import { aborted, pause } from './signal.ts';
import type { PipelineDeps, PipelineOptions } from './types.ts';
import type { ResultWriter } from './writer.ts';

/** How far a stored message's time may lie before the checkpoint's: log time is a running maximum, clocks are not. */
const CLOCK_STEP_MS = 300_000;

/** How long the last checkpoint may wait for its rows when the engine stops. */
const LAST_CHECKPOINT_MS = 20_000;

/** Time between ticks while something due waits to be handled, which messages alone bring on. */
const CATCH_UP_MS = 20;

/** Abort reason of a partition that belongs to another owner now: it must write nothing more. */
export const LEASE_LOST = 'leaseLost';

/** Everything a runner shares with the other partitions of the process. */
export interface RunnerContext {
  readonly deps: PipelineDeps;
  readonly options: PipelineOptions;
  readonly writer: ResultWriter;
  readonly rollups: Rollups;
}

/**
 * Drives one partition: restore, verify against the stream, read, apply, hand over to the writer, tick, checkpoint.
 * The position lives only in the checkpoint; nothing is acknowledged to the broker.
 */
export class PartitionRunner {
  readonly #partition: number;
  readonly #context: RunnerContext;
  readonly #directory: string;
  #sequence = 0;
  /** Where our rules message lies; 0 where the checkpoint has our rules already. */
  #rulesSequence = 0;
  #checkpointed = 0;
  #busy = false;
  #lastMessageAt = 0;
  /** Something due waits in the kernel. */
  #isBehind = false;
  #summarised = -1;

  constructor(partition: number, context: RunnerContext) {
    this.#partition = partition;
    this.#context = context;
    this.#directory = join(context.options.checkpointDirectory, `p${partition}`);
  }

  /**
   * Runs until `signal` aborts. A dead thread is not the end: the partition restores from its checkpoint.
   * @param onRulesWritten called when our rules are in the log, or in force already: what records come later fall under them
   */
  async run(signal: AbortSignal, onRulesWritten: () => void = () => undefined): Promise<void> {
    while (!aborted(signal)) {
      const life = new AbortController();
      const both = AbortSignal.any([signal, life.signal]);
      try {
        const state = await this.#restore();
        onRulesWritten();
        const loops = [
          this.#read(both),
          this.#tick(both),
          this.#checkpointLoop(state, both),
          this.#summarise(both),
        ];
        // All must have ended before the partition is opened again; the first to end, ends the others.
        const ends = await Promise.allSettled(loops.map((loop) => loop.finally(() => life.abort())));
        throwFirstFailure(ends);
        if (aborted(signal) && signal.reason !== LEASE_LOST) {
          await this.#checkpoint(state, AbortSignal.timeout(LAST_CHECKPOINT_MS));
        }
      } catch (cause) {
        life.abort();
        const error = CounterfoilError.from(cause);
        if (aborted(signal) || error.code === 'stopping') return;
        if (error.disposition !== 'retryable' && error.code !== 'shardDied') throw error;
        this.#context.deps.observer.event(
          'warn',
          `partition ${this.#partition} starts again from its checkpoint: ${error.message}`,
          { code: error.code },
        );
        // What the dead thread handed over is stored first, so that the positions read back are whole.
        await this.#context.writer.drain(this.#partition, signal);
        await pause(200, signal);
      }
    }
  }

  async #restore(): Promise<StreamState> {
    const { deps, writer, rollups } = this.#context;
    const state = await deps.log.state(this.#partition);
    const facts = await deps.shards.run<'open'>({
      type: 'open',
      partition: this.#partition,
      epoch: state.epoch,
      directory: this.#directory,
    });
    await this.#verify(facts, state);
    this.#sequence = facts?.sequence ?? 0;
    this.#checkpointed = this.#sequence;
    this.#rulesSequence = 0;
    writer.startAt(this.#partition, this.#sequence);
    if (facts !== null) rollups.touch([Math.floor(facts.logTime / 60_000)]);
    const stored = await this.#storedAbove(state.epoch, this.#sequence, facts?.logTime);
    await deps.shards.run<'stored'>({ type: 'stored', partition: this.#partition, stored });
    deps.observer.event(
      // A start with nothing to replay is not worth a line for each partition.
      state.lastSequence > this.#sequence + 1 ? 'info' : 'debug',
      `partition ${this.#partition} starts at ${this.#sequence + 1} of ${state.lastSequence}`,
      {
        partition: this.#partition,
        from: this.#sequence + 1,
        last: state.lastSequence,
      },
    );
    if (this.#partition !== DEAD_LETTER_PARTITION && facts?.rulesHash !== deps.rules.frame.hash) {
      this.#rulesSequence = (await deps.log.append(this.#partition, deps.encode(deps.rules.frame))).sequence;
    }
    return state;
  }

  async #storedAbove(
    epoch: number,
    sequence: number,
    logTime?: number,
  ): Promise<{ [table in TableName]: StoredPositions }> {
    const entries: [TableName, StoredPositions][] = [];
    for (const table of TABLE_NAMES) {
      entries.push([
        table,
        await this.#context.deps.store.positionsAbove(table, epoch, this.#partition, sequence, logTime),
      ]);
    }
    return Object.fromEntries(entries) as { [table in TableName]: StoredPositions };
  }

  /** The checkpoint and the stream must be of one piece. */
  async #verify(facts: CheckpointFacts | null, state: StreamState): Promise<void> {
    const next = (facts?.sequence ?? 0) + 1;
    const stop = (code: 'logMismatch' | 'logGap', why: string): never => {
      throw new CounterfoilError(
        code,
        `partition ${this.#partition}: ${why}; restore the stream or the checkpoint that belongs to it, or delete ${this.#directory} to replay the stream from its start`,
      );
    };
    if (facts !== null) {
      if (facts.streamCreatedMs !== state.createdMs || facts.epoch !== state.epoch) {
        stop(
          'logMismatch',
          `the checkpoint was taken from a stream created ${iso(facts.streamCreatedMs)}, this one was created ${iso(state.createdMs)}`,
        );
      }
      if (state.lastSequence < facts.sequence) {
        stop(
          'logMismatch',
          `the checkpoint is at message ${facts.sequence} but the stream ends at ${state.lastSequence}`,
        );
      }
      const last = await this.#context.deps.log.get(this.#partition, facts.sequence);
      const ahead = last === undefined ? 0 : facts.logTime - last.logTime;
      if (ahead < 0 || ahead > CLOCK_STEP_MS) {
        stop(
          'logMismatch',
          `message ${facts.sequence} is of ${iso(last?.logTime ?? 0)}, the checkpoint saw it at ${iso(facts.logTime)}`,
        );
      }
    }
    if (state.firstSequence > next) {
      stop('logGap', `the stream starts at message ${state.firstSequence} but ${next} is needed`);
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { deps, options, writer } = this.#context;
    const batches = deps.log.read(this.#partition, this.#sequence + 1, {
      maxBytes: options.readAheadBytes,
      signal,
    });
    for await (const messages of batches) {
      if (messages.length === 0) continue;
      this.#busy = true;
      const packed = packMessages(messages);
      const applied = await deps.shards.run<'apply'>(
        { type: 'apply', partition: this.#partition, batch: packed },
        [packed.bytes.buffer as ArrayBuffer],
      );
      this.#sequence = applied.sequence;
      this.#lastMessageAt = Date.now();
      this.#isBehind = applied.isBehind;
      await writer.add(this.#partition, applied, signal);
      this.#busy = false;
      this.#watchRules(applied.rulesHash);
    }
  }

  /**
   * Right after our rules message is applied our rules are in force, or the kernel refused them. Later a command may put
   * others in force.
   */
  #watchRules(hash: string): void {
    if (this.#rulesSequence === 0 || this.#sequence < this.#rulesSequence) return;
    this.#rulesSequence = 0;
    if (hash !== this.#context.deps.rules.frame.hash) {
      throw new CounterfoilError(
        'rulesRefused',
        `partition ${this.#partition} keeps its former rules; its finding of kind rulesRefused says why, such as another partitionBy or engine.seenHorizon than the log was created with: undo that change, or start a new log`,
      );
    }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    if (this.#partition === DEAD_LETTER_PARTITION) return untilAborted(signal);
    const { deps, options } = this.#context;
    const payload = deps.encode({ kind: 'tick' });
    let last = 0;
    while (!aborted(signal)) {
      const interval = this.#isBehind
        ? Math.min(CATCH_UP_MS, options.tickIntervalMs)
        : options.tickIntervalMs;
      await pause(interval, signal);
      // One tick at a time: the last may not have come back yet.
      if (aborted(signal) || this.#busy || this.#sequence < last) continue;
      if (Date.now() - this.#lastMessageAt < interval) continue;
      try {
        last = (await deps.log.append(this.#partition, payload)).sequence;
      } catch (cause) {
        const error = CounterfoilError.from(cause);
        if (error.disposition !== 'retryable') throw error;
        deps.observer.event('warn', `no tick for partition ${this.#partition}: ${error.message}`, {
          code: error.code,
        });
      }
    }
  }

  async #checkpointLoop(state: StreamState, signal: AbortSignal): Promise<void> {
    const { options } = this.#context;
    // Staggered, so that the partitions do not all stop for their checkpoint at once.
    await pause(
      (options.checkpointIntervalMs * ((this.#partition % options.partitions) + 1)) / options.partitions,
      signal,
    );
    while (!aborted(signal)) {
      const started = performance.now();
      await this.#checkpoint(state, signal);
      // A large state is written less often, so that checkpoints take at most a twentieth of the time.
      await pause(Math.max(options.checkpointIntervalMs, 20 * (performance.now() - started)), signal);
    }
  }

  async #checkpoint(state: StreamState, signal: AbortSignal): Promise<void> {
    if (this.#sequence === this.#checkpointed) return;
    const { deps, options, writer, rollups } = this.#context;
    const started = performance.now();
    const written = await deps.shards.run<'checkpoint'>({
      type: 'checkpoint',
      partition: this.#partition,
      streamCreatedMs: state.createdMs,
    });
    await writer.whenStored(this.#partition, written.sequence, signal);
    const minute = Math.floor(written.logTime / 60_000);
    await rollups.through(minute);
    // The next start rolls up only from the checkpoint's minute on: earlier ones must be done.
    if (rollups.pendingBefore(minute)) return;
    await commitCheckpoint(this.#directory, written);
    this.#checkpointed = written.sequence;
    deps.observer.checkpointed(this.#partition, written.sequence, written.bytes, performance.now() - started);
    await deps.log.purge(this.#partition, written.sequence, Date.now() - options.keepMs);
  }

  async #summarise(signal: AbortSignal): Promise<void> {
    if (this.#partition === DEAD_LETTER_PARTITION) return untilAborted(signal);
    const { deps, options } = this.#context;
    for (let turn = 0; !aborted(signal); turn++) {
      // An unchanged summary is repeated now and then, for listeners that came later.
      if (this.#sequence !== this.#summarised || turn % 5 === 0) {
        const summary = await deps.shards.run<'summary'>({ type: 'summary', partition: this.#partition });
        if (summary !== null) {
          this.#summarised = summary.sequence;
          deps.observer.summary(summary);
          deps.log.announce(`cf.summary.${this.#partition}`, Buffer.from(JSON.stringify(summary)));
        }
      }
      await pause(options.summaryIntervalMs, signal);
    }
  }
}

/** Throws what ended the loops. A loop that was only told to stop in the middle of something (`stopping`) is no failure. */
function throwFirstFailure(ends: readonly PromiseSettledResult<void>[]): void {
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    const error = CounterfoilError.from(end.reason);
    if (error.code !== 'stopping') throw error;
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (aborted(signal)) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
