import { RecordFrameBuilder } from '../../engine/codec/index.ts';
import type { RecordFrame } from '../../engine/domain/index.ts';

/**
 * A frame with ids and references of the usual lengths, ending in ten digits; all records at one time.
 * @param accounts among how many they are dealt out
 */
export function numberedFrame(
  source: 'gateway' | 'bank',
  count: number,
  time: number,
  accounts = 200,
): RecordFrame {
  const builder = new RecordFrameBuilder({ maxRecords: count });
  for (let i = 0; i < count; i++) {
    builder.add({
      source,
      id: 'ch_0000000000',
      account: `merchant-${i % accounts}`,
      kind: source === 'bank' ? 'bank' : 'charge',
      status: 'booked',
      currency: 'AED',
      amount: BigInt(100 + i),
      fee: 0n,
      tax: 0n,
      time,
      precision: 'instant',
      offsetMinutes: 240,
      references: { reference: 'pi_0000000000' },
      attributes: {},
    });
  }
  return builder.build();
}

/**
 * Gives the rows ids of their own, from number `first` on, and the times of their numbers.
 * @param alike so many following ones have the same reference
 */
export function numberRows(
  frame: RecordFrame,
  first: number,
  timeOf: (number: number) => number,
  alike = 1,
): void {
  for (let row = 0; row < frame.count; row++) {
    for (const [column, per] of [
      [frame.id, 1],
      [frame.references.values, alike],
    ] as const) {
      let rest = Math.floor((first + row) / per);
      for (let at = column.offsets[row + 1]! - 1, digit = 0; digit < 10; digit++, at--) {
        column.bytes[at] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    frame.time[row] = timeOf(first + row);
  }
}
