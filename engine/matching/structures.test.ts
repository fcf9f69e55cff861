import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, ARENA_CHUNK_BYTES } from './arena.ts';
import { addExact, exactSum } from './exact-sum.ts';
import { Interner } from './interner.ts';
import { KeyIndex } from './key-index.ts';
import { Slab } from './slab.ts';
import { lagBucket } from './totals.ts';
import { LAG_BOUNDS_MS } from '../domain/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the key index', () => {
  /** All entries with a hash, in any order. */
  function found(index: KeyIndex, hash: number): number[] {
    const entries: number[] = [];
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash))
      entries.push(index.entryAt(slot));
    return entries.sort((a, b) => a - b);
  }

  test('holds what a map of hashes to entries holds, through growth, splits and removals', () => {
    const hashes = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: -5, max: 5 }).map((high) => high << 28),
      fc.integer(),
    );
    const operations = fc.array(fc.tuple(hashes, fc.boolean()), { maxLength: 600 });
    fc.assert(
      fc.property(operations, (steps) => {
        const index = new KeyIndex();
        const model = new Map<number, number[]>();
        for (const [i, [hash, remove]] of steps.entries()) {
          const known = model.get(hash) ?? [];
          if (remove && known.length > 0) {
            const gone = known[i % known.length]!;
            let slot = index.first(hash);
            while (index.entryAt(slot) !== gone) slot = index.next(slot, hash);
            index.removeAt(slot);
            model.set(
              hash,
              known.filter((entry) => entry !== gone),
            );
          } else {
            index.insert(hash, i);
            model.set(hash, [...known, i]);
          }
          expect(found(index, hash)).toEqual(model.get(hash));
        }
        for (const [hash, entries] of model) expect(found(index, hash)).toEqual(entries);
        expect(index.size).toBe([...model.values()].flat().length);
      }),
      { numRuns: 60 },
    );
  });

  test('splits its tables without losing a key, at under 20 bytes a key', () => {
    const index = new KeyIndex();
    const count = 120_000;
    const hashOf = (i: number): number => Math.imul(i, 0x9e3779b1);
    for (let i = 0; i < count; i++) index.insert(hashOf(i), i);
    let wrong = 0;
    for (let i = 0; i < count; i++) if (found(index, hashOf(i)).join() !== String(i)) wrong++;
    expect(wrong).toBe(0);
    expect(index.byteLength / count).toBeLessThan(20);
    for (let i = 0; i < count; i += 2) index.removeAt(index.first(hashOf(i)));
    for (let i = 0; i < count; i++) if (found(index, hashOf(i)).length !== i % 2) wrong++;
    expect(wrong).toBe(0);
  });

  test('takes thousands of keys of one hash', () => {
    const index = new KeyIndex();
    for (let i = 0; i < 9000; i++) index.insert(77, i);
    expect(found(index, 77).length).toBe(9000);
    expect(found(index, 78)).toEqual([]);
  });
});

