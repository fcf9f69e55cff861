import { expect, test } from 'vitest';
import type { Side } from '../../domain/index.ts';
import { aRecord } from '../../testing/a-record.ts';
import { REPLACEABLE_MS } from './interims.ts';
import { MatchMemory, type RememberedLeg, type RememberedMatch } from './match-memory.ts';

function leg(arrival: number, side: Side, time: number): RememberedLeg {
  return { record: aRecord({ source: 'bank', id: `b${arrival}`, kind: 'bank', time }), arrival, side };
}

function match(n: number): RememberedMatch {
  return {
    ...{ reconciliation: 'r', rule: 0, sequence: 7, n, version: 1, rate: undefined },
    legs: [leg(1, 'left', 0), leg(2, 'right', 50)],
  };
}

test('a match is found by the legs that may be replaced, until long after their own time', () => {
  const memory = new MatchMemory();
  const made = match(0);
  memory.add(made, [2], 0);
  expect(memory.of(1, 0)).toEqual([]);
  expect(memory.of(2, REPLACEABLE_MS + 50)).toEqual([made]);
  expect(memory.of(2, REPLACEABLE_MS + 51)).toEqual([]);
});

test('a leg that was replaced is found by what took its place; a forgotten match not at all', () => {
  const memory = new MatchMemory();
  const [made, other] = [match(0), match(1)];
  memory.add(made, [2], 0);
  memory.add(other, [2], 0);
  made.legs[1].arrival = 3;
  memory.move(made, 2, 3);
  expect(memory.of(2, 0)).toEqual([other]);
  expect(memory.of(3, 0)).toEqual([made]);
  memory.forget(({ n }) => n === 1);
  expect(memory.of(2, 0)).toEqual([]);
  expect(memory.size).toBe(1);
  expect(memory.of(3, 0)).toEqual([made]);
  memory.forget(({ n }) => n === 0);
  expect(memory.of(3, 0)).toEqual([]);
});

test('a snapshot keeps matches as they are, found by the same legs', () => {
  const memory = new MatchMemory();
  memory.add(match(0), [1, 2], 0);
  const restored = new MatchMemory();
  restored.restore(memory.state());
  expect(restored.of(1, 0)).toEqual([match(0)]);
  expect(restored.of(2, 0)[0]).toBe(restored.of(1, 0)[0]);
});
