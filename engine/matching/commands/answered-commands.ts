/** Ids that are remembered. */
const MAX_IDS = 10_000;

/** The ids of the commands answered last: a command with one of them is a repeat. */
export class AnsweredCommands {
  /** In order of their answers. */
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= MAX_IDS) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }

  /** For a snapshot: all ids, the oldest first. */
  state(): string[] {
    return [...this.#ids];
  }

  restore(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id);
  }
}
