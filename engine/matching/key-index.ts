/** Slots of a table when it splits in two. */
const FULL_CAPACITY = 4096;
const FIRST_CAPACITY = 16;
/** A table holds at most this share of its slots. */
const MAX_LOAD = 0.8;
/** Directory bits at most; a table that may not split any more doubles. */
const MAX_DEPTH = 20;

interface Table {
  /** Pairs of hash and entry + 1; 0 is an empty slot. */
  slots: Int32Array;
  count: number;
  /** Leading hash bits that all its keys share. */
  depth: number;
}

/**
 * Where the chain of equal keys starts, by the hash of the key: extendible hashing over small open-addressing tables.
 * A full table splits in two, so growth costs one table at a time and never stops the kernel for long. Deletion
 * shifts back, so there are no tombstones. The index knows hashes only; the caller verifies keys:
 *
 *     for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) index.entryAt(slot)
 */
export class KeyIndex {
  #directory: Int32Array = new Int32Array(1);
  #depth = 0;
  readonly #tables: Table[] = [{ slots: new Int32Array(2 * FIRST_CAPACITY), count: 0, depth: 0 }];
  /** Table of the lookup at hand. */
  #table: Table = this.#tables[0]!;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    let bytes = this.#directory.byteLength;
    for (const table of this.#tables) bytes += table.slots.byteLength;
    return bytes;
  }

  /** The first slot with `hash`, or −1. Slots stay valid until the index changes. */
  first(hash: number): number {
    const table = this.#tables[this.#directory[this.#tableOf(hash)]!]!;
    this.#table = table;
    const slots = table.slots;
    return this.#seek(hash, (hash << 1) & (slots.length - 1));
  }

  /** The next slot with `hash` after `slot`, or −1. */
  next(slot: number, hash: number): number {
    return this.#seek(hash, (slot + 2) & (this.#table.slots.length - 1));
  }

  entryAt(slot: number): number {
    return this.#table.slots[slot + 1]! - 1;
  }

  /** Lets a slot found just now point to another entry of the same key. */
  replaceAt(slot: number, entry: number): void {
    this.#table.slots[slot + 1] = entry + 1;
  }

  /** Adds a key that is not there yet. */
  insert(hash: number, entry: number): void {
    let table = this.#tables[this.#directory[this.#tableOf(hash)]!]!;
    while (table.count >= (table.slots.length >>> 1) * MAX_LOAD) {
      this.#grow(table, hash);
      table = this.#tables[this.#directory[this.#tableOf(hash)]!]!;
    }
    put(table.slots, hash, entry + 1);
    table.count++;
    this.#size++;
  }

  /** Removes the slot found just now. */
  removeAt(slot: number): void {
    const slots = this.#table.slots;
    const mask = slots.length - 1;
    let hole = slot;
    for (let i = (hole + 2) & mask; slots[i + 1] !== 0; i = (i + 2) & mask) {
      const home = (slots[i]! << 1) & mask;
      // The key at i may move to the hole only if the hole is not before its home.
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        slots[hole] = slots[i]!;
        slots[hole + 1] = slots[i + 1]!;
        hole = i;
      }
    }
    slots[hole] = 0;
    slots[hole + 1] = 0;
    this.#table.count--;
    this.#size--;
  }

  #tableOf(hash: number): number {
    return this.#depth === 0 ? 0 : hash >>> (32 - this.#depth);
  }

  #seek(hash: number, from: number): number {
    const slots = this.#table.slots;
    const mask = slots.length - 1;
    for (let i = from; slots[i + 1] !== 0; i = (i + 2) & mask) if (slots[i] === hash) return i;
    return -1;
  }

  #grow(table: Table, hash: number): void {
    const capacity = table.slots.length >>> 1;
    if (capacity < FULL_CAPACITY || table.depth === MAX_DEPTH) {
      const old = table.slots;
      table.slots = new Int32Array(old.length * 2);
      for (let i = 0; i < old.length; i += 2) {
        if (old[i + 1] !== 0) put(table.slots, old[i]!, old[i + 1]!);
      }
      return;
    }
    if (table.depth === this.#depth) this.#doubleDirectory();
    this.#split(table, hash);
  }

  #doubleDirectory(): void {
    const doubled = new Int32Array(this.#directory.length * 2);
    for (let i = 0; i < doubled.length; i++) doubled[i] = this.#directory[i >>> 1]!;
    this.#directory = doubled;
    this.#depth++;
  }

  /** The keys whose next hash bit is 1 move to a new table. */
  #split(table: Table, hash: number): void {
    const old = table.slots.slice();
    const bit = 31 - table.depth;
    table.depth++;
    const upper: Table = { slots: new Int32Array(old.length), count: 0, depth: table.depth };
    table.slots.fill(0);
    table.count = 0;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      const target = ((old[i]! >>> bit) & 1) === 1 ? upper : table;
      put(target.slots, old[i]!, old[i + 1]!);
      target.count++;
    }
    const span = 1 << (this.#depth - table.depth);
    // Directory entries of one table are neighbours, 2 × span of them, aligned.
    const start = this.#tableOf(hash) & ~(2 * span - 1);
    const number = this.#tables.push(upper) - 1;
    this.#directory.fill(number, start + span, start + 2 * span);
  }
}

function put(slots: Int32Array, hash: number, value: number): void {
  const mask = slots.length - 1;
  let i = (hash << 1) & mask;
  while (slots[i + 1] !== 0) i = (i + 2) & mask;
  slots[i] = hash;
  slots[i + 1] = value;
}
