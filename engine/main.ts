import { join } from 'node:path';
import { encodeFrame, encodeResultFrame } from './codec/index.ts';
import { rulesHash, rulesJson, toRuleSet, type Config } from './config/index.ts';
import type { CounterfoilError, Leases, Log, ResultStore, RulesFrame } from './domain/index.ts';
import { PIPELINE_DEFAULTS, Pipeline, type PipelineObserver } from './pipeline/index.ts';
import { ShardPool } from './shards/index.ts';
import type { Logger, Metrics } from './telemetry/index.ts';

/** What the engine role is composed from. The caller opens and closes these. */
export interface EngineDeps {
  readonly config: Config;
  readonly log: Log;
  readonly leases: Leases;
  readonly store: ResultStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Called once if the engine cannot go on; it has stopped reading by then. */
  readonly onFatal: (error: CounterfoilError) => void;
  /** Told when everything of a partition through `sequence` is queryable. */
  readonly onStored?: (partition: number, sequence: number) => void;
}

export interface Engine {
  /** Bytes of rows that wait for the store. Bounded: beyond it the log is not read on. */
  readonly pendingBytes: number;
  /** Stops reading, stores what is under way, writes the last checkpoints, ends the threads. */
  stop(timeoutMs?: number): Promise<void>;
}

/** The `rules` message that a configuration stands for. */
function rulesFrameOf(config: Config): RulesFrame {
  const rules = toRuleSet(config);
  return { kind: 'rules', json: rulesJson(rules), hash: rulesHash(rules) };
}

/**
 * Makes the rules the first message of every partition that is still empty, so that no record can come before them.
 * Whoever may write to a new log first, calls this.
 */
export async function publishFirstRules(log: Log, config: Config): Promise<void> {
  const frame = rulesFrameOf(config);
  const payload = encodeFrame(frame);
  await Promise.all(
    Array.from({ length: config.partitions }, async (_, partition) => {
      const { lastSequence } = await log.state(partition);
      if (lastSequence === 0) await log.append(partition, payload, `rules-${partition}-${frame.hash}`);
    }),
  );
}

/**
 * Starts the engine role: threads, pipeline, checkpoints. Resolves when it is reading, with the rules in the log: sources
 * that are new in them may be opened then.
 */
export async function startEngine(deps: EngineDeps): Promise<Engine> {
  const { config, log, leases, store } = deps;
  await store.migrate();
  await publishFirstRules(log, config);
  const shards = new ShardPool(config.engine.shards);
  const pipeline = new Pipeline(
    {
      log,
      store,
      leases,
      shards,
      rules: { frame: rulesFrameOf(config) },
      observer: observe(deps),
      encode: encodeFrame,
      encodeResults: encodeResultFrame,
      onFatal: deps.onFatal,
    },
    {
      ...PIPELINE_DEFAULTS,
      partitions: config.partitions,
      checkpointDirectory: join(config.dataDir, 'checkpoints'),
      tickIntervalMs: config.engine.tickInterval,
      checkpointIntervalMs: config.engine.checkpointInterval,
      flushIntervalMs: config.engine.flushInterval,
      flushRows: config.engine.flushRows,
      // A batch is at most half of it, and its rows are some four times as large: few partitions may not have it all.
      readAheadBytes: Math.min(
        PIPELINE_DEFAULTS.readAheadBytes,
        Math.max(256 * 1024, Math.floor(config.engine.prefetchBytes / config.partitions)),
      ),
      keepMs: config.stream.keep,
    },
  );
  await pipeline.start();
  return {
    get pendingBytes() {
      return pipeline.pendingBytes;
    },
    async stop(timeoutMs = config.engine.stopTimeout) {
      await pipeline.stop(timeoutMs);
      await shards.close();
    },
  };
}

/** Turns what the pipeline reports into metrics and log lines. */
function observe({ metrics, logger, onStored }: EngineDeps): PipelineObserver {
  return {
    inserted(table, rows, _bytes, durationMs) {
      metrics.insertDuration.observe({ table }, durationMs / 1000);
      metrics.insertedRows.inc({ table }, rows);
    },
    insertRetried(table, error, attempt) {
      logger.warn({ table, attempt, code: error.code }, `insert is tried again: ${error.message}`);
    },
    stored(partition, batch) {
      metrics.pipelineLatency.observe(Math.max(0, Date.now() - batch.firstLogTime) / 1000);
      onStored?.(partition, batch.sequence);
    },
    checkpointed(partition, sequence, bytes, durationMs) {
      metrics.checkpointDuration.observe(durationMs / 1000);
      logger.debug({ partition, sequence, bytes, durationMs: Math.round(durationMs) }, 'checkpoint');
    },
    summary(summary) {
      metrics.observeSummary(summary);
    },
    event(level, message, facts) {
      logger[level](facts ?? {}, message);
    },
  };
}
