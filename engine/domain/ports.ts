import type { DeadLetter, MoneyRecord, Origin } from './record.ts';
import type { SourceFinding } from './results.ts';
import type { ReportedBalance } from './statement.ts';
import type { TableName } from './tables.ts';

/** A message as it lies in the log. */
export interface StoredMessage {
  readonly sequence: number;
  /** JetStream's timestamp, epoch milliseconds; the reader makes it a running maximum. */
  readonly logTime: number;
  readonly payload: Uint8Array;
}

/** Facts of one partition's stream, read when it is opened. */
export interface StreamState {
  /** Creation time of the stream, epoch milliseconds: another one means another stream. */
  readonly createdMs: number;
  /** 1 for a stream's first life, increased when it is re-created. */
  readonly epoch: number;
  readonly firstSequence: number;
  /** 0 while empty. */
  readonly lastSequence: number;
}

/** Where listeners say, now and then, that they want results announced. */
export const INTEREST_SUBJECT = 'cf.interest';

/** The durable, partitioned log. Streams are numbered 0 to partitions − 1, and DEAD_LETTER_PARTITION. */
export interface Log {
  /** Creates the streams that are missing. @throws `logMismatch` if the partition count differs from the stored one */
  open(partitions: number): Promise<void>;
  state(partition: number): Promise<StreamState>;
  /**
   * Appends one message and resolves once it is stored.
   * @param messageId lets the broker drop an immediate repeat; only an optimisation
   * @throws `overloaded` when the stream is full, `brokerUnreachable`, `timeout`, `diskFull`, `payloadTooLarge`
   */
  append(
    partition: number,
    payload: Uint8Array,
    messageId?: string,
  ): Promise<{ readonly sequence: number; readonly duplicate: boolean }>;
  /**
   * Messages in order from `fromSequence` (inclusive), for ever, in batches; the next batch is not fetched from the
   * broker beyond `maxBytes` before this one is taken. Ends when `signal` aborts. Survives reconnects.
   * @throws `logGap` when a sequence is missing
   */
  read(
    partition: number,
    fromSequence: number,
    options: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): AsyncIterable<readonly StoredMessage[]>;
  /** One message, or undefined if it is gone. */
  get(partition: number, sequence: number): Promise<StoredMessage | undefined>;
  /** Deletes the messages up to and including `sequence` that are older than `olderThanMs` (epoch milliseconds). */
  purge(partition: number, sequence: number, olderThanMs: number): Promise<void>;
  /** Undelivered, unstored notices to whoever listens now (results, summaries). Never blocks. */
  announce(subject: string, payload: Uint8Array): void;
  /** Listens to announcements; ends when `signal` aborts. `subject` may end in `*`. */
  listen(
    subject: string,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly subject: string; readonly payload: Uint8Array }>;
  /** Resolves with the round trip in milliseconds. @throws `brokerUnreachable` */
  ping(): Promise<number>;
  /** Flushes what is under way and closes. */
  close(): Promise<void>;
}

/** Who owns a partition. */
export interface Leases {
  /** Resolves with true when this process owns `partition` now; renewed in the background until released. */
  acquire(partition: number, onLost: () => void): Promise<boolean>;
  release(partition: number): Promise<void>;
  close(): Promise<void>;
}

/** Positions of rows already stored above a checkpoint: parallel arrays, sorted by sequence, then n. */
export interface StoredPositions {
  readonly sequence: Float64Array;
  readonly n: Uint32Array;
}

/** Where results are kept. */
export interface ResultStore {
  /** Creates or upgrades the tables. */
  migrate(): Promise<void>;
  /**
   * Stores rows, TabSeparated in the column order of TABLES, chunks laid end to end. Resolves when they are durable.
   * A repeat of the same rows with the same token in one life stores them once.
   * @throws `storeUnreachable`, `timeout` (repeat), `diskFull`, `storeRejected`
   */
  insert(table: TableName, chunks: readonly Uint8Array[], rows: number, token: string): Promise<void>;
  /** Waits until no insert of an earlier owner can still land. */
  settle(): Promise<void>;
  /**
   * The positions stored in `table` for a partition and epoch with sequence above `sequence`.
   * @param fromLogTime the log time of message `sequence`, epoch milliseconds, where it is known: nothing above it is
   * older, so that older rows need not be looked through
   */
  positionsAbove(
    table: TableName,
    epoch: number,
    partition: number,
    sequence: number,
    fromLogTime?: number,
  ): Promise<StoredPositions>;
  /** Rebuilds the rollups of whole log minutes (epoch minutes). Safe to repeat. */
  rollup(minutes: readonly number[]): Promise<void>;
  ping(): Promise<number>;
  close(): Promise<void>;
}

/** One thing a connector made of its input. */
export type Translated =
  | { readonly type: 'record'; readonly record: MoneyRecord; readonly origin: Origin }
  | { readonly type: 'deadLetter'; readonly deadLetter: DeadLetter }
  | { readonly type: 'finding'; readonly finding: SourceFinding }
  /** Balances that the source states beside its records. */
  | { readonly type: 'balance'; readonly balance: ReportedBalance }
  /** The source is complete through `time`. */
  | { readonly type: 'progress'; readonly time: number };

/** Takes what connectors made and makes it durable in the log. */
export interface Publisher {
  /**
   * Resolves when JetStream has acknowledged everything in `items`: only then may a webhook be answered or a cursor move.
   * Waits for room when buffers are full.
   * @throws `overloaded` when there is no room within the publisher's limit, `brokerUnreachable`, `timeout`, `stopping`
   */
  publish(source: string, items: readonly Translated[]): Promise<void>;
  /** Sends what is buffered and waits for its acknowledgement. */
  close(): Promise<void>;
}
