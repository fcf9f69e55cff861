import { keyText } from '../domain/index.ts';
import type { KeyField, MoneyRecord } from '../domain/index.ts';

const encoder = new TextEncoder();

/**
 * The partition of a record, from 0 to `partitions` − 1. Fixed for ever: records already in the log lie where this
 * function put them, so a change of it would part a payment from its counterpart.
 *
 * The algorithm: FNV-1a of 32 bits (offset basis 0x811c9dc5, prime 0x01000193) over, for each field in order, the
 * UTF-8 bytes of its {@link keyText} and then a byte 0xff, which UTF-8 never contains; the 32 bits are mixed with the
 * finaliser of MurmurHash3 (shifts 16, 13, 16; factors 0x85ebca6b, 0xc2b2ae35), because FNV-1a alone spreads texts
 * that differ in the last letter badly over few partitions; the result, unsigned, modulo `partitions`.
 */
export function partitionOf(
  record: MoneyRecord,
  partitionBy: readonly KeyField[],
  partitions: number,
): number {
  let hash = 0x811c9dc5;
  for (const field of partitionBy) hash = hashText(keyText(record, field), hash);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}

function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return hashBytes(encoder.encode(text), seed);
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return Math.imul(hash ^ 0xff, 0x01000193);
}

function hashBytes(bytes: Uint8Array, seed: number): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return Math.imul(hash ^ 0xff, 0x01000193);
}
