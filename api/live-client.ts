/** Types of events on the live stream that a client may ask for; `gap` always comes. */
export const LIVE_EVENT_TYPES = ['match', 'break', 'finding', 'command', 'summary'] as const;
export type LiveEventType = (typeof LIVE_EVENT_TYPES)[number];

export interface LiveFilter {
  readonly types: ReadonlySet<LiveEventType>;
  /** Absent: all. Findings and answers to commands belong to no reconciliation and pass. */
  readonly reconciliation?: string;
}

export interface LiveClientLimits {
  readonly events: number;
  readonly bytes: number;
}

const encoder = new TextEncoder();

/** One server-sent event. `data` is JSON, which has no line breaks of its own. */
export function encodeEvent(type: string, data: unknown, id?: string): Uint8Array {
  return encoder.encode(
    `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
  );
}

const OPENING = encoder.encode(': counterfoil live results\nretry: 2000\n\n');
const HEARTBEAT = encoder.encode(': heartbeat\n\n');

/** What a client is told of results that it will not see. `missed` is null where nobody counted. */
export function gapEvent(missed: number | null): Uint8Array {
  return encodeEvent('gap', {
    missed,
    detail:
      'results passed that are not repeated here; read them from /v1/matches, /v1/breaks, /v1/findings and /v1/commands',
  });
}

/**
 * One client of the live stream and what waits for it. The backlog is bounded in events and bytes: once it is full,
 * events are counted instead of kept until the client has taken the backlog; then it gets a `gap` with the count.
 */
export class LiveClient {
  readonly filter: LiveFilter;
  readonly stream: ReadableStream<Uint8Array>;
  /** Tears the connection down without waiting for the client. */
  readonly disconnect: () => void;
  readonly #limits: LiveClientLimits;
  readonly #onMissed: (count: number) => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #backlog: Uint8Array[] = [OPENING];
  #backlogBytes = OPENING.length;
  #missed = 0;
  #wanted = false;
  #closed = false;
  #waitingSince: number | undefined;

  constructor(options: {
    readonly filter: LiveFilter;
    readonly limits: LiveClientLimits;
    readonly disconnect: () => void;
    /** The stream ended, from either end. */
    readonly onClose: () => void;
    /** The client was told that it missed so many. */
    readonly onMissed: (count: number) => void;
  }) {
    this.filter = options.filter;
    this.disconnect = options.disconnect;
    this.#limits = options.limits;
    this.#onMissed = options.onMissed;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.#flush();
        },
        cancel: () => {
          this.#closed = true;
          options.onClose();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Since when (epoch milliseconds) the client has left a backlog untouched; undefined when it keeps up. */
  get waitingSince(): number | undefined {
    return this.#waitingSince;
  }

  push(event: Uint8Array): void {
    if (this.#closed) return;
    const full =
      this.#backlog.length >= this.#limits.events || this.#backlogBytes + event.length > this.#limits.bytes;
    if (this.#missed > 0 || full) {
      this.#missed += 1;
      return;
    }
    this.#backlog.push(event);
    this.#backlogBytes += event.length;
    this.#flush();
  }

  /** So many results passed that this client will not get. */
  miss(count: number): void {
    this.#missed += count;
    this.#flush();
  }

  /** A comment that keeps proxies from cutting an idle connection; nothing if a backlog waits anyway. */
  heartbeat(): void {
    if (this.#backlog.length === 0) this.push(HEARTBEAT);
  }

  /** Ends the stream after what is already on its way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#controller.close();
  }

  #flush(): void {
    if (this.#closed) return;
    if (!this.#wanted) {
      if (this.#backlog.length > 0 || this.#missed > 0) this.#waitingSince ??= Date.now();
      return;
    }
    if (this.#missed > 0) {
      this.#backlog.push(gapEvent(this.#missed));
      this.#onMissed(this.#missed);
      this.#missed = 0;
    }
    if (this.#backlog.length === 0) return;
    const chunk = Buffer.concat(this.#backlog);
    this.#backlog = [];
    this.#backlogBytes = 0;
    this.#wanted = false;
    this.#waitingSince = undefined;
    this.#controller.enqueue(chunk);
  }
}
