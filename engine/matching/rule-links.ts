import { NO_ENTRY, SLAB_CHUNK_ENTRIES } from './slab.ts';
import type { Entries } from './entries.ts';

const MASK = SLAB_CHUNK_ENTRIES - 1;
const SHIFT = 31 - Math.clz32(SLAB_CHUNK_ENTRIES);
const WORDS = 3;

/**
 * The chains of equal keys under one rule: next, previous and hash per entry. A chain is circular and in order of
 * arrival; an entry that is not indexed under the rule has next −1.
 */
export interface ChainLinks {
  next(entry: number): number;
  setNext(entry: number, value: number): void;
  previous(entry: number): number;
  setPrevious(entry: number, value: number): void;
  hash(entry: number): number;
  setHash(entry: number, value: number): void;
}

/** Links of the first rule, which lie in the entries themselves. */
export class EntryLinks implements ChainLinks {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  next(entry: number): number {
    return this.#entries.chainNext(entry);
  }

  setNext(entry: number, value: number): void {
    this.#entries.setChainNext(entry, value);
  }

  previous(entry: number): number {
    return this.#entries.chainPrevious(entry);
  }

  setPrevious(entry: number, value: number): void {
    this.#entries.setChainPrevious(entry, value);
  }

  hash(entry: number): number {
    return this.#entries.keyHash(entry);
  }

  setHash(entry: number, value: number): void {
    this.#entries.setKeyHash(entry, value);
  }
}

/** Links of a further rule, 12 bytes an entry in chunks beside the slab's, made where an entry needs them. */
export class SideLinks implements ChainLinks {
  readonly #chunks: (Int32Array | undefined)[] = [];

  next(entry: number): number {
    const chunk = this.#chunks[entry >>> SHIFT];
    return chunk === undefined ? NO_ENTRY : chunk[(entry & MASK) * WORDS]!;
  }

  setNext(entry: number, value: number): void {
    let chunk = this.#chunks[entry >>> SHIFT];
    if (chunk === undefined) {
      chunk = new Int32Array(SLAB_CHUNK_ENTRIES * WORDS).fill(NO_ENTRY);
      this.#chunks[entry >>> SHIFT] = chunk;
    }
    chunk[(entry & MASK) * WORDS] = value;
  }

  previous(entry: number): number {
    return this.#chunks[entry >>> SHIFT]![(entry & MASK) * WORDS + 1]!;
  }

  setPrevious(entry: number, value: number): void {
    this.#chunks[entry >>> SHIFT]![(entry & MASK) * WORDS + 1] = value;
  }

  hash(entry: number): number {
    return this.#chunks[entry >>> SHIFT]![(entry & MASK) * WORDS + 2]!;
  }

  setHash(entry: number, value: number): void {
    this.#chunks[entry >>> SHIFT]![(entry & MASK) * WORDS + 2] = value;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const chunk of this.#chunks) bytes += chunk?.byteLength ?? 0;
    return bytes;
  }

  /** The chunks, an empty block where there is none: the arrays themselves, not copies. */
  blocks(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let i = 0; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i];
      blocks.push(chunk === undefined ? new Uint8Array(0) : new Uint8Array(chunk.buffer));
    }
    return blocks;
  }

  /** Takes copies of `blocks`; false when one has the wrong size. */
  restore(blocks: readonly Uint8Array[]): boolean {
    for (const [i, block] of blocks.entries()) {
      if (block.length === 0) continue;
      if (block.length !== SLAB_CHUNK_ENTRIES * WORDS * 4) return false;
      this.#chunks[i] = new Int32Array(block.slice().buffer);
    }
    return true;
  }
}
