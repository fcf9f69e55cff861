import { expect, test } from 'vitest';
import type { MoneyRecord, SourceRule } from '../../domain/index.ts';
import { fieldsOf } from '../../rules/index.ts';
import { aRecord } from '../../testing/a-record.ts';
import type { KernelFields } from '../kernel-fields.ts';
import { Interims, REPLACEABLE_MS } from './interims.ts';

function record(source: string, arrival: number, given: Partial<MoneyRecord> = {}): KernelFields {
  const made = aRecord({
    ...{ source, id: `${source}${arrival}`, kind: 'bank', time: 0, references: { line: 'L1' } },
    ...given,
  });
  return Object.assign(fieldsOf(made), { arrival, groupCount: undefined, groupTotal: undefined, version: 0 });
}

const SOURCES = [
  { name: 'mt942' },
  { name: 'mt940', supersedes: { sources: ['mt942'], keys: ['references.line'] } },
] as unknown as readonly SourceRule[];

function interims(): Interims {
  const made = new Interims();
  made.setSources(SOURCES);
  return made;
}

test('the earliest interim record with the same account, currency and keys is taken, once', () => {
  const memory = interims();
  for (const arrival of [2, 1, 3]) memory.add(record('mt942', arrival), 0);
  memory.add(record('mt942', 4, { references: {} }), 0);
  for (const other of [
    { account: 'b' },
    { currency: 'USD' },
    { references: { line: 'L2' } },
    { references: {} },
  ])
    expect(memory.take(record('mt940', 9, other), 0)).toBe(-1);
  expect(memory.take(record('mt942', 9), 0)).toBe(-1);
  expect(memory.take(record('mt940', 9), 0)).toBe(1);
  expect(memory.take(record('mt940', 10), 0)).toBe(2);
  expect(memory.take(record('mt940', 11), 0)).toBe(3);
  expect(memory.take(record('mt940', 12), 0)).toBe(-1);
  // What nobody can take takes no room.
  expect(memory.state(0).interims).toHaveLength(0);
});

test('only a source that another names is interim, and its records only for so long', () => {
  const memory = interims();
  expect([memory.isInterim('mt942'), memory.isInterim('mt940')]).toEqual([true, false]);
  memory.add(record('mt942', 1), 0);
  expect(memory.take(record('mt940', 9), REPLACEABLE_MS + 1)).toBe(-1);
  expect(memory.take(record('mt940', 9), REPLACEABLE_MS)).toBe(1);
});

test('a record that an amendment has replaced is taken by nobody, over a snapshot too', () => {
  const memory = interims();
  memory.add(record('mt942', 1), 0);
  memory.add(record('mt942', 2), 0);
  memory.replaced(1, 0, Number.NEGATIVE_INFINITY);
  const restored = interims();
  expect(restored.restore(memory.state(0))).toBe(true);
  expect([restored.wasReplaced(1), restored.wasReplaced(2)]).toEqual([true, false]);
  expect(restored.take(record('mt940', 9), 0)).toBe(2);
});
