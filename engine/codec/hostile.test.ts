import { Buffer } from 'node:buffer';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterfoilError } from '../domain/index.ts';
import type { Frame } from '../domain/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import {
  RecordFrameBuilder,
  RowBuffer,
  decodeFrame,
  decodeResultFrame,
  decodeRows,
  encodeFrame,
  readRecord,
  writeRecordRow,
} from './index.ts';

/** Frames of a few random records, the same in every run. */
const SAMPLES: readonly Uint8Array[] = fc
  .sample(fc.array(recordArbitrary, { minLength: 1, maxLength: 4 }), { numRuns: 12, seed: 7 })
  .map((records) => {
    const builder = new RecordFrameBuilder();
    for (const record of records) builder.add(record);
    return encodeFrame(builder.build());
  });

const OTHERS: readonly Uint8Array[] = (
  [
    { kind: 'tick' },
    { kind: 'progress', source: 'bank', time: 1_795_000_000_000 },
    { kind: 'rules', json: '{"a":1}', hash: 'h' },
    { kind: 'command', json: '{}' },
  ] as const satisfies readonly Frame[]
).map((frame) => encodeFrame(frame));

/** Decodes, and uses whatever decodes in every way that later code does. */
function use(bytes: Uint8Array): 'frame' | 'refused' {
  let frame: Frame;
  try {
    frame = decodeFrame(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CounterfoilError);
    expect(error).toMatchObject({ code: 'undecodableFrame' });
    expect((error as Error).message).not.toContain('\n');
    return 'refused';
  }
  if (frame.kind === 'records') {
    const rows = new RowBuffer();
    const builder = new RecordFrameBuilder({ maxRecords: 65_536, maxBytes: 1_000_000 });
    for (let row = 0; row < frame.count; row++) {
      builder.add(readRecord(frame, row));
      writeRecordRow(rows, 1, 2, 3, row, 4, frame, row);
    }
    expect(builder.count).toBe(frame.count);
    expect(decodeRows('records', rows.take())).toHaveLength(frame.count);
  }
  return 'frame';
}

test('every sample decodes', () => {
  for (const sample of [...SAMPLES, ...OTHERS]) expect(use(sample)).toBe('frame');
});

test('a message cut at any length is refused', () => {
  for (const sample of [...SAMPLES.slice(0, 5), ...OTHERS]) {
    for (let length = 0; length < sample.length; length++) {
      expect(use(sample.subarray(0, length))).toBe('refused');
    }
  }
});

test('a message with bytes after it is refused', () => {
  for (const sample of SAMPLES) expect(use(Buffer.concat([sample, Buffer.of(0xc0)]))).toBe('refused');
});

test('flipped bits give a frame that can be used, or the error', () => {
  let refused = 0;
  for (const sample of SAMPLES) {
    const bytes = Uint8Array.from(sample);
    const step = Math.max(1, Math.floor((bytes.length * 8) / 600));
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      if (use(bytes) === 'refused') refused++;
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('a piece overwritten by any bytes gives a frame that can be used, or the error', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES),
      fc.nat({ max: 5000 }),
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      (sample, at, piece) => {
        const bytes = Uint8Array.from(sample);
        const start = at % bytes.length;
        bytes.set(piece.subarray(0, bytes.length - start), start);
        use(bytes);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any bytes at all give the error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(use(bytes)).toBe('refused');
    }),
    { numRuns: 2000 },
  );
});

