import type { ReconciliationSummary, SideSummary } from '../domain/index.ts';
import { DAY_MS, LAG_BOUNDS_MS } from '../domain/index.ts';
import { addExact, exactSum } from './exact-sum.ts';

/** Columns of one side; sums take two. */
const RECORDS = 0;
const MATCHED = 1;
const PENDING = 2;
const BROKEN = 3;
const LATE = 4;
const AMOUNT = 5;
const MATCHED_AMOUNT = 7;
const PENDING_AMOUNT = 9;
const BROKEN_AMOUNT = 11;
const SIDE_COLUMNS = 13;
/** Columns of the whole. */
const MATCHES = 2 * SIDE_COLUMNS;
const DIFFERENCE = MATCHES + 1;
const UNMATCHED_BREAKS = MATCHES + 3;
const AMOUNT_BREAKS = MATCHES + 4;
const HEALED = MATCHES + 5;
const LAG = MATCHES + 6;
const COLUMNS = LAG + LAG_BOUNDS_MS.length + 1;

/** What a snapshot keeps of totals. */
export interface TotalsState {
  readonly currency: number;
  readonly numbers: Float64Array;
  /** Per day: the day, count, and the two parts of the sum. */
  readonly ageing: readonly number[];
}

/** Running counts and sums of one reconciliation in one currency. Records never leave them when they leave memory. */
export class Totals {
  readonly currency: number;
  #numbers: Float64Array = new Float64Array(COLUMNS);
  /** Open breaks by UTC day on which they were due: count, and a sum. */
  readonly #ageing = new Map<number, Float64Array>();

  constructor(currency: number) {
    this.currency = currency;
  }

  /** A record came, and is pending until it is said to be matched. */
  arrived(side: number, amount: number, late: boolean): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + RECORDS]!++;
    addExact(this.#numbers, base + AMOUNT, amount);
    this.#numbers[base + PENDING]!++;
    addExact(this.#numbers, base + PENDING_AMOUNT, amount);
    if (late) this.#numbers[base + LATE]!++;
  }

  /** A record that was pending, or in a break, is matched. */
  matched(side: number, amount: number, wasBroken: boolean): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + MATCHED]!++;
    addExact(this.#numbers, base + MATCHED_AMOUNT, amount);
    this.#numbers[base + (wasBroken ? BROKEN : PENDING)]!--;
    addExact(this.#numbers, base + (wasBroken ? BROKEN_AMOUNT : PENDING_AMOUNT), -amount);
  }

  /** A pending record came into a break (`into` 1), or a break released it (−1). */
  broke(side: number, amount: number, into: 1 | -1): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + BROKEN]! += into;
    addExact(this.#numbers, base + BROKEN_AMOUNT, into * amount);
    this.#numbers[base + PENDING]! -= into;
    addExact(this.#numbers, base + PENDING_AMOUNT, -into * amount);
  }

  match(difference: number, lagMs: number): void {
    this.#numbers[MATCHES]!++;
    addExact(this.#numbers, DIFFERENCE, difference);
    this.#numbers[LAG + lagBucket(lagMs)]!++;
  }

  /** An open break comes (`change` 1) or goes (−1): resolved, or to come back as another version. */
  breakChanged(change: 1 | -1, isAmount: boolean, amount: number, dueTime: number): void {
    this.#numbers[isAmount ? AMOUNT_BREAKS : UNMATCHED_BREAKS]! += change;
    const day = Math.floor(dueTime / DAY_MS);
    let age = this.#ageing.get(day);
    if (age === undefined) {
      age = new Float64Array(3);
      this.#ageing.set(day, age);
    }
    age[0]! += change;
    addExact(age, 1, change * Math.abs(amount));
    if (age[0] === 0) this.#ageing.delete(day);
  }

  healed(): void {
    this.#numbers[HEALED]!++;
  }

  summary(reconciliation: string, currency: string): ReconciliationSummary {
    const numbers = this.#numbers;
    const unmatched = numbers[UNMATCHED_BREAKS]!;
    const amount = numbers[AMOUNT_BREAKS]!;
    return {
      reconciliation,
      currency,
      matches: numbers[MATCHES]!,
      difference: exactSum(numbers, DIFFERENCE),
      sides: { left: this.#side(0), right: this.#side(1) },
      breaks: { ...(unmatched > 0 ? { unmatched } : {}), ...(amount > 0 ? { amount } : {}) },
      healed: numbers[HEALED]!,
      lag: Array.from(numbers.subarray(LAG)),
      ageing: [...this.#ageing]
        .sort(([a], [b]) => a - b)
        .map(([day, age]): [number, number, number] => [day, age[0]!, exactSum(age, 1)]),
    };
  }

  state(): TotalsState {
    const ageing = [...this.#ageing].flatMap(([day, age]) => [day, ...age]);
    return { currency: this.currency, numbers: this.#numbers, ageing };
  }

  /** False when the numbers are not of this version. */
  restore(state: TotalsState): boolean {
    if (state.numbers.length !== COLUMNS || state.ageing.length % 4 !== 0) return false;
    this.#numbers = state.numbers;
    for (let i = 0; i < state.ageing.length; i += 4) {
      this.#ageing.set(state.ageing[i]!, Float64Array.from(state.ageing.slice(i + 1, i + 4)));
    }
    return true;
  }

  #side(side: number): SideSummary {
    const base = side * SIDE_COLUMNS;
    const numbers = this.#numbers;
    return {
      records: numbers[base + RECORDS]!,
      amount: exactSum(numbers, base + AMOUNT),
      matched: numbers[base + MATCHED]!,
      matchedAmount: exactSum(numbers, base + MATCHED_AMOUNT),
      pending: numbers[base + PENDING]!,
      pendingAmount: exactSum(numbers, base + PENDING_AMOUNT),
      broken: numbers[base + BROKEN]!,
      brokenAmount: exactSum(numbers, base + BROKEN_AMOUNT),
      late: numbers[base + LATE]!,
    };
  }
}

/** The first bucket whose bound is not below the lag. */
export function lagBucket(lagMs: number): number {
  let low = 0;
  let high = LAG_BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (LAG_BOUNDS_MS[middle]! < lagMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
