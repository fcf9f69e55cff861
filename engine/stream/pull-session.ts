import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import { createInbox, nanos } from '@nats-io/transport-node';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { StoredMessage } from '../domain/index.ts';
import type { Broker } from './connection.ts';
import { parseDelivery, pullStatus } from './delivery.ts';

/** A pull request that the server has not finished. */
interface PullRequest {
  readonly id: number;
  /** Messages and bytes it may still send. */
  messages: number;
  bytes: number;
  delivered: number;
}

/** How long a pull request stays with the server. */
const EXPIRES_MS = 30_000;
/** How often the server says that it is there while nothing arrives, and how long silence is believed. */
const HEARTBEAT_MS = 2000;
const SILENCE_MS = 6000;
/** The server forgets a consumer that asks for nothing for so long; a slow reader makes another one. */
const INACTIVE_MS = 60_000;
const MAX_REQUEST_MESSAGES = 4096;
/** Subject, reply subject and headers count against a request's bytes. */
export const MESSAGE_OVERHEAD_BYTES = 4096;

/**
 * One life of a consumer without acknowledgements, read by pull requests with a byte budget. It ends (`broken`) on
 * anything out of the ordinary: a lost message, a vanished consumer, silence, a reconnection. The reader then opens
 * another one after the last message it has.
 *
 * The client library's own consumer is not used, because with a byte limit it counts what finished requests left
 * unused as still to come: after small messages it asks for less than a large one needs and stalls for its heartbeat.
 */
export class PullSession {
  /** Messages received and not taken. */
  readonly queue: StoredMessage[] = [];
  queuedBytes = 0;
  /** Why this life is over; undefined while it goes on. */
  broken: string | undefined;
  /** The last finished request could not deliver its first message: it is larger than the budget. */
  starved = false;

  readonly #broker: Broker;
  readonly #subscription: Subscription;
  readonly #stream: string;
  readonly #consumer: string;
  readonly #inbox: string;
  readonly #requests: PullRequest[] = [];
  readonly #wake: () => void;
  readonly #watch: NodeJS.Timeout;
  readonly #forget: () => void;
  #nextRequest = 1;
  #delivered = 0;
  #heard = Date.now();

  /** Makes a consumer that starts at `sequence` and resolves when the server has it. */
  static async open(
    broker: Broker,
    stream: string,
    sequence: number,
    wake: () => void,
  ): Promise<PullSession> {
    const info = await broker.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: sequence,
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: nanos(INACTIVE_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    return new PullSession(broker, stream, info.name, wake);
  }

  private constructor(broker: Broker, stream: string, consumer: string, wake: () => void) {
    this.#broker = broker;
    this.#stream = stream;
    this.#consumer = consumer;
    this.#wake = wake;
    this.#inbox = createInbox();
    this.#subscription = broker.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
        else this.#break(error.message);
      },
    });
    this.#forget = broker.onReconnect(() => this.#break('reconnected'));
    this.#watch = setInterval(() => {
      const silent = this.#requests.length > 0 && Date.now() - this.#heard > SILENCE_MS;
      if (silent) this.#break(`nothing heard for ${SILENCE_MS} ms`);
    }, HEARTBEAT_MS / 2);
    this.#watch.unref();
  }

  /** Bytes that the server may still send. */
  get requestedBytes(): number {
    return this.#requests.reduce((sum, request) => sum + Math.max(0, request.bytes), 0);
  }

  /** How many requests the server has. */
  get requests(): number {
    return this.#requests.length;
  }

  /** Asks for messages of up to `bytes` in all. */
  request(bytes: number): void {
    const id = this.#nextRequest++;
    if (this.#requests.length === 0) this.#heard = Date.now();
    this.#requests.push({ id, messages: MAX_REQUEST_MESSAGES, bytes, delivered: 0 });
    const body = JSON.stringify({
      batch: MAX_REQUEST_MESSAGES,
      max_bytes: bytes,
      expires: nanos(EXPIRES_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    });
    try {
      this.#broker.connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#consumer}`, body, {
        reply: `${this.#inbox}.${id}`,
      });
    } catch (error) {
      this.#break(error instanceof Error ? error.message : String(error));
    }
  }

  /** The messages received so far, the first of them always and then up to `maxBytes` in all. */
  take(maxBytes: number): StoredMessage[] {
    let count = 0;
    let bytes = 0;
    for (const message of this.queue) {
      if (count > 0 && bytes + message.payload.length > maxBytes) break;
      bytes += message.payload.length;
      count++;
    }
    this.queuedBytes -= bytes;
    return this.queue.splice(0, count);
  }

  /** Ends this life; the server forgets the consumer. */
  close(): void {
    this.#break('closed');
    if (!this.#broker.isConnected()) return;
    // Best effort: it would go by itself after its time of inactivity.
    this.#broker.manager.consumers.delete(this.#stream, this.#consumer).catch(() => undefined);
  }

  #receive(message: Msg): void {
    if (this.broken !== undefined) return;
    this.#heard = Date.now();
    const status = pullStatus(message);
    if (status !== undefined) {
      this.#handleStatus(
        Number(message.subject.slice(this.#inbox.length + 1)),
        status.code,
        status.description,
      );
      return;
    }
    const delivery = parseDelivery(message.reply);
    if (delivery === undefined) return;
    this.#delivered++;
    if (delivery.deliverySequence !== this.#delivered) {
      this.#break(`delivery ${this.#delivered} was lost on the way`);
      return;
    }
    // A copy of its own: the message is a view of the socket's buffer, and the shard needs one to transfer.
    const payload = new Uint8Array(message.data);
    this.queue.push({ sequence: delivery.sequence, logTime: delivery.timeMs, payload });
    this.queuedBytes += payload.length;
    this.starved = false;
    this.#account(message.subject.length + (message.reply?.length ?? 0) + payload.length);
    this.#wake();
  }

  /**
   * The server serves requests in the order in which they came. Headers are not counted here, so that what is left
   * is an estimate from above; the server's word ends a request.
   */
  #account(size: number): void {
    const request = this.#requests[0];
    if (request === undefined) return;
    request.messages--;
    request.bytes -= size;
    request.delivered++;
    // A request that is used up to the last byte or message ends without a word.
    if (request.messages === 0 || request.bytes <= 0) this.#requests.shift();
  }

  #handleStatus(id: number, code: number, description: string): void {
    // A heartbeat.
    if (code === 100) return;
    const at = this.#requests.findIndex((request) => request.id === id);
    const tooLarge = code === 409 && /exceeds maxbytes/i.test(description);
    if (code !== 408 && code !== 404 && !tooLarge) {
      this.#break(`${code} ${description}`);
      return;
    }
    if (at < 0) return;
    const [request] = this.#requests.splice(at, 1);
    if (tooLarge && request?.delivered === 0) this.starved = true;
    this.#wake();
  }

  #break(reason: string): void {
    if (this.broken !== undefined) return;
    this.broken = reason;
    clearInterval(this.#watch);
    this.#forget();
    this.#subscription.unsubscribe();
    this.#wake();
  }
}
