/**
 * Chance that can be repeated. A {@link Seeded} gives the same sequence for the same seed; {@link chanceOf} decides by
 * what it is about instead of by when it is asked, so that requests that overtake each other change no decision.
 */

/** A sequence of pseudo-random numbers (xorshift over a hashed seed). */
export class Seeded {
  #state: number;

  constructor(...seed: readonly (string | number)[]) {
    this.#state = hash32(seed.join('/')) || 1;
  }

  /** A number in [0, 1). */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 4_294_967_296;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }
}

/** A number in [0, 1) that depends on `parts` alone. */
export function chanceOf(...parts: readonly (string | number)[]): number {
  return hash32(parts.join('/')) / 4_294_967_296;
}

/**
 * `length` letters and digits that depend on `parts` alone, as providers make ids of them. With 14 and more, two of a
 * million are equal with a probability below one in a billion.
 */
export function tokenOf(length: number, ...parts: readonly (string | number)[]): string {
  const text = parts.join('/');
  let token = '';
  for (let round = 0; token.length < length; round++) token += hash32(`${round}#${text}`).toString(36);
  return token.slice(0, length);
}

/** FNV-1a over the text, its bits mixed so that texts of one shape spread evenly. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
