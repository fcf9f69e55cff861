import { describe, expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import type { CommonSettings, SourceContext } from '../contract/index.ts';
import { isMovement, kindOf, linkedId, recordId } from './event-codes.ts';
import { isWhole, translateCapture, translateRefund, translateRow } from './translate.ts';
import type { TranslateSettings } from './translate.ts';

type Json = { readonly [name: string]: unknown };

const SETTINGS: TranslateSettings = { kinds: {} };
const ORIGIN = { offset: 1, ordinal: 0 };

function contextOf(accounts: Pick<CommonSettings, 'account' | 'accounts'> = {}): SourceContext {
  return {
    source: 'paypal',
    zone: new Zone('Asia/Dubai'),
    accounts: new Accounts(accounts),
    notice: () => undefined,
  };
}

/** What came of something in one line: amount, fee, currency, kind, status, id, version, what it links to. */
function line(item: Translated | undefined): string | undefined {
  if (item?.type === 'deadLetter') return `${item.deadLetter.code}: ${item.deadLetter.reason}`;
  if (item?.type !== 'record') return undefined;
  const { amount, fee, currency, kind, status, id, version, link } = item.record;
  return `${amount} ${fee} ${currency} ${kind} ${status} ${id} v${version ?? '-'}${link === undefined ? '' : ` > ${link}`}`;
}

const usd = (value: string): Json => ({ currency_code: 'USD', value });

const info = (more: Json = {}): Json => ({
  transaction_id: 'TX1',
  transaction_event_code: 'T0006',
  transaction_initiation_date: '2026-11-22T10:00:00+0400',
  transaction_amount: usd('100.00'),
  fee_amount: usd('-3.20'),
  transaction_status: 'S',
  ...more,
});
const row = (more: Json = {}, settings = SETTINGS, context = contextOf()): Translated | undefined =>
  translateRow({ transaction_info: info(more) }, context, settings, ORIGIN);

describe('a row of a search', () => {
  const debit = { transaction_amount: usd('-40.00'), fee_amount: undefined };
  const of = { paypal_reference_id: 'TX0', paypal_reference_id_type: 'TXN' };
  test.each<[string, Json, string | undefined]>([
    ['a payment', {}, '10000 320 USD charge booked TX1 v3'],
    ['a payment of an authorisation', of, '10000 320 USD charge booked TX1 v3'],
    ['one that was reversed in full', { transaction_status: 'V' }, '10000 320 USD charge booked TX1 v3'],
    ['one that is pending', { transaction_status: 'P' }, '10000 320 USD charge pending TX1 v1'],
    ['one that was denied', { transaction_status: 'D' }, '10000 320 USD charge void TX1 v2'],
    ['a payment that was made', { ...debit }, '-4000 0 USD transfer booked TX1:T0006- v3'],
    [
      'a refund, with a part of its fee',
      { ...debit, ...of, transaction_event_code: 'T1107', fee_amount: usd('0.35') },
      '-4000 -35 USD refund booked TX1 v3 > TX0',
    ],
    [
      'a reversal',
      { ...debit, ...of, transaction_event_code: 'T1106' },
      '-4000 0 USD chargeback booked TX1 v3 > TX0',
    ],
    [
      'a chargeback with its fee',
      { ...debit, ...of, transaction_event_code: 'T1201', fee_amount: usd('-20.00') },
      '-4000 2000 USD chargeback booked TX1 v3 > TX0',
    ],
    [
      'a hold for a dispute',
      { ...debit, ...of, transaction_event_code: 'T1110' },
      '-4000 0 USD reserveHold booked TX1:T1110- v3 > TX0',
    ],
    [
      'its release',
      { ...of, fee_amount: undefined, transaction_event_code: 'T1111' },
      '10000 0 USD reserveRelease booked TX1:T1111+ v3 > TX0:T1110-',
    ],
    [
      'a withdrawal',
      { ...debit, transaction_event_code: 'T0400' },
      '-4000 0 USD payout booked TX1:T0400- v3',
    ],
    [
      'one that came back',
      { ...of, fee_amount: undefined, transaction_event_code: 'T1101' },
      '10000 0 USD payoutFailure booked TX1:T1101+ v3 > TX0:T0400-',
    ],
    [
      'a leg of a conversion',
      { ...debit, ...of, transaction_event_code: 'T0200' },
      '-4000 0 USD transfer booked TX1:T0200- v3 > TX0',
    ],
    [
      'a code that nobody knows',
      { ...debit, transaction_event_code: 'T7777' },
      '-4000 0 USD adjustment booked TX1:T7777- v3',
    ],
    ['an authorisation', { transaction_event_code: 'T1300' }, undefined],
    [
      'forint, which PayPal writes without decimals',
      { transaction_amount: { currency_code: 'HUF', value: '4200' }, fee_amount: undefined },
      '420000 0 HUF charge booked TX1 v3',
    ],
    [
      'an amount without anything before its point',
      { transaction_amount: usd('.50'), fee_amount: usd('-.03') },
      '50 3 USD charge booked TX1 v3',
    ],
  ])('%s', (_, more, expected) => {
    expect(line(row(more))).toBe(expected);
  });

  test.each<[string, Json, RegExp]>([
    ['no id', { transaction_id: undefined }, /^invalidField: transaction_id/],
    ['no amount', { transaction_amount: undefined }, /^invalidField: transaction_amount/],
    ['no value', { transaction_amount: { currency_code: 'USD' } }, /^invalidAmount: transaction_amount/],
    ['a number for an amount', { transaction_amount: { ...usd('1'), value: 1 } }, /^invalidAmount/],
    ['a third decimal', { transaction_amount: usd('1.005') }, /^invalidAmount/],
    [
      'a currency that nobody knows',
      { transaction_amount: { currency_code: 'XQX', value: '1' } },
      /^unknownCurrency/,
    ],
    [
      'a fee in another currency',
      { fee_amount: { currency_code: 'EUR', value: '-1.00' } },
      /^invalidField: fee_amount is in "EUR"/,
    ],
    [
      'a status that nobody knows',
      { transaction_status: 'constructor' },
      /^invalidField: transaction_status "constructor"/,
    ],
    ['no time', { transaction_initiation_date: undefined }, /^invalidField: the time/],
    ['a time that is none', { transaction_initiation_date: 'yesterday' }, /^invalidTime/],
  ])('with %s is a dead letter', (_, more, expected) => {
    expect(line(row(more))).toMatch(expected);
  });

  test('has references, and its account by the merchant id', () => {
    const more = {
      invoice_id: 'INV-7',
      custom_field: 'c',
      bank_reference_id: 'B1',
      instrument_type: 'PAYPAL',
    };
    const context = contextOf({ accounts: { MERCHANT: 'AE-MAIN' } });
    expect(row(more, { kinds: {}, merchantId: 'MERCHANT' }, context)).toMatchObject({
      record: {
        account: 'AE-MAIN',
        references: { transaction: 'TX1', reference: 'TX1', invoice: 'INV-7', custom: 'c', trace: 'B1' },
        attributes: { eventCode: 'T0006', instrument: 'PAYPAL' },
      },
    });
    expect(line(row({}, { kinds: {}, merchantId: 'OTHER' }, context))).toMatch(/^unknownAccount/);
  });
});

const capture = (more: Json = {}): Json => ({
  id: 'TX1',
  status: 'COMPLETED',
  amount: usd('100.00'),
  invoice_id: 'INV-7',
  custom_id: 'c',
  seller_receivable_breakdown: {
    gross_amount: usd('100.00'),
    paypal_fee: usd('3.20'),
    net_amount: usd('96.80'),
  },
  create_time: '2026-11-22T06:00:00Z',
  ...more,
});

describe('a capture', () => {
  const read = (more: Json = {}): Translated | undefined =>
    translateCapture(capture(more), contextOf(), SETTINGS, ORIGIN);

  test('is the record that a search gives', () => {
    const searched = row({ invoice_id: 'INV-7', custom_field: 'c' });
    const told = read();
    if (searched?.type !== 'record' || told?.type !== 'record') throw new Error('no records');
    expect({ ...told.record, attributes: {} }).toEqual({ ...searched.record, attributes: {} });
    expect(told.record).toMatchObject({ time: Date.UTC(2026, 10, 22, 6), offsetMinutes: 240 });
  });

  test.each<[string, Json, string | RegExp]>([
    ['completed', {}, '10000 320 USD charge booked TX1 v3'],
    ['refunded since', { status: 'PARTIALLY_REFUNDED' }, '10000 320 USD charge booked TX1 v3'],
    [
      'pending, when no fee is known',
      { status: 'PENDING', seller_receivable_breakdown: undefined },
      '10000 0 USD charge pending TX1 v1',
    ],
    [
      'denied',
      { status: 'DENIED', seller_receivable_breakdown: undefined },
      '10000 0 USD charge void TX1 v2',
    ],
    [
      'with what a platform takes, which is another transaction',
      {
        seller_receivable_breakdown: {
          paypal_fee: usd('3.20'),
          net_amount: usd('91.80'),
          platform_fees: [{ amount: usd('5.00') }],
        },
      },
      '10000 320 USD charge booked TX1 v3',
    ],
    [
      'that does not add up',
      { seller_receivable_breakdown: { paypal_fee: usd('3.20'), net_amount: usd('96.79') } },
      /^netMismatch/,
    ],
    ['in a state that nobody knows', { status: 'MELTED' }, /^invalidField: status "MELTED"/],
  ])('%s', (_, more, expected) => {
    expect(line(read(more))).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });

  test('is whole when it says what it costs, as far as that is known', () => {
    const without = { seller_receivable_breakdown: undefined };
    expect(isWhole(capture(), 'capture')).toBe(true);
    expect(isWhole(capture(without), 'capture')).toBe(false);
    expect(isWhole(capture({ ...without, status: 'PENDING' }), 'capture')).toBe(true);
    expect(isWhole(capture({ status: undefined }), 'capture')).toBe(false);
  });

  test('leaves nothing of the payer in a dead letter', () => {
    const item = read({ status: 'MELTED', payer: { email: 'someone@example.com' } });
    expect(item).toMatchObject({ type: 'deadLetter' });
    expect(JSON.stringify(item)).not.toContain('someone');
  });
});

describe('a refund', () => {
  const refund = (more: Json = {}): Json => ({
    id: 'TX2',
    status: 'COMPLETED',
    amount: usd('10.00'),
    seller_payable_breakdown: {
      gross_amount: usd('10.00'),
      paypal_fee: usd('0.35'),
      net_amount: usd('9.65'),
    },
    create_time: '2026-11-21T22:00:00-08:00',
    links: [{ rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/TX1' }],
    ...more,
  });
  const read = (isReversal: boolean, more: Json = {}): Translated | undefined =>
    translateRefund(refund(more), isReversal, contextOf(), SETTINGS, ORIGIN);

  test('is the record that a search gives', () => {
    const told = read(false);
    const searched = row({
      transaction_id: 'TX2',
      transaction_event_code: 'T1107',
      transaction_amount: usd('-10.00'),
      fee_amount: usd('0.35'),
      paypal_reference_id: 'TX1',
      paypal_reference_id_type: 'TXN',
    });
    expect(line(told)).toBe('-1000 -35 USD refund booked TX2 v3 > TX1');
    if (searched?.type !== 'record' || told?.type !== 'record') throw new Error('no records');
    expect({ ...told.record, attributes: {} }).toEqual({ ...searched.record, attributes: {} });
  });

  test('by PayPal is a chargeback', () => {
    expect(line(read(true))).toBe('-1000 -35 USD chargeback booked TX2 v3 > TX1');
  });

  test.each([
    ['PENDING', 'pending TX2 v1'],
    ['FAILED', 'void TX2 v2'],
    ['CANCELLED', 'void TX2 v2'],
  ])('%s', (status, expected) => {
    expect(line(read(false, { status }))).toContain(expected);
  });

  test('is not whole without the capture that it is of', () => {
    expect(isWhole(refund(), 'refund')).toBe(true);
    expect(isWhole(refund({ links: [] }), 'refund')).toBe(false);
  });
});

describe('T-codes', () => {
  test('that a configuration names mean what it says', () => {
    expect(kindOf('T0008', false, { T00: 'fee' })).toBe('fee');
    expect(kindOf('T0008', false, { T00: 'fee', T0008: 'adjustment' })).toBe('adjustment');
  });

  test.each(['', 'T', 'constructor', 'T000', 'toStr', 'x'.repeat(40)])(
    '%j is none, and moves money',
    (code) => {
      expect(kindOf(code, true, {})).toBe('adjustment');
      expect(isMovement(code)).toBe(true);
      expect(recordId('TX', code, true)).toBe(`TX:${code}-`);
      expect(linkedId(code, 'TX')).toBe('TX');
    },
  );
});
