import { describe, expect, test } from 'vitest';
import { hash32, Murmur128 } from './murmur3.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function hash128(bytes: Uint8Array, seed: number): Uint8Array {
  const hash = new Murmur128();
  hash.seed(seed);
  hash.finish(bytes, 0, bytes.length, 0);
  return new Uint8Array(Int32Array.of(hash.a, hash.b, hash.c, hash.d).buffer);
}

const hex128 = (value: string): string => {
  const lanes = new Uint32Array(hash128(text(value), 0).buffer);
  return [...lanes].map((word) => word.toString(16).padStart(8, '0')).join('');
};

/** The check that smhasher itself runs: one number over 256 keys, lengths and seeds. */
function verification(hash: (bytes: Uint8Array, seed: number) => Uint8Array, width: number): number {
  const all = new Uint8Array(256 * width);
  const key = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    key[i] = i;
    all.set(hash(key.subarray(0, i), 256 - i), i * width);
  }
  return new DataView(hash(all, 0).buffer).getUint32(0, true);
}

describe('murmur3', () => {
  test('the 128-bit variant gives smhasher’s verification value', () => {
    expect(verification(hash128, 16)).toBe(0xb3ece62a);
  });

  test('the 32-bit variant gives smhasher’s verification value', () => {
    const hash = (bytes: Uint8Array, seed: number): Uint8Array =>
      new Uint8Array(Int32Array.of(hash32(bytes, 0, bytes.length, seed)).buffer);
    expect(verification(hash, 4)).toBe(0xb0f57ee3);
  });

  test('known texts', () => {
    expect(hex128('I will not buy this record, it is scratched.')).toBe('a0a9683b25ac5e40d9af2895890dddf5');
    expect(hex128('')).toBe('0'.repeat(32));
    const parrot = text('I will not buy this record, it is scratched.');
    expect(hash32(parrot, 0, parrot.length, 0) >>> 0).toBe(2_832_214_938);
  });

  test('a prefix of whole blocks hashed ahead changes nothing', () => {
    const whole = text('sixteen bytes!!!and whatever else follows');
    const hash = new Murmur128();
    hash.seed(7);
    hash.blocks(whole, 0, 16);
    hash.finish(whole, 16, whole.length, 16);
    const lanes = new Uint8Array(Int32Array.of(hash.a, hash.b, hash.c, hash.d).buffer);
    expect(lanes).toEqual(hash128(whole, 7));
  });
});
