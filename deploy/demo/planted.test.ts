import { expect, test } from 'vitest';
import { describePlanted, expectedOf, isAsExpected, nothingPlanted } from './planted.ts';

const PLANTED = { ...nothingPlanted(), unknownOrder: 3, bankCharge: 2, wrongAmount: 4, noRecord: 1 };
const FOUND = { breaks: { unmatched: 5, amount: 4 }, deadLetters: 1, pending: 0 };

test('what must be found is told by what was planted', () => {
  expect(expectedOf(PLANTED)).toEqual({
    breaks: { unmatched: 5, amount: 4, duplicate: 0 },
    deadLetters: 1,
  });
  expect(describePlanted(PLANTED).map(([, count]) => count)).toEqual([3, 4, 1, 2]);
});

test('all of it has to be found, and nothing else', () => {
  const isRight = (found: typeof FOUND): boolean => isAsExpected(found, expectedOf(PLANTED));
  expect(isRight(FOUND)).toBe(true);
  expect(isRight({ ...FOUND, breaks: { unmatched: 4, amount: 4 } })).toBe(false);
  expect(isRight({ ...FOUND, breaks: { ...FOUND.breaks, ...{ amended: 1 } } })).toBe(false);
  expect(isRight({ ...FOUND, deadLetters: 2 })).toBe(false);
  expect(isRight({ ...FOUND, pending: 1 })).toBe(false);
});
