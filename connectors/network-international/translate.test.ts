import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from './fixtures.ts';
import { contextOf, lines, orderOf, part, payment, problemsOf, recordsOf, settingsOf } from './fixtures.ts';
import { spelled } from './states.ts';
import { translateOrder } from './translate.ts';

const read = (order: unknown, written = {}, accounts = {}) =>
  translateOrder(order, contextOf(accounts), settingsOf(written), 1);

const aani = (state: string) =>
  payment(state, 500, { more: { aani: {}, paymentMethod: { name: 'AANI' }, authResponse: undefined } });
const capture = part('captures/c1', 1000);
const refund = (id: string, value: number, state?: string) => part(`captures/c1/refund/${id}`, value, state);

describe('what moved', () => {
  const cases: readonly (readonly [
    what: string,
    order: unknown,
    expected: readonly string[],
    outlook: string,
  ])[] = [
    ['nothing yet', orderOf([payment('STARTED', 1000)]), [], 'open'],
    ['no payment yet', orderOf([]), [], 'open'],
    ['an authorisation', orderOf([payment('AUTHORISED', 1000)]), [], 'open'],
    ['an authorisation that is reversed', orderOf([payment('REVERSED', 1000)]), [], 'final'],
    ['a refusal', orderOf([payment('FAILED', 1000)]), [], 'settled'],
    [
      'a sale',
      orderOf([payment('CAPTURED', 1000, { captures: [capture] })]),
      ['1000 charge booked c1 v2'],
      'settled',
    ],
    [
      'a capture that is requested',
      orderOf([payment('CAPTURED', 1000, { captures: [part('captures/c1', 1000, 'REQUESTED')] })]),
      ['1000 charge pending c1 v1'],
      'open',
    ],
    [
      'a capture that failed',
      orderOf([payment('AUTHORISED', 1000, { captures: [part('captures/c1', 1000, 'FAILED')] })]),
      ['1000 charge void c1 v3'],
      'open',
    ],
    [
      'two captures of one authorisation',
      orderOf([
        payment('CAPTURED', 1000, { captures: [part('captures/c1', 600), part('captures/c2', 400)] }),
      ]),
      ['600 charge booked c1 v2', '400 charge booked c2 v2'],
      'settled',
    ],
    [
      'refunds, one of them under way',
      orderOf([
        payment('PARTIALLY_REFUNDED', 1000, {
          captures: [capture],
          refunds: [refund('r1', 300), refund('r2', 200, 'REQUESTED')],
        }),
      ]),
      ['1000 charge booked c1 v2', '-300 refund booked r1 v2 of c1', '-200 refund pending r2 v1 of c1'],
      'open',
    ],
    [
      'all of it given back',
      orderOf([payment('REFUNDED', 1000, { captures: [capture], refunds: [refund('r1', 1000)] })]),
      ['1000 charge booked c1 v2', '-1000 refund booked r1 v2 of c1'],
      'settled',
    ],
    [
      'a capture that is reversed',
      orderOf([payment('REVERSED', 1000, { captures: [capture] })]),
      ['1000 charge booked c1 v2', '-1000 captureReversal booked c1:reversal v2 of c1'],
      'final',
    ],
    [
      'a capture that was voided, which leaves nothing to reverse',
      orderOf([payment('REVERSED', 1000, { captures: [part('captures/c1', 1000, 'VOIDED')] })]),
      ['1000 charge void c1 v3'],
      'final',
    ],
    [
      'a purchase, and a refund of it',
      orderOf([payment('PARTIALLY_REFUNDED', 1000, { refunds: [part('refund/r1', 250)] })], {
        action: 'PURCHASE',
      }),
      ['1000 charge booked p1 v2', '-250 refund booked r1 v2 of p1'],
      'settled',
    ],
    [
      'a purchase that is reversed',
      orderOf([payment('REVERSED', 1000)], { action: 'PURCHASE' }),
      ['1000 charge booked p1 v2', '-1000 captureReversal booked p1:reversal v2 of p1'],
      'final',
    ],
    [
      'a sale by UnionPay, which is a purchase',
      orderOf([payment('PURCHASED', 1000, { more: { paymentMethod: { name: 'CHINA_UNION_PAY' } } })]),
      ['1000 charge booked p1 v2'],
      'settled',
    ],
    ['an instant payment under way', orderOf([aani('PENDING')]), ['500 charge pending p1 v1'], 'open'],
    ['one that came', orderOf([aani('CAPTURED')]), ['500 charge booked p1 v2'], 'settled'],
    ['one that did not', orderOf([aani('FAILED')]), ['500 charge void p1 v3'], 'settled'],
    ['a card payment that is pending', orderOf([payment('PENDING', 500)]), [], 'open'],
    [
      'a capture that is listed twice',
      orderOf([payment('CAPTURED', 1000, { captures: [capture, capture] })]),
      ['1000 charge booked c1 v2'],
      'settled',
    ],
  ];
  test.each(cases)('%s', (_, order, expected, outlook) => {
    const reading = read(order);
    expect(problemsOf(reading.items)).toEqual([]);
    expect(lines(reading.items)).toEqual(expected);
    expect(reading.outlook).toBe(outlook);
  });

  test('an instant payment has one id, however it is captured', () => {
    const captured = { ...aani('CAPTURED'), _embedded: { 'cnp:capture': [part('captures/c9', 500)] } };
    expect(lines(read(orderOf([captured])).items)).toEqual(['500 charge booked p1 v2']);
  });

  test('an older capture is known by the address that refunds it', () => {
    const older = {
      ...capture,
      _links: { 'cnp:refund': { href: 'https://x/payments/p1/captures/c7/refund' } },
    };
    expect(lines(read(orderOf([payment('CAPTURED', 1000, { captures: [older] })])).items)).toEqual([
      '1000 charge booked c7 v2',
    ]);
  });
});

