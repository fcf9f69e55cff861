import type {
  Break,
  CommandAnswer,
  Finding,
  LogMessage,
  Match,
  PartitionSummary,
  RecordFrame,
} from '../domain/index.ts';

/**
 * Takes the kernel's results as they are made. The objects passed in are reused: read them during the call and copy
 * what is kept. Record ids are decoded only when read.
 */
export interface ResultSink {
  /** Row `row` of the frame at hand is a record of its own: it belongs into the records table. */
  accepted(frame: RecordFrame, row: number): void;
  /** Row `row` repeats a record of equal content and changed nothing. */
  duplicate(frame: RecordFrame, row: number): void;
  /** Row `row` was refused and becomes a dead letter, at result number `n` of its message. */
  refused(
    frame: RecordFrame,
    row: number,
    n: number,
    code: 'idConflict' | 'unknownSource',
    reason: string,
  ): void;
  match(match: Match): void;
  break(breakVersion: Break): void;
  finding(finding: Finding): void;
  /** A command was accepted or refused. */
  answer(answer: CommandAnswer): void;
}

/**
 * How much of what is due is handled with one row, and with one message without rows: so many events, on average over
 * some rows; an event of many records counts for more. What is left over waits, and nothing that can be seen depends on
 * it but where in the log a result stands.
 */
export interface ExpiryBudget {
  readonly perRecord: number;
  readonly perMessage: number;
}

/** How a kernel is set up; fixed for its life. */
export interface KernelOptions {
  readonly epoch: number;
  readonly partition: number;
  /**
   * Who moves the watermark. `sources`: SEMANTICS §3.2, per source with idleness and log time. `records`: the time of
   * the record at hand, for input that is already in order of time (the file command); each record then is a message
   * of its own: its sequence is the frame's sequence plus its row number.
   */
  readonly watermark: 'sources' | 'records';
  /** Absent: all that is due is handled at once, however long it takes. */
  readonly expiry?: ExpiryBudget;
}

/** Entries of the seen set that have not been written yet: they follow the first `from` entries of their bucket. */
export interface SeenSegment {
  readonly bucket: number;
  /** Entries of this bucket already handed over. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** A kernel's state apart from the seen set, as blocks to be written one after the other. */
export interface KernelSnapshot {
  /** Layout version of this snapshot: another one cannot be restored. */
  readonly version: number;
  readonly blocks: readonly Uint8Array[];
  /** The seen buckets that belong to this state, with how many entries of each. */
  readonly seen: readonly { readonly bucket: number; readonly entries: number }[];
}

/** One partition's matcher: synchronous, deterministic, without I/O or clock. */
export interface Kernel {
  /**
   * Hash of the last `rules` message that was taken; empty before any. Neither a refused one nor a command changes it: a
   * configuration that is as it was does not undo what a command has changed since.
   */
  readonly rulesHash: string;
  /** The rules in force, as the log brought them, by message or command; another object each time others are. */
  readonly inForce: { readonly hash: string; readonly json: string } | undefined;
  /** Whether there may be something due that is yet to be handled. */
  readonly isBehind: boolean;
  /**
   * Applies one message. The same messages in the same order give the same results.
   * @throws CounterfoilError `openRecordsLimit`, `sumOutOfRange`, `logMismatch` (records before any rules)
   */
  apply(message: LogMessage, sink: ResultSink): void;
  /** Closes every window: the end of the input (file command only). */
  finish(sink: ResultSink): void;
  summary(): PartitionSummary;
  snapshot(): KernelSnapshot;
  /** Seen entries not yet taken; `snapshot().seen` counts them in. */
  pendingSeen(): readonly SeenSegment[];
  /** The entries of the last pendingSeen() are written. */
  seenWritten(): void;
}
