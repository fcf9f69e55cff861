/** Orders that webhooks told of, until a poll has put them into its cursor. */
export class HeardOrders {
  readonly #most: number;
  readonly #heard = new Map<string, number>();
  #forgotten = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(name: string, nowMs: number): void {
    this.#heard.delete(name);
    this.#heard.set(name, nowMs);
    if (this.#heard.size <= this.#most) return;
    const [oldest] = this.#heard.keys();
    this.#heard.delete(oldest!);
    this.#forgotten++;
  }

  /** Those that there are, with when they were last heard of. */
  all(): ReadonlyMap<string, number> {
    return new Map(this.#heard);
  }

  /** These are remembered elsewhere now. One that was heard of again meanwhile stays. */
  release(taken: ReadonlyMap<string, number>): void {
    for (const [name, atMs] of taken) if (this.#heard.get(name) === atMs) this.#heard.delete(name);
  }

  /** How many were too many since this was last asked. */
  takeForgotten(): number {
    const count = this.#forgotten;
    this.#forgotten = 0;
    return count;
  }
}
