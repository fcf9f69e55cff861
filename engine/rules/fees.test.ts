import { describe, expect, it } from 'vitest';
import { parseMinor, exponentOf, feeContractSchema } from '../domain/index.ts';
import type { MoneyRecord, RecordKind } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { ZERO_FEE, expectedFee, feeTax, roundFee, sumFees } from './fees.ts';
import { fieldsOf, type RecordFields } from './record-fields.ts';

function record(amount: string, more: Partial<MoneyRecord> = {}): RecordFields {
  const currency = more.currency ?? 'AED';
  return fieldsOf(aRecord({ id: 'x', amount: parseMinor(amount, exponentOf(currency)), ...more }));
}

const contractOf = (written: unknown) => feeContractSchema.parse(written);
const feeOf = (written: unknown, of: RecordFields) => roundFee(expectedFee(contractOf(written), of));

describe('a fee contract', () => {
  it('prices the worked day: 2.25 % and 5 % VAT, each record rounded', () => {
    const contract = contractOf({ lines: [{ percent: '2.25' }], tax: '5' });
    const price = (of: RecordFields): [number, number] => {
      const fee = roundFee(expectedFee(contract, of));
      return [fee, feeTax(contract, fee)];
    };
    expect(price(record('200.00'))).toEqual([450, 23]);
    expect(price(record('100.00'))).toEqual([225, 11]);
    expect(price(record('-50.00', { kind: 'refund' }))).toEqual([0, 0]);
  });

  it.each([
    ['a percentage and a fixed part', { percent: '2.9', fixed: '0.30' }, '10.00', 59],
    ['a least fee', { percent: '1', min: '0.50' }, '10.00', 50],
    ['a highest fee', { percent: '1', max: '10' }, '5000.00', 1000],
    ['half a fils', { percent: '0.5' }, '1.00', 1],
    ['less than half', { percent: '0.499999999' }, '1.00', 0],
    ['nothing', {}, '1.00', 0],
  ])('with %s', (_what, line, amount, fee) => {
    expect(feeOf({ lines: [line] }, record(amount))).toBe(fee);
  });

  it('is in the minor units of the currency', () => {
    expect(feeOf({ lines: [{ percent: '1', fixed: '0.005' }] }, record('10.000', { currency: 'KWD' }))).toBe(
      105,
    );
    expect(feeOf({ lines: [{ percent: '1', fixed: '0.5' }] }, record('1000', { currency: 'JPY' }))).toBe(11);
  });

  it('prices by tier, whose bound is inclusive, and which replaces what it gives', () => {
    const lines = [
      {
        percent: '9',
        fixed: '1',
        tiers: [
          { upTo: '100', percent: '3' },
          { upTo: '1000', percent: '2', fixed: '0' },
        ],
      },
    ];
    expect(feeOf({ lines }, record('100.00'))).toBe(400);
    expect(feeOf({ lines }, record('100.01'))).toBe(200);
    expect(feeOf({ lines }, record('1000.01'))).toBe(9100);
    const open = [{ tiers: [{ upTo: '0.005', fixed: '9' }, { percent: '1' }] }];
    expect(feeOf({ lines: open }, record('0.01'))).toBe(0);
  });

  it('takes the first line that fits', () => {
    const lines = [
      { where: { 'attributes.scheme': 'amex' }, percent: '3.5' },
      { where: { 'attributes.scheme': ['visa', 'mastercard'] }, percent: '2' },
    ];
    expect(feeOf({ lines }, record('100.00', { attributes: { scheme: 'amex' } }))).toBe(350);
    expect(feeOf({ lines }, record('100.00', { attributes: { scheme: 'visa' } }))).toBe(200);
    expect(feeOf({ lines }, record('100.00', { attributes: { scheme: 'jcb' } }))).toBe(0);
  });

  it('gives back for refunds what it says', () => {
    const lines = [{ where: { kind: 'charge' }, percent: '2', fixed: '1', max: '2' }];
    for (const kind of ['refund', 'captureReversal'] as const) {
      const refund = record('-100.00', { kind });
      expect(feeOf({ lines }, refund)).toBe(0);
      expect(feeOf({ lines, refundReturnsFee: 'proportional' }, refund)).toBe(-200);
      expect(feeOf({ lines, refundReturnsFee: 'full' }, record('-30.00', { kind }))).toBe(-160);
      expect(feeOf({ lines, refundReturnsFee: 'full' }, refund)).toBe(-200);
    }
    const half = { lines: [{ percent: '0.5' }], refundReturnsFee: 'full' };
    expect(feeOf(half, record('-1.00', { kind: 'refund' }))).toBe(-1);
  });

  it('prices other kinds only where a line names them', () => {
    const lines = [{ percent: '2' }, { where: { kind: ['chargeback', 'payout'] }, fixed: '60' }];
    const of = (kind: RecordKind) => feeOf({ lines }, record('-10.00', { kind }));
    expect([of('chargeback'), of('payout'), of('bank'), of('chargebackReversal')]).toEqual([
      6000, 6000, 0, 0,
    ]);
  });

  it('rounds a sum once where fees are summed before', () => {
    const contract = contractOf({ lines: [{ percent: '0.5' }], round: 'perGroup' });
    const each = expectedFee(contract, record('1.00'));
    expect(roundFee(each)).toBe(1);
    expect(roundFee([each, each, each].reduce(sumFees, ZERO_FEE))).toBe(2);
    expect(feeTax(contractOf({ lines: [{}], tax: '5' }), -10)).toBe(-1);
    expect(feeTax(contract, 100)).toBe(0);
  });
});
