import { CounterfoilError } from '../domain/index.ts';
import type { SeenSegment } from './kernel-types.ts';
import { SeenTable } from './seen-table.ts';

/** Bytes of an entry in a segment: four lanes of the identity's fingerprint, one of the content's, little-endian. */
export const SEEN_ENTRY_BYTES = 20;
/** Buckets of log time that a memory spans; the horizon is divided by it. */
export const SEEN_BUCKETS = 64;
const TABLE_BITS = 8;

/** What the seen set knows of a record. */
export const SEEN_NEW = 0;
/** The same identity with the same content. */
export const SEEN_DUPLICATE = 1;
/** The same identity with other content. */
export const SEEN_OTHER_CONTENT = 2;

interface Bucket {
  /** Entries added in it. */
  entries: number;
  /** Entries handed over and written. */
  written: number;
  /** Entries not written yet, as they go into a segment. */
  pending: Int32Array;
  pendingCount: number;
  /** Entries that the last pending() gave. */
  given: number;
}

/**
 * Which identities were seen, for a horizon of log time, at 30 bytes an entry at most. Identities are 128-bit
 * fingerprints: that two of a thousand million records share one has a chance of about 1 in 10^21. Entries lie in
 * small open-addressing tables chosen by hash, each growing by a fifth when full, so that neither memory nor a single
 * growth is ever large; a table forgets what is out of date when it is full, or a few buckets behind.
 */
export class SeenSet {
  readonly #tables: SeenTable[] = Array.from({ length: 1 << TABLE_BITS }, () => new SeenTable());
  readonly #buckets = new Map<number, Bucket>();
  #bucket = Number.NEGATIVE_INFINITY;
  #current: Bucket | undefined;
  /** Entries are only collected for segments once somebody has asked for them: the file command never does. */
  #collecting = false;
  #table: SeenTable = this.#tables[0]!;
  /** What {@link SeenSet.expect} has read; of no meaning, but it has to come to something to be read at all. */
  touched = 0;

