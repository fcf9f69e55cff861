/**
 * Sums of amounts that may leave the range in which doubles are exact: two neighbours in a Float64Array, a low part
 * within ±2^51 and a count of 2^52.
 */
const UNIT = 2 ** 52;
const HALF = 2 ** 51;

/** Adds a whole number within ±(2^53 − 1) to the sum at `at`. */
export function addExact(sums: Float64Array, at: number, value: number): void {
  if (value > HALF || value < -HALF) {
    const low = value % UNIT;
    sums[at + 1]! += (value - low) / UNIT;
    value = low;
  }
  let sum = sums[at]! + value;
  if (sum > HALF) {
    sum -= UNIT;
    sums[at + 1]!++;
  } else if (sum < -HALF) {
    sum += UNIT;
    sums[at + 1]!--;
  }
  sums[at] = sum;
}

/** Adds the sum at `from` of `others` to the sum at `at`. */
export function addSum(sums: Float64Array, at: number, others: Float64Array, from: number): void {
  sums[at + 1]! += others[from + 1]!;
  addExact(sums, at, others[from]!);
}

/** The sum at `at`, whatever its size. */
export function bigSum(sums: Float64Array, at: number): bigint {
  return BigInt(sums[at + 1]!) * BigInt(UNIT) + BigInt(sums[at]!);
}

/** The sum at `at`; beyond ±(2^53 − 1) it stays there. */
export function exactSum(sums: Float64Array, at: number): number {
  return saturate(sums[at + 1]! * UNIT + sums[at]!);
}

/** A number held within ±(2^53 − 1). */
export function saturate(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return value < -Number.MAX_SAFE_INTEGER ? -Number.MAX_SAFE_INTEGER : value;
}

/** Whether two values do not have opposite signs: zero fits both. */
export function doSignsFit(one: number, other: number): boolean {
  return one === 0 || other === 0 || one > 0 === other > 0;
}
