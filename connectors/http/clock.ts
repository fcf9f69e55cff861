import { setTimeout as after } from 'node:timers/promises';

/** What repetitions, limits and breakers reckon with: tests have one of their own, and simulations a faster one. */
export interface HttpClock {
  /** Milliseconds. Only differences are looked at. */
  now(): number;
  /** @throws whatever `signal` is aborted with, or an error in its place */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's. It does not jump when somebody sets the time. */
export const systemClock: HttpClock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    await after(ms, undefined, { signal });
  },
};