  /** Log time reached a bucket; buckets never go back. What lies more than 64 buckets behind is forgotten. */
  enter(bucket: number): void {
    if (bucket === this.#bucket) return;
    this.#bucket = bucket;
    this.#current = undefined;
    for (const number of this.#buckets.keys()) {
      if (number < bucket - SEEN_BUCKETS) this.#buckets.delete(number);
    }
  }

  /**
   * Fetches what lookups to come will need: memory is read for several at once in little more time than for one.
   * @param lanes fingerprints of four lanes each, those to come from `from` to `to`
   */
  expect(lanes: Int32Array, from: number, to: number): void {
    let touched = 0;
    for (let i = from; i < to; i += 4)
      touched ^= this.#tables[lanes[i]! >>> (32 - TABLE_BITS)]!.touch(lanes[i + 1]!);
    this.touched = touched;
  }

  /** Looks a fingerprint up. {@link SeenSet.add} adds the one looked up last. */
  probe(a: number, b: number, c: number, d: number, content: number): number {
    this.#table = this.#tables[a >>> (32 - TABLE_BITS)]!;
    return this.#table.probe(a, b, c, d, content, this.#bucket);
  }

  add(a: number, b: number, c: number, d: number, content: number): void {
    this.#table.add(a, b, c, d, content, this.#bucket);
    const bucket = (this.#current ??= this.#bucketAt(this.#bucket));
    bucket.entries++;
    if (this.#collecting) collect(bucket, a, b, c, d, content);
  }

  /** The bucket at hand; −∞ before the first. */
  get bucket(): number {
    return this.#bucket;
  }

  /** Entries still remembered. */
  get size(): number {
    let entries = 0;
    for (const bucket of this.#buckets.values()) entries += bucket.entries;
    return entries;
  }

  /** Bytes of the tables: what the set costs once its segments are written. */
  get byteLength(): number {
    let bytes = 0;
    for (const table of this.#tables) bytes += table.byteLength;
    return bytes;
  }

  /** Buckets in memory with how many entries belong to each. */
  buckets(): { bucket: number; entries: number }[] {
    return [...this.#buckets].map(([bucket, { entries }]) => ({ bucket, entries }));
  }

  /** Entries that are not in a written segment, by bucket. */
  pending(): SeenSegment[] {
    if (!this.#collecting) this.#collectAll();
    const segments: SeenSegment[] = [];
    for (const [number, bucket] of this.#buckets) {
      bucket.given = bucket.pendingCount;
      if (bucket.pendingCount === 0) continue;
      const words = bucket.pending.slice(0, (bucket.pendingCount * SEEN_ENTRY_BYTES) / 4);
      segments.push({ bucket: number, from: bucket.written, bytes: new Uint8Array(words.buffer) });
    }
    return segments;
  }

  /** What the last {@link SeenSet.pending} gave is written. */
  written(): void {
    for (const bucket of this.#buckets.values()) {
      const words = (bucket.given * SEEN_ENTRY_BYTES) / 4;
      bucket.pending = bucket.pending.slice(words, (bucket.pendingCount * SEEN_ENTRY_BYTES) / 4);
      bucket.pendingCount -= bucket.given;
      bucket.written += bucket.given;
      bucket.given = 0;
    }
  }

  /**
   * The set as it was when `buckets` was taken.
   * @param segments the bytes of each bucket in order; entries beyond those counted in `buckets` are left out
   * @throws CounterfoilError `checkpointUnreadable` when entries are missing
   */
  static restore(
    bucket: number,
    buckets: readonly { readonly bucket: number; readonly entries: number }[],
    segments: Iterable<{ readonly bucket: number; readonly bytes: Uint8Array }>,
  ): SeenSet {
    const set = new SeenSet();
    const wanted = new Map(buckets.map((item) => [item.bucket, item.entries]));
    for (const segment of segments) {
      const left = wanted.get(segment.bucket) ?? 0;
      const count = Math.min(left, Math.floor(segment.bytes.length / SEEN_ENTRY_BYTES));
      set.#read(segment.bucket, segment.bytes, count, bucket);
      if (left > 0) wanted.set(segment.bucket, left - count);
    }
    for (const [number, left] of wanted) {
      if (left === 0) continue;
      throw new CounterfoilError(
        'checkpointUnreadable',
        `the seen set’s segment ${number} lacks ${left} entries that the checkpoint counts; remove this checkpoint to replay the log`,
      );
    }
    set.#bucket = bucket;
    set.#collecting = true;
    for (const { bucket: number, entries } of buckets) {
      const state = set.#bucketAt(number);
      state.entries = state.written = entries;
    }
    return set;
  }

  #bucketAt(number: number): Bucket {
    let bucket = this.#buckets.get(number);
    if (bucket === undefined) {
      bucket = { entries: 0, written: 0, pending: new Int32Array(0), pendingCount: 0, given: 0 };
      this.#buckets.set(number, bucket);
    }
    return bucket;
  }

  #read(number: number, bytes: Uint8Array, count: number, now: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < count; i++) {
      const at = i * SEEN_ENTRY_BYTES;
      const a = view.getInt32(at, true);
      const b = view.getInt32(at + 4, true);
      const c = view.getInt32(at + 8, true);
      const d = view.getInt32(at + 12, true);
      const table = this.#tables[a >>> (32 - TABLE_BITS)]!;
      const content = view.getInt32(at + 16, true);
      table.probe(a, b, c, d, content, now);
      table.addAt(a, b, c, d, content, number, now);
    }
  }

  #collectAll(): void {
    this.#collecting = true;
    for (const table of this.#tables) {
      table.forEach(this.#bucket, (number, a, b, c, d, content) => {
        const bucket = this.#buckets.get(number);
        if (bucket !== undefined) collect(bucket, a, b, c, d, content);
      });
    }
  }
}

function collect(bucket: Bucket, a: number, b: number, c: number, d: number, content: number): void {
  let at = (bucket.pendingCount++ * SEEN_ENTRY_BYTES) / 4;
  if (at === bucket.pending.length) {
    const grown = new Int32Array(Math.max(256, at * 2) - (Math.max(256, at * 2) % 5));
    grown.set(bucket.pending);
    bucket.pending = grown;
  }
  const words = bucket.pending;
  words[at++] = a;
  words[at++] = b;
  words[at++] = c;
  words[at++] = d;
  words[at] = content;
}
