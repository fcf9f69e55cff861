import type { ReconciliationSummary, SideSummary } from '../domain/index.ts';
import { BREAK_KINDS, DAY_MS, LAG_BOUNDS_MS } from '../domain/index.ts';
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
/** Open breaks, a column a kind in the order of BREAK_KINDS. */
const BREAKS = MATCHES + 3;
const HEALED = BREAKS + BREAK_KINDS.length;
const LAG = HEALED + 1;
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

  /** A record, or several of such an amount together, that was pending, or in a break, is matched. */
  matched(side: number, amount: number, wasBroken: boolean, count: number = 1): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + MATCHED]! += count;
    addExact(this.#numbers, base + MATCHED_AMOUNT, amount);
    this.#numbers[base + (wasBroken ? BROKEN : PENDING)]! -= count;
    addExact(this.#numbers, base + (wasBroken ? BROKEN_AMOUNT : PENDING_AMOUNT), -amount);
  }

  /** A part of a record that stays pending, or in a break, is matched. */
  matchedInPart(side: number, amount: number, isBroken: boolean): void {
    const base = side * SIDE_COLUMNS;
    addExact(this.#numbers, base + MATCHED_AMOUNT, amount);
    addExact(this.#numbers, base + (isBroken ? BROKEN_AMOUNT : PENDING_AMOUNT), -amount);
  }

  /** A record that was pending, or in a break, is closed without a match: it came, and is nothing any more. */
  writtenOff(side: number, amount: number, wasBroken: boolean): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + (wasBroken ? BROKEN : PENDING)]!--;
    addExact(this.#numbers, base + (wasBroken ? BROKEN_AMOUNT : PENDING_AMOUNT), -amount);
  }

  /** A record that was matched, or written off, is pending again. */
  reopened(side: number, amount: number, wasMatched: boolean): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + PENDING]!++;
    addExact(this.#numbers, base + PENDING_AMOUNT, amount);
    if (!wasMatched) return;
    this.#numbers[base + MATCHED]!--;
    addExact(this.#numbers, base + MATCHED_AMOUNT, -amount);
  }

  /** A leg of a match is another record now (`into` 1 for it, −1 for the one before). */
  legChanged(side: number, amount: number, into: 1 | -1): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + RECORDS]! += into;
    addExact(this.#numbers, base + AMOUNT, into * amount);
    this.#numbers[base + MATCHED]! += into;
    addExact(this.#numbers, base + MATCHED_AMOUNT, into * amount);
  }

  /** A match was undone. */
  unmatch(difference: number, lagMs: number): void {
    this.#numbers[MATCHES]!--;
    addExact(this.#numbers, DIFFERENCE, -difference);
    this.#numbers[LAG + lagBucket(lagMs)]!--;
  }

  /** A pending record, or several of such an amount together, came into a break (`into` 1), or a break released it (−1). */
  broke(side: number, amount: number, into: 1 | -1, count: number = 1): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + BROKEN]! += into * count;
    addExact(this.#numbers, base + BROKEN_AMOUNT, into * amount);
    this.#numbers[base + PENDING]! -= into * count;
    addExact(this.#numbers, base + PENDING_AMOUNT, -into * amount);
  }

  match(difference: number, lagMs: number): void {
    this.#numbers[MATCHES]!++;
    addExact(this.#numbers, DIFFERENCE, difference);
    this.#numbers[LAG + lagBucket(lagMs)]!++;
  }

  /**
   * A pending record, or one in a break of this lane, is counted in another lane of its pool (`into` −1), or again in
   * this one (1).
   */
  moved(side: number, amount: number, wasBroken: boolean, into: 1 | -1): void {
    const base = side * SIDE_COLUMNS;
    this.#numbers[base + RECORDS]! += into;
    addExact(this.#numbers, base + AMOUNT, into * amount);
    this.#numbers[base + (wasBroken ? BROKEN : PENDING)]! += into;
    addExact(this.#numbers, base + (wasBroken ? BROKEN_AMOUNT : PENDING_AMOUNT), into * amount);
  }

  /**
   * An open break comes (`change` 1) or goes (−1): resolved, or to come back as another version.
   * @param kind its place in BREAK_KINDS
   */
  breakChanged(change: 1 | -1, kind: number, amount: number, dueTime: number): void {
    this.#numbers[BREAKS + kind]! += change;
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
    const breaks: ReconciliationSummary['breaks'] = {};
    for (const [i, kind] of BREAK_KINDS.entries()) {
      if (numbers[BREAKS + i]! > 0) breaks[kind] = numbers[BREAKS + i]!;
    }
    return {
      reconciliation,
      currency,
      matches: numbers[MATCHES]!,
      difference: exactSum(numbers, DIFFERENCE),
      sides: { left: this.#side(0), right: this.#side(1) },
      breaks,
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
