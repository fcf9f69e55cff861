import type { KeptTexts } from '../contract/index.ts';

/** Orders that webhooks told of, until a poll has put them into its cursor. They outlive a crash. */
export class HeardOrders {
  readonly #most: number;
  readonly #kept: KeptTexts;
  readonly #heard: Map<string, number>;
  #forgotten = 0;

  /**
   * @param nowMs orders of before a restart count as heard of now
   * @param most the most orders
   */
  constructor(kept: KeptTexts, nowMs: number, most: number) {
    this.#most = most;
    this.#kept = kept;
    this.#heard = new Map(kept.all().map((name) => [name, nowMs]));
  }

  /** Resolves when a crash would not make it forgotten. @throws CounterfoilError what {@link KeptTexts.keep} throws */
  async add(name: string, nowMs: number): Promise<void> {
    this.#heard.delete(name);
    this.#heard.set(name, nowMs);
    const tooMany: string[] = [];
    if (this.#heard.size > this.#most) {
      const oldest = this.#heard.keys().next().value!;
      this.#heard.delete(oldest);
      this.#forgotten++;
      tooMany.push(oldest);
    }
    await Promise.all([this.#kept.keep(name), this.#kept.drop(tooMany)]);
  }

  /** Those that there are, with when they were last heard of. */
  all(): ReadonlyMap<string, number> {
    return new Map(this.#heard);
  }

  /** These are remembered elsewhere now. One that was heard of again meanwhile stays. */
  async release(taken: ReadonlyMap<string, number>): Promise<void> {
    for (const [name, atMs] of taken) if (this.#heard.get(name) === atMs) this.#heard.delete(name);
    await this.#kept.drop([...taken.keys()].filter((name) => !this.#heard.has(name)));
  }

  /** How many were too many since this was last asked. */
  takeForgotten(): number {
    const count = this.#forgotten;
    this.#forgotten = 0;
    return count;
  }
}
