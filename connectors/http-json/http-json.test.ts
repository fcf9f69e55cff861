import { describe, expect, test } from 'vitest';
import type { Translated } from '../../engine/domain/index.ts';
import { sourceOf } from '../conformance/harness.ts';
import { createPublisher } from '../runtime/index.ts';

const record = { id: 'p1', amount: '-12.30', currency: 'AED', time: '2026-11-22T10:00:00Z' };

function translate(payload: unknown, settings: { readonly [setting: string]: unknown } = {}): Translated[] {
  return sourceOf('http-json', settings).translate(payload);
}

describe('http-json', () => {
  test('reads a record with everything in it', () => {
    const [item] = translate({
      records: [
        {
          ...record,
          version: 2,
          account: 'main',
          kind: 'refund',
          status: 'pending',
          fee: '0.30',
          tax: '0.02',
          net: '-12.62',
          time: 1_763_800_000_000,
          valueDate: '2026-11-23',
          reference: 'INV',
          references: { rrn: '123' },
          link: 'p0',
          original: { amount: '-3.35', currency: 'USD' },
          groupCount: 3,
          groupTotal: '-36.90',
          attributes: { scheme: 'visa' },
        },
      ],
    });
    expect(item).toMatchObject({
      type: 'record',
      origin: { ordinal: 0 },
      record: {
        id: 'p1',
        version: 2,
        account: 'main',
        kind: 'refund',
        status: 'pending',
        amount: -1230n,
        fee: 30n,
        tax: 2n,
        time: 1_763_800_000_000,
        references: { reference: 'INV', rrn: '123' },
        link: 'p0',
        original: { amount: -335n, currency: 'USD' },
        groupCount: 3,
        groupTotal: -3690n,
        attributes: { scheme: 'visa' },
      },
    });
  });

  test.each([
    [[record, record], 2],
    [{ source: 'source', records: [record] }, 1],
    [record, 1],
  ])('takes a list, a batch, or one record', (payload, count) => {
    expect(translate(payload).filter((item) => item.type === 'record')).toHaveLength(count);
  });

  test.each([
    [{ ...record, id: '' }, 'invalidField', /^id: /],
    [{ ...record, id: undefined }, 'invalidField', /^id: /],
    [{ ...record, amount: 12.3 }, 'invalidField', /^amount: /],
    [{ ...record, amount: '1e3' }, 'invalidAmount', /1e3/],
    [{ ...record, amount: '1.005' }, 'invalidAmount', /more than 2 digits/],
    [{ ...record, currency: 'ZZZ' }, 'unknownCurrency', /ZZZ/],
    [{ ...record, currency: undefined }, 'invalidField', /currency is empty/],
    [{ ...record, time: 'now' }, 'invalidTime', /now/],
    [{ ...record, time: 5 }, 'invalidField', /^time: /],
    [{ ...record, net: '1.00' }, 'netMismatch', /net is 100/],
    [{ ...record, amonut: '1' }, 'invalidField', /amonut/],
    [{ ...record, references: { ['__proto__x y']: 'a' } }, 'invalidField', /references/],
    [{ ...record, reference: 'a', references: { reference: 'b' } }, 'invalidField', /differ/],
    ['text', 'invalidRecord', /the record/],
    [null, 'invalidRecord', /the record/],
    [42, 'invalidRecord', /the record/],
  ])('%j is a dead letter', (bad, code, reason) => {
    const items = translate([record, bad, { ...record, id: 'p2' }]);
    expect(items.map((item) => item.type)).toEqual(['record', 'deadLetter', 'record']);
    const item = items[1]!;
    if (item.type !== 'deadLetter') throw new Error('not a dead letter');
    expect(item.deadLetter).toMatchObject({ code, origin: { ordinal: 1 }, source: 'source' });
    expect(item.deadLetter.reason).toMatch(reason);
  });

  describe('with fields', () => {
    const settings = {
      fields: { id: ['doc', 'line'], amount: 'amount', time: 'at', kind: 'type', 'attributes.run': '$.run' },
      direction: { path: 'side', adds: ['D'], subtracts: ['C'] },
      kinds: { INV: 'charge' },
      times: { time: 'dd/MM/yyyy' },
      currency: 'AED',
      zone: 'Asia/Dubai',
    };
    const line = { doc: 'X-1', line: 2, amount: 12.3, at: '22/11/2026', type: 'INV', side: 'C' };

    test('what is posted has names and conventions of its own', () => {
      expect(translate({ run: 'r7', records: [line] }, settings)).toMatchObject([
        {
          record: {
            id: 'X-1:2',
            amount: -1230n,
            kind: 'charge',
            time: Date.parse('2026-11-21T20:00:00Z'),
            precision: 'day',
            attributes: { run: 'r7' },
          },
        },
      ]);
    });

    test.each([
      [{ ...line, amount: 0.1 + 0.2 }, 'invalidAmount', /more digits than are kept exactly; send it as text/],
      [{ ...line, amount: 12345678901234567 }, 'invalidAmount', /more digits/],
      [{ ...line, amount: 1e21 }, 'invalidAmount', /more digits/],
      [{ ...line, amount: -1 }, 'invalidAmount', /has a sign/],
      [{ ...line, doc: null }, 'invalidField', /^id is empty/],
      [{ ...line, side: {} }, 'invalidField', /^direction: at side stands an object/],
      [{ ...line, at: '2026-11-22' }, 'invalidTime', /dd\/MM\/yyyy/],
      ['text', 'invalidRecord', /no object/],
    ])('%j is a dead letter', (bad, code, reason) => {
      expect(translate({ records: [line, bad] }, settings)).toMatchObject([
        { type: 'record' },
        { type: 'deadLetter', deadLetter: { code, reason: expect.stringMatching(reason) as string } },
      ]);
    });

    test.each([
      [{ ...settings, fields: { id: 'a' } }, /no path for amount/],
      [{ amountIn: 'minor' }, /amountIn/],
      [{ ...settings, account: 'a', accounts: { b: 'c' } }, /leave one out/],
    ])('settings %j are refused', (written, message) => {
      expect(() => translate({}, written)).toThrow(message);
    });
  });

  test('what was posted twice has the same id and content, and another place', () => {
    const source = sourceOf('http-json');
    const [[first], [second]] = [source.translate(record), source.translate(record)];
    if (first?.type !== 'record' || second?.type !== 'record') throw new Error('not records');
    expect(second.record).toEqual(first.record);
    expect(second.origin.offset).toBe(first.origin.offset + 1);
  });

  test('the source’s zone, kind and currency stand in for what a record leaves out', () => {
    const [item] = translate(
      { id: 'a', amount: '1', time: '2026-11-22T10:00:00' },
      { zone: 'Asia/Dubai', kind: 'charge', currency: 'KWD' },
    );
    expect(item).toMatchObject({
      record: { time: Date.parse('2026-11-22T06:00:00Z'), kind: 'charge', currency: 'KWD', amount: 1000n },
    });
  });

  test('another content under a seen id is refused unless told otherwise', () => {
    expect(sourceOf('http-json').rule.onIdReuse).toBe('reject');
    expect(sourceOf('csv', { path: 'x' }).rule.onIdReuse).toBe('accept');
  });

  test.each([
    ['amountOutOfRange', { amount: '90071992547409.92' }],
    ['amountOutOfRange', { amount: '90071992547409.91', fee: '-0.01' }],
    ['amountOutOfRange', { amount: '-90071992547409.91', tax: '0.01' }],
    ['amountOutOfRange', { original: { amount: '90071992547409.92', currency: 'USD' } }],
    ['amountOutOfRange', { groupTotal: '-90071992547409.92' }],
    [
      'payloadTooLarge',
      {
        attributes: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${n}`, 'x'.repeat(16_000)])),
      },
    ],
    ['invalidTime', { time: '10000-01-01T00:00:00Z' }],
    ['invalidTime', { time: '2026-11-22T10:00:00+15:00' }],
    ['invalidTime', { valueDate: '12026-11-22' }],
    ['unknownCurrency', { currency: 'XXQ' }],
    ['unknownCurrency', { original: { amount: '1', currency: 'XXQ' } }],
  ])('refuses itself, as %s, what the log could not hold', async (code, part) => {
    const items = translate({ records: [record, { ...record, id: 'p2', ...part }, { ...record, id: 'p3' }] });
    expect(items.map((item) => (item.type === 'deadLetter' ? item.deadLetter.code : item.type))).toEqual([
      'record',
      code,
      'record',
    ]);
    const late: string[] = [];
    const publisher = createPublisher({
      log: { append: () => Promise.resolve({ sequence: 1, duplicate: false }) },
      partitions: 1,
      partitionBy: ['currency'],
      observer: { deadLetter: (_, refused) => late.push(refused) },
    });
    await publisher.publish(
      'source',
      items.filter((item) => item.type === 'record'),
    );
    expect(late).toEqual([]);
  });
});
