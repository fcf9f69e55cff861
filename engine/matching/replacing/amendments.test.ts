import { expect, test } from 'vitest';
import { SEEN_BUCKETS } from '../seen-set.ts';
import { Murmur128 } from '../murmur3.ts';
import { AMENDMENT, Amendments, FIRST_VERSION, OLD_VERSION } from './amendments.ts';

const SOURCE = 3;

function identity(id: string): Murmur128 {
  const hash = new Murmur128();
  const bytes = new TextEncoder().encode(id);
  hash.seed(1);
  hash.finish(bytes, 0, bytes.length, 0);
  return hash;
}

test('a higher version amends the latest, any other is old; arrival and time are those of the latest', () => {
  const amendments = new Amendments();
  expect(amendments.probe(identity('a'), SOURCE, 1, 0)).toBe(FIRST_VERSION);
  amendments.remember(identity('a'), SOURCE, 1, 0, 10, 1000);
  expect(amendments.probe(identity('a'), SOURCE, 1, 0)).toBe(OLD_VERSION);
  expect(amendments.probe(identity('b'), SOURCE, 1, 0)).toBe(FIRST_VERSION);
  expect(amendments.probe(identity('a'), SOURCE, 3, 0)).toBe(AMENDMENT);
  expect([amendments.former, amendments.formerTime]).toEqual([10, 1000]);
  amendments.remember(identity('a'), SOURCE, 3, 0, 20, 2000);
  expect(amendments.probe(identity('a'), SOURCE, 2, 0)).toBe(OLD_VERSION);
  expect(amendments.probe(identity('a'), SOURCE, 4, 0)).toBe(AMENDMENT);
  expect([amendments.former, amendments.formerTime]).toEqual([20, 2000]);
});

test('an identity is forgotten some buckets after its latest version, and when its source ceases to amend', () => {
  const amendments = new Amendments();
  amendments.probe(identity('a'), SOURCE, 1, 5);
  amendments.remember(identity('a'), SOURCE, 1, 5, 10, 1000);
  expect(amendments.probe(identity('a'), SOURCE, 1, 5 + SEEN_BUCKETS)).toBe(OLD_VERSION);
  expect(amendments.probe(identity('a'), SOURCE, 1, 6 + SEEN_BUCKETS)).toBe(FIRST_VERSION);
  amendments.end(SOURCE + 1);
  expect(amendments.probe(identity('a'), SOURCE, 1, 5)).toBe(OLD_VERSION);
  amendments.end(SOURCE);
  expect(amendments.probe(identity('a'), SOURCE, 1, 5)).toBe(FIRST_VERSION);
  const restored = new Amendments();
  expect(restored.restore(amendments.state(5))).toBe(true);
  expect(restored.probe(identity('a'), SOURCE, 1, 5)).toBe(FIRST_VERSION);
});
