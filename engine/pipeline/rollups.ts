import { CounterfoilError, type ResultStore } from '../domain/index.ts';
import type { PipelineObserver } from './types.ts';

/**
 * Keeps `rollup_minute` in agreement with its rows: a minute is rolled up once it is closed and its rows are stored,
 * and again whenever rows are added to it later. A materialised view is not used: after a kill it is short of rows
 * that their table has.
 */
export class Rollups {
  readonly #store: ResultStore;
  readonly #observer: PipelineObserver;
  readonly #dirty = new Set<number>();
  #running: Promise<void> = Promise.resolve();

  constructor(store: ResultStore, observer: PipelineObserver) {
    this.#store = store;
    this.#observer = observer;
  }

  /** Rows of these log minutes were stored, or may have been before a restart. */
  touch(minutes: Iterable<number>): void {
    for (const minute of minutes) this.#dirty.add(minute);
  }

  /** Rolls up the touched minutes before `minute` (epoch minutes). */
  async through(minute: number): Promise<void> {
    this.#running = this.#running.then(() => this.#roll(minute));
    await this.#running;
  }

  async #roll(before: number): Promise<void> {
    const due = [...this.#dirty].filter((minute) => minute < before).sort((a, b) => a - b);
    if (due.length === 0) return;
    for (const minute of due) this.#dirty.delete(minute);
    try {
      await this.#store.rollup(due);
    } catch (cause) {
      this.touch(due);
      const error = CounterfoilError.from(cause);
      this.#observer.event('warn', `rollups of ${due.length} minutes are tried again: ${error.message}`, {
        code: error.code,
      });
    }
  }

  /** Whether a minute before `minute` still waits. */
  pendingBefore(minute: number): boolean {
    for (const dirty of this.#dirty) if (dirty < minute) return true;
    return false;
  }
}
