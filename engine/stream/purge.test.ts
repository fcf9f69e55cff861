import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastOlderThan } from './purge.ts';

test('finds the boundary that a scan finds, wherever it lies and whatever is gone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(30), { maxLength: 60 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.nat(40),
      async (unsorted, first, olderThan) => {
        const times = unsorted.sort((a, b) => a - b);
        const scan = first - 1 + times.filter((time) => time < olderThan).length;
        const found = await lastOlderThan(first, first + times.length - 1, olderThan, (sequence) =>
          Promise.resolve(times[sequence - first]),
        );
        expect(found).toBe(scan);
      },
    ),
  );
});

test('asks for few messages', async () => {
  let asked = 0;
  const boundary = await lastOlderThan(1, 10_000_000, 5_000_000, (sequence) => {
    asked++;
    return Promise.resolve(sequence);
  });
  expect(boundary).toBe(4_999_999);
  expect(asked).toBeLessThan(26);
});
