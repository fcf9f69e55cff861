import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  SEEN_BUCKETS,
  SEEN_DUPLICATE,
  SEEN_ENTRY_BYTES,
  SEEN_NEW,
  SEEN_OTHER_CONTENT,
  SeenSet,
} from './seen-set.ts';

/** A few fingerprints that share tables and homes, with 0 in every lane that treats it specially. */
function lanesOf(id: number): [number, number, number, number] {
  return [id % 3 === 0 ? 0 : id % 5, id % 7, id, id >> 2];
}

/** The plain model: every identity with its contents and their buckets. */
class Model {
  readonly #known = new Map<number, { content: number; bucket: number }[]>();

  look(id: number, content: number, now: number): number {
    const live = (this.#known.get(id) ?? []).filter(({ bucket }) => bucket >= now - SEEN_BUCKETS);
    if (live.length === 0) return SEEN_NEW;
    return live.some((entry) => entry.content === content) ? SEEN_DUPLICATE : SEEN_OTHER_CONTENT;
  }

  add(id: number, content: number, now: number): void {
    this.#known.set(id, [...(this.#known.get(id) ?? []), { content, bucket: now }]);
  }
}

const step = fc.record({
  id: fc.integer({ min: 0, max: 400 }),
  content: fc.integer({ min: 0, max: 2 }),
  advance: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 30, max: 400 }) },
  ),
});

describe('the seen set', () => {
  test('answers as a map of exact identities would, while buckets pass', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500 }), fc.integer({ min: -5, max: 1e12 }), (steps, start) => {
        const set = new SeenSet();
        const model = new Model();
        let now = start;
        for (const { id, content, advance } of steps) {
          now += advance;
          set.enter(now);
          const verdict = set.probe(...lanesOf(id), content);
          expect(verdict).toBe(model.look(id, content, now));
          if (verdict === SEEN_DUPLICATE) continue;
          set.add(...lanesOf(id), content);
          model.add(id, content, now);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('is restored from its segments, however often they were taken', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        (steps, every) => {
          const set = new SeenSet();
          const files = new Map<number, number[]>();
          let now = 7;
          for (const [i, { id, content, advance }] of steps.entries()) {
            now += advance;
            set.enter(now);
            if (set.probe(...lanesOf(id), content) !== SEEN_DUPLICATE) set.add(...lanesOf(id), content);
            if (i % every !== 0 && i !== steps.length - 1) continue;
            for (const { bucket, from, bytes } of set.pending()) {
              const file = files.get(bucket) ?? [];
              expect(file.length).toBe(from * SEEN_ENTRY_BYTES);
              files.set(bucket, [...file, ...bytes]);
            }
            set.written();
          }
          const segments = [...files].map(([bucket, bytes]) => ({
            bucket,
            bytes: Uint8Array.from([...bytes, 1, 2, 3]),
          }));
          const restored = SeenSet.restore(now, set.buckets(), segments);
          expect(restored.size).toBe(set.size);
          expect(restored.pending()).toEqual([]);
          for (const { id, content } of steps) {
            expect(restored.probe(...lanesOf(id), content)).toBe(set.probe(...lanesOf(id), content));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('does not hand over what is so old that its bucket’s byte has come round', () => {
    const set = new SeenSet();
    set.enter(5);
    set.probe(1, 2, 3, 4, 5);
    set.add(1, 2, 3, 4, 5);
    set.enter(5 + 256);
    set.probe(-1, 2, 3, 4, 5);
    set.add(-1, 2, 3, 4, 5);
    expect(set.pending().map(({ bucket, bytes }) => [bucket, bytes.length])).toEqual([
      [261, SEEN_ENTRY_BYTES],
    ]);
  });

  test('refuses segments that lack entries', () => {
    expect(() =>
      SeenSet.restore(3, [{ bucket: 3, entries: 2 }], [{ bucket: 3, bytes: new Uint8Array(20) }]),
    ).toThrow(expect.objectContaining({ code: 'checkpointUnreadable' }));
  });

  test('takes at most 32 bytes an entry at any moment, and gives memory back', () => {
    const set = new SeenSet();
    let worst = 0;
    let random = 1;
    const next = (): number => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0);
    for (let i = 1; i <= 600_000; i++) {
      // 100 buckets pass; what is older than 64 of them is forgotten.
      set.enter(Math.floor(i / 6000));
      set.probe(next(), Math.imul(next(), 0x9e3779b1), i, next(), 0);
      set.add(next(), next(), i, 0, 0);
      if (i > 100_000 && i % 1000 === 0) worst = Math.max(worst, set.byteLength / set.size);
    }
    expect(worst).toBeLessThanOrEqual(32);
    const full = set.byteLength;
    set.enter(10_000);
    for (let i = 0; i < 256; i++) set.probe(i << 24, 0, 0, 0, 0);
    expect(set.size).toBe(0);
    expect(set.byteLength).toBeLessThan(full / 50);
  });
});
