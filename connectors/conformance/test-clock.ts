/** A clock that only goes when it is told to, or jumps ahead over each sleep at once. */
export class TestClock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly slept: number[] = [];
  readonly #jumps: boolean;
  #nowMs = 1_000_000;
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];

  /** @param mode `jump`: a sleep ends at once and the clock is ahead by it; `wait`: it ends by {@link advance} */
  constructor(mode: 'jump' | 'wait' = 'jump') {
    this.#jumps = mode === 'jump';
  }

  readonly now = (): number => this.#nowMs;

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    if (this.#jumps) {
      this.#nowMs += ms;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const sleeper = { untilMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(new Error('woken by an abort'));
      });
    });
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= this.#nowMs);
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.#nowMs);
    for (const { wake } of due) wake();
  }
}
