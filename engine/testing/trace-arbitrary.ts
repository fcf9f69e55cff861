import fc from 'fast-check';
import { randomTrace, type TraceBounds } from './random-trace.ts';
import type { Trace } from './trace.ts';

/**
 * Random traces for fast-check. A failing one is printed by its seed and length, and shrinks to the shortest beginning
 * that still fails.
 */
export function traceArbitrary(bounds: TraceBounds = {}): fc.Arbitrary<Trace> {
  const { steps = 60 } = bounds;
  return fc
    .record({
      seed: fc.noShrink(fc.integer({ min: 0, max: 0x7fff_ffff })),
      steps: fc.integer({ min: 1, max: steps }),
    })
    .map((found) => {
      const text = `randomTrace(${found.seed}, { steps: ${found.steps} })`;
      return Object.assign(randomTrace(found.seed, { ...bounds, steps: found.steps }), {
        [fc.toStringMethod]: () => text,
      });
    });
}
