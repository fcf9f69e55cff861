import { FETCHED, NO_ENTRY, SLAB_CHUNK_ENTRIES } from '../slab.ts';

const MASK = SLAB_CHUNK_ENTRIES - 1;
const SHIFT = 31 - Math.clz32(SLAB_CHUNK_ENTRIES);
const BYTES = 32;
const DOUBLES = BYTES / 8;
const WORDS = BYTES / 4;
const VALUE = 0;
const PART = 1;
const NEXT = 4;
const PREVIOUS = 5;
const OWNER = 6;
const FLAGS = 7;

/** Flag of a member that carries a signal. */
export const SIGNALS = 1;
/** Flag of a leg of the group's match: it is no member any more. */
export const IS_LEG = 2;
/** Flag of a member of which a partial rule has matched a part. */
export const ALLOCATED = 4;
/** Flag of a member of which a part was allocated by a match that does not go on: it is gone from the member's value. */
export const LOST_PART = 8;

interface Chunk {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/**
 * What entries are to the lists they stand in: neighbours, the list's owner (a group or a break), the entry's value
 * there, and a second number. 32 bytes an entry in chunks beside the slab's, made where an entry needs them.
 */
export class MemberLinks {
  readonly #chunks: (Chunk | undefined)[] = [];

  /** The group or break in whose list the entry stands, or −1. */
  owner(entry: number): number {
    const chunk = this.#chunks[entry >>> SHIFT];
    return chunk === undefined ? NO_ENTRY : chunk.words[(entry & MASK) * WORDS + OWNER]!;
  }

  /** Reads what is kept of entries in `list` from `from` on, so that it is near. @returns something of no meaning */
  touch(list: readonly number[], from: number): number {
    const to = Math.min(from + FETCHED, list.length);
    let touched = 0;
    for (let i = from; i < to; i++) touched ^= this.owner(list[i]!);
    return touched;
  }

  /** An entry comes to an owner, and into none of its lists yet. */
  add(entry: number, owner: number, value: number, part: number, flags: number): void {
    const { doubles, words } = this.#chunk(entry);
    const d = (entry & MASK) * DOUBLES;
    doubles[d + VALUE] = value;
    doubles[d + PART] = part;
    const w = (entry & MASK) * WORDS;
    words[w + OWNER] = owner;
    words[w + FLAGS] = flags;
  }

  /** Puts an entry between two others, or −1 at an end. */
  put(entry: number, previous: number, next: number): void {
    const words = this.#words(entry);
    const w = (entry & MASK) * WORDS;
    words[w + PREVIOUS] = previous;
    words[w + NEXT] = next;
  }

  setOwner(entry: number, owner: number): void {
    this.#words(entry)[(entry & MASK) * WORDS + OWNER] = owner;
  }

  next(entry: number): number {
    return this.#words(entry)[(entry & MASK) * WORDS + NEXT]!;
  }

  setNext(entry: number, next: number): void {
    this.#words(entry)[(entry & MASK) * WORDS + NEXT] = next;
  }

  previous(entry: number): number {
    return this.#words(entry)[(entry & MASK) * WORDS + PREVIOUS]!;
  }

  setPrevious(entry: number, previous: number): void {
    this.#words(entry)[(entry & MASK) * WORDS + PREVIOUS] = previous;
  }

  /** What the rule compares of the entry, minor units, with the rule's sign; of a partial rule what is left of it. */
  value(entry: number): number {
    return this.#chunk(entry).doubles[(entry & MASK) * DOUBLES + VALUE]!;
  }

  setValue(entry: number, value: number): void {
    this.#chunk(entry).doubles[(entry & MASK) * DOUBLES + VALUE] = value;
  }

  /** The fee that the value was reduced by; of a partial rule what is allocated. */
  part(entry: number): number {
    return this.#chunk(entry).doubles[(entry & MASK) * DOUBLES + PART]!;
  }

  setPart(entry: number, part: number): void {
    this.#chunk(entry).doubles[(entry & MASK) * DOUBLES + PART] = part;
  }

  /** What is allocated of an entry is no part of its group's match any more. */
  losePart(entry: number): void {
    if (this.part(entry) === 0) return;
    this.setPart(entry, 0);
    this.setFlags(entry, this.flags(entry) | LOST_PART);
  }

  flags(entry: number): number {
    return this.#words(entry)[(entry & MASK) * WORDS + FLAGS]!;
  }

  setFlags(entry: number, flags: number): void {
    this.#words(entry)[(entry & MASK) * WORDS + FLAGS] = flags;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const chunk of this.#chunks) bytes += chunk?.words.byteLength ?? 0;
    return bytes;
  }

  /** One per chunk, empty where there is none. */
  blocks(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let i = 0; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i];
      blocks.push(chunk === undefined ? new Uint8Array(0) : new Uint8Array(chunk.words.buffer));
    }
    return blocks;
  }

  /** Takes copies of `blocks`; false when one has the wrong size. */
  restore(blocks: readonly Uint8Array[]): boolean {
    for (const [i, block] of blocks.entries()) {
      if (block.length === 0) continue;
      if (block.length !== SLAB_CHUNK_ENTRIES * BYTES) return false;
      this.#chunks[i] = chunkOf(block.slice().buffer);
    }
    return true;
  }

  #words(entry: number): Int32Array {
    return this.#chunk(entry).words;
  }

  #chunk(entry: number): Chunk {
    return this.#chunks[entry >>> SHIFT] ?? this.#addChunk(entry >>> SHIFT);
  }

  #addChunk(number: number): Chunk {
    const chunk = chunkOf(new ArrayBuffer(SLAB_CHUNK_ENTRIES * BYTES));
    chunk.words.fill(NO_ENTRY);
    this.#chunks[number] = chunk;
    return chunk;
  }
}

function chunkOf(buffer: ArrayBuffer): Chunk {
  return { words: new Int32Array(buffer), doubles: new Float64Array(buffer) };
}
