import { describe, expect, it } from 'vitest';
import { filterSchema, parseDay, parseRecordTime, Zone } from '../domain/index.ts';
import type { MoneyRecord } from '../domain/index.ts';
import { compileFilter } from './filter.ts';
import { fieldsOf } from './record-fields.ts';

const RECORD: MoneyRecord = {
  source: 'gateway',
  id: 'pay_1',
  account: 'uae-main',
  kind: 'charge',
  status: 'booked',
  currency: 'AED',
  amount: 12_345n,
  fee: 250n,
  tax: 13n,
  references: { reference: 'R-1', count: '12.50', when: '2026-11-20' },
  attributes: { scheme: 'visa' },
  valueDate: parseDay('2026-11-23'),
  ...parseRecordTime('2026-11-22T01:00:00+04:00', new Zone('UTC')),
};

function fits(written: unknown, record: Partial<MoneyRecord> = {}): boolean {
  return compileFilter(filterSchema.parse(written))(fieldsOf({ ...RECORD, ...record }));
}

describe('a filter', () => {
  it('means everything where there is none', () => {
    expect(compileFilter(undefined)(fieldsOf(RECORD))).toBe(true);
    expect(fits({})).toBe(true);
  });

  it.each<[string, unknown, boolean]>([
    ['one kind', { kind: 'charge' }, true],
    ['another kind', { kind: 'refund' }, false],
    ['one of several', { kind: ['refund', 'charge'] }, true],
    ['all must hold', { kind: 'charge', status: 'pending' }, false],
    ['the source', { source: 'gateway' }, true],
    ['an attribute', { 'attributes.scheme': { in: ['visa', 'amex'] } }, true],
    ['not in', { 'attributes.scheme': { notIn: ['amex'] } }, true],
    ['not in, and it is', { 'attributes.scheme': { notIn: 'visa' } }, false],
    ['not in where it is absent', { 'attributes.region': { notIn: ['EU'] } }, true],
    ['in where it is absent', { 'attributes.region': { in: ['EU', ''] } }, false],
    ['exists', { reference: { exists: true } }, true],
    ['exists, and it does not', { link: { exists: true } }, false],
    ['exists not', { link: { exists: false } }, true],
    ['exists not, and it does', { reference: { exists: false } }, false],
    ['a date', { valueDate: '2026-11-23' }, true],
    ['an amount in major units', { amount: '123.45' }, true],
    ['an amount with more zeros', { amount: '123.450' }, true],
    ['an amount that is near', { amount: '123.454' }, false],
    ['a number', { fee: 2.5 }, true],
    ['net', { net: '120.82' }, true],
    ['no amount at all', { amount: 'lots' }, false],
    ['more', { amount: { gt: '123.44' } }, true],
    ['not more than itself', { amount: { gt: '123.45' } }, false],
    ['at least itself', { amount: { gte: '123.45' } }, true],
    ['less than a fraction of a fils above', { amount: { lt: '123.450000001' } }, true],
    ['at most a fraction below', { amount: { lte: '123.449999999' } }, false],
    ['between', { amount: { gt: 0, lte: 1000 } }, true],
    ['an amount against a date', { amount: { gt: '2026-01-01' } }, false],
    ['a date against a date', { valueDate: { gte: '2026-11-23', lt: '2026-11-24' } }, true],
    ['a date against a decimal', { valueDate: { gt: 5 } }, false],
    ['an absent date', { bookingDate: { lt: '2030-01-01' } }, false],
    ['the local date of the time', { time: { gte: '2026-11-22' } }, true],
    ['the local date of the time, over', { time: { gt: '2026-11-22' } }, false],
    ['the time in milliseconds', { time: { gt: 1_700_000_000_000 } }, true],
    ['a reference as a decimal', { 'references.count': { gt: '9' } }, true],
    ['a reference as a decimal, equal', { 'references.count': { gte: '12.5', lte: '12.500' } }, true],
    ['a reference that is no decimal', { reference: { gt: -1 } }, false],
    ['a reference as a date', { 'references.when': { lt: '2026-11-21' } }, true],
  ])('%s', (_what, written, expected) => {
    expect(fits(written)).toBe(expected);
  });

  it('compares amounts in the record’s own currency, negative ones too', () => {
    expect(fits({ amount: { gt: '12.344' } }, { currency: 'KWD' })).toBe(true);
    expect(fits({ amount: { gt: '12.345' } }, { currency: 'KWD' })).toBe(false);
    expect(fits({ amount: { gt: '12344.9', lt: '12345.1' } }, { currency: 'JPY' })).toBe(true);
    expect(fits({ amount: { lt: '-0.005', gt: '-0.015' } }, { amount: -1n })).toBe(true);
    expect(fits({ amount: { gte: '-0.005' } }, { amount: -1n })).toBe(false);
    expect(fits({ amount: { lte: '999999999999999' } }, { amount: BigInt(Number.MAX_SAFE_INTEGER) })).toBe(
      true,
    );
  });
});
