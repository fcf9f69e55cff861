import { CounterfoilError } from '../domain/index.ts';

/** Addresses count in units of 8 bytes. */
const UNIT_SHIFT = 3;
const CHUNK_UNITS_SHIFT = 17;
const CHUNK_UNITS = 1 << CHUNK_UNITS_SHIFT;
/** Bytes of one chunk: memory is taken from the system in pieces of this size and never copied. */
export const ARENA_CHUNK_BYTES: number = CHUNK_UNITS << UNIT_SHIFT;
const PAGE_UNITS_SHIFT = 12;
const PAGE_UNITS = 1 << PAGE_UNITS_SHIFT;
const PAGES_PER_CHUNK = CHUNK_UNITS / PAGE_UNITS;
/** Larger blocks get a buffer of their own. */
const MAX_PAGED_UNITS = PAGE_UNITS / 4;

const NONE = -1;
const [CLASS_UNITS, CLASS_OF_UNITS] = sizeClasses();

/** Every multiple of 8 bytes up to 256, then four sizes an octave. */
function sizeClasses(): [Uint16Array, Uint8Array] {
  const sizes: number[] = [];
  for (let units = 1; units <= 32; units++) sizes.push(units);
  for (let octave = 32; octave < MAX_PAGED_UNITS; octave *= 2) {
    for (let quarter = 1; quarter <= 4; quarter++) sizes.push(octave + (octave / 4) * quarter);
  }
  const classOf = new Uint8Array(MAX_PAGED_UNITS + 1);
  let units = 0;
  for (const [i, size] of sizes.entries()) while (units <= size) classOf[units++] = i;
  return [Uint16Array.from(sizes), classOf];
}

/** Columns of the page table, one row of `Int32`s a page. */
const PAGE_FREE = 0;
const PAGE_BUMP = 1;
const PAGE_LIVE = 2;
const PAGE_CLASS = 3;
const PAGE_NEXT = 4;
const PAGE_PREVIOUS = 5;
const PAGE_COLUMNS = 6;

/** What an arena is made of, for a snapshot: the arrays themselves, not copies. */
export interface ArenaState {
  readonly chunks: readonly Uint8Array[];
  readonly pages: Int32Array;
  readonly pageCount: number;
  readonly freePages: readonly number[];
  readonly large: readonly (Uint8Array | null)[];
}

/**
 * Blocks of bytes of any size, addressed by a 32-bit number. Pages of 32 KiB each hold blocks of one size and go back
 * to a common pool when they are empty, so that a change of block sizes over time does not strand memory.
 */
export class Arena {
  readonly #bytes: Uint8Array[] = [];
  readonly #words: Int32Array[] = [];
  #pages = new Int32Array(PAGES_PER_CHUNK * PAGE_COLUMNS);
  #pageCount = 0;
  #freePages: number[] = [];
  /** First page of each class that has room. */
  readonly #partial = new Int32Array(CLASS_UNITS.length).fill(NONE);
  #large: (Uint8Array | null)[] = [];
  #freeLarge: number[] = [];

