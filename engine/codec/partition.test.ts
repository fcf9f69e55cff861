import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyField, MoneyRecord } from '../domain/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { RecordFrameBuilder, partitionOf, readRecord } from './index.ts';

const RECORD: MoneyRecord = {
  source: 'gateway',
  id: 'pi_1',
  account: 'default',
  kind: 'refund',
  status: 'pending',
  currency: 'KWD',
  amount: -12_345n,
  fee: 100n,
  tax: 5n,
  time: 1_795_000_000_123,
  precision: 'instant',
  offsetMinutes: 240,
  bookingDate: 20_776,
  references: { reference: 'INV-1', 'a.b': 'dotted' },
  link: 'pi_0',
  attributes: { batch: '7' },
};

describe('the partition', () => {
  /** Fixed for ever: a failure here means that records already stored would lie in the wrong partition. */
  test.each<[account: string, of16: number, of1024: number]>([
    ['', 13, 541],
    ['default', 0, 144],
    ['a', 13, 973],
    ['b', 2, 162],
    ['acct_1', 8, 344],
    ['acct_2', 14, 14],
    ['AE070331234567890123456', 12, 988],
    ['AE070331234567890123457', 3, 67],
    ['مدفوعات', 15, 431],
    ['naïve', 13, 109],
    ['🧾', 11, 1003],
    ['x'.repeat(300), 6, 70],
  ])('of account %j is %i of 16 and %i of 1024', (account, of16, of1024) => {
    const record = { ...RECORD, account };
    expect(partitionOf(record, ['account'], 16)).toBe(of16);
    expect(partitionOf(record, ['account'], 1024)).toBe(of1024);
  });

  /** As above. */
  test.each<[fields: KeyField[], of16: number, of1024: number]>([
    [['account', 'currency'], 8, 520],
    [['currency', 'account'], 13, 189],
    [['account', 'references.reference'], 11, 123],
    [['account', 'references.other'], 14, 574],
    [['id'], 4, 20],
    [['amount', 'net'], 7, 391],
    [['bookingDate', 'valueDate', 'time'], 2, 850],
    [['kind'], 8, 24],
  ])('by %j is %i of 16 and %i of 1024', (fields, of16, of1024) => {
    expect(partitionOf(RECORD, fields, 16)).toBe(of16);
    expect(partitionOf(RECORD, fields, 1024)).toBe(of1024);
  });

  test('is the same for a record and for what a frame makes of it, and within range', () => {
    const fields: KeyField[] = ['account', 'currency', 'references.reference', 'net', 'valueDate'];
    fc.assert(
      fc.property(recordArbitrary, fc.integer({ min: 1, max: 1024 }), (record, partitions) => {
        const builder = new RecordFrameBuilder();
        const odd = { ...record, account: `${record.account}\uD800` };
        builder.add(odd);
        const partition = partitionOf(odd, fields, partitions);
        expect(partitionOf(readRecord(builder.build(), 0), fields, partitions)).toBe(partition);
        expect(partition).toBeGreaterThanOrEqual(0);
        expect(partition).toBeLessThan(partitions);
      }),
    );
  });

  test('tells where one field ends and the next begins', () => {
    const one = { ...RECORD, account: 'ab', id: 'c' };
    const other = { ...RECORD, account: 'a', id: 'bc' };
    expect(partitionOf(one, ['account', 'id'], 1024)).not.toBe(partitionOf(other, ['account', 'id'], 1024));
  });

  test('spreads accounts that differ in their last digits evenly', () => {
    const counts = new Uint32Array(16);
    for (let i = 0; i < 16_000; i++) {
      counts[partitionOf({ ...RECORD, account: `acct_${i}` }, ['account'], 16)]!++;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
