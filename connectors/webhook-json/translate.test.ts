import { describe, expect, test } from 'vitest';
import type { MoneyRecord, Translated } from '../../engine/domain/index.ts';
import { Zone } from '../../engine/domain/index.ts';
import { Accounts, parseExactJson } from '../contract/index.ts';
import { webhookJsonSettings } from './settings.ts';
import { translateEvent } from './translate.ts';

type Settings = { readonly [setting: string]: unknown };

const MINIMAL = { fields: { id: 'id', amount: 'amount', currency: 'currency', time: 'time' } };
const TIME = '2026-11-22T10:00:00Z';
const PAYMENT = `{"id":"p1","amount":12.30,"currency":"AED","time":"${TIME}"}`;

function translate(body: string, written: Settings = {}, eventType?: string): Translated[] {
  const settings = webhookJsonSettings.parse({
    secrets: 'secret_1',
    signature: { header: 'x-signature' },
    eventType: 'type',
    ...MINIMAL,
    ...written,
  });
  let payload: unknown;
  try {
    payload = parseExactJson(body);
  } catch {
    payload = undefined;
  }
  const context = {
    source: 'source',
    zone: new Zone(settings.zone),
    accounts: new Accounts(settings),
    notice: () => undefined,
  };
  return translateEvent({ eventType, payload, text: () => body, offset: 7 }, context, settings);
}

function only(items: readonly Translated[]): MoneyRecord {
  const [item] = items;
  if (items.length !== 1 || item?.type !== 'record')
    throw new Error(JSON.stringify(items.map((each) => each.type)));
  return item.record;
}

/** The fields of a provider whose events are wrapped, in minor units, without signs. */
const WRAPPED: Settings = {
  records: 'data.object',
  fields: {
    id: ['id', '$.type'],
    amount: 'amount',
    fee: 'charges[0].fee',
    currency: 'currency',
    time: '$.created',
    kind: '$.type',
    status: 'state',
    account: 'merchant',
    'references.order': 'metadata.order_id',
    reference: 'rrn',
    'attributes.live': '$.live',
    'attributes.pan': 'card',
  },
  constants: { 'attributes.gateway': 'acme' },
  amountIn: 'minor',
  times: { time: 's' },
  kinds: { 'payment.paid': 'charge', 'payment.refunded': 'refund' },
  statuses: { DONE: 'booked', OPEN: 'pending' },
  direction: { path: '$.type', adds: ['payment.paid'], subtracts: ['payment.refunded'] },
  accounts: { M1: 'main' },
};
const wrapped = (type: string, part = ''): string =>
  `{"type":"${type}","created":1763805600,"live":true,"data":{"object":{"id":"p1","amount":1050,"currency":"aed",` +
  `"charges":[{"fee":21}],"state":"DONE","merchant":"M1","metadata":{"order_id":90071992547409931},"rrn":null,` +
  `"card":"4111111111111111"${part}}}}`;

