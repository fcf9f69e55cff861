import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { toleranceLimit } from './tolerance.ts';

describe('a tolerance', () => {
  it.each([
    ['0.50 AED', { amount: '0.50' }, 10_000, 'AED', 50],
    ['0.509 AED, rounded down', { amount: '0.509' }, 10_000, 'AED', 50],
    ['0.509 KWD, which has three digits', { amount: '0.509' }, 10_000, 'KWD', 509],
    ['0.9 JPY, which has none', { amount: '0.9' }, 10_000, 'JPY', 0],
    ['nothing', {}, 10_000, 'AED', 0],
    ['a map', { amount: { AED: '0.50', KWD: '0.005' } }, 10_000, 'KWD', 5],
    ['a map without the currency', { amount: { AED: '0.50' } }, 10_000, 'KWD', 0],
    ['1.5 % of 110.29', { percent: '1.5' }, 11_029, 'AED', 165],
    ['1.3 % of 110.29', { percent: '1.3' }, 11_029, 'AED', 143],
    ['1.50 % is 1.5 %', { percent: '1.50' }, 11_029, 'AED', 165],
    ['10 %', { percent: '10' }, 11_029, 'AED', 1102],
    ['0 %', { percent: '0' }, 11_029, 'AED', 0],
    ['2 % of a negative sum', { percent: '2' }, -10_050, 'AED', 201],
    ['the smaller of amount and percent', { amount: '1.00', percent: '2' }, 4000, 'AED', 80],
    ['the smaller of percent and amount', { amount: '1.00', percent: '2' }, 6000, 'AED', 100],
  ])('of %s', (_what, tolerance, left, currency, limit) => {
    expect(toleranceLimit(tolerance, left, left, currency)).toBe(limit);
  });

  it('differs for short and over where they are given', () => {
    const both = { amount: '1.00', short: { amount: '5.00' }, over: { percent: '1' } };
    expect(toleranceLimit(both, 10_000, 9_999, 'AED')).toBe(500);
    expect(toleranceLimit(both, 10_000, 10_000, 'AED')).toBe(100);
    expect(toleranceLimit(both, -10_000, -10_001, 'AED')).toBe(100);
    expect(toleranceLimit({ amount: '1.00', short: {} }, 10_000, 9_999, 'AED')).toBe(0);
    expect(toleranceLimit({ amount: '1.00', short: { amount: '5' } }, 10_000, 10_001, 'AED')).toBe(100);
  });

  it('holds what no double could at the largest amount', () => {
    expect(toleranceLimit({ amount: '999999999999999' }, 1, 1, 'KWD')).toBe(Number.MAX_SAFE_INTEGER);
  });

  const percents = fc.tuple(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 9 }));
  test.prop([percents, fc.maxSafeNat()])('is exact for any percentage and sum', ([digits, scale], left) => {
    const text = digits.toString().padStart(scale + 1, '0');
    const percent = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
    const exact = (digits * BigInt(left)) / (100n * 10n ** BigInt(scale));
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    expect(toleranceLimit({ percent }, left, left, 'AED')).toBe(Number(exact > most ? most : exact));
  });
});
