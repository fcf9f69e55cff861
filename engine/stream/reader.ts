import { setTimeout as delay } from 'node:timers/promises';
import { CounterfoilError } from '../domain/index.ts';
import type { StoredMessage } from '../domain/index.ts';
import { brokerError, isStreamNotFound } from './broker-errors.ts';
import type { Broker } from './connection.ts';
import { streamName } from './names.ts';
import { MESSAGE_OVERHEAD_BYTES, PullSession } from './pull-session.ts';

/** Reads one partition in order. */
export interface ReadOptions {
  /** The most bytes of payload held or asked for at any time, the batch in hand included. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const RETRY_MS = [50, 100, 250, 500, 1000, 2000] as const;
/** A server that is coming up may not have its streams yet; beyond this many attempts the stream is gone. */
const MISSING_STREAM_ATTEMPTS = 8;

/**
 * See {@link Log.read}. Log time is made a running maximum over what this call has yielded; a caller that goes on
 * after a restart takes the maximum with its checkpoint's.
 *
 * Two requests of half the budget are under way, so that one fills while the other's messages are worked on. Nothing is asked
 * for on behalf of a batch until the caller comes back for the next: a slow reader leaves messages with the broker.
 */
export async function* readPartition(
  broker: Broker,
  partition: number,
  fromSequence: number,
  options: ReadOptions,
): AsyncGenerator<readonly StoredMessage[]> {
  const { signal, maxBytes } = options;
  const stream = streamName(partition);
  const largest = (broker.connection.info?.max_payload ?? 1_048_576) + MESSAGE_OVERHEAD_BYTES;
  const half = Math.max(MESSAGE_OVERHEAD_BYTES, Math.floor(maxBytes / 2));
  const bell = new Bell();
  const ring = (): void => bell.ring();
  signal.addEventListener('abort', ring);
  let session: PullSession | undefined;
  let expected = fromSequence;
  let logTime = 0;
  try {
    await requireRange(broker, stream, fromSequence);
    while (!signal.aborted) {
      if (session === undefined || (session.broken !== undefined && session.queue.length === 0)) {
        session?.close();
        session = await openSession(broker, stream, expected, signal, ring);
        if (session === undefined) return;
      }
      if (session.queue.length === 0) {
        topUp(session, half, largest);
        await bell.wait();
        continue;
      }
      const batch = session.take(half).map((message) => {
        if (message.sequence !== expected) throw gap(stream, expected, message.sequence);
        expected++;
        logTime = Math.max(logTime, message.logTime);
        return { ...message, logTime };
      });
      yield batch;
      // The batch has been taken: its bytes may be asked for again.
      topUp(session, half, largest);
    }
  } finally {
    signal.removeEventListener('abort', ring);
    session?.close();
  }
}

function topUp(session: PullSession, half: number, largest: number): void {
  if (session.broken !== undefined) return;
  if (session.starved) {
    // The next message is larger than a usual request: ask for it alone.
    if (session.requests === 0 && session.queue.length === 0) {
      session.starved = false;
      session.request(largest);
    }
    return;
  }
  while (session.requests < 2 && session.queuedBytes + session.requestedBytes <= half) {
    session.request(half);
  }
}

/** A position outside the stream would otherwise be read as its nearest end. */
async function requireRange(broker: Broker, stream: string, fromSequence: number): Promise<void> {
  const { state } = await broker.manager.streams.info(stream).catch((error: unknown) => {
    throw brokerError(error, `read ${stream}`);
  });
  const first = Math.max(1, state.first_seq);
  if (fromSequence < first) throw gap(stream, fromSequence, first);
  if (fromSequence > state.last_seq + 1) {
    throw new CounterfoilError(
      'logGap',
      `${stream} ends at message ${state.last_seq}, but reading was to go on at ${fromSequence}; the log lost messages or is another one than the checkpoint's`,
    );
  }
}

function gap(stream: string, expected: number, found: number): CounterfoilError {
  return new CounterfoilError(
    'logGap',
    `${stream} has message ${found} where ${expected} was expected; messages are missing, so results after it would be wrong: restore the stream, or start from a checkpoint after the gap`,
  );
}

async function openSession(
  broker: Broker,
  stream: string,
  sequence: number,
  signal: AbortSignal,
  wake: () => void,
): Promise<PullSession | undefined> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await PullSession.open(broker, stream, sequence, wake);
    } catch (error) {
      const missing = isStreamNotFound(error) && attempt >= MISSING_STREAM_ATTEMPTS;
      if (missing || broker.connection.isClosed()) throw brokerError(error, `read ${stream}`);
    }
    const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!;
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Wakes one waiter; a ring while nobody waits is kept. */
class Bell {
  #rung = false;
  #resolve: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#rung = false;
    this.#resolve = undefined;
  }
}
