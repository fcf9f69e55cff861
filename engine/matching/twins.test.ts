import { expect, test } from 'vitest';
import { fieldsOf } from '../rules/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { ORDINALS } from './entries.ts';
import type { KernelFields } from './kernel-fields.ts';
import { Twins } from './twins.ts';

const RETAIN = 1000;

function record(number: number, reference: string, time: number): KernelFields {
  const made = aRecord({ source: 'bank', id: `b${number}`, kind: 'bank', time, references: { reference } });
  const arrival = number * ORDINALS;
  return Object.assign(fieldsOf(made), { arrival, groupCount: undefined, groupTotal: undefined, version: 0 });
}

test('the earliest of equal records is the twin, and none without the texts', () => {
  const twins = new Twins(['references.reference', 'amount'], RETAIN);
  expect(twins.meet(record(1, 'x', 0), 0)).toBeUndefined();
  expect(twins.meet(record(2, 'x', 10), 10)).toMatchObject({ id: 'b1', sequence: 1, ordinal: 0 });
  expect(twins.meet(record(3, 'x', 20), 20)?.id).toBe('b1');
  expect(twins.meet(record(4, 'y', 20), 20)).toBeUndefined();
  expect(twins.meet(record(5, '', 20), 20)).toBeUndefined();
  expect(twins.meet(record(6, '', 20), 20)).toBeUndefined();
});

test('a record is remembered while the watermark is not past its time and retain, and repeats none older than retain', () => {
  const twins = new Twins(['references.reference'], RETAIN);
  twins.meet(record(1, 'x', 0), 0);
  expect(twins.meet(record(2, 'x', 500), RETAIN)?.id).toBe('b1');
  expect(twins.meet(record(3, 'x', 600), RETAIN + 1)?.id).toBe('b2');
  expect(twins.meet(record(4, 'x', 1501), RETAIN + 1)?.id).toBe('b3');
});

test('forgets the outdated as it goes, however many keys there are', () => {
  const twins = new Twins(['references.reference'], RETAIN);
  for (let i = 0; i < 20_000; i++) twins.meet(record(i, `r${i}`, i), i);
  expect(twins.state().length).toBeLessThan(3 * RETAIN);
});

test('goes on after a snapshot', () => {
  const before = new Twins(['references.reference'], RETAIN);
  before.meet(record(1, 'x', 0), 0);
  const after = new Twins(['references.reference'], RETAIN);
  after.restore(before.state());
  expect(after.meet(record(2, 'x', 5), 5)?.id).toBe('b1');
});
