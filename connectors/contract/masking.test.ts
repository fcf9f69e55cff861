import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { maskCardNumbers, passesLuhn } from './masking.ts';

/** Every card number of a text by trying all stretches of its groups of digits, the slow way. */
function holdsCard(text: string): boolean {
  const runs = text.match(/\d(?:[ \n\r-]{0,2}\d)*/g) ?? [];
  return runs.some((run) => {
    const groups = run.split(/[^0-9]+/);
    return groups.some((_, from) =>
      groups.some((__, to) => {
        const digits = groups.slice(from, to + 1).join('');
        return (
          digits.length >= 13 && digits.length <= 19 && /^(?:[2-6]|8[12])/.test(digits) && passesLuhn(digits)
        );
      }),
    );
  });
}

const piece = fc.constantFrom(
  ...[
    '4111',
    '1111',
    '411111',
    '12345678',
    '5555555555554444',
    '4111111111111111',
    '378282246310005',
    '4222222222222',
    '1',
    '81',
  ],
  ...[
    ' ',
    '  ',
    '   ',
    '-',
    '\n',
    '\r\n',
    'x',
    'a text',
    '/',
    'AE070331234567890123456',
    '20131209007602198765432000000012',
  ],
);

describe('card numbers', () => {
  propertyTest.prop([fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''))], { numRuns: 3000 })(
    'are masked exactly where a text holds one',
    (text) => {
      const masked = maskCardNumbers(text);
      expect(masked !== text).toBe(holdsCard(text));
      expect(masked).toHaveLength(text.length);
    },
  );

  test('an account number that is too long for one costs no masking', () => {
    const iban = 'AE070331234567890123456';
    expect(maskCardNumbers(iban)).toBe(iban);
  });
});
