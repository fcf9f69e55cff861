import type { StoredPositions } from '../domain/index.ts';

/**
 * Tells which rows of a replay are stored already. The stored positions and the replay both ascend, so one step
 * forward per row finds it.
 */
export class ReplayFilter {
  readonly #stored: StoredPositions;
  #at = 0;

  /** @param stored sorted by sequence, then n */
  constructor(stored: StoredPositions) {
    this.#stored = stored;
  }

  /** Whether (sequence, n) is stored. Ask in ascending order. */
  has(sequence: number, n: number): boolean {
    const { sequence: sequences, n: ns } = this.#stored;
    while (this.#at < sequences.length) {
      const s = sequences[this.#at]!;
      if (s > sequence || (s === sequence && ns[this.#at]! > n)) return false;
      this.#at++;
      if (s === sequence && ns[this.#at - 1] === n) return true;
    }
    return false;
  }
}