describe('every state in every spelling', () => {
  test.each([
    ['CANCELED', 'CANCELLED'],
    ['Cancelled', 'CANCELLED'],
    ['AUTHORIZED', 'AUTHORISED'],
    ['PARTIALLY_AUTHORIZED', 'PARTIALLY_AUTHORISED'],
    ['AWAIT3DS', 'AWAIT_3DS'],
    ['AWAIT_3DS', 'AWAIT_3DS'],
    ['Partially Refunded', 'PARTIALLY_REFUNDED'],
  ])('%s is %s', (written, meant) => {
    expect(spelled(written)).toBe(meant);
  });

  const known =
    'STARTED PENDING AWAIT_3DS AWAIT3DS AUTHORISED CAPTURED PURCHASED VERIFIED PARTIALLY_REFUNDED REFUNDED REVERSED ' +
    'FAILED CANCELED CANCELLED POST_AUTH_REVIEW AWAITING_PARTIAL_AUTH_APPROVAL PARTIALLY_AUTHORISED ' +
    'PARTIAL_AUTH_DECLINED PARTIAL_AUTH_DECLINED_FAILED';
  test.each(known.split(' '))('%s is known', (state) => {
    const parts = { captures: [capture], refunds: [refund('r1', 10)] };
    expect(problemsOf(read(orderOf([payment(state, 1000, parts)])).items)).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test.each([
    [
      'a state that nobody knows',
      orderOf([payment('MELTED', 1)]),
      /^invalidField: state "MELTED" of a payment/,
    ],
    [
      'an amount that is no whole number',
      orderOf([payment('CAPTURED', 1, { captures: [part('captures/c1', 10.5)] })]),
      /^invalidAmount: amount.value "10.5"/,
    ],
    [
      'a negative amount',
      orderOf([payment('CAPTURED', 1, { captures: [part('captures/c1', -10)] })]),
      /^invalidAmount/,
    ],
    [
      'an unknown currency',
      orderOf([
        payment('CAPTURED', 1, { captures: [{ ...capture, amount: { currencyCode: 'AEX', value: 1 } }] }),
      ]),
      /^unknownCurrency/,
    ],
    [
      'a capture without an id',
      orderOf([payment('CAPTURED', 1, { captures: [{ ...capture, _links: {} }] })]),
      /^invalidField: a capture has neither/,
    ],
    [
      'a capture that is not listed',
      orderOf([payment('CAPTURED', 1000)]),
      /^invalidRecord: .*capturedWithoutCapture/,
    ],
    [
      'a refund that is not listed',
      orderOf([payment('REFUNDED', 1000, { captures: [capture] })]),
      /^invalidRecord: .*lists no refund/,
    ],
  ])('%s is a dead letter', (_, order, problem) => {
    const { items } = read(order);
    expect(problemsOf(items)).toHaveLength(1);
    expect(problemsOf(items)[0]).toMatch(problem);
    expect(
      JSON.stringify(items, (__, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    ).not.toMatch(/A PAYER/);
  });

  test('leaves the rest as it is, and the order open', () => {
    const parts = { captures: [capture], refunds: [refund('r1', 10, 'MELTED'), refund('r2', 20)] };
    const { items, outlook } = read(orderOf([payment('PARTIALLY_REFUNDED', 1000, parts)]));
    expect(lines(items)).toEqual(['1000 charge booked c1 v2', '-20 refund booked r2 v2 of c1']);
    expect(problemsOf(items)).toHaveLength(1);
    expect(outlook).toBe('open');
  });

  test('may be said by the configuration', () => {
    const states = { MELTED: 'booked' };
    const melted = orderOf([payment('CAPTURED', 5, { captures: [part('captures/c1', 5, 'Melted')] })]);
    expect(lines(read(melted, { states }).items)).toEqual(['5 charge booked c1 v2']);
    const bare = read(orderOf([payment('CAPTURED', 1000)]), { capturedWithoutCapture: 'charge' });
    expect(lines(bare.items)).toEqual(['1000 charge booked p1 v2']);
  });

  test('nothing that an order may hold is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (some, other) => {
        for (const order of [
          some,
          orderOf([some as Json]),
          orderOf([{ ...payment('CAPTURED', 1), _embedded: some }]),
        ]) {
          read(order);
        }
        read(
          orderOf([
            payment('REFUNDED', other, {
              captures: [{ ...capture, amount: other }],
              refunds: [some as Json],
            }),
          ]),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a record says', () => {
  const whole = orderOf([
    payment('PARTIALLY_REFUNDED', 1000, { captures: [capture], refunds: [refund('r1', 300)] }),
  ]);

  test('names, facts, time and no fee', () => {
    const [charge, back] = recordsOf(read(whole).items);
    expect(charge).toMatchObject({
      account: 'default',
      currency: 'AED',
      fee: 0n,
      tax: 0n,
      time: Date.parse('2026-11-22T10:05:00.123Z'),
      references: {
        reference: 'o1',
        order: 'INV-7',
        payment: 'p1',
        capture: 'c1',
        outlet: 'outlet-1',
        mid: '000200012345',
        rrn: '632610123456',
        authorizationCode: '831000',
      },
      attributes: {
        scheme: 'VISA',
        cardLast4: '2022',
        walletsOffered: 'GOOGLE_PAY SAMSUNG_PAY',
        state: 'SUCCESS',
        action: 'SALE',
      },
    });
    expect(charge!.attributes).not.toHaveProperty('wallet');
    // The authorisation is the charge's: a refund that had it too would take its place in a match.
    expect(back!.references).toMatchObject({ refund: 'r1', capture: 'c1', reference: 'o1' });
    expect(back!.references).not.toHaveProperty('rrn');
  });

  test.each([
    ['KWD', 1234, 1234n],
    ['AED', 1234, 1234n],
    ['UGX', 1234, 1234n],
    ['XOF', 7, 7n],
    ['OMR', 5, 5n],
  ])('minor units of %s are by its true exponent', (currencyCode, value, minor) => {
    const made = { ...capture, amount: { currencyCode, value } };
    const [charge] = recordsOf(read(orderOf([payment('CAPTURED', 1, { captures: [made] })])).items);
    expect(charge).toMatchObject({ currency: currencyCode, amount: minor });
  });

  test('its account is found by merchant id or else by outlet', () => {
    const accountsOf = (accounts: object) =>
      recordsOf(read(whole, {}, { accounts }).items).map(({ account }) => account);
    expect(accountsOf({ '000200012345': 'by-mid', 'outlet-1': 'by-outlet' })).toEqual(['by-mid', 'by-mid']);
    expect(accountsOf({ 'outlet-1': 'by-outlet' })).toEqual(['by-outlet', 'by-outlet']);
    expect(problemsOf(read(whole, {}, { accounts: { other: 'x' } }).items)[0]).toMatch(/^unknownAccount/);
  });

  test('the wallet that was used is where the configuration says', () => {
    const paid = payment('CAPTURED', 1, {
      captures: [capture],
      more: { paymentMethod: { wallet: 'APPLE_PAY' } },
    });
    const [charge] = recordsOf(read(orderOf([paid]), { walletField: 'paymentMethod.wallet' }).items);
    expect(charge!.attributes['wallet']).toBe('APPLE_PAY');
  });

  test('a purchase has the time of its last change until that is another’s', () => {
    const timeOf = (state: string, refunds: object[]) =>
      recordsOf(
        read(orderOf([payment(state, 9, { refunds: refunds as [] })], { action: 'PURCHASE' })).items,
      )[0]!.time;
    expect(timeOf('PURCHASED', [])).toBe(Date.parse('2026-11-22T10:06:00Z'));
    expect(timeOf('REFUNDED', [part('refund/r1', 9)])).toBe(Date.parse('2026-11-22T09:00:00.048Z'));
  });

  test('is the same each time', () => {
    expect(read(whole)).toEqual(read(structuredClone(whole)));
  });
});
