import type { Translated } from '../../engine/domain/index.ts';
import { MAX_BATCH_ITEMS } from './connector.ts';

/**
 * Cuts items into batches. A finding or progress is never the last of a batch that another follows: the runner
 * remembers how far it came by records and dead letters, and what stands before one of them must come with it.
 */
export class Batches {
  #items: Translated[] = [];
  readonly #full: Translated[][] = [];

  /** @returns whether a batch is full */
  add(item: Translated): boolean {
    this.#items.push(item);
    if (this.#items.length >= MAX_BATCH_ITEMS) this.#cut();
    return this.#full.length > 0;
  }

  /** The batches that are full now; they are given away. */
  *take(): Generator<Translated[]> {
    while (this.#full.length > 0) yield this.#full.shift()!;
  }

  /** What is left, at the end of the input. */
  *end(): Generator<Translated[]> {
    yield* this.take();
    if (this.#items.length > 0) yield this.#items;
    this.#items = [];
  }

  #cut(): void {
    let kept = this.#items.length;
    while (kept > 0 && !hasOrigin(this.#items[kept - 1]!)) kept--;
    // Nothing but findings: there is no place to hold on to, so they go as they are.
    if (kept === 0) kept = this.#items.length;
    this.#full.push(this.#items.slice(0, kept));
    this.#items = this.#items.slice(kept);
  }
}

/** Whether the runner can tell from `item` how far it has come. */
export function hasOrigin(item: Translated): boolean {
  return item.type === 'record' || item.type === 'deadLetter';
}
