import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MoneyRecord, RecordFrame } from '../domain/index.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { RecordFrameBuilder, decodeFrame, encodeFrame, gatherRecords, readRecord } from './index.ts';

function frameOf(records: readonly MoneyRecord[]): RecordFrame {
  const builder = new RecordFrameBuilder({ maxRecords: 65_536, maxBytes: 16_000_000 });
  for (const record of records) builder.add(record);
  expect(builder.count).toBe(records.length);
  return builder.build();
}

test('picks rows of several frames, in the order asked for, repeats included', () => {
  const frames = fc.array(fc.array(recordArbitrary, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  });
  const picks = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 });
  fc.assert(
    fc.property(frames, picks, fc.nat(), fc.nat(), (records, chosen, a, b) => {
      const frameOfPick = chosen.map(([frame]) => frame % records.length);
      const rowOfPick = chosen.map(([, row], i) => row % records[frameOfPick[i]!]!.length);
      const [from, to] = [a % (chosen.length + 1), b % (chosen.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ];
      const gathered = gatherRecords(
        records.map(frameOf),
        Uint32Array.from(frameOfPick),
        Uint32Array.from(rowOfPick),
        from,
        to,
      );
      const expected = chosen.map((_, i) => records[frameOfPick[i]!]![rowOfPick[i]!]).slice(from, to);
      const decoded = decodeFrame(encodeFrame(gathered)) as RecordFrame;
      for (const frame of [gathered, decoded]) {
        expect(Array.from({ length: frame.count }, (_, row) => readRecord(frame, row))).toEqual(expected);
      }
    }),
  );
});

test('does not change with the frames it was gathered from', () => {
  const record: MoneyRecord = fc.sample(recordArbitrary, { numRuns: 1, seed: 3 })[0]!;
  const frame = frameOf([record]);
  const gathered = gatherRecords([frame], Uint32Array.of(0), Uint32Array.of(0), 0, 1);
  frame.id.bytes.fill(0);
  frame.amount.fill(0);
  expect(readRecord(gathered, 0)).toEqual(record);
});

test('refuses more rows than a frame holds', () => {
  const none = new Uint32Array(0);
  expect(() => gatherRecords([], none, none, 0, 65_537)).toThrow(
    expect.objectContaining({ code: 'payloadTooLarge' }),
  );
});
