import { setMaxListeners } from 'node:events';

/**
 * Waits for `promise` until `signal` aborts. What the promise stands for goes on: others may be waiting for it.
 * @throws whatever `signal` is aborted with
 */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  // All who wait for one thing listen at once: they are no leak.
  setMaxListeners(0, signal);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}

/** Whether it has aborted by now; what a compiler remembers of an earlier look is of no use. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
