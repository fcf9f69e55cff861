/** A set of legs that may not match, and the match that was undone: for a snapshot. */
export interface BarState {
  readonly reconciliation: string;
  /** Position of the match's first version. */
  readonly sequence: number;
  readonly n: number;
  /** Arrivals of the legs, ascending. */
  readonly arrivals: readonly number[];
}

/** What the commands have undone, for a snapshot. */
export interface BarsState {
  readonly bars: readonly BarState[];
  /** `sequence-n-version` of every match that was undone. */
  readonly undone: readonly string[];
}

/**
 * The sets of legs that commands have torn apart: these records together are no match any more, until the bar is taken
 * away. As many as people's commands, so that they are kept as plain objects; a kernel without any asks `any` only.
 */
export class Bars {
  /** By reconciliation: how many bars there are for a set of legs. */
  readonly #barred = new Map<string, Map<string, number>>();
  #bars: BarState[] = [];
  readonly #undone = new Set<string>();

  /** Whether there is any bar at all. */
  get any(): boolean {
    return this.#bars.length > 0;
  }

  /** Whether exactly these legs are barred. @param arrivals ascending */
  has(reconciliation: string, arrivals: readonly number[]): boolean {
    return this.#barred.get(reconciliation)?.has(arrivals.join(' ')) ?? false;
  }

  /** Whether a left and a right record are barred as a pair. */
  hasPair(reconciliation: string, arrival: number, other: number): boolean {
    const barred = this.#barred.get(reconciliation);
    if (barred === undefined) return false;
    return barred.has(arrival < other ? `${arrival} ${other}` : `${other} ${arrival}`);
  }

  /** Whether this version of a match was undone before. */
  wasUndone(sequence: number, n: number, version: number): boolean {
    return this.#undone.has(`${sequence}-${n}-${version}`);
  }

  /** A match's version is undone: its legs are barred. @param arrivals ascending */
  add(
    reconciliation: string,
    sequence: number,
    n: number,
    version: number,
    arrivals: readonly number[],
  ): void {
    this.#undone.add(`${sequence}-${n}-${version}`);
    this.#put({ reconciliation, sequence, n, arrivals });
  }

  /** How many bars there are of a match. */
  countOf(reconciliation: string, sequence: number, n: number): number {
    return this.#bars.filter((bar) => isOf(bar, reconciliation, sequence, n)).length;
  }

  /** Takes the bars of a match away. */
  remove(reconciliation: string, sequence: number, n: number): void {
    const meant = this.#bars.filter((bar) => isOf(bar, reconciliation, sequence, n));
    this.#bars = this.#bars.filter((bar) => !isOf(bar, reconciliation, sequence, n));
    const barred = this.#barred.get(reconciliation);
    if (barred === undefined) return;
    for (const bar of meant) {
      const legs = bar.arrivals.join(' ');
      const left = barred.get(legs)! - 1;
      if (left > 0) barred.set(legs, left);
      else barred.delete(legs);
    }
  }

  state(): BarsState {
    return { bars: this.#bars, undone: [...this.#undone] };
  }

  restore(state: BarsState): void {
    for (const bar of state.bars) this.#put(bar);
    for (const each of state.undone) this.#undone.add(each);
  }

  #put(bar: BarState): void {
    this.#bars.push(bar);
    let barred = this.#barred.get(bar.reconciliation);
    if (barred === undefined) {
      barred = new Map();
      this.#barred.set(bar.reconciliation, barred);
    }
    const legs = bar.arrivals.join(' ');
    barred.set(legs, (barred.get(legs) ?? 0) + 1);
  }
}

function isOf(bar: BarState, reconciliation: string, sequence: number, n: number): boolean {
  return bar.reconciliation === reconciliation && bar.sequence === sequence && bar.n === n;
}
