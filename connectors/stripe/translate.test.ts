import { describe, expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import type { MoneyRecord } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import { stripeSettings } from './settings.ts';
import { translateTransaction } from './translate.ts';
import type { Membership } from './translate.ts';

const CREATED = 1_763_800_000;
const AVAILABLE = 1_764_028_800;
const day = (text: string): number => Date.parse(text) / 86_400_000;

const charge = {
  id: 'ch_1',
  object: 'charge',
  amount: 10_000,
  currency: 'aed',
  balance_transaction: 'txn_charge',
  payment_intent: 'pi_1',
  metadata: { order_id: 'ORD-7', other: 'x' },
  payment_method_details: {
    type: 'card',
    card: {
      brand: 'visa',
      funding: 'credit',
      country: 'AE',
      last4: '4242',
      fingerprint: 'fp1',
      authorization_code: '012345',
      network_transaction_id: '412345678901234',
      network_token: { used: true },
      wallet: { type: 'apple_pay', dynamic_last4: '9876', apple_pay: {} },
    },
  },
};

const base = {
  id: 'txn_1',
  object: 'balance_transaction',
  amount: 10_000,
  available_on: AVAILABLE,
  balance_type: 'payments',
  created: CREATED,
  currency: 'aed',
  description: null,
  exchange_rate: null,
  fee: 410,
  fee_details: [
    {
      amount: 390,
      application: null,
      currency: 'aed',
      description: 'Stripe processing fees',
      type: 'stripe_fee',
    },
    { amount: 20, application: null, currency: 'aed', description: 'VAT', type: 'tax' },
  ],
  net: 9590,
  reporting_category: 'charge',
  source: charge as unknown,
  status: 'pending',
  type: 'charge',
};

const free = { fee: 0, fee_details: [] };

const refund = {
  id: 're_1',
  object: 'refund',
  amount: 4000,
  currency: 'aed',
  balance_transaction: 'txn_refund',
  charge,
  payment_intent: 'pi_1',
  reason: 'requested_by_customer',
  metadata: {},
};

const dispute = {
  id: 'dp_1',
  object: 'dispute',
  amount: 10_000,
  currency: 'aed',
  charge,
  reason: 'fraudulent',
  balance_transactions: [
    { id: 'txn_dispute', reporting_category: 'dispute' },
    { id: 'txn_reversal', reporting_category: 'dispute_reversal' },
  ],
};

const payout = {
  id: 'po_1',
  object: 'payout',
  amount: 9590,
  arrival_date: 1_764_115_200,
  automatic: true,
  balance_transaction: 'txn_payout',
  failure_code: null,
  method: 'standard',
  statement_descriptor: 'SOUK',
  trace_id: { status: 'pending', value: null },
};

function translated(transaction: unknown, membership?: Membership, written: object = {}) {
  const settings = stripeSettings.parse({ apiKey: 'sk_test', account: 'main', ...written });
  const context = {
    source: 'stripe',
    zone: new Zone('Asia/Dubai'),
    accounts: new Accounts(settings),
    notice: () => undefined,
  };
  return translateTransaction(transaction, membership, context, settings, { offset: 1, ordinal: 0 });
}

function recordOf(transaction: unknown, membership?: Membership, written?: object): MoneyRecord {
  const item = translated(transaction, membership, written);
  if (item.type !== 'record') throw new Error(JSON.stringify(item));
  return item.record;
}

function codeOf(transaction: unknown, written?: object): string {
  const item = translated(transaction, undefined, written);
  return item.type === 'deadLetter' ? item.deadLetter.code : item.type;
}

describe('a charge', () => {
  test('is one record in the currency of the balance, its fee apart from the VAT on it', () => {
    expect(recordOf(base)).toEqual({
      source: 'stripe',
      id: 'txn_1',
      version: 1,
      account: 'main',
      kind: 'charge',
      status: 'booked',
      currency: 'AED',
      amount: 10_000n,
      fee: 390n,
      tax: 20n,
      time: CREATED * 1000,
      precision: 'instant',
      offsetMinutes: 240,
      availableOn: day('2025-11-25'),
      references: {
        order: 'ORD-7',
        reference: 'pi_1',
        charge: 'ch_1',
        authorizationCode: '012345',
        networkTransaction: '412345678901234',
      },
      attributes: {
        category: 'charge',
        type: 'charge',
        paymentMethod: 'card',
        scheme: 'visa',
        funding: 'credit',
        cardCountry: 'AE',
        cardLast4: '4242',
        cardFingerprint: 'fp1',
        wallet: 'apple_pay',
        deviceLast4: '9876',
        networkToken: 'true',
      },
    });
  });

  test('that was presented in another currency keeps what the payer saw', () => {
    const record = recordOf({
      ...base,
      exchange_rate: 3.6725,
      source: { ...charge, amount: 2723, currency: 'usd' },
    });
    expect(record).toMatchObject({
      currency: 'AED',
      amount: 10_000n,
      original: { currency: 'USD', amount: 2723n },
      attributes: { exchangeRate: '3.6725' },
    });
  });

  test('whose price was converted for the payer keeps that', () => {
    const shown = { presentment_amount: 2500, presentment_currency: 'eur' };
    expect(recordOf({ ...base, source: { ...charge, presentment_details: shown } }).original).toEqual({
      currency: 'EUR',
      amount: 2500n,
    });
  });

  test('without a payment intent is found by its own id', () => {
    const record = recordOf({ ...base, source: { ...charge, payment_intent: null } });
    expect(record.references['reference']).toBe('ch_1');
  });

  test('that is a member of a payout is the same record, a higher version of it', () => {
    const [before, after] = [recordOf(base), recordOf(base, { payout: 'po_1' })];
    expect(after).toEqual({ ...before, version: 3, references: { ...before.references, payout: 'po_1' } });
  });
});

describe('what comes later', () => {
  test.each<[string, object, object]>([
    [
      'a refund',
      { id: 'txn_refund', ...free, amount: -4000, net: -4000, reporting_category: 'refund', source: refund },
      {
        kind: 'refund',
        amount: -4000n,
        link: 'txn_charge',
        references: { refund: 're_1', reference: 'pi_1' },
      },
    ],
    [
      'a refund in another currency',
      {
        ...free,
        amount: -1000,
        net: -1000,
        reporting_category: 'refund',
        source: { ...refund, amount: 272, currency: 'usd' },
      },
      { original: { currency: 'USD', amount: -272n } },
    ],
    [
      'a refund whose fee is given back',
      {
        amount: -4000,
        fee: -41,
        net: -3959,
        fee_details: [{ amount: -41, currency: 'aed', type: 'stripe_fee' }],
        reporting_category: 'refund',
        source: refund,
      },
      { amount: -4000n, fee: -41n, tax: 0n },
    ],
    [
      'a refund that failed',
      { ...free, amount: 4000, net: 4000, reporting_category: 'refund_failure', source: refund },
      { kind: 'refundFailure', amount: 4000n, link: 'txn_refund' },
    ],
    [
      'the part of an authorisation that was not captured',
      { ...free, amount: -4000, net: -4000, reporting_category: 'partial_capture_reversal', source: refund },
      { kind: 'captureReversal', link: 'txn_charge' },
    ],
    [
      'a dispute, with its fee and the VAT on it',
      {
        amount: -10_000,
        fee: 5775,
        net: -15_775,
        fee_details: [
          { amount: 5500, currency: 'aed', type: 'stripe_fee' },
          { amount: 275, currency: 'aed', type: 'tax' },
        ],
        reporting_category: 'dispute',
        type: 'adjustment',
        source: dispute,
      },
      {
        kind: 'chargeback',
        amount: -10_000n,
        fee: 5500n,
        tax: 275n,
        link: 'txn_charge',
        references: { dispute: 'dp_1', charge: 'ch_1' },
      },
    ],
    [
      'a dispute that was won',
      {
        id: 'txn_reversal',
        ...free,
        net: 10_000,
        reporting_category: 'dispute_reversal',
        type: 'adjustment',
        source: dispute,
      },
      { kind: 'chargebackReversal', amount: 10_000n, link: 'txn_dispute' },
    ],
    [
      'a payout',
      {
        id: 'txn_payout',
        ...free,
        amount: -9590,
        net: -9590,
        reporting_category: 'payout',
        type: 'payout',
        source: payout,
      },
      {
        version: 1,
        kind: 'payout',
        amount: -9590n,
        valueDate: day('2025-11-26'),
        references: { reference: 'po_1', payout: 'po_1' },
        attributes: { statementDescriptor: 'SOUK', method: 'standard' },
      },
    ],
    [
      'a payout whose trace id is known',
      {
        ...free,
        amount: -9590,
        net: -9590,
        reporting_category: 'payout',
        source: { ...payout, trace_id: { status: 'supported', value: 'TR1' } },
      },
      { version: 2, references: { reference: 'po_1', payout: 'po_1', trace: 'TR1' } },
    ],
    [
      'a payout that failed after it was paid',
      {
        ...free,
        amount: 9590,
        net: 9590,
        reporting_category: 'payout_reversal',
        type: 'payout_failure',
        source: { ...payout, failure_code: 'account_closed' },
      },
      {
        kind: 'payoutFailure',
        amount: 9590n,
        link: 'txn_payout',
        references: { reference: 'po_1' },
        attributes: { failureCode: 'account_closed' },
      },
    ],
    [
      'a monthly fee, its source an id',
      { amount: -1000, ...free, net: -1000, reporting_category: 'fee', type: 'stripe_fee', source: null },
      { kind: 'fee', amount: -1000n, references: {} },
    ],
    [
      'money set aside',
      { amount: -500, ...free, net: -500, reporting_category: 'risk_reserved_funds', source: null },
      { kind: 'reserveHold', amount: -500n },
    ],
    [
      'money given back',
      { amount: 500, ...free, net: 500, reporting_category: 'risk_reserved_funds', source: null },
      { kind: 'reserveRelease', amount: 500n },
    ],
    [
      'a category that nobody knows yet',
      { amount: 500, ...free, net: 500, reporting_category: 'lunar_dividend', source: 'ld_1' },
      { kind: 'adjustment', references: { reference: 'ld_1' }, attributes: { category: 'lunar_dividend' } },
    ],
    [
      'fees in another currency than the balance',
      { fee_details: [{ amount: 112, currency: 'usd', type: 'stripe_fee' }] },
      { fee: 410n, tax: 0n },
    ],
  ])('%s', (_, part, expected) => {
    expect(recordOf({ ...base, ...part })).toMatchObject(expected);
  });

  test('a reconciled payout says how many members it has', () => {
    const transaction = {
      ...base,
      ...free,
      amount: -9590,
      net: -9590,
      reporting_category: 'payout',
      source: payout,
    };
    expect(recordOf(transaction, { payout: 'po_1', count: 12 })).toMatchObject({
      version: 3,
      groupCount: 12,
      references: { payout: 'po_1' },
    });
  });

  test('a failed payout is a member of the payout that takes its money along', () => {
    const transaction = {
      ...base,
      ...free,
      net: 10_000,
      reporting_category: 'payout_reversal',
      source: payout,
    };
    expect(recordOf(transaction, { payout: 'po_2' }).references).toEqual({
      reference: 'po_1',
      payout: 'po_2',
    });
  });
});

describe('amounts', () => {
  test.each([
    ['jpy', 500, 500n],
    ['krw', 1, 1n],
    ['kwd', 5120, 5120n],
    ['omr', -10, -10n],
    ['isk', 500, 5n],
    ['ugx', 1200, 12n],
    ['mga', 500, 50_000n],
    ['huf', 1045, 1045n],
    ['twd', 100, 100n],
    ['usd', 1, 1n],
  ])('%s %d of Stripe is %d minor units of ISO 4217', (currency, amount, minor) => {
    const transaction = { ...base, ...free, currency, amount, net: amount, source: null };
    expect(recordOf(transaction).amount).toBe(minor);
  });

  test.each([
    ['a currency whose digits are not known', { currency: 'iqd' }, 'unknownCurrency'],
    ['no currency', { currency: 'xxq' }, 'unknownCurrency'],
    ['a part of a króna', { ...free, currency: 'isk', amount: 501, net: 501, source: null }, 'invalidAmount'],
    ['a fraction', { amount: 1.5 }, 'invalidAmount'],
    ['a text', { amount: '10000' }, 'invalidAmount'],
    ['beyond what is exact', { amount: 2 ** 53, net: 2 ** 53, ...free }, 'invalidAmount'],
    ['a net that is not amount less fee', { net: 9591 }, 'netMismatch'],
    ['details that are not the fee', { fee_details: [base.fee_details[0]] }, 'netMismatch'],
    ['no time', { created: null }, 'invalidTime'],
    ['no category', { reporting_category: undefined }, 'invalidField'],
    ['no id', { id: '' }, 'invalidField'],
  ])('refuses %s', (_, part, code) => {
    expect(codeOf({ ...base, ...part })).toBe(code);
  });

  test('digits can be set, where Stripe does otherwise', () => {
    const transaction = { ...base, ...free, currency: 'ugx', amount: 500, net: 500, source: null };
    expect(recordOf(transaction, undefined, { minorUnits: { UGX: 0 } }).amount).toBe(500n);
    const iqd = { ...transaction, currency: 'iqd' };
    expect(recordOf(iqd, undefined, { minorUnits: { IQD: 3 } }).amount).toBe(500n);
  });

  test('what is no object at all is a dead letter', () => {
    for (const nothing of [undefined, null, 7, 'txn_1', []]) expect(codeOf(nothing)).toBe('invalidField');
  });
});

test('the account is that of the connected account', () => {
  const accounts = { acct_1: 'souk' };
  expect(recordOf(base, undefined, { account: undefined, stripeAccount: 'acct_1', accounts }).account).toBe(
    'souk',
  );
  expect(codeOf(base, { account: undefined, stripeAccount: 'acct_2', accounts })).toBe('unknownAccount');
});

test('card numbers in texts are masked', () => {
  const record = recordOf({ ...base, description: 'card 4111 1111 1111 1111' });
  expect(record.attributes['description']).toBe('card 4111 11** **** 1111');
});
