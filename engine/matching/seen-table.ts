const LANES = 5;
/** Slots of a table's first memory, and the least by which it grows. */
const MIN_STEP = 32;
/** Filled beyond this share of its slots a table sweeps, and grows if that is not enough. */
const MAX_LOAD = 0.85;
/** Filled to this share after growing: one entry then costs 21 / 0.71 bytes. */
const LOAD_AFTER_GROWTH = 0.71;
/** A table that would be emptier than this gives memory back when it is swept. */
const MIN_LOAD = 0.7;
/** Buckets of a memory; an entry of an older bucket does not count. */
const BUCKETS = 64;
/** A table is swept at the latest when it is this many buckets behind. */
const SWEEP_EVERY = 4;

/**
 * One open-addressing table of the seen set: five 32-bit lanes and the bucket, as one byte, per slot. Slots are
 * in order of the second lane, so growing walks memory once from front to back. The first lane is never 0: 0 is an
 * empty slot.
 */
export class SeenTable {
  #lanes: Int32Array = new Int32Array(0);
  #buckets: Uint8Array = new Uint8Array(0);
  #capacity = 0;
  #count = 0;
  /** No entry is out of date as of this bucket. */
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** Where the entry looked up last would go. */
  #slot = 0;

  get byteLength(): number {
    return this.#lanes.byteLength + this.#buckets.byteLength;
  }

  /** 0 new, 1 the same identity and content, 2 the same identity with other content. */
  probe(a: number, b: number, c: number, d: number, content: number, now: number): number {
    if (now !== this.#sweptAt && now - this.#sweptAt >= SWEEP_EVERY) this.#sweep(now);
    if (this.#capacity === 0) return 0;
    const lanes = this.#lanes;
    const capacity = this.#capacity;
    if (a === 0) a = 1;
    let verdict = 0;
    let slot = homeOf(b, capacity);
    for (let i = slot * LANES; lanes[i] !== 0;) {
      if (
        lanes[i] === a &&
        lanes[i + 1] === b &&
        lanes[i + 2] === c &&
        lanes[i + 3] === d &&
        ((now - this.#buckets[slot]!) & 0xff) <= BUCKETS
      ) {
        if (lanes[i + 4] === content) return 1;
        verdict = 2;
      }
      slot++;
      i += LANES;
      if (slot === capacity) slot = i = 0;
    }
    this.#slot = slot;
    return verdict;
  }

  /** Reads the slot where a lookup would begin, so that it is near when that comes. @returns something of no meaning */
  touch(b: number): number {
    return this.#capacity === 0 ? 0 : this.#lanes[homeOf(b, this.#capacity) * LANES]!;
  }

  /** Adds the entry looked up last. */
  add(a: number, b: number, c: number, d: number, content: number, now: number): void {
    this.addAt(a, b, c, d, content, now, now);
  }

  /** Adds the entry looked up last to another bucket than the present one. */
  addAt(a: number, b: number, c: number, d: number, content: number, bucket: number, now: number): void {
    if (this.#count + 1 > this.#capacity * MAX_LOAD) {
      this.#sweep(now);
      if (this.#count + 1 > this.#capacity * MAX_LOAD) {
        const capacity = Math.ceil((this.#count + 1) / LOAD_AFTER_GROWTH);
        this.#resize(Math.max(this.#capacity + MIN_STEP, capacity), now);
      }
      this.#slot = freeSlot(this.#lanes, this.#capacity, b);
    }
    const lanes = this.#lanes;
    const i = this.#slot * LANES;
    lanes[i] = a === 0 ? 1 : a;
    lanes[i + 1] = b;
    lanes[i + 2] = c;
    lanes[i + 3] = d;
    lanes[i + 4] = content;
    this.#buckets[this.#slot] = bucket & 0xff;
    this.#count++;
  }

  /** Calls `visit` with every entry that is not out of date. */
  forEach(
    now: number,
    visit: (bucket: number, a: number, b: number, c: number, d: number, content: number) => void,
  ): void {
    this.#sweep(now);
    const lanes = this.#lanes;
    for (let slot = 0; slot < this.#capacity; slot++) {
      const i = slot * LANES;
      const age = (now - this.#buckets[slot]!) & 0xff;
      if (lanes[i] === 0 || age > BUCKETS) continue;
      visit(now - age, lanes[i]!, lanes[i + 1]!, lanes[i + 2]!, lanes[i + 3]!, lanes[i + 4]!);
    }
  }

  #sweep(now: number): void {
    const first = this.#sweptAt === Number.NEGATIVE_INFINITY;
    const behind = now - this.#sweptAt;
    this.#sweptAt = now;
    if (first || behind === 0 || this.#count === 0) return;
    let live = 0;
    // A byte cannot tell buckets 256 apart: what was not swept for so long is gone as a whole.
    const allGone = behind > 255 - SWEEP_EVERY - BUCKETS;
    for (let slot = 0; slot < this.#capacity && !allGone; slot++) {
      if (this.#lanes[slot * LANES] !== 0 && ((now - this.#buckets[slot]!) & 0xff) <= BUCKETS) live++;
    }
    if (live === this.#count) return;
    const sparse = live < this.#capacity * MIN_LOAD;
    const capacity = sparse ? Math.max(MIN_STEP, Math.ceil(live / LOAD_AFTER_GROWTH)) : this.#capacity;
    this.#resize(capacity, allGone ? Number.NaN : now);
  }

  /** Moves what is not out of date to new memory; with `now` NaN nothing is kept. */
  #resize(capacity: number, now: number): void {
    const lanes = this.#lanes;
    const buckets = this.#buckets;
    const slots = this.#capacity;
    const memory = new ArrayBuffer(capacity * (LANES * 4 + 1));
    const newLanes = new Int32Array(memory, 0, capacity * LANES);
    const newBuckets = new Uint8Array(memory, capacity * LANES * 4);
    this.#lanes = newLanes;
    this.#buckets = newBuckets;
    this.#capacity = capacity;
    this.#count = 0;
    if (Number.isNaN(now)) return;
    const today = now & 0xff;
    let count = 0;
    for (let slot = 0, i = 0; slot < slots; slot++, i += LANES) {
      const a = lanes[i]!;
      if (a === 0 || ((today - buckets[slot]!) & 0xff) > BUCKETS) continue;
      const b = lanes[i + 1]!;
      const target = freeSlot(newLanes, capacity, b);
      const to = target * LANES;
      newLanes[to] = a;
      newLanes[to + 1] = b;
      newLanes[to + 2] = lanes[i + 2]!;
      newLanes[to + 3] = lanes[i + 3]!;
      newLanes[to + 4] = lanes[i + 4]!;
      newBuckets[target] = buckets[slot]!;
      count++;
    }
    this.#count = count;
  }
}

function freeSlot(lanes: Int32Array, capacity: number, b: number): number {
  let slot = homeOf(b, capacity);
  while (lanes[slot * LANES] !== 0) slot = slot + 1 === capacity ? 0 : slot + 1;
  return slot;
}

function homeOf(b: number, capacity: number): number {
  // Below 2^31, so that cutting the fraction off by `| 0`, which is quicker, is rounding down.
  return (((b >>> 0) * capacity) / 4_294_967_296) | 0;
}
