import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RunningSums } from './running-sums.ts';

describe('running sums', () => {
  const amount = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1000, max: 1000 }));
  const record = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 }), amount);

  test('count each record once, by currency and side, in sums that are exact', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (records) => {
        const told = new Map<string, { sum: bigint; records: number }>();
        const take = (currency: number, side: number, sum: bigint, count: number): void => {
          const of = told.get(`${currency} ${side}`) ?? { sum: 0n, records: 0 };
          told.set(`${currency} ${side}`, { sum: of.sum + sum, records: of.records + count });
        };
        const sums = new RunningSums((currency, side, sum, count) => {
          expect(Number.isSafeInteger(sum)).toBe(true);
          take(currency, side, BigInt(sum), count);
        });
        for (const [currency, side, value] of records) sums.add(currency, side, value);
        sums.end();
        sums.end();
        const found = new Map(told);
        told.clear();
        for (const [currency, side, value] of records) take(currency, side, BigInt(value), 1);
        expect(found).toEqual(told);
      }),
    );
  });

  test('tell of records that are alike together', () => {
    const told: number[][] = [];
    const sums = new RunningSums((...of) => told.push(of));
    sums.add(1, 0, 5);
    sums.add(1, 0, 7);
    sums.add(1, 1, 4);
    sums.end();
    expect(told).toEqual([
      [1, 0, 12, 2],
      [1, 1, 4, 1],
    ]);
  });

  test('are told before they could be inexact', () => {
    const told: number[] = [];
    const sums = new RunningSums((_currency, _side, sum) => told.push(sum));
    for (let i = 0; i < 9; i++) sums.add(0, 0, 2 ** 51 - i);
    sums.end();
    expect(told.every((sum) => Number.isSafeInteger(sum))).toBe(true);
    const whole = told.reduce((all, sum) => all + BigInt(sum), 0n);
    expect(whole).toBe(9n * 2n ** 51n - 36n);
  });
});