describe('the arena', () => {
  test('keeps every block as it was written, whatever is taken and given back', () => {
    const sizes = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 1, max: 200 }) },
      { weight: 3, arbitrary: fc.integer({ min: 200, max: 9000 }) },
      { weight: 1, arbitrary: fc.constant(2 * ARENA_CHUNK_BYTES) },
    );
    const operations = fc.array(fc.tuple(sizes, fc.boolean(), fc.nat()), { maxLength: 250 });
    fc.assert(
      fc.property(operations, (steps) => {
        let arena = new Arena();
        const live: { address: number; size: number; mark: number }[] = [];
        for (const [i, [size, free, which]] of steps.entries()) {
          if (free && live.length > 0) {
            const [block] = live.splice(which % live.length, 1);
            arena.free(block!.address);
          } else {
            const address = arena.allocate(size);
            arena.bytesOf(address).fill(i, arena.startOf(address), arena.startOf(address) + size);
            live.push({ address, size, mark: i % 256 });
          }
          if (i === 100) {
            const state = arena.state();
            arena = Arena.restore({
              ...state,
              chunks: state.chunks.map((chunk) => chunk.slice()),
              pages: state.pages.slice(),
              large: state.large.map((block) => block?.slice() ?? null),
            });
          }
        }
        for (const { address, size, mark } of live) {
          const start = arena.startOf(address);
          const bytes = arena.bytesOf(address).subarray(start, start + size);
          expect(bytes.length).toBe(size);
          expect(bytes.every((byte) => byte === mark)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('does not leak when sizes change over a long run', () => {
    const arena = new Arena();
    const blocks: number[] = [];
    let most = 0;
    for (let round = 0; round < 60; round++) {
      const size = 16 + round * 9;
      while (blocks.length < 20_000) blocks.push(arena.allocate(size));
      most = Math.max(most, arena.byteLength);
      // Most leave in order, a few stay behind to the next rounds.
      for (const block of blocks.splice(0, 19_900)) arena.free(block);
    }
    // The largest round alone takes 11 MB.
    expect(most).toBeLessThan(2 * 20_000 * 556);
    expect(arena.byteLength).toBe(most);
  });
});

describe('the slab', () => {
  test('uses freed entries again before new ones', () => {
    const slab = new Slab(40);
    const model = new Set<number>();
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 200 }), (steps) => {
        for (const step of steps) {
          if (step === undefined || model.size === 0) {
            const free = slab.count - slab.used;
            const entry = slab.allocate();
            expect(model.has(entry)).toBe(false);
            model.add(entry);
            if (free > 0) expect(slab.count - slab.used).toBe(free - 1);
          } else {
            const entry = [...model][step % model.size]!;
            model.delete(entry);
            slab.free(entry);
          }
          expect(slab.used).toBe(model.size);
        }
      }),
    );
  });

  test('restored, hands out what it would have, in the same order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(), { maxLength: 300 }), (size, freed) => {
        const slab = new Slab(40);
        const used = Array.from({ length: size }, () => slab.allocate());
        for (const each of freed) if (used.length > 0) slab.free(used.splice(each % used.length, 1)[0]!);
        const again = new Slab(40);
        again.restore(
          slab.state(),
          slab.blocks().map((block) => block.slice()),
        );
        const free = slab.count - slab.used;
        const told = Array.from({ length: free + 1 }, (_, before) => slab.nextFree(before));
        expect(told.at(-1)).toBe(-1);
        for (let i = 0; i < free + 3; i++) {
          const entry = slab.allocate();
          expect(again.allocate()).toBe(entry);
          if (i < free) expect(told[i]).toBe(entry);
        }
      }),
    );
  });

  test('refuses free entries that are none of its own', () => {
    const slab = new Slab(64);
    expect(() => slab.restore({ count: 1, firstFree: 1, free: 1 }, [new Uint8Array(64)])).toThrow(
      expect.objectContaining({ code: 'checkpointUnreadable' }),
    );
  });

  test('refuses blocks of another size', () => {
    const slab = new Slab(64);
    expect(() => slab.restore({ count: 3, firstFree: -1, free: 0 }, [new Uint8Array(128)])).toThrow(
      expect.objectContaining({ code: 'checkpointUnreadable' }),
    );
  });
});

describe('the interner', () => {
  test('gives each text one number', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 4 }), { maxLength: 200 }), (texts) => {
        const interner = new Interner();
        const numbers = new Map<string, number>();
        for (const text of texts) {
          const bytes = encode(`<${text}>`);
          const known = numbers.get(text);
          expect(interner.find(bytes, 1, bytes.length - 1)).toBe(known ?? -1);
          const number = interner.intern(bytes, 1, bytes.length - 1);
          expect(number).toBe(known ?? numbers.size);
          numbers.set(text, number);
        }
        expect(interner.texts()).toEqual([...numbers.keys()]);
      }),
    );
  });
});

describe('sums and lags', () => {
  test('a sum is exact far beyond what a double holds', () => {
    const amounts = fc.array(fc.maxSafeInteger(), { maxLength: 60 });
    fc.assert(
      fc.property(amounts, (values) => {
        const sums = new Float64Array(2);
        for (const value of values) addExact(sums, 0, value);
        const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
        const most = BigInt(Number.MAX_SAFE_INTEGER);
        const held = exact > most ? most : exact < -most ? -most : exact;
        expect(exactSum(sums, 0)).toBe(Number(held));
      }),
    );
  });

  test('a lag is counted under the first bound that is not below it', () => {
    for (const [i, bound] of LAG_BOUNDS_MS.entries()) {
      expect(lagBucket(bound)).toBe(i);
      expect(lagBucket(bound + 1)).toBe(i + 1);
    }
  });
});
