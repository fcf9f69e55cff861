import type { BlobFields, Blobs } from './blobs.ts';
import type { Entries } from './entries.ts';
import { KeyIndex } from './key-index.ts';
import type { RowReader } from './row-reader.ts';
import type { ChainLinks } from './rule-links.ts';
import { NO_ENTRY } from './slab.ts';

/**
 * The unmatched records of one side under one rule: those with equal keys form a circular chain in order of arrival,
 * found through an index of the chains' first records. Adding and removing take constant time however long the chain.
 */
export class KeyChains {
  readonly index: KeyIndex = new KeyIndex();
  readonly links: ChainLinks;
  readonly #rule: BlobFields;
  readonly #entries: Entries;
  readonly #blobs: Blobs;

  constructor(rule: BlobFields, links: ChainLinks, entries: Entries, blobs: Blobs) {
    this.#rule = rule;
    this.links = links;
    this.#entries = entries;
    this.#blobs = blobs;
  }

  /** The first record with the row's key, or −1. */
  first(reader: RowReader, hash: number): number {
    const { index } = this;
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) {
      const entry = index.entryAt(slot);
      if (this.#blobs.equalsRow(this.#entries.blob(entry), reader, this.#rule)) return entry;
    }
    return NO_ENTRY;
  }

  /** The first record with the key of a record of the other side, or −1. */
  firstLike(other: number, hash: number): number {
    const { index } = this;
    const blob = this.#entries.blob(other);
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) {
      const entry = index.entryAt(slot);
      if (this.#blobs.equals(this.#entries.blob(entry), blob, this.#rule)) return entry;
    }
    return NO_ENTRY;
  }

  /** Adds the row at hand, kept as `entry`, as the last of its key. */
  append(entry: number, reader: RowReader, hash: number): void {
    const { links } = this;
    const first = this.first(reader, hash);
    if (first === NO_ENTRY) {
      links.setNext(entry, entry);
      links.setPrevious(entry, entry);
      this.index.insert(hash, entry);
    } else {
      const last = links.previous(first);
      links.setNext(entry, first);
      links.setPrevious(entry, last);
      links.setNext(last, entry);
      links.setPrevious(first, entry);
    }
    links.setHash(entry, hash);
  }

  /** Takes a record out, if it is in. */
  remove(entry: number): void {
    const { links, index } = this;
    const next = links.next(entry);
    if (next === NO_ENTRY) return;
    const hash = links.hash(entry);
    let slot = index.first(hash);
    while (slot >= 0 && index.entryAt(slot) !== entry) slot = index.next(slot, hash);
    if (next === entry) {
      index.removeAt(slot);
    } else {
      const previous = links.previous(entry);
      links.setNext(previous, next);
      links.setPrevious(next, previous);
      if (slot >= 0) index.replaceAt(slot, next);
    }
    links.setNext(entry, NO_ENTRY);
  }

  /** Puts a restored record into the index if it is the first of its chain. */
  restore(entry: number): void {
    const next = this.links.next(entry);
    if (next === NO_ENTRY) return;
    const before = this.links.previous(entry);
    // Only at the chain's first record does the one before it, the last, not arrive earlier.
    if (this.#entries.arrival(before) >= this.#entries.arrival(entry)) {
      this.index.insert(this.links.hash(entry), entry);
    }
  }
}
