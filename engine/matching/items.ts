import { SLAB_CHUNK_ENTRIES } from './slab.ts';

const MASK = SLAB_CHUNK_ENTRIES - 1;
const SHIFT = 31 - Math.clz32(SLAB_CHUNK_ENTRIES);
/** Two doubles and four words an entry: 0 due of the item, 1 due in the lane; 4 next in the ring, 5 refusing rule + 1. */
const BYTES = 32;
const DOUBLES = BYTES / 8;
const WORDS = BYTES / 4;
const DUE = 0;
const LANE_DUE = 1;
const NEXT = 4;
const REFUSED = 5;

/**
 * What only some entries need, flagged EXTENDED, beside the slab of entries: when it was due, where its event is not
 * that; the ring of the entries of one record in the lanes of one pool, in the order of the lanes; and the unique rule
 * that refused it. Memory is taken for stretches of entries that have any.
 */
export class Items {
  readonly #buffers: (ArrayBuffer | undefined)[] = [];
  readonly #doubles: (Float64Array | undefined)[] = [];
  readonly #words: (Int32Array | undefined)[] = [];

  /** An entry is alone in its ring, and due. */
  add(entry: number, due: number): void {
    const chunk = entry >>> SHIFT;
    if (this.#doubles[chunk] === undefined) this.#take(chunk, new ArrayBuffer(SLAB_CHUNK_ENTRIES * BYTES));
    const d = (entry & MASK) * DOUBLES;
    const doubles = this.#doubles[chunk]!;
    doubles[d + DUE] = due;
    doubles[d + LANE_DUE] = due;
    const w = (entry & MASK) * WORDS;
    const words = this.#words[chunk]!;
    words[w + NEXT] = entry;
    words[w + REFUSED] = 0;
  }

  /** Puts an entry that is alone into the ring of another, last in the order of lanes. @param first first of the ring */
  link(first: number, entry: number): void {
    let last = first;
    while (this.next(last) !== first) last = this.next(last);
    this.#setNext(last, entry);
    this.#setNext(entry, first);
  }

  /** Takes an entry out of its ring; the others are given back. */
  alone(entry: number): void {
    this.#setNext(entry, entry);
  }

  /** The next entry of the same record in the same pool; the entry itself when it is alone. */
  next(entry: number): number {
    return this.#words[entry >>> SHIFT]![(entry & MASK) * WORDS + NEXT]!;
  }

  /** Reads what is kept of an entry, so that it is near. @returns something of no meaning */
  touch(entry: number): number {
    const words = this.#words[entry >>> SHIFT];
    return words === undefined ? 0 : words[(entry & MASK) * WORDS + NEXT]!;
  }

  /** When the item is due: the latest due time of its lanes. */
  due(entry: number): number {
    return this.#doubles[entry >>> SHIFT]![(entry & MASK) * DOUBLES + DUE]!;
  }

  setDue(entry: number, due: number): void {
    this.#doubles[entry >>> SHIFT]![(entry & MASK) * DOUBLES + DUE] = due;
  }

  /** When the record is due in this entry's lane. */
  laneDue(entry: number): number {
    return this.#doubles[entry >>> SHIFT]![(entry & MASK) * DOUBLES + LANE_DUE]!;
  }

  setLaneDue(entry: number, due: number): void {
    this.#doubles[entry >>> SHIFT]![(entry & MASK) * DOUBLES + LANE_DUE] = due;
  }

  /** Place of the unique rule that refused the record in this lane because several could be meant, or −1. */
  refusedBy(entry: number): number {
    return this.#words[entry >>> SHIFT]![(entry & MASK) * WORDS + REFUSED]! - 1;
  }

  /** @param rule its place, or −1 to take the mark away */
  setRefusedBy(entry: number, rule: number): void {
    this.#words[entry >>> SHIFT]![(entry & MASK) * WORDS + REFUSED] = rule + 1;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const buffer of this.#buffers) bytes += buffer?.byteLength ?? 0;
    return bytes;
  }

  /** The chunks, an empty block where there is none: the memory itself, not copies. */
  blocks(): Uint8Array[] {
    return Array.from(this.#buffers, (buffer) =>
      buffer === undefined ? new Uint8Array(0) : new Uint8Array(buffer),
    );
  }

  /** Takes copies of `blocks`; false when one has the wrong size. */
  restore(blocks: readonly Uint8Array[]): boolean {
    for (const [chunk, block] of blocks.entries()) {
      if (block.length === 0) continue;
      if (block.length !== SLAB_CHUNK_ENTRIES * BYTES) return false;
      this.#take(chunk, block.slice().buffer);
    }
    return true;
  }

  #take(chunk: number, buffer: ArrayBuffer): void {
    this.#buffers[chunk] = buffer;
    this.#doubles[chunk] = new Float64Array(buffer);
    this.#words[chunk] = new Int32Array(buffer);
  }

  #setNext(entry: number, next: number): void {
    this.#words[entry >>> SHIFT]![(entry & MASK) * WORDS + NEXT] = next;
  }
}
