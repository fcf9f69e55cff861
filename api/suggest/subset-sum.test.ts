import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_CANDIDATES, subsetSum } from './subset-sum.ts';

/** All subsets of at least two whose sum is near enough. */
function everySubset(values: readonly number[], target: number, limit: number): number[][] {
  const found: number[][] = [];
  for (let bits = 1; bits < 1 << values.length; bits++) {
    const members = values.flatMap((_, i) => ((bits >> i) & 1 ? [i] : []));
    const sum = members.reduce((total, i) => total + values[i]!, 0);
    if (members.length >= 2 && Math.abs(target - sum) <= limit) found.push(members);
  }
  return found;
}

test('finds a subset exactly where there is one, and tells the only one from one of several', () => {
  const values = fc.array(
    fc.integer({ min: -60, max: 60 }).filter((value) => value !== 0),
    { maxLength: 9 },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: -150, max: 150 }), fc.nat(3), (list, target, limit) => {
      const all = everySubset(list, target, limit);
      const { members, difference, unique, exhausted } = subsetSum(list, target, limit);
      expect(exhausted).toBe(false);
      expect(members !== undefined).toBe(all.length > 0);
      expect(unique).toBe(all.length === 1);
      if (members === undefined) return;
      expect(all).toContainEqual(members);
      expect(difference).toBe(target - members.reduce((sum, i) => sum + list[i]!, 0));
    }),
    { numRuns: 2000 },
  );
});

test('ends with its budget and does not call unique what it has not finished', () => {
  const values = Array.from({ length: 40 }, (_, i) => 1000 + i);
  const { exhausted, unique, steps } = subsetSum(values, 20_390, 0, 5000);
  expect({ exhausted, unique }).toEqual({ exhausted: true, unique: false });
  expect(steps).toBeLessThanOrEqual(5001);
});

test('looks at no more than the most candidates', () => {
  const values = [...Array<number>(MOST_CANDIDATES).fill(1), 500, 500];
  expect(subsetSum(values, 1000, 0).members).toBeUndefined();
  expect(subsetSum([100, 40, 60, 7], 100, 0)).toMatchObject({ members: [1, 2], unique: true });
});
