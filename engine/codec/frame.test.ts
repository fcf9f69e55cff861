import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterfoilError } from '../domain/index.ts';
import type { Frame, MoneyRecord, RecordFrame } from '../domain/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { RecordFrameBuilder, decodeFrame, encodeFrame, readRecord } from './index.ts';

const RECORD: MoneyRecord = {
  source: 'gateway',
  id: 'pi_1',
  account: 'default',
  kind: 'charge',
  status: 'booked',
  currency: 'AED',
  amount: 1230n,
  fee: 0n,
  tax: 0n,
  time: 1_795_000_000_000,
  precision: 'instant',
  offsetMinutes: 240,
  references: { reference: 'INV-1' },
  attributes: {},
};

function frameOf(records: readonly MoneyRecord[]): RecordFrame {
  const builder = new RecordFrameBuilder({ maxBytes: 4_000_000 });
  for (const record of records) expect(builder.add(record)).toBe(true);
  return builder.build();
}

function recordsOf(frame: Frame): MoneyRecord[] {
  if (frame.kind !== 'records') throw new Error(`a frame of kind ${frame.kind}`);
  return Array.from({ length: frame.count }, (_, row) => readRecord(frame, row));
}

describe('a frame of records', () => {
  test('gives back every record as it was, built, encoded, at any alignment, and decoded', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { maxLength: 40 }), fc.nat({ max: 16 }), (records, shift) => {
        const encoded = encodeFrame(frameOf(records));
        const shifted = Buffer.alloc(encoded.length + shift + 3).subarray(shift, shift + encoded.length);
        shifted.set(encoded);
        expect(recordsOf(decodeFrame(shifted))).toEqual(records);
      }),
      { numRuns: 300 },
    );
  });

  test('decodes to the columns that were built', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { maxLength: 10 }), (records) => {
        const built = frameOf(records);
        const decoded = decodeFrame(encodeFrame(built)) as RecordFrame;
        for (const name of Object.keys(built) as (keyof RecordFrame)[]) {
          if (name === 'originalCurrency' || name === 'references' || name === 'attributes') continue;
          expect(decoded[name], name).toEqual(built[name]);
        }
      }),
    );
  });

  test('leaves out the columns that say nothing', () => {
    const encoded = Buffer.from(encodeFrame(frameOf([RECORD, RECORD]))).toString('latin1');
    for (const name of ['version', 'fee', 'tax', 'valueDate', 'attributes', 'link', 'original', 'group']) {
      expect(encoded).not.toContain(name);
    }
    expect(encoded).toContain('offsetMinutes');
    expect(encoded).toContain('references');
  });

  test('replaces lone surrogates by U+FFFD, in short and in long texts', () => {
    const long = `${'x'.repeat(100)}\uDC00`;
    const [record] = recordsOf(frameOf([{ ...RECORD, id: 'a\uD800b', link: long }]));
    expect(record).toMatchObject({ id: 'a\uFFFDb', link: `${'x'.repeat(100)}\uFFFD` });
  });
});

describe('the other messages', () => {
  test.each<Frame>([
    { kind: 'tick' },
    { kind: 'progress', source: 'bänk', time: -1 },
    { kind: 'progress', source: '', time: 1_795_000_000_000 },
    { kind: 'rules', json: '{"reconciliations":[]}', hash: 'ab12' },
    { kind: 'command', json: 'x'.repeat(100_000) },
    { kind: 'finding', json: '{"message":"🧾"}' },
  ])('$kind comes back as it was', (frame) => {
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  });
});

