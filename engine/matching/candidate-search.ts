import { UNMATCHED, type Breaks } from './breaks.ts';
import type { Entries } from './entries.ts';
import { doSignsFit, saturate } from './exact-sum.ts';
import type { ChainLinks } from './rule-links.ts';
import { NO_ENTRY } from './slab.ts';
import type { Window } from './windows.ts';

/** Which records of the other side may be found. */
export const MATCHABLE = 0;
/** In no break. */
export const FREE = 1;
/** Alone in an `unmatched` break of their own. */
export const ALONE = 2;

/** Finds the nearest record in a chain of equal keys. The record that looks is described by the fields. */
export class CandidateSearch {
  side = 0;
  amount = 0;
  time = 0;
  /** Precision and offset, as in an entry's packed word. */
  packed = 0;
  readonly #entries: Entries;
  readonly #breaks: Breaks;

  constructor(entries: Entries, breaks: Breaks) {
    this.#entries = entries;
    this.#breaks = breaks;
  }

  /** Looks on behalf of an entry. */
  lookFor(entry: number, side: number): void {
    this.side = side;
    this.amount = this.#entries.amount(entry);
    this.time = this.#entries.time(entry);
    this.packed = this.#entries.packed(entry);
  }

  /**
   * The nearest record of the chain inside the window: smallest difference of amounts, then of times, then earliest
   * arrival. −1 if there is none.
   * @param first first record of a chain of the other side
   * @param tolerance minor units: MATCHABLE records differ by at most this and have a sign that fits; the others do
   *   not do both
   */
  nearest(first: number, links: ChainLinks, window: Window, wanted: number, tolerance: number): number {
    const entries = this.#entries;
    const { side, amount, time, packed } = this;
    let best = NO_ENTRY;
    let bestDifference = wanted === MATCHABLE ? tolerance : Number.POSITIVE_INFINITY;
    let bestDistance = Number.POSITIVE_INFINITY;
    let entry = first;
    do {
      const otherAmount = entries.amount(entry);
      const difference = saturate(Math.abs(amount - otherAmount));
      if (difference <= bestDifference) {
        const otherTime = entries.time(entry);
        const distance = Math.abs(time - otherTime);
        // The chain is in order of arrival: of equals the first stays.
        if (
          (best === NO_ENTRY || difference < bestDifference || distance < bestDistance) &&
          (side === 0
            ? window.includes(time, packed, otherTime, entries.packed(entry))
            : window.includes(otherTime, entries.packed(entry), time, packed)) &&
          this.#isWanted(entry, wanted, otherAmount, difference, tolerance)
        ) {
          best = entry;
          bestDifference = difference;
          bestDistance = distance;
        }
      }
      entry = links.next(entry);
    } while (entry !== first);
    return best;
  }

  #isWanted(
    entry: number,
    wanted: number,
    otherAmount: number,
    difference: number,
    tolerance: number,
  ): boolean {
    const signsFit = doSignsFit(this.amount, otherAmount);
    if (wanted === MATCHABLE) return signsFit;
    // One that fits did not match because it may not (a bar): it is no reason why the other is broken.
    if (signsFit && difference <= tolerance) return false;
    const broken = this.#entries.break(entry);
    if (wanted === FREE) return broken === NO_ENTRY;
    const breaks = this.#breaks;
    return (
      broken >= 0 &&
      breaks.owner(broken) === entry &&
      breaks.joined(broken) === NO_ENTRY &&
      breaks.kind(broken) === UNMATCHED
    );
  }
}
