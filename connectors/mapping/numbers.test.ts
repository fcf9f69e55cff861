import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { formatMinor } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import { numberReader } from './numbers.ts';
import type { NumberSettings } from './numbers.ts';

const PLAIN: NumberSettings = {
  decimal: '.',
  thousands: '',
  parentheses: false,
  trailingMinus: false,
  empty: [],
};
const read = (text: string, settings: Partial<NumberSettings>): string =>
  numberReader({ ...PLAIN, ...settings })!('amount', text);

test('numbers that are as records have them need no reader', () => {
  expect(numberReader(PLAIN)).toBeUndefined();
});

describe('a number', () => {
  test.each<[string, Partial<NumberSettings>, string]>([
    ['1.234,50', { decimal: ',', thousands: '.' }, '1234.50'],
    ['1234,5', { decimal: ',' }, '1234.5'],
    ['1,234,567.89', { thousands: ',' }, '1234567.89'],
    ['12,34,567.89', { thousands: ',' }, '1234567.89'],
    ['1234567.89', { thousands: ',' }, '1234567.89'],
    ['1 234 567', { thousands: ' ' }, '1234567'],
    ['1\u00A0234\u202F567', { thousands: ' ' }, '1234567'],
    ["1'234.50", { thousands: "'" }, '1234.50'],
    ['1’234.50', { thousands: "'" }, '1234.50'],
    ['(1,234.50)', { thousands: ',', parentheses: true }, '-1234.50'],
    ['( 12.30 )', { parentheses: true }, '-12.30'],
    ['12.30-', { trailingMinus: true }, '-12.30'],
    ['12.30+', { trailingMinus: true }, '+12.30'],
    ['-12.30', { trailingMinus: true }, '-12.30'],
    ['+12.30', { parentheses: true }, '+12.30'],
    ['-', { empty: ['-', 'N/A'] }, ''],
    ['5.', { thousands: ',' }, '5.'],
  ])('%s by %j is %s', (text, settings, number) => {
    expect(read(text, settings)).toBe(number);
  });

  test.each<[string, Partial<NumberSettings>]>([
    ['1,5', { thousands: ',' }],
    ['1,2345', { thousands: ',' }],
    ['1,23,45', { thousands: ',' }],
    [',123', { thousands: ',' }],
    ['1,234', { decimal: ',', thousands: '.', parentheses: true, empty: ['x'], trailingMinus: true }],
    ['1.234.56', { decimal: ',', thousands: '.' }],
    ['1.5', { decimal: ',' }],
    ['(12.30)', { thousands: ',' }],
    ['(-12.30)', { parentheses: true }],
    ['(12.30', { parentheses: true }],
    ['((12.30))', { parentheses: true }],
    ['12.30-', { thousands: ',' }],
    ['-12.30-', { trailingMinus: true }],
    ['(12.30-)', { trailingMinus: true, parentheses: true }],
    ['AED 5', { thousands: ',' }],
    ['1e3', { thousands: ',' }],
    ['', { thousands: ',' }],
    ['٣', { thousands: ',' }],
  ])('%s by %j is refused, or another number', (text, settings) => {
    if (text === '1,234') expect(read(text, settings)).toBe('1.234');
    else expect(() => read(text, settings)).toThrow(expect.objectContaining({ code: 'invalidAmount' }));
  });

  propertyTest.prop([
    fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
    fc.constantFrom<[NumberSettings['decimal'], NumberSettings['thousands']]>(
      ['.', ','],
      [',', '.'],
      ['.', ' '],
      [',', "'"],
      ['.', ''],
    ),
    fc.constantFrom('leading', 'trailing', 'parentheses'),
  ])('is read back as it was written, by every convention', (minor, [decimal, thousands], sign) => {
    const [whole, fraction] = formatMinor(minor < 0n ? -minor : minor, 2).split('.') as [string, string];
    const digits = `${whole.replaceAll(/\B(?=(?:\d{3})+$)/g, thousands)}${decimal}${fraction}`;
    const written =
      minor >= 0n
        ? digits
        : { leading: `-${digits}`, trailing: `${digits}-`, parentheses: `(${digits})` }[sign];
    const settings = { decimal, thousands, parentheses: true, trailingMinus: true };
    expect(readMinor(read(written, settings), 2)).toBe(minor);
  });
});