describe('the builder', () => {
  test('is full at its record limit and starts afresh after reset', () => {
    const builder = new RecordFrameBuilder({ maxRecords: 3 });
    const add = (id: string): boolean => builder.add({ ...RECORD, id, source: `s-${id}` });
    expect([add('1'), add('2'), add('3'), add('4')]).toEqual([true, true, true, false]);
    const first = builder.build();
    builder.reset();
    expect(builder.count).toBe(0);
    expect(add('5')).toBe(true);
    expect(recordsOf(builder.build()).map((record) => record.source)).toEqual(['s-5']);
    expect(recordsOf(first).map((record) => record.source)).toEqual(['s-1', 's-2', 's-3']);
  });

  test('never encodes to more than its byte limit, and takes up after a refused record', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { minLength: 1, maxLength: 40, size: 'max' }), (records) => {
        const builder = new RecordFrameBuilder({ maxBytes: 6000 });
        const taken: MoneyRecord[] = [];
        for (const record of records) {
          let added = false;
          try {
            added = builder.add(record);
          } catch (error) {
            expect(error).toMatchObject({ code: 'payloadTooLarge' });
            expect(builder.count).toBe(0);
          }
          if (added) taken.push(record);
          expect(builder.count).toBe(taken.length);
        }
        const encoded = encodeFrame(builder.build());
        expect(encoded.length).toBeLessThanOrEqual(builder.bytes);
        expect(builder.bytes).toBeLessThanOrEqual(6000);
        expect(recordsOf(decodeFrame(encoded))).toEqual(taken);
      }),
      // Forty records take minutes to shrink and say no more when they are fewer.
      { endOnFailure: true },
    );
  });

  test('is full at its byte limit', () => {
    const builder = new RecordFrameBuilder({ maxBytes: 20_000 });
    let n = 0;
    while (n < 512 && builder.add({ ...RECORD, id: `pi_${n}`, account: `a-${n}` })) n++;
    expect(n).toBeLessThan(250);
    expect(builder.bytes).toBeGreaterThan(19_500);
    const encoded = encodeFrame(builder.build());
    expect(encoded.length).toBeLessThanOrEqual(20_000);
    expect(recordsOf(decodeFrame(encoded)).at(-1)).toMatchObject({
      id: `pi_${n - 1}`,
      account: `a-${n - 1}`,
    });
  });

  test('does not overstate a usual frame', () => {
    const builder = new RecordFrameBuilder();
    let n = 0;
    while (builder.add({ ...RECORD, id: `pi_${n}`, fee: 1n, valueDate: 20_000 })) n++;
    expect(n).toBe(512);
    expect(builder.bytes).toBeLessThan(encodeFrame(builder.build()).length * 2);
  });

  test.each([
    ['an id', { id: 'x'.repeat(600_000) }],
    ['an attribute', { attributes: { a: 'x'.repeat(600_000) } }],
    [
      'many attributes',
      { attributes: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`n${i}`, 'v'])) },
    ],
    [
      'more names than a dictionary holds',
      { references: Object.fromEntries(Array.from({ length: 65_537 }, (_, i) => [`n${i}`, ''])) },
      8_000_000,
    ],
  ])('refuses a record that is too large by %s', (_, change, maxBytes = 524_288) => {
    const builder = new RecordFrameBuilder({ maxBytes });
    const large = { ...RECORD, ...change };
    expect(() => builder.add(large)).toThrow(expect.objectContaining({ code: 'payloadTooLarge' }));
    expect(builder.add(RECORD)).toBe(true);
    expect(builder.add(large)).toBe(false);
    expect(recordsOf(decodeFrame(encodeFrame(builder.build())))).toEqual([RECORD]);
  });

  test.each<[string, { [field in keyof MoneyRecord]?: unknown }]>([
    ['amountOutOfRange', { amount: 2n ** 53n }],
    ['amountOutOfRange', { amount: -(2n ** 53n) }],
    ['amountOutOfRange', { fee: 2n ** 70n }],
    ['amountOutOfRange', { tax: -(2n ** 1100n) }],
    ['amountOutOfRange', { amount: 2n ** 53n - 1n, fee: -1n }],
    ['amountOutOfRange', { amount: 2n ** 53n - 1n, fee: -5n, tax: 10n }],
    ['amountOutOfRange', { original: { amount: 2n ** 53n, currency: 'USD' } }],
    ['amountOutOfRange', { groupTotal: 2n ** 53n }],
    ['unknownCurrency', { currency: 'XXX' }],
    ['unknownCurrency', { original: { amount: 1n, currency: 'usd' } }],
    ['invalidTime', { time: NaN }],
    ['invalidTime', { time: 1.5 }],
    ['invalidTime', { time: 8.64e15 + 2 }],
    ['invalidField', { offsetMinutes: 841 }],
    ['invalidField', { bookingDate: 2 ** 31 }],
    ['invalidField', { valueDate: 0.5 }],
    ['invalidField', { version: -1 }],
    ['invalidField', { groupCount: 2 ** 32 }],
    ['invalidField', { kind: 'gift' }],
    ['invalidField', { status: 'new' }],
  ])('refuses with %s: %o', (code, change) => {
    const builder = new RecordFrameBuilder();
    builder.add(RECORD);
    expect(() => builder.add({ ...RECORD, ...change } as MoneyRecord)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(recordsOf(decodeFrame(encodeFrame(builder.build())))).toEqual([RECORD]);
  });

  test('says in one line which record is refused and why', () => {
    const add = (): boolean => new RecordFrameBuilder().add({ ...RECORD, amount: 2n ** 60n });
    expect(add).toThrow(CounterfoilError);
    expect(add).toThrow(/^amount of 1152921504606846976 minor units of record "pi_1" is beyond .*$/);
  });

  test('refuses limits that make no sense', () => {
    for (const limits of [{ maxRecords: 0 }, { maxRecords: 65_537 }, { maxBytes: 10 }, { maxRecords: NaN }]) {
      expect(() => new RecordFrameBuilder(limits)).toThrow(
        expect.objectContaining({ code: 'invalidConfig' }),
      );
    }
  });
});
