import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CounterfoilError, Zone, parseMinor, parseRecordTime } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { Accounts } from './accounts.ts';
import { readMinor } from './amounts.ts';
import { Batches, hasOrigin } from './batches.ts';
import { deadLetter } from './dead-letter.ts';
import { maskCardNumbers, maskedCardNumbers, passesLuhn } from './masking.ts';
import { readTime } from './times.ts';

function outcome<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return (error as CounterfoilError).message;
  }
}

describe('amounts', () => {
  propertyTest.prop([
    fc.oneof(fc.stringMatching(/^[+-]?[0-9]{0,18}[.]?[0-9]{0,4}$/), fc.string({ maxLength: 8 })),
    fc.constantFrom(0, 2, 3),
  ])('are read as the long way reads them', (text, exponent) => {
    expect(outcome(() => readMinor(text, exponent))).toEqual(outcome(() => parseMinor(text, exponent)));
  });
});

describe('times', () => {
  const dubai = new Zone('Asia/Dubai');
  propertyTest.prop([
    fc.oneof(
      fc
        .tuple(
          fc.date({ noInvalidDate: true, min: new Date('1960-01-01'), max: new Date('2099-12-31') }),
          fc.constantFrom('T', ' ', 't'),
          fc.constantFrom('Z', '', 'z', '+04'),
        )
        .map(([date, between, zone]) => date.toISOString().slice(0, 19).replace('T', between) + zone),
      fc.stringMatching(/^20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z?$/),
      fc.string({ minLength: 19, maxLength: 20 }),
    ),
  ])('are read as the long way reads them', (text) => {
    expect(outcome(() => readTime(text, dubai))).toEqual(outcome(() => parseRecordTime(text, dubai)));
  });
});

describe('card numbers', () => {
  test.each([
    ['4111111111111111', '411111******1111'],
    ['paid by 4111 1111 1111 1111, thanks', 'paid by 4111 11** **** 1111, thanks'],
    ['5555-5555-5555-4444', '5555-55**-****-4444'],
    ['amex 378282246310005.', 'amex 378282*****0005.'],
    ['4111 1111\n1111 1111', '4111 11**\n**** 1111'],
    ['2026-11-22 4111111111111111 12.30', '2026-11-22 411111******1111 12.30'],
    ['"4111111111111111","5555555555554444"', '"411111******1111","555555******4444"'],
  ])('%j', (text, masked) => {
    expect(maskCardNumbers(text)).toBe(masked);
  });

  test.each([
    '4111111111111112',
    '1763800000000',
    '0030000987654321',
    '20131209007602198765432000000012',
    'AE070331234567890123456',
    '+971501234567',
    '123456789012',
  ])('%s is none', (text) => {
    expect(maskCardNumbers(text)).toBe(text);
  });

  test('are counted', () => {
    const before = maskedCardNumbers();
    maskCardNumbers('4111111111111111 5555555555554444');
    expect(maskedCardNumbers() - before).toBe(2);
  });

  propertyTest.prop([
    fc.constantFrom('4', '51', '2221', '34', '6011', '62'),
    fc.stringMatching(/^[0-9]{11,13}$/),
    fc.string({ maxLength: 10 }).filter((text) => !/[0-9 \n\r-]$/.test(text)),
    fc.string({ maxLength: 10 }).filter((text) => !/^[0-9 \n\r-]/.test(text)),
  ])('are found in any text', (prefix, digits, before, after) => {
    const body = (prefix + digits).slice(0, 15);
    const card = Array.from('0123456789', (check) => body + check).find((number) => passesLuhn(number))!;
    const masked = maskCardNumbers(before + card + after);
    expect(masked).not.toContain(card);
    expect(maskCardNumbers(masked)).toBe(masked);
  });
});

describe('dead letters', () => {
  test('keep at most 64 KiB, whole characters, without card numbers, also across the cut', () => {
    const payload = `${'é'.repeat(32_760)}4111111111111111${'x'.repeat(100)}`;
    const item = deadLetter(
      's',
      new CounterfoilError('invalidAmount', 'a\nb'),
      { offset: 0, ordinal: 0 },
      payload,
    );
    if (item.type !== 'deadLetter') throw new Error('not a dead letter');
    expect(Buffer.byteLength(item.deadLetter.payload)).toBeLessThanOrEqual(65_536);
    expect(item.deadLetter.payload).not.toContain('\uFFFD');
    expect(item.deadLetter.payload).not.toContain('4111111111111111');
    expect(item.deadLetter).toMatchObject({ code: 'invalidAmount', reason: 'a b' });
  });
});

describe('batches', () => {
  const finding = { type: 'progress', time: 1 } as Translated;
  const letter = deadLetter('s', new Error('x'), { offset: 0, ordinal: 0 }, '');
  propertyTest.prop([fc.array(fc.boolean(), { maxLength: 3000 })])(
    'keep order and size, and what stands before a record stays with it',
    (kinds) => {
      const batches = new Batches();
      const items = kinds.map((isRecord) => (isRecord ? letter : finding));
      const out: Translated[][] = [];
      for (const item of items) {
        batches.add(item);
        out.push(...batches.take());
      }
      out.push(...batches.end());
      expect(out.flat()).toEqual(items);
      for (const [i, batch] of out.entries()) {
        expect(batch.length).toBeLessThanOrEqual(512);
        if (i < out.length - 1 && batch.some(hasOrigin)) expect(hasOrigin(batch.at(-1)!)).toBe(true);
      }
    },
  );
});

describe('accounts', () => {
  test('a constant, a map, or what the record says', () => {
    expect(new Accounts({ account: 'main' }).ofStated('x')).toBe('main');
    expect(new Accounts({}).ofStated('x')).toBe('x');
    expect(new Accounts({}).ofStated('')).toBe('default');
    expect(new Accounts({}).ofIdentifier('AE07')).toBe('default');
    const mapped = new Accounts({ accounts: { AE07: 'main' } });
    expect(mapped.ofIdentifier('AE07')).toBe('main');
    for (const other of ['x', '', '__proto__', 'toString']) {
      expect(() => mapped.ofStated(other)).toThrow(
        expect.objectContaining({ code: 'unknownAccount' }) as Error,
      );
    }
  });
});
