import { saturate } from '../exact-sum.ts';

/** A sum of whole numbers, exact within, held at ±(2^53 − 1) at the end. */
export function sumOf(numbers: readonly number[]): number {
  let sum = 0n;
  for (const number of numbers) sum += BigInt(number);
  return saturate(Number(sum));
}
