import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { ReplayFilter } from './replay-filter.ts';

const position = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 5 }));
const positions = fc.uniqueArray(position, { selector: ([s, n]) => `${s}-${n}`, maxLength: 60 });
const ascending = (a: readonly [number, number], b: readonly [number, number]): number =>
  a[0] - b[0] || a[1] - b[1];

test.prop([positions, positions])('finds exactly the stored positions', (stored, replayed) => {
  const sorted = [...stored].sort(ascending);
  const filter = new ReplayFilter({
    sequence: Float64Array.from(sorted, ([s]) => s),
    n: Uint32Array.from(sorted, ([, n]) => n),
  });
  const known = new Set(stored.map(([s, n]) => `${s}-${n}`));
  for (const [s, n] of [...replayed].sort(ascending)) {
    expect(filter.has(s, n)).toBe(known.has(`${s}-${n}`));
  }
});
