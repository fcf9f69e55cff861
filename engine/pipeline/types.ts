import type {
  CounterfoilError,
  Frame,
  Leases,
  Log,
  PartitionSummary,
  ResultStore,
  TableName,
} from '../domain/index.ts';
import type { AppliedBatch, ShardPool } from '../shards/index.ts';

/** The rules to be in force: their `rules` message and its hash. */
export interface RulesInForce {
  readonly frame: Frame & { readonly kind: 'rules' };
}

export interface PipelineOptions {
  /** Number of partitions of the log. */
  readonly partitions: number;
  /** Folder in which each partition keeps its checkpoints. */
  readonly checkpointDirectory: string;
  /** A quiet partition gets a tick this often, so that silence expires windows. */
  readonly tickIntervalMs: number;
  readonly checkpointIntervalMs: number;
  /** The longest that a row waits for its insert. */
  readonly flushIntervalMs: number;
  /** Rows that start an insert before the interval is over. */
  readonly flushRows: number;
  /** Bytes of rows waiting for ClickHouse at which reading stops. */
  readonly maxPendingBytes: number;
  /** Bytes of messages that each partition may have fetched ahead. */
  readonly readAheadBytes: number;
  /** How long messages below the checkpoint stay in the log. */
  readonly keepMs: number;
  /** How often each partition publishes its summary. */
  readonly summaryIntervalMs: number;
}

export const PIPELINE_DEFAULTS = {
  tickIntervalMs: 1000,
  checkpointIntervalMs: 10_000,
  flushIntervalMs: 100,
  flushRows: 20_000,
  maxPendingBytes: 64 * 1024 * 1024,
  readAheadBytes: 2 * 1024 * 1024,
  keepMs: 7 * 86_400_000,
  summaryIntervalMs: 1000,
} as const;

/** Facts for metrics and logs, as they happen. Calls must not block. */
export interface PipelineObserver {
  inserted(table: TableName, rows: number, bytes: number, durationMs: number): void;
  insertRetried(table: TableName, error: CounterfoilError, attempt: number): void;
  /** Everything of a partition through `batch.sequence` is queryable now. */
  stored(partition: number, batch: AppliedBatch): void;
  checkpointed(partition: number, sequence: number, bytes: number, durationMs: number): void;
  summary(summary: PartitionSummary): void;
  event(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    facts?: Readonly<{ [key: string]: unknown }>,
  ): void;
}

export interface PipelineDeps {
  readonly log: Log;
  readonly store: ResultStore;
  readonly leases: Leases;
  readonly shards: ShardPool;
  readonly rules: RulesInForce;
  readonly observer: PipelineObserver;
  /** Encodes a control message; the codec is composed in. */
  readonly encode: (frame: Frame) => Uint8Array;
  /** Encodes row blocks as an announcement of results. */
  readonly encodeResults: (blocks: ResultBlocks) => Uint8Array;
  /** Called once when the engine cannot go on. */
  readonly onFatal: (error: CounterfoilError) => void;
}

/** Row blocks of results, TabSeparated; a table without rows is empty. */
export interface ResultBlocks {
  readonly matches: Uint8Array;
  readonly breaks: Uint8Array;
  readonly findings: Uint8Array;
  readonly commands: Uint8Array;
}
