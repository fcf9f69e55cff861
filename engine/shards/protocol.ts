import type { PartitionSummary, PlainError, StoredPositions, TableName } from '../domain/index.ts';

/** Messages of the log laid end to end in one buffer, so that a batch crosses to its thread as one transfer. */
export interface PackedMessages {
  readonly bytes: Uint8Array;
  /** Where each message ends in `bytes`. */
  readonly ends: Uint32Array;
  readonly sequences: Float64Array;
  /** Epoch milliseconds, never descending. */
  readonly logTimes: Float64Array;
}

/** What a partition starts from: the rows already stored above its checkpoint, per table. */
export interface OpenTask {
  readonly type: 'open';
  readonly partition: number;
  readonly epoch: number;
  /** Folder of this partition's checkpoints. */
  readonly directory: string;
}

export interface StoredTask {
  readonly type: 'stored';
  readonly partition: number;
  /** Rows that a replay must not write again. */
  readonly stored: { readonly [table in TableName]: StoredPositions };
}

export interface ApplyTask {
  readonly type: 'apply';
  readonly partition: number;
  readonly batch: PackedMessages;
}

/** Writes the partition's state beside its current checkpoint; committing it is a rename, done once its rows are stored. */
export interface CheckpointTask {
  readonly type: 'checkpoint';
  readonly partition: number;
  readonly streamCreatedMs: number;
}

export interface SummaryTask {
  readonly type: 'summary';
  readonly partition: number;
}

export interface CloseTask {
  readonly type: 'close';
  readonly partition: number;
}

export type ShardTask = OpenTask | StoredTask | ApplyTask | CheckpointTask | SummaryTask | CloseTask;

/** Facts of a checkpoint that its owner compares with the stream before it goes on. */
export interface CheckpointFacts {
  readonly epoch: number;
  readonly partition: number;
  /** Last message that the state holds; 0 before the first. */
  readonly sequence: number;
  /** Log time of that message, epoch milliseconds. */
  readonly logTime: number;
  /** Creation time of the stream it was taken from, epoch milliseconds. */
  readonly streamCreatedMs: number;
  /** Hash of the rules in force; empty before any. */
  readonly rulesHash: string;
}

/** Rows for one table, TabSeparated. */
export interface RowBlock {
  readonly table: TableName;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** What applying a batch gave. */
export interface AppliedBatch {
  readonly sequence: number;
  readonly logTime: number;
  /** Log time of the batch's first message. */
  readonly firstLogTime: number;
  readonly blocks: readonly RowBlock[];
  /** Log minutes (epoch minutes) that the batch touched. */
  readonly minutes: readonly number[];
  /** Hash of the rules in force after the batch. */
  readonly rulesHash: string;
  /** Something due waits to be handled by further messages. */
  readonly isBehind: boolean;
  readonly accepted: number;
  readonly duplicates: number;
  readonly matches: number;
  readonly breaks: number;
  readonly deadLetters: number;
}

export interface WrittenCheckpoint extends CheckpointFacts {
  /** File to rename over the current checkpoint. */
  readonly path: string;
  readonly bytes: number;
  /** Buckets of the seen set that belong to it. */
  readonly seenBuckets: readonly number[];
}

/** What each task answers. */
export interface ShardValues {
  open: CheckpointFacts | null;
  stored: null;
  apply: AppliedBatch;
  checkpoint: WrittenCheckpoint;
  summary: PartitionSummary | null;
  close: null;
}

/**
 * A task with the life of the thread it is meant for. A thread that was started again has lost the state: it refuses
 * a task meant for the one before.
 */
export interface ShardRequest {
  readonly life: string | null;
  readonly task: ShardTask;
}

/** Errors cross as values: a thrown one would lose its class and code. */
export type ShardAnswer<T> =
  | { readonly ok: true; readonly life: string; readonly value: T }
  | { readonly ok: false; readonly life: string; readonly error: PlainError };
