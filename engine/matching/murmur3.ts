/**
 * MurmurHash3 (Austin Appleby, public domain, github.com/aappleby/smhasher): the 32-bit and the 128-bit variant for
 * 32-bit machines. Not cryptographic: whoever chooses ids could make two of them collide, so identities of one source
 * are only as separate as that source's own ids are honest.
 */

const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/** The final mix of one 32-bit lane. */
export function mix32(lane: number): number {
  lane ^= lane >>> 16;
  lane = Math.imul(lane, 0x85ebca6b);
  lane ^= lane >>> 13;
  lane = Math.imul(lane, 0xc2b2ae35);
  return lane ^ (lane >>> 16);
}

/** Adds one 32-bit word to a running 32-bit hash: the body step of murmur3_x86_32. */
export function addWord(hash: number, word: number): number {
  word = Math.imul(word, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  hash ^= Math.imul(word, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe6546b64) | 0;
}

/** murmur3_x86_32 of `bytes[start .. end]` as a signed 32-bit integer. */
export function hash32(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed | 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = addWord(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  if (i < end) {
    let word = bytes[i]!;
    if (i + 1 < end) word |= bytes[i + 1]! << 8;
    if (i + 2 < end) word |= bytes[i + 2]! << 16;
    word = Math.imul(word, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
  }
  return mix32(hash ^ (end - start));
}

/**
 * murmur3_x86_128 in two steps, so that a prefix shared by many inputs is hashed once. The result is in the four
 * lanes `a`, `b`, `c`, `d`, signed 32-bit integers. Reused for every hash: it allocates nothing.
 */
export class Murmur128 {
  a = 0;
  b = 0;
  c = 0;
  d = 0;

  /** Starts over. */
  seed(seed: number): void {
    this.a = this.b = this.c = this.d = seed | 0;
  }

  /** Takes whole blocks of 16 bytes; what follows the last whole block of `bytes[start .. end]` is left alone. */
  blocks(bytes: Uint8Array, start: number, end: number): void {
    let { a, b, c, d } = this;
    for (let i = start; i + 16 <= end; i += 16) {
      a ^= lane(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24), C1, 15, C2);
      a = (a << 19) | (a >>> 13);
      a = (Math.imul((a + b) | 0, 5) + 0x561ccd1b) | 0;
      b ^= lane(
        bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24),
        C2,
        16,
        C3,
      );
      b = (b << 17) | (b >>> 15);
      b = (Math.imul((b + c) | 0, 5) + 0x0bcaa747) | 0;
      c ^= lane(
        bytes[i + 8]! | (bytes[i + 9]! << 8) | (bytes[i + 10]! << 16) | (bytes[i + 11]! << 24),
        C3,
        17,
        C4,
      );
      c = (c << 15) | (c >>> 17);
      c = (Math.imul((c + d) | 0, 5) + 0x96cd1c35) | 0;
      d ^= lane(
        bytes[i + 12]! | (bytes[i + 13]! << 8) | (bytes[i + 14]! << 16) | (bytes[i + 15]! << 24),
        C4,
        18,
        C1,
      );
      d = (d << 13) | (d >>> 19);
      d = (Math.imul((d + a) | 0, 5) + 0x32ac3b17) | 0;
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /**
   * Takes the last bytes, whole blocks and rest, and finishes.
   * @param before bytes already taken by `blocks`
   */
  finish(bytes: Uint8Array, start: number, end: number, before: number): void {
    const length = end - start;
    this.blocks(bytes, start, end);
    let { a, b, c, d } = this;
    const tail = start + (length & ~15);
    const left = end - tail;
    if (left > 12) d ^= lane(partialWord(bytes, tail + 12, end), C4, 18, C1);
    if (left > 8) c ^= lane(partialWord(bytes, tail + 8, end), C3, 17, C4);
    if (left > 4) b ^= lane(partialWord(bytes, tail + 4, end), C2, 16, C3);
    if (left > 0) a ^= lane(partialWord(bytes, tail, end), C1, 15, C2);
    const total = before + length;
    a ^= total;
    b ^= total;
    c ^= total;
    d ^= total;
    a = (a + b + c + d) | 0;
    b = (b + a) | 0;
    c = (c + a) | 0;
    d = (d + a) | 0;
    a = mix32(a);
    b = mix32(b);
    c = mix32(c);
    d = mix32(d);
    a = (a + b + c + d) | 0;
    this.a = a;
    this.b = (b + a) | 0;
    this.c = (c + a) | 0;
    this.d = (d + a) | 0;
  }
}

function lane(word: number, first: number, turn: number, second: number): number {
  word = Math.imul(word, first);
  return Math.imul((word << turn) | (word >>> (32 - turn)), second);
}

/** Up to four bytes, little-endian, missing ones 0. */
function partialWord(bytes: Uint8Array, i: number, end: number): number {
  let word = bytes[i]!;
  if (i + 1 < end) word |= bytes[i + 1]! << 8;
  if (i + 2 < end) word |= bytes[i + 2]! << 16;
  if (i + 3 < end) word |= bytes[i + 3]! << 24;
  return word;
}
