import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordFrame } from '../../../engine/domain/index.ts';
import { orderByTime } from './order.ts';

function frameOf(times: readonly number[]): RecordFrame {
  return { kind: 'records', count: times.length, time: Float64Array.from(times) } as unknown as RecordFrame;
}

describe('the order of rows', () => {
  it('is by time, then by frame, then by row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -3, max: 12 }), { maxLength: 12 }), { maxLength: 6 }),
        (lists) => {
          const order = orderByTime(lists.map(frameOf));
          const found = Array.from({ length: order.count }, (_, i) => [order.frameOf[i], order.rowOf[i]]);
          const wanted = lists
            .flatMap((times, f) => times.map((time, row) => ({ time, f, row })))
            .sort((a, b) => a.time - b.time || a.f - b.f || a.row - b.row)
            .map(({ f, row }) => [f, row]);
          expect(found).toEqual(wanted);
        },
      ),
    );
  });

  it('of nothing is nothing', () => {
    expect(orderByTime([]).count).toBe(0);
    expect(orderByTime([frameOf([])]).count).toBe(0);
  });
});
