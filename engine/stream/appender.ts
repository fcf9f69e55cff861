import { CounterfoilError } from '../domain/index.ts';
import { brokerError } from './broker-errors.ts';
import type { Broker } from './connection.ts';

interface Waiter {
  readonly bytes: number;
  enter(): void;
}

/**
 * Publishes to JetStream with a bounded number of messages and bytes under way. Whoever finds no room waits in turn,
 * for as long as one request may take.
 */
export class Appender {
  readonly #broker: Broker;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #waiting: Waiter[] = [];
  #messages = 0;
  #bytes = 0;
  #idle: (() => void)[] = [];

  constructor(broker: Broker, maxMessages: number, maxBytes: number) {
    this.#broker = broker;
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** See {@link Log.append}. */
  async append(
    subject: string,
    payload: Uint8Array,
    messageId: string | undefined,
  ): Promise<{ sequence: number; duplicate: boolean }> {
    const limit = this.#broker.connection.info?.max_payload ?? Infinity;
    // The server counts headers too; the message id is the only one.
    const size = payload.length + (messageId === undefined ? 0 : messageId.length + 64);
    if (size > limit) {
      throw new CounterfoilError(
        'payloadTooLarge',
        `append to ${subject}: message of ${payload.length} bytes is above the ${limit} bytes that NATS takes; raise max_payload on the server, or send smaller records`,
      );
    }
    await this.#enter(payload.length, subject);
    try {
      const ack = await this.#broker.client.publish(subject, payload, {
        timeout: this.#broker.timeoutMs,
        ...(messageId === undefined ? {} : { msgID: messageId }),
      });
      return { sequence: ack.seq, duplicate: ack.duplicate };
    } catch (error) {
      throw brokerError(error, `append to ${subject}`);
    } finally {
      this.#leave(payload.length);
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    if (this.#messages === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #hasRoom(bytes: number): boolean {
    // One message larger than the byte limit may go alone.
    return (
      this.#messages === 0 || (this.#messages < this.#maxMessages && this.#bytes + bytes <= this.#maxBytes)
    );
  }

  #enter(bytes: number, subject: string): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#take(bytes);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#release();
        reject(
          new CounterfoilError(
            'overloaded',
            `append to ${subject}: ${this.#messages} messages are waiting for NATS to acknowledge them; repeat later`,
          ),
        );
      }, this.#broker.timeoutMs);
      const waiter: Waiter = {
        bytes,
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.push(waiter);
    });
  }

  #take(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  #leave(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    this.#release();
  }

  #release(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#hasRoom(next.bytes);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.enter();
    }
    if (this.#messages === 0 && this.#waiting.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }
}
