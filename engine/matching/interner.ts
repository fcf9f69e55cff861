import { hash32 } from './murmur3.ts';

// A byte order mark at the start of a string is part of it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const SEED = 0x5eed;

/**
 * Numbers for strings that recur (accounts, currencies, sources), found by their UTF-8 bytes without making a
 * string. Numbers are given in order of first sight and never reused: meant for sets that stay small.
 */
export class Interner {
  #bytes = new Uint8Array(1024);
  /** End of each string in `#bytes`. */
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  readonly #texts: (string | undefined)[] = [];
  #slots = new Int32Array(64);

  get count(): number {
    return this.#ends.length;
  }

  /** The number of a string that is there, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#find(bytes, start, end, hash32(bytes, start, end, SEED));
  }

  /** The number of a string, given now if it is new. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const hash = hash32(bytes, start, end, SEED);
    const known = this.#find(bytes, start, end, hash);
    if (known >= 0) return known;
    const number = this.count;
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    const to = from + (end - start);
    if (to > this.#bytes.length) {
      const grown = new Uint8Array(to * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    for (let i = start; i < end; i++) this.#bytes[from + i - start] = bytes[i]!;
    this.#ends.push(to);
    this.#hashes.push(hash);
    this.#texts.push(undefined);
    if (this.count * 2 > this.#slots.length) this.#rehash();
    else this.#put(number);
    return number;
  }

  internText(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  text(number: number): string {
    let text = this.#texts[number];
    if (text === undefined) {
      text = decoder.decode(this.#bytes.subarray(this.#start(number), this.#ends[number]));
      this.#texts[number] = text;
    }
    return text;
  }

  /** A hash of the string's bytes alone: the same in every process. */
  hash(number: number): number {
    return this.#hashes[number]!;
  }

  /** Whether the string is exactly `bytes`. */
  equals(number: number, bytes: Uint8Array): boolean {
    return bytes.length === this.#ends[number]! - this.#start(number) && this.#same(number, bytes, 0);
  }

  /** All strings in order of their numbers. */
  texts(): string[] {
    return this.#ends.map((_, i) => this.text(i));
  }

  #start(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  #find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = hash & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const number = slots[i]! - 1;
      if (this.#hashes[number] !== hash) continue;
      if (this.#ends[number]! - this.#start(number) !== end - start) continue;
      if (this.#same(number, bytes, start)) return number;
    }
    return -1;
  }

  #same(number: number, bytes: Uint8Array, start: number): boolean {
    const from = this.#start(number);
    const length = this.#ends[number]! - from;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.count; number++) this.#put(number);
  }

  #put(number: number): void {
    const mask = this.#slots.length - 1;
    let i = this.#hashes[number]! & mask;
    while (this.#slots[i] !== 0) i = (i + 1) & mask;
    this.#slots[i] = number + 1;
  }
}
