import { CounterfoilError } from '../domain/index.ts';

const CHUNK_SHIFT = 14;
const CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
/** Entries of one chunk. */
export const SLAB_CHUNK_ENTRIES: number = 1 << CHUNK_SHIFT;

/** Entries whose memory is fetched at once, where many are gone through. */
export const FETCHED = 32;

/** No entry. */
export const NO_ENTRY = -1;

/**
 * Entries of a fixed size, numbered from 0, side by side in chunks: one entry is one or two cache lines, and growth
 * never copies. A free entry's first word links to the next free one, which is what a snapshot has of them; beside,
 * there is a list of them, so that none has to be read to be taken.
 */
export class Slab {
  readonly entryBytes: number;
  /** Chunks as 32-bit words and as doubles over the same memory. */
  readonly words: Int32Array[] = [];
  readonly doubles: Float64Array[] = [];
  /** Entries ever used: those from here on were never handed out. */
  count = 0;
  /** Free entries, the one to be taken next last. */
  #free = new Int32Array(64);
  #freeCount = 0;

  /** @param entryBytes a multiple of 8 */
  constructor(entryBytes: number) {
    this.entryBytes = entryBytes;
  }

  get used(): number {
    return this.count - this.#freeCount;
  }

  get byteLength(): number {
    return this.words.length * SLAB_CHUNK_ENTRIES * this.entryBytes;
  }

  allocate(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    if (this.count === this.words.length << CHUNK_SHIFT) {
      this.#addChunk(new ArrayBuffer(SLAB_CHUNK_ENTRIES * this.entryBytes));
    }
    return this.count++;
  }

  /** The entry that is allocated after `before` others, where it was used before; else −1. */
  nextFree(before: number): number {
    return before < this.#freeCount ? this.#free[this.#freeCount - 1 - before]! : NO_ENTRY;
  }

  free(entry: number): void {
    const count = this.#freeCount++;
    this.words[entry >>> CHUNK_SHIFT]![this.word(entry)] = count === 0 ? NO_ENTRY : this.#free[count - 1]!;
    if (count === this.#free.length) {
      const grown = new Int32Array(count * 2);
      grown.set(this.#free);
      this.#free = grown;
    }
    this.#free[count] = entry;
  }

  /** Index of the entry's first word in its chunk of `words`. */
  word(entry: number): number {
    return (entry & CHUNK_MASK) * (this.entryBytes >>> 2);
  }

  /** The chunk of `words` that holds the entry. */
  wordsOf(entry: number): Int32Array {
    return this.words[entry >>> CHUNK_SHIFT]!;
  }

  /** Index of the entry's first double in its chunk of `doubles`. */
  double(entry: number): number {
    return (entry & CHUNK_MASK) * (this.entryBytes >>> 3);
  }

  doublesOf(entry: number): Float64Array {
    return this.doubles[entry >>> CHUNK_SHIFT]!;
  }

  /** Numbers that a restored slab needs beside its chunks. */
  state(): { count: number; firstFree: number; free: number } {
    const firstFree = this.#freeCount === 0 ? NO_ENTRY : this.#free[this.#freeCount - 1]!;
    return { count: this.count, firstFree, free: this.#freeCount };
  }

  /**
   * The used bytes of each chunk, as views.
   */
  blocks(): Uint8Array[] {
    return this.words.map((words, i) => {
      const entries = Math.min(SLAB_CHUNK_ENTRIES, this.count - (i << CHUNK_SHIFT));
      return new Uint8Array(words.buffer, 0, entries * this.entryBytes);
    });
  }

  /**
   * Fills an empty slab with what `state` and `blocks` gave.
   * @throws CounterfoilError `checkpointUnreadable` when sizes do not fit
   */
  restore(state: { count: number; firstFree: number; free: number }, blocks: readonly Uint8Array[]): void {
    const chunks = Math.ceil(state.count / SLAB_CHUNK_ENTRIES);
    let bytes = 0;
    for (const block of blocks) bytes += block.length;
    if (blocks.length !== chunks || bytes !== state.count * this.entryBytes) {
      throw new CounterfoilError(
        'checkpointUnreadable',
        `the checkpoint holds ${bytes} bytes in ${blocks.length} chunks for ${state.count} entries of ${this.entryBytes} bytes; remove this checkpoint to replay the log`,
      );
    }
    for (const block of blocks) {
      const buffer = new ArrayBuffer(SLAB_CHUNK_ENTRIES * this.entryBytes);
      new Uint8Array(buffer).set(block);
      this.#addChunk(buffer);
    }
    this.count = state.count;
    this.#free = new Int32Array(Math.max(64, state.free));
    this.#freeCount = state.free;
    let entry = state.firstFree;
    for (let i = state.free - 1; i >= 0; i--) {
      if (entry < 0 || entry >= state.count) {
        throw new CounterfoilError(
          'checkpointUnreadable',
          `the checkpoint counts ${state.free} free entries among ${state.count} and names ${state.free - 1 - i}; remove this checkpoint to replay the log`,
        );
      }
      this.#free[i] = entry;
      entry = this.wordsOf(entry)[this.word(entry)]!;
    }
  }

  #addChunk(buffer: ArrayBuffer): void {
    this.words.push(new Int32Array(buffer));
    this.doubles.push(new Float64Array(buffer));
  }
}
