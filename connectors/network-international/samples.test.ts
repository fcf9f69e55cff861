import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at } from '../contract/index.ts';
import { contextOf, lines, orderOf, problemsOf, recordsOf, settingsOf } from './fixtures.ts';
import { translateOrder } from './translate.ts';

/** Answers that Network International's own SDK is tested with, kept beside the project where they are. */
const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples/ngenius/payment-sdk-android');
const present = existsSync(SAMPLES);
if (!present) console.log(`N-Genius answers are not at ${SAMPLES}: the checks against them are left out`);

const load = (name: string): object => JSON.parse(readFileSync(join(SAMPLES, name), 'utf8')) as object;
const read = (order: unknown, written = {}) => translateOrder(order, contextOf(), settingsOf(written), 1);

describe.skipIf(!present)('N-Genius’s own answers', () => {
  test.each(['orderResponse.json', 'order_response.json'])(
    '%s: an order that nobody has paid yet',
    (name) => {
      expect(read(load(name))).toEqual({ items: [], outlook: 'open' });
    },
  );

  test('an instant payment that is pending', () => {
    const { items } = read(orderOf([load('aaniPaymentResponse.json') as { [name: string]: unknown }]));
    expect(lines(items)).toEqual(['10000 charge pending 3a23b6cd-99ea-403e-b50f-cbf0536b97fc v1']);
    expect(recordsOf(items)[0]!.attributes['method']).toBe('aani');
  });

  test('a card payment that waits for 3-D Secure', () => {
    for (const name of ['threeDSecureResponse.json', 'threeDSecureTwoResponse.json']) {
      expect(read(orderOf([load(name) as { [name: string]: unknown }]))).toEqual({
        items: [],
        outlook: 'open',
      });
    }
  });

  test('a card payment that is captured, as the SDK gets it: without its capture', () => {
    const payment = load('paymentResponse.json') as { [name: string]: unknown };
    expect(problemsOf(read(orderOf([payment])).items)[0]).toMatch(/lists no capture/);
    const { items } = read(orderOf([payment]), { capturedWithoutCapture: 'charge' });
    expect(lines(items)).toEqual(['140 charge booked e192cadc-5d19-48b8-8e83-87983f6e3cf5 v2']);
    expect(recordsOf(items)[0]).toMatchObject({
      attributes: { scheme: 'MASTERCARD', cardType: 'DEBIT', cardCountry: 'US', cardLast4: '0275' },
    });
  });

  test('a token is valid for 300 s', () => {
    expect(at(load('auth_response.json'), 'expires_in')).toBe(300);
  });
});
