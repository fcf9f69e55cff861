import { createHash } from 'node:crypto';
import { RecordFrameBuilder, encodeFrame } from '../../engine/codec/index.ts';
import type { MoneyRecord, Origin } from '../../engine/domain/index.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Outgoing } from './append.ts';

/** What all lanes of a publisher share. */
export interface LaneOptions {
  readonly budget: ByteBudget;
  readonly lingerMs: number;
  readonly maxRecords: number;
  readonly maxFrameBytes: number;
  /** Appends with retries; rejects when the message is not stored. */
  send(message: Outgoing, counts: ReadonlyMap<string, number>): Promise<void>;
}

/** The frame that is being filled. */
interface OpenFrame {
  readonly source: string;
  readonly first: Origin;
  last: Origin;
  readonly counts: Map<string, number>;
  /** What the budget counts for it. */
  bytes: number;
  readonly timer: NodeJS.Timeout;
  readonly stored: Promise<void>;
  settle(result: Promise<void>): void;
}

/** The way into one partition: gathers records to frames and keeps what must come after them behind them. */
export class Lane {
  readonly #partition: number;
  readonly #options: LaneOptions;
  readonly #builder: RecordFrameBuilder;
  #open: OpenFrame | undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor(partition: number, options: LaneOptions) {
    this.#partition = partition;
    this.#options = options;
    this.#builder = new RecordFrameBuilder({
      maxRecords: options.maxRecords,
      maxBytes: options.maxFrameBytes,
    });
  }

  /**
   * Adds a record to the frame that is being filled.
   * @returns resolves when the frame is stored; the same promise for all records of a frame
   * @throws CounterfoilError of a record that no frame can hold
   */
  add(record: MoneyRecord, origin: Origin): Promise<void> {
    if (!this.#builder.add(record)) {
      this.flush();
      this.#builder.add(record);
    }
    this.#open ??= this.#openFrame(record.source, origin);
    const open = this.#open;
    open.last = origin;
    open.counts.set(record.source, (open.counts.get(record.source) ?? 0) + 1);
    const bytes = this.#builder.bytes;
    this.#options.budget.take(bytes - open.bytes);
    open.bytes = bytes;
    if (this.#builder.count >= this.#options.maxRecords) this.flush();
    return open.stored;
  }

  /** Sends what is gathered now. */
  flush(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    clearTimeout(open.timer);
    const payload = encodeFrame(this.#builder.build());
    this.#builder.reset();
    this.#options.budget.take(payload.length - open.bytes);
    const content = createHash('sha256').update(payload).digest('base64url').slice(0, 16);
    const messageId = `${this.#partition}:${open.source}:${place(open.first)}-${place(open.last)}:${content}`;
    open.settle(this.#track({ partition: this.#partition, payload, messageId }, open.counts));
  }

  /** Sends a message of another kind, after everything gathered before it and not before that is stored. */
  sendAfterRecords(payload: Uint8Array): Promise<void> {
    this.flush();
    const before = [...this.#underWay];
    this.#options.budget.take(payload.length);
    // Where a frame was not stored, what follows it would tell the kernel that nothing is missing.
    const sent = Promise.all(before).then(() =>
      this.#options.send({ partition: this.#partition, payload }, new Map()),
    );
    return this.#follow(sent, payload.length);
  }

  /** Sends a message that may come in any order. */
  send(payload: Uint8Array, messageId: string): Promise<void> {
    this.#options.budget.take(payload.length);
    return this.#track({ partition: this.#partition, payload, messageId }, new Map());
  }

  /** Resolves when all that was sent is stored or given up. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #track(message: Outgoing, counts: ReadonlyMap<string, number>): Promise<void> {
    return this.#follow(this.#options.send(message, counts), message.payload.length);
  }

  #follow(sent: Promise<void>, bytes: number): Promise<void> {
    const followed = sent.finally(() => {
      this.#underWay.delete(followed);
      this.#options.budget.release(bytes);
    });
    this.#underWay.add(followed);
    // Whoever published hears of it; here it only must not count as unhandled.
    followed.catch(() => undefined);
    return followed;
  }

  #openFrame(source: string, origin: Origin): OpenFrame {
    let settle!: (result: Promise<void>) => void;
    const stored = new Promise<void>((resolve) => {
      settle = resolve;
    });
    stored.catch(() => undefined);
    const timer = setTimeout(() => {
      this.flush();
    }, this.#options.lingerMs);
    return { source, first: origin, last: origin, counts: new Map(), bytes: 0, timer, stored, settle };
  }
}

function place(origin: Origin): string {
  return `${origin.offset}.${origin.ordinal}`;
}
