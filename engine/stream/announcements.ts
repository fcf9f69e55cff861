import type { Subscription } from '@nats-io/transport-node';
import { CounterfoilError } from '../domain/index.ts';
import { brokerError } from './broker-errors.ts';
import type { Broker } from './connection.ts';

/** What a slow listener may be behind; beyond it the oldest announcements are dropped. */
const MAX_BEHIND_MESSAGES = 4096;
const MAX_BEHIND_BYTES = 16_777_216;

/** An announcement as it was heard. */
export interface Announcement {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** Sends to whoever listens now. Dropped, and said so, while NATS is away or when it is too large. */
export function announce(broker: Broker, subject: string, payload: Uint8Array): void {
  // A disconnected client would keep every announcement in memory.
  if (!broker.isConnected()) return;
  const limit = broker.connection.info?.max_payload ?? Infinity;
  if (payload.length > limit) {
    broker.notice(
      'dropped',
      `announcement on ${subject} of ${payload.length} bytes is above the ${limit} bytes NATS takes`,
    );
    return;
  }
  try {
    broker.connection.publish(subject, payload);
  } catch (error) {
    broker.notice('dropped', brokerError(error, `announce on ${subject}`).message);
  }
}

/** Listens until `signal` aborts. A listener that falls behind loses the oldest, never memory. */
export async function* listen(
  broker: Broker,
  subject: string,
  signal: AbortSignal,
): AsyncGenerator<Announcement> {
  const queue: Announcement[] = [];
  let bytes = 0;
  let failure: CounterfoilError | undefined;
  let ended = signal.aborted;
  let wake: () => void = () => undefined;
  const subscription: Subscription = broker.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null) {
        failure = brokerError(error, `listen to ${subject}`);
      } else {
        // A copy: the message is a view of the socket's buffer and would keep all of it.
        const payload = new Uint8Array(message.data);
        queue.push({ subject: message.subject, payload });
        bytes += payload.length;
        while (queue.length > MAX_BEHIND_MESSAGES || bytes > MAX_BEHIND_BYTES) {
          bytes -= queue.shift()?.payload.length ?? 0;
        }
      }
      wake();
    },
  });
  const end = (): void => {
    ended = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  void subscription.closed.then(end);
  try {
    for (;;) {
      if (signal.aborted) return;
      const next = queue.shift();
      if (next !== undefined) {
        bytes -= next.payload.length;
        yield next;
        continue;
      }
      if (failure !== undefined) throw failure;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', end);
    subscription.unsubscribe();
  }
}
