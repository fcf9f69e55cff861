import { setTimeout as sleep } from 'node:timers/promises';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Log } from '../../engine/domain/index.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2000;

/** A message for the log. */
export interface Outgoing {
  readonly partition: number;
  readonly payload: Uint8Array;
  /** The same for each attempt, so that the broker drops the repeat of one whose acknowledgement was lost. */
  readonly messageId?: string;
}

/**
 * Appends one message; errors that may pass are tried again with growing delays, drawn at random so that many writers
 * do not come back at the same moment.
 * @param timeoutMs for all attempts together
 * @throws CounterfoilError the last attempt's error; `timeout` when the log did not answer
 */
export async function appendWithRetry(
  log: Pick<Log, 'append'>,
  message: Outgoing,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      await withDeadline(
        log.append(message.partition, message.payload, message.messageId),
        deadline,
        timeoutMs,
      );
      return;
    } catch (cause) {
      const error = CounterfoilError.from(cause);
      if (error.disposition !== 'retryable' || error.code === 'stopping') throw error;
      const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
      const delay = Math.ceil(Math.random() * longest);
      if (performance.now() + delay >= deadline) throw error;
      await sleep(delay);
    }
  }
}

async function withDeadline<T>(work: Promise<T>, deadline: number, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(
          new CounterfoilError('timeout', `the log acknowledged nothing within ${timeoutMs} ms; is NATS up?`),
        );
      },
      Math.max(1, deadline - performance.now()),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
