import { expect, test } from 'vitest';
import { LineLimit } from './line-limit.ts';

test('twenty lines of a kind in ten seconds, and how many were left out with the next', () => {
  let now = 1_000_000;
  const lines = new LineLimit(() => now);
  const admitted = (kind: string, count: number): (number | undefined)[] =>
    Array.from({ length: count }, () => lines.admit(kind));
  expect(admitted('deliveryUnverified', 20)).toEqual(Array.from({ length: 20 }, () => 0));
  now += 9999;
  expect(admitted('deliveryUnverified', 5)).toEqual(Array.from({ length: 5 }, () => undefined));
  expect(admitted('deliveryStale', 1)).toEqual([0]);
  now += 1;
  expect(admitted('deliveryUnverified', 2)).toEqual([5, 0]);
  now -= 3_600_000;
  expect(admitted('deliveryUnverified', 1)).toEqual([0]);
});
