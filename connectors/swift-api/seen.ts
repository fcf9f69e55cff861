import { createHash } from 'node:crypto';
import { at } from '../contract/index.ts';
import type { JsonValue } from '../contract/index.ts';
import type { ListedStatement } from './client.ts';

/** The most statements that are remembered; beyond them the oldest are read once more, which changes nothing. */
const MAX_SEEN = 5000;
/** The most that are waited for at a time; beyond them the oldest are waited for anew. */
const MAX_MISSING = 1000;

/** Up to where everything that was listed is in the log, and which statements of the last stretch are. */
export class SeenStatements {
  /** Epoch milliseconds; undefined before the first poll. */
  readonly throughMs: number | undefined;
  readonly #seen: Map<string, readonly [content: string, availableMs: number]>;
  /** Statements that were listed and could not be had, and since when. */
  readonly #missing: Map<string, number>;

  /** @param cursor as {@link cursor} made it; what is not of that form counts for nothing */
  constructor(cursor: JsonValue | undefined) {
    const through = at(cursor, 'through');
    this.throughMs = typeof through === 'number' ? through : undefined;
    const seen = at(cursor, 'seen');
    this.#seen = new Map(
      (Array.isArray(seen) ? (seen as [string, string, number][]) : []).map(([id, content, availableMs]) => [
        id,
        [content, availableMs],
      ]),
    );
    const missing = at(cursor, 'missing');
    this.#missing = new Map(Array.isArray(missing) ? (missing as [string, number][]) : []);
  }

  /** Whether a statement is in the log as it is listed now. */
  has({ id, text }: ListedStatement): boolean {
    return this.#seen.get(id)?.[0] === digestOf(text);
  }

  /** Its records are in the log. */
  add({ id, text, availableMs }: ListedStatement, nowMs: number): void {
    this.#missing.delete(id);
    this.#seen.delete(id);
    this.#seen.set(id, [digestOf(text), availableMs ?? nowMs]);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.keys().next().value!);
  }

  /** Since when a statement could not be had, which it cannot be now. */
  missingSince({ id }: ListedStatement, nowMs: number): number {
    const sinceMs = this.#missing.get(id);
    if (sinceMs !== undefined) return sinceMs;
    this.#missing.set(id, nowMs);
    if (this.#missing.size > MAX_MISSING) this.#missing.delete(this.#missing.keys().next().value!);
    return nowMs;
  }

  /** @param sinceMs statements of before are not listed again */
  cursor(throughMs: number, sinceMs: number): JsonValue {
    for (const [id, [, availableMs]] of this.#seen) if (availableMs < sinceMs) this.#seen.delete(id);
    const seen = [...this.#seen].map(([id, [content, availableMs]]) => [id, content, availableMs]);
    return { through: throughMs, seen, missing: [...this.#missing] };
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 22);
}
