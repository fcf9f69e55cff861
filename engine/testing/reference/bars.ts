import { byArrival, type Item, type Position } from './state.ts';

interface Bar {
  readonly reconciliation: string;
  readonly match: string;
  readonly legs: string;
}

/** E3: sets of legs that a person took apart, and that no rule may tie again. They stay by reconciliation name. */
export class Bars {
  #bars: Bar[] = [];
  readonly #undone = new Set<string>();

  has(reconciliation: string, legs: readonly Item[]): boolean {
    if (this.#bars.length === 0) return false;
    const text = textOf(legs);
    return this.#bars.some((bar) => bar.reconciliation === reconciliation && bar.legs === text);
  }

  wasUndone(match: Position, version: number): boolean {
    return this.#undone.has(`${match.sequence}-${match.n}-${version}`);
  }

  /** A version of a match is undone: its legs are barred. */
  add(reconciliation: string, match: Position, version: number, legs: readonly Item[]): void {
    this.#undone.add(`${match.sequence}-${match.n}-${version}`);
    this.#bars.push({ reconciliation, match: `${match.sequence}-${match.n}`, legs: textOf(legs) });
  }

  /** Whether legs of a match are barred. */
  names(reconciliation: string, match: Position): boolean {
    return this.#bars.some((bar) => isOf(bar, reconciliation, match));
  }

  /** E4: takes the bars of a match away. */
  remove(reconciliation: string, match: Position): void {
    this.#bars = this.#bars.filter((bar) => !isOf(bar, reconciliation, match));
  }
}

function isOf(bar: Bar, reconciliation: string, match: Position): boolean {
  return bar.reconciliation === reconciliation && bar.match === `${match.sequence}-${match.n}`;
}

function textOf(legs: readonly Item[]): string {
  return [...legs]
    .sort(byArrival)
    .map((leg) => `${leg.sequence}.${leg.ordinal}`)
    .join(' ');
}