describe('what a hostile message costs', () => {
  const MEBIBYTE = 1_048_576;
  const map = (...entries: [string, number[]][]): Buffer =>
    Buffer.concat([
      Buffer.of(0x80 | entries.length),
      ...entries.flatMap(([key, value]) => [Buffer.from(encode(key)), Buffer.from(value)]),
    ]);
  const padded = (head: Uint8Array, fill = 0): Buffer => {
    const bytes = Buffer.alloc(MEBIBYTE, fill);
    bytes.set(head);
    return bytes;
  };
  const claims = (entries: { [name: string]: unknown }): Buffer =>
    Buffer.from(encode({ v: 1, k: 'records', ...entries }));

  test.each<[string, Uint8Array]>([
    ['an array of 2^32 − 1', Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map of 2^32 − 1', Buffer.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['a map of 65,535', Buffer.of(0xde, 0xff, 0xff)],
    ['an array within', map(['v', [0xdd, 0xff, 0xff, 0xff, 0xff]])],
    ['a map within', map(['v', [0xdf, 0xff, 0xff, 0xff, 0xff]])],
    ['binary of 2^32 − 1', map(['v', [0xc6, 0xff, 0xff, 0xff, 0xff]])],
    ['text of 2^32 − 1', map(['v', [0xdb, 0xff, 0xff, 0xff, 0xff]])],
    ['an extension of 2^32 − 1', map(['v', [0xc9, 0xff, 0xff, 0xff, 0xff, 0]])],
    ['a timestamp extension', map(['v', [0xd6, 0xff, 0, 0, 0, 0]])],
    ['the same, over a mebibyte', padded(Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff), 0xdd)],
    ['maps within maps as keys', padded(Buffer.of(0x81), 0x81)],
    ['maps within maps as values', padded(Buffer.of(0x81, 0xa0, 0x81, 0xa0), 0x81)],
    ['arrays within arrays', padded(Buffer.of(0x91), 0x91)],
    ['a prototype', Buffer.from(encode({ v: 1, k: 'tick', ['__proto__']: 1 }))],
    ['a count of 2^32', claims({ n: 2 ** 32 })],
    ['a count of 65,536 without columns', claims({ n: 65_536 })],
    ['a negative count', claims({ n: -1 })],
    ['strings of 2^32 − 1', claims({ n: 1, id: Buffer.alloc(64, 0xff) })],
  ])('%s is refused at once, within the size of the message', (_, bytes) => {
    expect(use(bytes)).toBe('refused');
    const before = process.memoryUsage();
    const start = performance.now();
    expect(use(bytes)).toBe('refused');
    const elapsed = performance.now() - start;
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(grown).toBeLessThan(bytes.length + MEBIBYTE);
    expect(elapsed).toBeLessThan(1000);
  });
});

