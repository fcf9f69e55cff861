import { describe, expect, test } from 'vitest';
import { keyText } from './index.ts';
import type { KeyField, MoneyRecord } from './index.ts';

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

describe('the text of a key', () => {
  test.each<[KeyField, string]>([
    ['id', 'pi_1'],
    ['account', 'default'],
    ['currency', 'KWD'],
    ['kind', 'refund'],
    ['status', 'pending'],
    ['amount', '-12345'],
    ['fee', '100'],
    ['tax', '5'],
    ['net', '-12450'],
    ['time', '1795000000123'],
    ['bookingDate', '2026-11-19'],
    ['valueDate', ''],
    ['availableOn', ''],
    ['link', 'pi_0'],
    ['references.reference', 'INV-1'],
    ['references.a.b', 'dotted'],
    ['references.other', ''],
    ['references.constructor', ''],
    ['references.__proto__', ''],
    ['attributes.batch', '7'],
    ['attributes.reference', ''],
  ])('%s is %j', (field, text) => {
    expect(keyText(RECORD, field)).toBe(text);
  });
});
