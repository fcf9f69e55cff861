import { decodeFrame } from '../codec/index.ts';
import {
  CounterfoilError,
  DEAD_LETTER_PARTITION,
  reportedBalanceSchema,
  type DeadLetter,
  type PartitionSummary,
  type ReportedBalance,
  type StoredPositions,
  type TableName,
} from '../domain/index.ts';
import { createKernel, EXPIRY_BUDGET, restoreKernel, type Kernel } from '../matching/index.ts';
import { readCheckpoint, readSeen, writeCheckpoint } from './checkpoint-file.ts';
import type { AppliedBatch, CheckpointFacts, PackedMessages, WrittenCheckpoint } from './protocol.ts';
import { RowSink } from './row-sink.ts';

/** One partition in its worker thread: a kernel (none for the partition of dead letters), its rows, its checkpoints. */
export class PartitionHost {
  readonly #partition: number;
  readonly #epoch: number;
  readonly #directory: string;
  readonly #kernel: Kernel | undefined;
  readonly #sink: RowSink;
  #sequence: number;
  #logTime: number;

  private constructor(
    partition: number,
    epoch: number,
    directory: string,
    facts: CheckpointFacts | undefined,
    kernel: Kernel | undefined,
  ) {
    this.#partition = partition;
    this.#epoch = epoch;
    this.#directory = directory;
    this.#kernel = kernel;
    this.#sink = new RowSink(epoch, partition);
    this.#sequence = facts?.sequence ?? 0;
    this.#logTime = facts?.logTime ?? 0;
  }

  /**
   * Restores the partition from its current checkpoint, or starts it empty.
   * @throws `checkpointUnreadable`
   */
  static open(
    partition: number,
    epoch: number,
    directory: string,
  ): { host: PartitionHost; facts: CheckpointFacts | null } {
    const loaded = readCheckpoint(directory);
    const options = { epoch, partition, watermark: 'sources', expiry: EXPIRY_BUDGET } as const;
    let kernel: Kernel | undefined;
    if (partition !== DEAD_LETTER_PARTITION) {
      kernel = loaded?.snapshot
        ? restoreKernel(options, loaded.snapshot, readSeen(directory, loaded.snapshot.seen))
        : createKernel(options);
    }
    return {
      host: new PartitionHost(partition, epoch, directory, loaded?.facts, kernel),
      facts: loaded?.facts ?? null,
    };
  }

  skip(stored: { readonly [table in TableName]: StoredPositions }): void {
    this.#sink.skip(stored);
  }

  /** Applies messages in order. @throws `logGap` if they do not follow the last one */
  apply(batch: PackedMessages): AppliedBatch {
    const minutes = new Set<number>();
    let start = 0;
    for (let i = 0; i < batch.sequences.length; i++) {
      const sequence = batch.sequences[i]!;
      if (sequence !== this.#sequence + 1) {
        throw new CounterfoilError(
          'logGap',
          `partition ${this.#partition} was given message ${sequence} after ${this.#sequence}: messages are missing from its stream`,
        );
      }
      const logTime = Math.max(this.#logTime, batch.logTimes[i]!);
      const end = batch.ends[i]!;
      this.#sink.at(sequence, logTime);
      this.#applyOne(sequence, logTime, batch.bytes.subarray(start, end));
      this.#sequence = sequence;
      this.#logTime = logTime;
      minutes.add(Math.floor(logTime / 60_000));
      start = end;
    }
    const counts = this.#sink.counts;
    return {
      sequence: this.#sequence,
      logTime: this.#logTime,
      firstLogTime: batch.logTimes[0] ?? this.#logTime,
      rulesHash: this.#kernel?.rulesHash ?? '',
      isBehind: this.#kernel?.isBehind ?? false,
      minutes: [...minutes],
      ...counts,
      blocks: this.#sink.take(),
    };
  }

  checkpoint(streamCreatedMs: number): WrittenCheckpoint {
    const facts: CheckpointFacts = {
      epoch: this.#epoch,
      partition: this.#partition,
      sequence: this.#sequence,
      logTime: this.#logTime,
      streamCreatedMs,
      rulesHash: this.#kernel?.rulesHash ?? '',
    };
    const pending = this.#kernel?.pendingSeen() ?? [];
    const written = writeCheckpoint(this.#directory, facts, this.#kernel?.snapshot(), pending);
    this.#kernel?.seenWritten();
    return written;
  }

  summary(): PartitionSummary | null {
    return this.#kernel?.summary() ?? null;
  }

  #applyOne(sequence: number, logTime: number, payload: Uint8Array): void {
    if (this.#kernel === undefined) {
      this.#sink.deadLetter(0, parseDeadLetter(payload));
      return;
    }
    const kernel = this.#kernel;
    const before = kernel.inForce;
    try {
      const frame = decodeFrame(payload);
      const balance = frame.kind === 'balance' ? readBalance(frame.json) : undefined;
      kernel.apply({ sequence, logTime, frame }, this.#sink);
      if (balance !== undefined) this.#sink.balance(balance);
    } catch (error) {
      const cause = CounterfoilError.from(error);
      if (cause.code !== 'undecodableFrame') throw cause;
      this.#sink.deadLetter(0, undecodable(payload, cause));
      // Time passes all the same: the message has its place in the log.
      kernel.apply({ sequence, logTime, frame: { kind: 'tick' } }, this.#sink);
    }
    const { inForce } = kernel;
    // Rates that are published leave the hash as it is: the rules are those that were given.
    if (inForce !== undefined && inForce.hash !== before?.hash) this.#sink.rules(inForce);
  }
}

/** @throws CounterfoilError `undecodableFrame` */
function readBalance(json: string): ReportedBalance {
  try {
    return reportedBalanceSchema.parse(JSON.parse(json));
  } catch (cause) {
    throw new CounterfoilError('undecodableFrame', 'a message of balances cannot be read', { cause });
  }
}

function undecodable(payload: Uint8Array, cause: CounterfoilError): DeadLetter {
  return {
    source: '',
    code: cause.code,
    reason: cause.message,
    origin: { offset: 0, ordinal: 0 },
    payload: Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.byteLength, 32_768)).toString(
      'base64',
    ),
  };
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function parseDeadLetter(payload: Uint8Array): DeadLetter {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  try {
    const letter = JSON.parse(text) as { readonly [field in keyof DeadLetter]?: unknown };
    return {
      source: textOf(letter.source, ''),
      code: textOf(letter.code, 'internal'),
      reason: textOf(letter.reason, ''),
      origin: (letter.origin ?? { offset: 0, ordinal: 0 }) as DeadLetter['origin'],
      payload: textOf(letter.payload, ''),
    };
  } catch {
    return {
      source: '',
      code: 'undecodableFrame',
      reason: 'a dead letter is not JSON',
      origin: { offset: 0, ordinal: 0 },
      payload: text,
    };
  }
}
