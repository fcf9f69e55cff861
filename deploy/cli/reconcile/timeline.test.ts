import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Timeline } from './timeline.ts';

it('numbers records alone from 1', () => {
  const timeline = new Timeline();
  expect([0, 1, 41].map((index) => timeline.sequenceOf(index))).toEqual([1, 2, 42]);
  expect([1, 2, 42].map((sequence) => timeline.indexOf(sequence))).toEqual([0, 1, 41]);
});

it('gives every record, command and time of a command a number of its own, in order and without a gap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }),
      (records, places) => {
        const before = places.map((place) => Math.min(place, records)).sort((a, b) => a - b);
        const timeline = new Timeline(before);
        const sequences: number[] = [];
        for (let record = 0, command = 0; record < records || command < before.length;) {
          if (before[command] === record) {
            const sequence = timeline.sequenceOfCommand(command++);
            sequences.push(sequence - 1, sequence);
          } else {
            const sequence = timeline.sequenceOf(record);
            expect(timeline.indexOf(sequence)).toBe(record++);
            sequences.push(sequence);
          }
        }
        expect(sequences).toEqual(sequences.map((_, i) => i + 1));
      },
    ),
  );
});
