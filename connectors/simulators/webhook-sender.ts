import { NO_FAULTS } from './faults.ts';
import type { Faults } from './faults.ts';

/** A webhook as it is posted. */
export interface PostedWebhook {
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Posts a webhook and tells the status of the answer. Rejects where there is none. */
export type PostWebhook = (webhook: PostedWebhook) => Promise<number>;

export interface WebhookSenderOptions<Event> {
  readonly post: PostWebhook;
  /** The provider's id of an event. */
  readonly idOf: (event: Event) => string;
  /**
   * The webhook as it is sent now: providers sign each sending anew.
   * @param isForged as someone without the secret would write it, with another amount in it
   */
  readonly webhookOf: (event: Event, nowMs: number, isForged: boolean) => PostedWebhook;
  /**
   * How long the provider waits after each failure before it sends again, milliseconds of simulated time. After the
   * last it gives up.
   */
  readonly retryDelaysMs: readonly number[];
  readonly faults?: Faults;
  /** Posts at a time. Default: 16. */
  readonly concurrency?: number;
  /** An event whose webhook was answered 2xx. */
  readonly delivered?: (event: Event) => void;
}

interface Sending<Event> {
  readonly event: Event;
  readonly dueMs: number;
  readonly attempt: number;
  readonly isForged: boolean;
}

/** What a flush did. */
export interface Flushed {
  readonly delivered: number;
  readonly refused: number;
}

/** Sends webhooks as a provider does: at least once, in no order, again after a failure, and not for ever. */
export class WebhookSender<Event> {
  readonly #options: WebhookSenderOptions<Event>;
  readonly #faults: Faults;
  /** A heap: the next that is due is first. */
  readonly #waiting: Sending<Event>[] = [];
  /** Events whose every sending was refused, or that were lost on purpose. */
  undelivered = 0;

  constructor(options: WebhookSenderOptions<Event>) {
    this.#options = options;
    this.#faults = options.faults ?? NO_FAULTS;
  }

  /** When the next sending is due, epoch milliseconds of simulated time. */
  get nextDueMs(): number | undefined {
    return this.#waiting[0]?.dueMs;
  }

  enqueue(event: Event, nowMs: number): void {
    const copies = this.#faults.webhook(this.#options.idOf(event));
    if (copies.length === 0) this.undelivered++;
    for (const { delayMs, isForged } of copies) {
      this.#push({ event, dueMs: nowMs + delayMs, attempt: 0, isForged });
    }
  }

  /** Sends what is due by `nowMs`, and waits for the answers. */
  async flush(nowMs: number): Promise<Flushed> {
    let delivered = 0;
    let refused = 0;
    // While a provider is down it sends nothing; what is due then is sent when it is back.
    if (this.#faults.isOut(nowMs)) return { delivered, refused };
    const worker = async (): Promise<void> => {
      for (;;) {
        const sending = this.#takeDue(nowMs);
        if (sending === undefined) return;
        if (await this.#send(sending, nowMs)) delivered++;
        else refused++;
      }
    };
    await Promise.all(Array.from({ length: this.#options.concurrency ?? 16 }, worker));
    return { delivered, refused };
  }

  async #send(sending: Sending<Event>, nowMs: number): Promise<boolean> {
    const { post, webhookOf, retryDelaysMs, delivered } = this.#options;
    const { event, attempt, isForged } = sending;
    let status = 0;
    try {
      status = await post(webhookOf(event, nowMs, isForged));
    } catch {
      // As any other failure: sent again later.
    }
    if (status >= 200 && status < 300) {
      delivered?.(event);
      return true;
    }
    const delayMs = retryDelaysMs[attempt];
    if (isForged) return false;
    if (delayMs === undefined) this.undelivered++;
    else this.#push({ event, dueMs: nowMs + delayMs, attempt: attempt + 1, isForged });
    return false;
  }

  #takeDue(nowMs: number): Sending<Event> | undefined {
    const heap = this.#waiting;
    const first = heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueMs < heap[child]!.dueMs) child++;
      if (heap[child]!.dueMs >= last.dueMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #push(sending: Sending<Event>): void {
    const heap = this.#waiting;
    let at = heap.length;
    heap.push(sending);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.dueMs <= sending.dueMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = sending;
  }
}

/** Posts webhooks to a URL; one that is not answered in time has failed. */
export function postTo(url: string, timeoutMs = 10_000): PostWebhook {
  return async ({ headers, body }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Read to its end, so that the connection can be used again.
    await response.arrayBuffer();
    return response.status;
  };
}
