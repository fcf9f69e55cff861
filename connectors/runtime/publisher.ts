import { createHash } from 'node:crypto';
import {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_RECORDS,
  encodeFrame,
  partitionOf,
} from '../../engine/codec/index.ts';
import { CounterfoilError, DEAD_LETTER_PARTITION } from '../../engine/domain/index.ts';
import type {
  DeadLetter,
  KeyField,
  Log,
  Publisher,
  ReportedBalance,
  SourceFinding,
  Translated,
} from '../../engine/domain/index.ts';
import { deadLetter, maskedCardNumbers, maskedDeadLetter } from '../contract/index.ts';
import { appendWithRetry } from './append.ts';
import type { Outgoing } from './append.ts';
import { ByteBudget } from './byte-budget.ts';
import { Lane } from './lane.ts';
import type { LaneOptions } from './lane.ts';

/** Takes facts for metrics; nothing in it may throw. */
export interface PublisherObserver {
  /** A message of records was stored. */
  published?(source: string, records: number): void;
  deadLetter?(source: string, code: string): void;
  /** Card numbers were masked, since the last time this was said. */
  maskedCardNumbers?(count: number): void;
  /** What is on its way to the log now. */
  inFlight?(messages: number, bytes: number): void;
  /** From sending a message to its acknowledgement, retries included. */
  appended?(durationMs: number): void;
}

export interface PublisherOptions {
  readonly log: Pick<Log, 'append'>;
  readonly partitions: number;
  readonly partitionBy: readonly KeyField[];
  /** Sources that are due at times: partitions that none of their records go to are told that they have spoken. */
  readonly dueSources?: ReadonlySet<string>;
  /** How long a frame waits for more records. Default 5 ms. */
  readonly lingerMs?: number;
  /** Records in a frame, at most. Default 512. */
  readonly maxRecords?: number;
  /** Encoded bytes of a frame, at most. Default 512 KiB. */
  readonly maxFrameBytes?: number;
  /** Bytes gathered and sent but not acknowledged beyond which publishers wait. Default 64 MiB. */
  readonly maxBufferedBytes?: number;
  /** How long they wait before they hear `overloaded`. Default 10 s. */
  readonly roomTimeoutMs?: number;
  /** How long one message may take, retries included. Default 30 s. */
  readonly appendTimeoutMs?: number;
  readonly observer?: PublisherObserver;
}

/** A {@link Publisher} that cuts records into frames by partition. */
export function createPublisher(options: PublisherOptions): Publisher {
  return new FramePublisher(options);
}

class FramePublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #budget: ByteBudget;
  readonly #roomTimeoutMs: number;
  readonly #lanes: readonly Lane[];
  readonly #deadLetters: Lane;
  /** The second in which all partitions were last told that a source has spoken. */
  readonly #told = new Map<string, number>();
  #inFlight = 0;
  #masked = maskedCardNumbers();
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#budget = new ByteBudget(options.maxBufferedBytes ?? 64 * 1024 * 1024);
    this.#roomTimeoutMs = options.roomTimeoutMs ?? 10_000;
    const appendTimeoutMs = options.appendTimeoutMs ?? 30_000;
    const laneOptions: LaneOptions = {
      budget: this.#budget,
      lingerMs: options.lingerMs ?? 5,
      maxRecords: options.maxRecords ?? DEFAULT_MAX_RECORDS,
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_BYTES,
      send: (message, counts) => this.#send(message, counts, appendTimeoutMs),
    };
    this.#lanes = Array.from(
      { length: options.partitions },
      (_, partition) => new Lane(partition, laneOptions),
    );
    this.#deadLetters = new Lane(DEAD_LETTER_PARTITION, laneOptions);
  }

  async publish(source: string, items: readonly Translated[]): Promise<void> {
    const waits = new Set<Promise<void>>();
    let deadline: number | undefined;
    for (const item of items) {
      if (this.#closed)
        throw new CounterfoilError('stopping', 'the publisher is closing; nothing more is taken');
      while (this.#budget.isFull) {
        deadline ??= performance.now() + this.#roomTimeoutMs;
        await this.#room(deadline - performance.now());
      }
      this.#add(source, item, waits);
    }
    this.#reportMasked();
    const results = await Promise.allSettled(waits);
    for (const result of results)
      if (result.status === 'rejected') throw CounterfoilError.from(result.reason);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes) lane.flush();
    await Promise.all([...this.#lanes, this.#deadLetters].map((lane) => lane.settled()));
  }

  async #room(timeoutMs: number): Promise<void> {
    // What is gathered counts too: it is sent now, so that room can come of it.
    for (const lane of this.#lanes) lane.flush();
    await this.#budget.room(timeoutMs);
  }

  #add(source: string, item: Translated, waits: Set<Promise<void>>): void {
    switch (item.type) {
      case 'record': {
        const partition = partitionOf(item.record, this.#options.partitionBy, this.#options.partitions);
        try {
          waits.add(this.#lanes[partition]!.add(item.record, item.origin));
          this.#tellAll(item.record.source, waits);
        } catch (error) {
          const refused = deadLetter(source, error, item.origin, describe(item.record));
          if (refused.type === 'deadLetter') waits.add(this.#deadLetter(refused.deadLetter));
        }
        return;
      }
      case 'deadLetter':
        waits.add(this.#deadLetter(item.deadLetter));
        return;
      case 'finding':
        waits.add(this.#ofSource('finding', item.finding));
        return;
      case 'balance':
        waits.add(this.#ofSource('balance', item.balance));
        return;
      case 'progress': {
        const payload = encodeFrame({ kind: 'progress', source, time: item.time });
        for (const lane of this.#lanes) waits.add(lane.sendAfterRecords(payload));
      }
    }
  }

  /**
   * Tells every partition that a source has spoken, where it matters: once in each second of the clock in which it does,
   * because moments at which sources are due are on whole ones.
   */
  #tellAll(source: string, waits: Set<Promise<void>>): void {
    if (this.#options.dueSources?.has(source) !== true) return;
    const second = Math.floor(Date.now() / 1000);
    if (this.#told.get(source) === second) return;
    this.#told.set(source, second);
    const payload = encodeFrame({ kind: 'progress', source });
    for (const [partition, lane] of this.#lanes.entries())
      waits.add(lane.send(payload, `spoken:${partition}:${source}:${second}`));
  }

  #deadLetter(found: DeadLetter): Promise<void> {
    const masked = maskedDeadLetter(found);
    const payload = Buffer.from(JSON.stringify(masked));
    const { file, offset, ordinal } = masked.origin;
    this.#options.observer?.deadLetter?.(masked.source, masked.code);
    return this.#deadLetters.send(
      payload,
      `dead:${masked.source}:${offset}.${ordinal}:${hash(`${file ?? ''}\n${masked.code}\n${masked.payload}`)}`,
    );
  }

  /** Connectors mask in this thread before they publish, so that what is counted here is all of it. */
  #reportMasked(): void {
    const masked = maskedCardNumbers();
    if (masked > this.#masked) this.#options.observer?.maskedCardNumbers?.(masked - this.#masked);
    this.#masked = masked;
  }

  /** What is about a source as a whole goes to one partition, so that each is reported once. */
  #ofSource(kind: 'finding' | 'balance', item: SourceFinding | ReportedBalance): Promise<void> {
    const { source } = item;
    const json = JSON.stringify(item);
    const lane =
      this.#lanes[createHash('sha256').update(source).digest().readUInt32LE() % this.#lanes.length]!;
    return lane.send(encodeFrame({ kind, json }), `${kind}:${source}:${hash(json)}`);
  }

  async #send(message: Outgoing, counts: ReadonlyMap<string, number>, timeoutMs: number): Promise<void> {
    const { log, observer } = this.#options;
    const started = performance.now();
    this.#inFlight++;
    observer?.inFlight?.(this.#inFlight, this.#budget.used);
    try {
      await appendWithRetry(log, message, timeoutMs);
      observer?.appended?.(performance.now() - started);
      for (const [source, records] of counts) observer?.published?.(source, records);
    } finally {
      this.#inFlight--;
      observer?.inFlight?.(this.#inFlight, this.#budget.used);
    }
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** A record as text for its dead letter. */
function describe(record: object): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
