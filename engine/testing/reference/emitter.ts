import type { Result } from '../results.ts';

/** Numbers and keeps the results of one message, in order of emission. */
export class Emitter {
  results: Result[] = [];
  #sequence = 0;
  #logTime = 0;
  #n = 0;

  /** From here on results belong to this position of the log and count from 0. */
  at(sequence: number, logTime: number): void {
    this.#sequence = sequence;
    this.#logTime = logTime;
    this.#n = 0;
  }

  /** The place of the next result. */
  next(): { readonly sequence: number; readonly n: number; readonly logTime: number } {
    return { sequence: this.#sequence, n: this.#n++, logTime: this.#logTime };
  }
}
