import { CounterfoilError } from '../../engine/domain/index.ts';

/** Counts the bytes that are held and lets those who would add more wait. */
export class ByteBudget {
  readonly #limit: number;
  #used = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  get isFull(): boolean {
    return this.#used >= this.#limit;
  }

  /** Counts bytes that came; negative where what was counted turned out smaller. */
  take(bytes: number): void {
    this.#used += bytes;
    if (bytes < 0) this.#wake();
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#wake();
  }

  /**
   * Resolves when there may be room again: whoever comes first takes it, so that the caller asks again.
   * @throws CounterfoilError `overloaded` after `timeoutMs`
   */
  room(timeoutMs: number): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiting.delete(enter);
          reject(
            new CounterfoilError(
              'overloaded',
              `${this.#used} bytes wait for the log to acknowledge them, and waiting made no room; repeat later`,
            ),
          );
        },
        Math.max(0, timeoutMs),
      );
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(enter);
    });
  }

  #wake(): void {
    if (this.isFull) return;
    for (const enter of this.#waiting) enter();
    this.#waiting.clear();
  }
}
