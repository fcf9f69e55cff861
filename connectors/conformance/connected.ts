import { expect } from 'vitest';
import type { CounterfoilError } from '../../engine/domain/index.ts';
import type { JsonValue, LiveSession } from '../contract/index.ts';
import type { PostedWebhook } from '../simulators/webhook-sender.ts';
import { KeptRecords } from './kept-records.ts';

export interface ConnectedOptions {
  /** The session that is open now: another one after a crash. */
  readonly session: () => LiveSession | Promise<LiveSession>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Codes of errors that a poll may end with. */
  readonly mayFail: readonly string[];
}

/** A source in simulated time: takes the webhooks that its provider sends, is polled when told so, and keeps what comes. */
export class Connected {
  readonly #options: ConnectedOptions;
  readonly kept = new KeptRecords();
  /** Deliveries that were not taken, by the code of their error. */
  readonly refused = new Map<string, number>();
  /** Items that webhooks brought. */
  viaWebhooks = 0;
  #cursor: JsonValue | undefined;

  constructor(options: ConnectedOptions) {
    this.#options = options;
  }

  /** Takes a webhook. @returns the status of the answer */
  readonly post = async ({ headers: sent, body }: PostedWebhook): Promise<number> => {
    const headers = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const receivedMs = this.#options.now();
    const delivery = { requestId: 'r', headers, body: Buffer.from(body), receivedMs };
    const { webhooks } = await this.#options.session();
    try {
      const event = await webhooks!.verify(delivery);
      const items = await webhooks!.read(event, delivery);
      this.viaWebhooks += items.length;
      this.kept.add(items);
      return 200;
    } catch (error) {
      const { code } = error as CounterfoilError;
      this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
      return code === 'deliveryUnverified' ? 401 : 503;
    }
  };

  /** One round of polling, from where the last page left the cursor. */
  async poll(): Promise<void> {
    const { polling } = await this.#options.session();
    try {
      for await (const page of polling!.pages(this.#cursor, new AbortController().signal)) {
        this.kept.add(page.items);
        expect(page.items.length).toBeLessThanOrEqual(512);
        // As it is kept: in JSON.
        if (page.cursor !== undefined) this.#cursor = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
      }
    } catch (error) {
      expect(this.#options.mayFail).toContain((error as CounterfoilError).code);
    }
  }
}