  /** Takes a block of at least `length` bytes and returns its address. Its content is whatever was there. */
  allocate(length: number): number {
    const units = (length + 7) >>> UNIT_SHIFT;
    if (units > MAX_PAGED_UNITS) return this.#allocateLarge(length);
    const sizeClass = CLASS_OF_UNITS[units]!;
    let page = this.#partial[sizeClass]!;
    if (page === NONE) page = this.#openPage(sizeClass);
    const pages = this.#pages;
    const row = page * PAGE_COLUMNS;
    let unit = pages[row + PAGE_FREE]!;
    if (unit === NONE) {
      unit = pages[row + PAGE_BUMP]!;
      pages[row + PAGE_BUMP] = unit + CLASS_UNITS[sizeClass]!;
    } else {
      pages[row + PAGE_FREE] = this.#words[page >>> 5]![this.#wordOf(page, unit)]!;
    }
    pages[row + PAGE_LIVE]!++;
    if (!this.#hasRoom(row)) this.#unlink(page, sizeClass);
    return (page << PAGE_UNITS_SHIFT) + unit;
  }

  /** Gives a block back. */
  free(address: number): void {
    if (address < 0) {
      this.#large[-1 - address] = null;
      this.#freeLarge.push(-1 - address);
      return;
    }
    const page = address >>> PAGE_UNITS_SHIFT;
    const unit = address & (PAGE_UNITS - 1);
    const pages = this.#pages;
    const row = page * PAGE_COLUMNS;
    const sizeClass = pages[row + PAGE_CLASS]!;
    const wasFull = !this.#hasRoom(row);
    this.#words[page >>> 5]![this.#wordOf(page, unit)] = pages[row + PAGE_FREE]!;
    pages[row + PAGE_FREE] = unit;
    pages[row + PAGE_LIVE]!--;
    if (wasFull) this.#link(page, sizeClass);
    if (pages[row + PAGE_LIVE] === 0) {
      this.#unlink(page, sizeClass);
      this.#freePages.push(page);
    }
  }

  /** The buffer that holds the block; the block starts at {@link Arena.startOf}. */
  bytesOf(address: number): Uint8Array {
    return address < 0 ? this.#large[-1 - address]! : this.#bytes[address >>> CHUNK_UNITS_SHIFT]!;
  }

  /** Where in {@link Arena.bytesOf} the block starts; a multiple of 8. */
  startOf(address: number): number {
    return address < 0 ? 0 : (address & (CHUNK_UNITS - 1)) << UNIT_SHIFT;
  }

  /** Bytes taken from the system. */
  get byteLength(): number {
    let large = 0;
    for (const block of this.#large) large += block?.length ?? 0;
    return this.#bytes.length * ARENA_CHUNK_BYTES + this.#pages.byteLength + large;
  }

  state(): ArenaState {
    return {
      chunks: this.#bytes,
      pages: this.#pages.subarray(0, this.#pageCount * PAGE_COLUMNS),
      pageCount: this.#pageCount,
      freePages: this.#freePages,
      large: this.#large,
    };
  }

  /**
   * An arena as it was when `state` was taken; the chunks are taken over, not copied.
   * @throws CounterfoilError `checkpointUnreadable` when sizes do not fit
   */
  static restore(state: ArenaState): Arena {
    const arena = new Arena();
    const { chunks, pageCount } = state;
    if (
      state.pages.length !== pageCount * PAGE_COLUMNS ||
      pageCount > chunks.length * PAGES_PER_CHUNK ||
      chunks.some((chunk) => chunk.length !== ARENA_CHUNK_BYTES)
    ) {
      throw new CounterfoilError(
        'checkpointUnreadable',
        'the checkpoint’s arena has pages or chunks of the wrong size; remove this checkpoint to replay the log',
      );
    }
    for (const chunk of chunks) arena.#addChunk(chunk);
    arena.#growPages(chunks.length * PAGES_PER_CHUNK);
    arena.#pages.set(state.pages);
    arena.#pageCount = pageCount;
    arena.#freePages = [...state.freePages];
    const free = new Set(arena.#freePages);
    for (let page = 0; page < pageCount; page++) {
      const row = page * PAGE_COLUMNS;
      if (!free.has(page) && arena.#hasRoom(row)) arena.#link(page, arena.#pages[row + PAGE_CLASS]!);
    }
    arena.#large = [...state.large];
    for (const [i, block] of arena.#large.entries()) if (block === null) arena.#freeLarge.push(i);
    return arena;
  }

  #wordOf(page: number, unit: number): number {
    return (((page & (PAGES_PER_CHUNK - 1)) << PAGE_UNITS_SHIFT) + unit) << 1;
  }

  #hasRoom(row: number): boolean {
    const pages = this.#pages;
    return (
      pages[row + PAGE_FREE] !== NONE ||
      pages[row + PAGE_BUMP]! + CLASS_UNITS[pages[row + PAGE_CLASS]!]! <= PAGE_UNITS
    );
  }

  #openPage(sizeClass: number): number {
    let page = this.#freePages.pop();
    if (page === undefined) {
      if (this.#pageCount === this.#bytes.length * PAGES_PER_CHUNK) {
        this.#addChunk(new Uint8Array(ARENA_CHUNK_BYTES));
        this.#growPages(this.#bytes.length * PAGES_PER_CHUNK);
      }
      page = this.#pageCount++;
    }
    const row = page * PAGE_COLUMNS;
    this.#pages[row + PAGE_FREE] = NONE;
    this.#pages[row + PAGE_BUMP] = 0;
    this.#pages[row + PAGE_LIVE] = 0;
    this.#pages[row + PAGE_CLASS] = sizeClass;
    this.#link(page, sizeClass);
    return page;
  }

  #addChunk(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    this.#words.push(new Int32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4));
  }

  #growPages(count: number): void {
    if (count * PAGE_COLUMNS <= this.#pages.length) return;
    const grown = new Int32Array(Math.ceil(count * 1.5) * PAGE_COLUMNS);
    grown.set(this.#pages);
    this.#pages = grown;
  }

  #link(page: number, sizeClass: number): void {
    const next = this.#partial[sizeClass]!;
    this.#pages[page * PAGE_COLUMNS + PAGE_NEXT] = next;
    this.#pages[page * PAGE_COLUMNS + PAGE_PREVIOUS] = NONE;
    if (next !== NONE) this.#pages[next * PAGE_COLUMNS + PAGE_PREVIOUS] = page;
    this.#partial[sizeClass] = page;
  }

  #unlink(page: number, sizeClass: number): void {
    const next = this.#pages[page * PAGE_COLUMNS + PAGE_NEXT]!;
    const previous = this.#pages[page * PAGE_COLUMNS + PAGE_PREVIOUS]!;
    if (previous === NONE) this.#partial[sizeClass] = next;
    else this.#pages[previous * PAGE_COLUMNS + PAGE_NEXT] = next;
    if (next !== NONE) this.#pages[next * PAGE_COLUMNS + PAGE_PREVIOUS] = previous;
  }

  #allocateLarge(length: number): number {
    const slot = this.#freeLarge.pop() ?? this.#large.length;
    // Whole units, so that the header words of a block may be read through wider views.
    this.#large[slot] = new Uint8Array(((length + 7) >>> UNIT_SHIFT) << UNIT_SHIFT);
    return -1 - slot;
  }
}
