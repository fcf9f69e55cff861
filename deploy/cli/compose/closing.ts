import { setTimeout as delay } from 'node:timers/promises';
import { CounterfoilError } from '../../../engine/domain/index.ts';

/** What was started, to be stopped in the reverse order. */
export class Closing {
  readonly #steps: {
    readonly name: string;
    readonly close: () => Promise<unknown>;
    readonly boundMs: number;
  }[] = [];
  #closed: Promise<void> | undefined;

  /** Remembers how to stop what has just been started. @param boundMs the longest that stopping it may take */
  add(name: string, boundMs: number, close: () => Promise<unknown>): void {
    this.#steps.push({ name, close, boundMs });
  }

  /**
   * Stops everything, the last first. What fails or takes too long is told and passed over, so that the rest is
   * stopped all the same. Safe to repeat.
   * @param tell takes a line about each step that did not end well
   * @throws CounterfoilError the first failure, after everything was tried
   */
  close(tell: (line: string) => void): Promise<void> {
    this.#closed ??= this.#closeAll(tell);
    return this.#closed;
  }

  async #closeAll(tell: (line: string) => void): Promise<void> {
    let failure: CounterfoilError | undefined;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const { name, boundMs } = step;
      try {
        await within(boundMs, step.close(), name);
      } catch (error) {
        const known = CounterfoilError.from(error);
        tell(`stopping ${name}: ${known.message}`);
        failure ??= known;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

async function within(boundMs: number, work: Promise<unknown>, name: string): Promise<void> {
  const patience = new AbortController();
  const late = delay(boundMs, undefined, { signal: patience.signal }).then(
    () => {
      throw new CounterfoilError(
        'timeout',
        `${name} did not stop within ${boundMs / 1000} s; it is left behind`,
      );
    },
    () => undefined,
  );
  try {
    await Promise.race([work, late]);
  } finally {
    patience.abort();
  }
}