describe('an event', () => {
  test('of plain fields is a record', () => {
    expect(translate(PAYMENT)).toEqual([
      {
        type: 'record',
        origin: { offset: 7, ordinal: 0 },
        record: {
          source: 'source',
          id: 'p1',
          account: 'default',
          kind: 'ledger',
          status: 'booked',
          currency: 'AED',
          amount: 1230n,
          fee: 0n,
          tax: 0n,
          time: Date.parse(TIME),
          precision: 'instant',
          offsetMinutes: 0,
          references: {},
          attributes: {},
        },
      },
    ]);
  });

  test('that is wrapped gives all that its settings say', () => {
    expect(only(translate(wrapped('payment.paid'), WRAPPED))).toMatchObject({
      id: 'p1:payment.paid',
      account: 'main',
      kind: 'charge',
      status: 'booked',
      currency: 'AED',
      amount: 1050n,
      fee: 21n,
      time: 1_763_805_600_000,
      references: { order: '90071992547409931' },
      attributes: { gateway: 'acme', live: 'true', pan: '411111******1111' },
    });
  });

  test('of a refund takes away, where its provider has no signs', () => {
    const record = only(translate(wrapped('payment.refunded'), WRAPPED));
    expect(record).toMatchObject({ id: 'p1:payment.refunded', kind: 'refund', amount: -1050n, fee: 21n });
  });

  test.each<[string, Settings, string, object]>([
    ['an exact decimal', {}, '"amount":90071992547409.91', { amount: 9_007_199_254_740_991n }],
    ['a decimal that no double holds', {}, '"amount":0.10000', { amount: 10n }],
    ['a text', {}, '"amount":"-0.01"', { amount: -1n }],
    ['three digits', {}, '"amount":1.005,"currency":"KWD"', { amount: 1005n }],
    ['a negative integer', { amountIn: 'minor' }, '"amount":-7', { amount: -7n }],
    ['an integer with a fraction of zeros', { amountIn: 'minor' }, '"amount":1050.0', { amount: 1050n }],
    ['no digits', { amountIn: 'minor' }, '"amount":500,"currency":"JPY"', { amount: 500n }],
    [
      'digits of the provider’s own',
      { amountIn: 'minor', minorUnits: { KWD: 2 } },
      '"amount":150,"currency":"KWD"',
      { amount: 1500n, currency: 'KWD' },
    ],
    ['milliseconds', { times: { time: 'ms' } }, '"time":1763805600123', { time: 1_763_805_600_123 }],
    [
      'seconds with a fraction',
      { times: { time: 's' } },
      '"time":1763805600.98765',
      { time: 1_763_805_600_987 },
    ],
    [
      'a time without offset',
      { zone: 'Asia/Dubai' },
      '"time":"2026-11-22T10:00:00"',
      { time: Date.parse(TIME) - 14_400_000 },
    ],
    [
      'a currency for all',
      { fields: { id: 'id', amount: 'amount', time: 'time' }, currency: 'KWD' },
      '"x":1',
      { amount: 12_300n },
    ],
    [
      'what the payer saw',
      {
        fields: { ...MINIMAL.fields, originalAmount: 'o.amount', originalCurrency: 'o.currency' },
        amountIn: 'minor',
      },
      '"amount":1,"o":{"amount":5000,"currency":"KWD"}',
      { amount: 1n, original: { amount: 5000n, currency: 'KWD' } },
    ],
    [
      'a net without a sign',
      {
        fields: { ...MINIMAL.fields, fee: 'fee', net: 'net' },
        direction: { path: 'type', adds: ['in'], subtracts: ['out'] },
      },
      '"type":"out","fee":0.30,"net":12.60',
      { amount: -1230n, fee: 30n },
    ],
    [
      'a version',
      { fields: { ...MINIMAL.fields, version: 'v' }, amends: 'version' },
      '"v":3',
      { version: 3 },
    ],
    [
      'a kind for all',
      { constants: { kind: 'payout' }, kinds: { x: 'charge' } },
      '"x":1',
      { kind: 'payout' },
    ],
  ])('with %s', (_, settings, part, record) => {
    // A name that stands twice has its last value.
    expect(only(translate(`${PAYMENT.slice(0, -1)},${part}}`, settings))).toMatchObject(record);
  });

  test.each<[string, Settings, string, string, RegExp]>([
    ['no JSON', {}, 'nonsense', 'malformedDelivery', /no JSON/],
    ['a number', {}, '7', 'invalidRecord', /top of the body/],
    ['null', {}, 'null', 'invalidRecord', /top of the body/],
    ['nothing at its path', { records: 'data' }, PAYMENT, 'invalidRecord', /stands at data/],
    ['an unknown shape', {}, '{"type":"customer.created"}', 'invalidField', /empty/],
    ['no id', {}, PAYMENT.replace('"p1"', 'null'), 'invalidField', /id is empty/],
    [
      'half an id',
      { fields: { ...MINIMAL.fields, id: ['id', 'part'] } },
      PAYMENT,
      'invalidField',
      /id is empty/,
    ],
    [
      'an amount with too many digits',
      {},
      PAYMENT.replace('12.30', '12.305'),
      'invalidAmount',
      /never rounded/,
    ],
    ['an exponent', {}, PAYMENT.replace('12.30', '1e3'), 'invalidAmount', /1e3/],
    [
      'a decimal of minor units',
      { amountIn: 'minor' },
      PAYMENT,
      'invalidAmount',
      /whole number of minor units/,
    ],
    [
      'an object as amount',
      {},
      PAYMENT.replace('12.30', '{"value":1}'),
      'invalidField',
      /at amount stands an object/,
    ],
    ['an unknown currency', {}, PAYMENT.replace('AED', 'XXQ'), 'unknownCurrency', /XXQ/],
    [
      'an unknown currency, in minor units',
      { amountIn: 'minor' },
      PAYMENT.replace('AED', 'XXQ').replace('12.30', '1'),
      'unknownCurrency',
      /XXQ/,
    ],
    ['no time', {}, PAYMENT.replace(TIME, ''), 'invalidField', /time is empty/],
    [
      'a time in another unit',
      { times: { time: 's' } },
      PAYMENT.replace(`"${TIME}"`, '1763805600123'),
      'invalidTime',
      /Unix seconds/,
    ],
    ['an unknown kind', WRAPPED, wrapped('payment.lost'), 'invalidField', /kind "payment.lost"/],
    [
      'an unknown status',
      WRAPPED,
      wrapped('payment.paid', ',"state":"LOST"'),
      'invalidField',
      /status "LOST"/,
    ],
    ['an unknown account', WRAPPED, wrapped('payment.paid', ',"merchant":"M2"'), 'unknownAccount', /M2/],
    ['two signs', WRAPPED, wrapped('payment.refunded', ',"amount":-1050'), 'invalidAmount', /has a sign/],
    [
      'no direction',
      { direction: { path: 'type', adds: ['in'], subtracts: ['out'] } },
      PAYMENT,
      'invalidField',
      /neither adds nor subtracts/,
    ],
    [
      'a net that is none',
      { fields: { ...MINIMAL.fields, net: 'net' } },
      `${PAYMENT.slice(0, -1)},"net":1}`,
      'netMismatch',
      /net/,
    ],
  ])('that has %s is a dead letter with its body', (_, settings, body, code, reason) => {
    const items = translate(body, settings);
    expect(items).toHaveLength(1);
    const item = items[0]!;
    if (item.type !== 'deadLetter') throw new Error('not a dead letter');
    expect(item.deadLetter).toMatchObject({ source: 'source', code, origin: { offset: 7, ordinal: 0 } });
    expect(item.deadLetter.reason).toMatch(reason);
    expect(item.deadLetter.payload).toBe(body.replace('4111111111111111', '411111******1111'));
  });

  test('with a list has an item for each element, whichever fail', () => {
    const body = `{"items":[${PAYMENT},{"id":"bad","amount":1.50},7,${PAYMENT.replace('p1', 'p2')}]}`;
    const items = translate(body, { records: 'items' });
    expect(items.map((item) => (item.type === 'deadLetter' ? item.deadLetter.payload : item.type))).toEqual([
      'record',
      '{"id":"bad","amount":"1.50"}',
      '"7"',
      'record',
    ]);
    const origins = items.map((item) => (item.type === 'record' ? item.origin.ordinal : undefined));
    expect(origins).toEqual([0, undefined, undefined, 3]);
    expect(translate('{"items":[]}', { records: 'items' })).toEqual([]);
    expect(translate(`[${PAYMENT}]`)).toHaveLength(1);
  });

  test.each([
    ['ping', 0],
    ['customer.created', 0],
    ['customer.', 0],
    ['customer', 1],
    ['pings', 1],
    [undefined, 1],
  ])('of type %s is ignored or read', (type, count) => {
    expect(translate(PAYMENT, { ignore: ['ping', 'customer.*'] }, type)).toHaveLength(count);
  });

  test('says nothing by members that it inherits', () => {
    const settings = { fields: { ...MINIMAL.fields, 'attributes.x': 'constructor.name' } };
    expect(only(translate(PAYMENT, settings)).attributes).toEqual({});
    const kinds = { fields: { ...MINIMAL.fields, kind: 'k' }, kinds: { a: 'charge' } };
    expect(translate(`${PAYMENT.slice(0, -1)},"k":"toString"}`, kinds)).toMatchObject([
      { type: 'deadLetter' },
    ]);
  });
});
