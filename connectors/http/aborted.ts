import { setMaxListeners } from 'node:events';

/** A request that its caller gave up; `reason` is what the caller's signal says. */
export class Aborted extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('aborted');
    this.name = 'Aborted';
    this.reason = reason;
  }
}

/** A signal that aborts with the first of several. `AbortSignal.any` would hold on to them for as long as they live. */
export function linkedSignal(signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal;
  /** Lets go of the signals. */
  readonly release: () => void;
} {
  const controller = new AbortController();
  const listeners: (() => void)[] = [];
  for (const each of signals) {
    if (each === undefined) continue;
    // Every call that is under way listens, and they are bounded by the queue.
    setMaxListeners(0, each);
    const stop = (): void => controller.abort(each.reason);
    if (each.aborted) stop();
    each.addEventListener('abort', stop, { once: true });
    listeners.push(() => each.removeEventListener('abort', stop));
  }
  return { signal: controller.signal, release: () => listeners.forEach((remove) => remove()) };
}
