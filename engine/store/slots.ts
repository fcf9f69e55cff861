import { CounterfoilError } from '../domain/index.ts';

interface Waiting<T> {
  take(resource: T): void;
  refuse(error: CounterfoilError): void;
}

/**
 * Lends each of a few resources to one call at a time; the others wait their turn in a bounded queue.
 *
 * A call that outlives its time is given up as `timeout`, but its resource stays lent until the work has really ended:
 * an embedded statement cannot be interrupted, and a second one beside it would break the limit and, for an insert,
 * overwrite the rows that the first is still reading.
 */
export class Slots<T> {
  readonly #name: string;
  readonly #most: number;
  readonly #free: T[];
  readonly #waiting: Waiting<T>[] = [];
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  /**
   * @param name what is lent, for messages: `writes`
   * @param waiting the most calls that may wait
   */
  constructor(name: string, resources: readonly T[], waiting: number) {
    this.#name = name;
    this.#free = [...resources];
    this.#most = waiting;
  }

  /**
   * Runs `work` with a resource of its own.
   * @param timeoutMs longest wait for a turn, and longest run after it
   * @throws `overloaded` when no turn comes, `timeout` when the work takes too long, `stopping` after {@link close}
   */
  run<R>(what: string, timeoutMs: number, work: (resource: T) => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const start = (resource: T): void => {
        const timer = setTimeout(() => {
          reject(
            new CounterfoilError(
              'timeout',
              `${what} took longer than ${timeoutMs} ms in ClickHouse; it is given up, though it may still end there`,
            ),
          );
        }, timeoutMs);
        const ended = (): void => {
          clearTimeout(timer);
          this.#running.delete(run);
          this.#release(resource);
        };
        const run = work(resource).then(
          (result) => {
            ended();
            resolve(result);
          },
          (cause: unknown) => {
            ended();
            reject(cause instanceof Error ? cause : new Error(String(cause)));
          },
        );
        // In the same turn as the resource is taken: close() must see every call that has one.
        this.#running.add(run);
      };
      if (this.#closed) reject(stopping());
      else if (this.#free.length > 0) start(this.#free.pop()!);
      else if (this.#waiting.length >= this.#most) reject(this.#full(what));
      else this.#wait(what, timeoutMs, start, reject);
    });
  }

  /** Refuses new and waiting calls, and waits for the running ones, at most `timeoutMs`. True when all have ended. */
  async close(timeoutMs: number): Promise<boolean> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(stopping());
    return this.settled(timeoutMs);
  }

  /** Waits for the calls that run now, at most `timeoutMs`. True when all have ended. */
  async settled(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, timeoutMs);
    });
    const ended = Promise.all(this.#running).then(() => true);
    return Promise.race([ended, late]).finally(() => {
      clearTimeout(timer);
    });
  }

  #wait(
    what: string,
    timeoutMs: number,
    start: (resource: T) => void,
    reject: (error: CounterfoilError) => void,
  ): void {
    const waiting: Waiting<T> = {
      take: (resource) => {
        clearTimeout(timer);
        start(resource);
      },
      refuse: (error) => {
        clearTimeout(timer);
        reject(error);
      },
    };
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      reject(
        new CounterfoilError(
          'overloaded',
          `${what} waited ${timeoutMs} ms for its turn among the ${this.#name} in ClickHouse; try again later`,
        ),
      );
    }, timeoutMs);
    this.#waiting.push(waiting);
  }

  #full(what: string): CounterfoilError {
    return new CounterfoilError(
      'overloaded',
      `${what} is refused: ${this.#most} ${this.#name} wait for ClickHouse already; try again later`,
    );
  }

  #release(resource: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(resource);
    else next.take(resource);
  }
}

function stopping(): CounterfoilError {
  return new CounterfoilError('stopping', 'the store is closing');
}
