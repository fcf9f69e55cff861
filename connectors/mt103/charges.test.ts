import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { movementOf } from './charges.ts';
import type { Sum } from './fields.ts';
import type { Direction } from './settings.ts';

const aed = (amount: bigint): Sum => ({ currency: 'AED', amount });
const minor = fc.bigInt({ min: 1n, max: 10n ** 12n });
const charge = fc.bigInt({ min: 0n, max: 10n ** 6n });
const direction = fc.constantFrom<Direction>('incoming', 'outgoing');

/** What is instructed, what banks take out of it, and what the payer pays beside it. */
const transfer = fc.record({ instructed: minor, taken: fc.array(charge, { maxLength: 4 }), prepaid: charge });
const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

describe('amounts that come to each other', () => {
  test.prop([transfer, direction])(
    'are what both sides see of them',
    ({ instructed, taken, prepaid }, side) => {
      const settled = instructed + prepaid - sumOf(taken);
      fc.pre(settled > 0n);
      const stated = {
        settled: aed(settled),
        instructed: aed(instructed),
        sendersCharges: taken.map(aed),
        receiversCharges: prepaid === 0n ? undefined : aed(prepaid),
      };
      const { amount, fee, residual } = movementOf(stated, side);
      expect(residual).toBeUndefined();
      expect(fee >= 0n).toBe(true);
      // The payee has what was instructed without what was taken; the payer what was instructed with what was prepaid.
      const net = side === 'incoming' ? instructed - sumOf(taken) : -(instructed + prepaid);
      expect(amount - fee).toBe(net);
      // The same without the instructed amount, which only says it once more.
      expect(movementOf({ ...stated, instructed: undefined }, side)).toEqual({ amount, fee });
    },
  );
});

describe('amounts that do not', () => {
  test.prop([transfer, fc.bigInt({ min: -1000n, max: 1000n }), direction])(
    'are what was settled, with the difference',
    ({ instructed, taken, prepaid }, off, side) => {
      const settled = instructed + prepaid - sumOf(taken) - off;
      fc.pre(off !== 0n && off !== prepaid && settled > 0n);
      const { amount, fee, residual } = movementOf(
        {
          settled: aed(settled),
          instructed: aed(instructed),
          sendersCharges: taken.map(aed),
          receiversCharges: aed(prepaid),
        },
        side,
      );
      expect([amount, fee]).toEqual([side === 'incoming' ? settled : -settled, 0n]);
      expect(residual?.amount).toBe(off);
    },
  );
});

test('what is too large for the log is refused', () => {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const stated = { settled: aed(most), instructed: undefined, receiversCharges: undefined };
  expect(movementOf({ ...stated, sendersCharges: [] }, 'incoming').amount).toBe(most);
  expect(() => movementOf({ ...stated, sendersCharges: [aed(1n)] }, 'incoming')).toThrow(
    expect.objectContaining({ code: 'amountOutOfRange' }) as Error,
  );
});
