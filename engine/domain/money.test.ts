import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { MAX_MINOR, exponentOf, formatMinor, parseMinor, toleranceMinor } from './money.ts';

describe('parseMinor', () => {
  test.each([
    ['12.30', 2, 1230n],
    ['-12.30', 2, -1230n],
    ['+5', 2, 500n],
    ['0.005', 3, 5n],
    ['10.500', 2, 1050n],
    ['7', 0, 7n],
    ['7.00', 0, 7n],
    ['5.', 2, 500n],
    ['-0.00', 2, 0n],
    ['90071992547409.91', 2, 9007199254740991n],
  ])('%s with %i digits is %s minor units', (text, exponent, minor) => {
    expect(parseMinor(text, exponent)).toBe(minor);
  });

  test.each([
    ['10.501', 2],
    ['1.5', 0],
    ['1,50', 2],
    ['1 000', 2],
    ['', 2],
    ['.5', 2],
    ['-', 2],
    ['1e3', 2],
    ['٣', 2],
    ['NaN', 2],
    ['12.30 ', 2],
  ])('refuses "%s" with %i digits: nothing is rounded or guessed', (text, exponent) => {
    expect(() => parseMinor(text, exponent)).toThrow(expect.objectContaining({ code: 'invalidAmount' }));
  });

  test('refuses what a double cannot hold exactly', () => {
    expect(() => parseMinor('90071992547409.92', 2)).toThrow(
      expect.objectContaining({ code: 'amountOutOfRange' }),
    );
  });

  property.prop([fc.bigInt({ min: -MAX_MINOR, max: MAX_MINOR }), fc.integer({ min: 0, max: 4 })])(
    'reads back what formatMinor wrote',
    (minor, exponent) => {
      expect(parseMinor(formatMinor(minor, exponent), exponent)).toBe(minor);
    },
  );
});

test('a tolerance is rounded down to the minor unit of the currency', () => {
  expect(toleranceMinor('0.509', exponentOf('AED'))).toBe(50);
  expect(toleranceMinor('0.509', exponentOf('KWD'))).toBe(509);
  expect(toleranceMinor('0.9', exponentOf('JPY'))).toBe(0);
  expect(() => toleranceMinor('-1', 2)).toThrow(expect.objectContaining({ code: 'invalidAmount' }));
});

test('exponents follow ISO 4217 where Intl does not', () => {
  expect(['HUF', 'IQD', 'MGA', 'KWD', 'JPY', 'AED'].map(exponentOf)).toEqual([2, 3, 2, 3, 0, 2]);
  expect(() => exponentOf('AEX')).toThrow(expect.objectContaining({ code: 'unknownCurrency' }));
  expect(() => exponentOf('aed')).toThrow(expect.objectContaining({ code: 'unknownCurrency' }));
});