describe('what the error says', () => {
  const fault = (value: unknown): string => {
    try {
      decodeFrame(encode(value));
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };

  test.each<[unknown, RegExp]>([
    [{ v: 2, k: 'records' }, /its version is 2 and this reader knows 1; is the writer newer\?/],
    [{ k: 'tick' }, /it states no version/],
    [{ v: 1, k: 'gift' }, /its kind is "gift", which this version does not know/],
    [{ v: 1 }, /it states no kind/],
    [{ v: 1, k: 'tick', x: 1 }, /a tick message has entries that this version does not know/],
    [{ v: 1, k: 'progress', source: 'a', time: 0.5 }, /entry time of a progress message is not whole epoch/],
    [{ v: 1, k: 'records', n: 0, bonus: 1 }, /column "bonus" is unknown to this version/],
    [{ v: 1, k: 'records', n: 0 }, /column id is missing/],
    [[1], /it starts with byte 0x91, not with a msgpack map/],
    [{ v: 1, k: ['tick'] }, /value 1 of its map has type 0x91/],
  ])('%j', (value, message) => {
    expect(fault(value)).toMatch(message);
  });
});

/** A frame of two records with one entry replaced: each breaks a rule that later code relies on. */
describe('a column that breaks a rule', () => {
  const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  const u16 = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
  const i16 = (...values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);
  const i32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
  const f64 = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
  const strings = (offsets: number[], bytes: number[] = []): Uint8Array =>
    Buffer.concat([u32(offsets.length - 1, ...offsets), Uint8Array.from(bytes)]);
  const AED = strings([0, 3], [65, 69, 68]);
  const good = {
    v: 1,
    k: 'records',
    n: 2,
    source: strings([0, 1], [97]),
    sourceIndex: u16(0, 0),
    id: strings([0, 1, 2], [97, 98]),
    account: strings([0, 1], [97]),
    accountIndex: u16(0, 0),
    currency: AED,
    currencyIndex: u16(0, 0),
    recordKind: Uint8Array.of(0, 1),
    amount: f64(1, 2),
    time: f64(0, 0),
  };
  const pairs = {
    referencesRows: u32(0, 2, 2),
    referencesNames: strings([0, 1, 2], [97, 98]),
    referencesNamesIndex: u16(0, 1),
    referencesValues: strings([0, 1, 2], [99, 100]),
  };

  test('none of them broken, it decodes', () => {
    expect(use(encode({ ...good, ...pairs }))).toBe('frame');
  });

  test.each<[{ [name: string]: unknown }, RegExp]>([
    [{ n: 3 }, /column id has 2 strings, not 3/],
    [{ amount: f64(1) }, /column amount has 8 bytes, not 2 × 8/],
    [{ amount: 'text' }, /column amount is not binary/],
    [{ amount: f64(1, 2 ** 53) }, /of row 1 is not a whole number within/],
    [{ amount: f64(1, 0.5) }, /of row 1 is not a whole number within/],
    [{ amount: f64(NaN, 1) }, /of row 0 is not a whole number within/],
    [{ fee: f64(0, Infinity) }, /of row 1 is not a whole number within/],
    [{ amount: f64(1, 2 ** 53 - 1), tax: f64(0, -1) }, /of row 1 is not a whole number within/],
    [{ time: f64(0, 8.64e15 + 1000) }, /row 1 of column time/],
    [{ time: f64(0, 0.5) }, /row 1 of column time/],
    [{ time: f64(NaN, 0) }, /row 0 of column time/],
    [{ recordKind: Uint8Array.of(0, 16) }, /row 1 of column recordKind is 16, outside 0 to 15/],
    [{ status: Uint8Array.of(0, 3) }, /row 1 of column status is 3/],
    [{ precision: Uint8Array.of(2, 0) }, /row 0 of column precision is 2/],
    [{ offsetMinutes: i16(-721, 0) }, /row 0 of column offsetMinutes is -721/],
    [{ offsetMinutes: i16(0, 841) }, /row 1 of column offsetMinutes is 841/],
    [{ bookingDate: i32(0, 2_932_897) }, /row 1 of column bookingDate is day 2932897/],
    [{ valueDate: i32(-719_529, 0) }, /row 0 of column valueDate/],
    [{ sourceIndex: u16(0, 1) }, /row 1 of dictionary source names value 1 of 1/],
    [{ currency: strings([0, 3], [88, 88, 88]) }, /value 0 of column currency is not a currency/],
    [{ currency: strings([0, 2], [65, 69]) }, /value 0 of column currency is not a currency/],
    [{ id: strings([0, 2, 1], [97]) }, /offsets of column id descend at 2/],
    [{ id: strings([0, 1, 2], [97]) }, /offsets of column id end at 2, not 1/],
    [{ id: strings([0, 1, 1], [97, 98]) }, /offsets of column id end at 1, not 2/],
    [{ id: strings([1, 1, 2], [97, 98]) }, /offsets of column id do not start at 0/],
    [{ id: strings([0, 1, 2], [97, 0xff]) }, /column id is not UTF-8/],
    [{ id: strings([0, 1, 2], [0xc3, 0xa9]) }, /column id is not UTF-8/],
    [{ id: Uint8Array.of(1, 2, 3) }, /column id is cut off/],
    [{ ...pairs, referencesRows: u32(0, 2, 1) }, /offsets of column referencesRows descend/],
    [{ ...pairs, referencesRows: u32(0, 2, 3) }, /column referencesValues has 2 strings, not 3/],
    [{ ...pairs, referencesNamesIndex: u16(1, 1) }, /row 0 of references has a name twice/],
    [
      { ...pairs, referencesNames: strings([0, 1, 2], [97, 97]) },
      /value 1 of column referencesNames repeats/,
    ],
    [{ ...pairs, referencesNamesIndex: u16(0, 2) }, /row 1 of dictionary referencesNames names value 2 of 2/],
    [{ referencesNames: AED }, /column referencesNames stands without referencesRows/],
    [{ originalAmount: f64(1, NaN) }, /column originalCurrency is missing/],
    [
      { originalAmount: f64(1, NaN), originalCurrency: AED, originalCurrencyIndex: u16(0, 0) },
      /row 1 has an original amount or its currency without the other/,
    ],
    [{ originalCurrency: AED }, /column originalCurrency stands without originalAmount/],
    [{ groupCount: f64(-1, NaN) }, /row 0 of column groupCount/],
    [{ groupTotal: f64(NaN, 2 ** 53) }, /row 1 of column groupTotal/],
  ])('is refused: %o', (change, message) => {
    const bytes = encode({ ...good, ...change });
    expect(() => decodeFrame(bytes)).toThrow(message);
    expect(use(bytes)).toBe('refused');
  });
});

test('a result frame that is none is refused', () => {
  for (const bytes of [
    ...SAMPLES,
    ...OTHERS,
    encode({ v: 1, k: 'results', matches: 1, breaks: 2, findings: 3 }),
  ]) {
    expect(() => decodeResultFrame(bytes)).toThrow(expect.objectContaining({ code: 'undecodableFrame' }));
  }
});
