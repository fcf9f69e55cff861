import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FingerprintMemory, type Kept } from './fingerprint-memory.ts';

interface KeptUnder extends Kept {
  readonly key: number;
}

/** Few keys, some of which share a table and a home slot. */
function lanes(key: number): [number, number, number, number] {
  return [key % 3 === 0 ? key << 26 : 7, key % 5, key, -key];
}

function found(memory: FingerprintMemory, key: number): KeptUnder[] {
  const list: KeptUnder[] = [];
  for (let slot = memory.first(...lanes(key)); slot >= 0; slot = memory.next(slot)) {
    list.push({
      key,
      arrival: memory.arrival(slot),
      until: memory.until(slot),
      value: memory.value(slot),
      time: memory.time(slot),
    });
  }
  return list.sort((a, b) => a.arrival - b.arrival);
}

describe('a memory of fingerprints', () => {
  test('holds what was added and not removed, through growth and restore', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 40 }), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const memory = new FingerprintMemory();
        let model: KeptUnder[] = [];
        for (const [i, { key, remove }] of steps.entries()) {
          const oldest = model.find((each) => each.key === key);
          if (remove && oldest !== undefined) {
            let slot = memory.first(...lanes(key));
            while (memory.arrival(slot) !== oldest.arrival) slot = memory.next(slot);
            memory.remove(slot);
            model = model.filter((each) => each !== oldest);
          } else {
            const kept = { key, arrival: i, until: 1000, value: i * 2 ** 33, time: i - 7 };
            memory.add(...lanes(key), kept, 0);
            model.push(kept);
          }
        }
        const restored = new FingerprintMemory();
        expect(restored.restore(memory.state(0))).toBe(true);
        for (const each of [memory, restored]) {
          expect(each.size).toBe(model.length);
          for (let key = 0; key <= 40; key++) {
            expect(found(each, key)).toEqual(model.filter((kept) => kept.key === key));
          }
        }
      }),
    );
  });

  test('forgets what is out of date when a table is full, and does not grow for it', () => {
    const memory = new FingerprintMemory();
    for (let now = 0; now < 100_000; now++) {
      memory.add(...lanes(now), { arrival: now, until: now + 100, value: 0, time: now }, now);
    }
    expect(memory.byteLength).toBeLessThan(240_000);
    expect(found(memory, 99_999)).toHaveLength(1);
    expect(memory.state(99_999).length).toBe(101 * 48);
  });

  test('refuses bytes of another layout', () => {
    expect(new FingerprintMemory().restore(new Uint8Array(49))).toBe(false);
  });
});
