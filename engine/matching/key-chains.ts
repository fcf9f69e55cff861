import type { Blobs } from './blobs.ts';
import type { KernelCore } from './core.ts';
import type { CompiledRule } from './compiled-rule.ts';
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
  readonly #rule: CompiledRule;
  /** Of the records in the chains. */
  readonly #side: number;
  readonly #core: KernelCore;
  readonly #entries: Entries;
  readonly #blobs: Blobs;
  readonly #reader: RowReader;

  constructor(rule: CompiledRule, side: number, links: ChainLinks, core: KernelCore) {
    this.#rule = rule;
    this.#side = side;
    this.links = links;
    this.#core = core;
    this.#entries = core.entries;
    this.#blobs = core.blobs;
    this.#reader = core.reader;
  }

  /** The first record with the key of the row at hand, or −1. @param side the row's */
  first(hash: number, side: number): number {
    const { index } = this;
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) {
      const entry = index.entryAt(slot);
      if (this.#hasRowsKey(entry, side)) return entry;
    }
    return NO_ENTRY;
  }

  /** The first record with the key of a stored record, or −1. @param side of that record */
  firstLike(other: number, side: number, hash: number): number {
    const { index } = this;
    const blob = this.#entries.blob(other);
    for (let slot = index.first(hash); slot >= 0; slot = index.next(slot, hash)) {
      const entry = index.entryAt(slot);
      if (!this.#blobs.equals(this.#entries.blob(entry), blob, this.#rule)) continue;
      if (
        !this.#rule.readsCurrency ||
        this.#currencyOf(entry) === this.#core.keyCurrency(this.#rule, side, other)
      ) {
        return entry;
      }
    }
    return NO_ENTRY;
  }

  /** Adds the row at hand, kept as `entry`, to the chain of its key, in order of arrival: nearly always as the last. */
  append(entry: number, hash: number): void {
    const { links } = this;
    const first = this.first(hash, this.#side);
    if (first === NO_ENTRY) {
      links.setNext(entry, entry);
      links.setPrevious(entry, entry);
      links.setHash(entry, hash);
      this.index.insert(hash, entry);
      return;
    }
    const entries = this.#entries;
    const arrival = entries.arrival(entry);
    let before = links.previous(first);
    // A record that comes back after it was matched, or is indexed anew, has an earlier arrival than others.
    let isFirst = false;
    while (!isFirst && entries.arrival(before) > arrival) {
      isFirst = before === first;
      before = links.previous(before);
    }
    const after = links.next(before);
    links.setNext(entry, after);
    links.setPrevious(entry, before);
    links.setHash(entry, hash);
    links.setNext(before, entry);
    links.setPrevious(after, entry);
    if (isFirst) this.#replaceFirst(first, entry, hash);
  }

  /** Lets a record find others by its key, though nobody can find it yet. */
  stand(entry: number, hash: number): void {
    this.links.setNext(entry, entry);
    this.links.setPrevious(entry, entry);
    this.links.setHash(entry, hash);
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
      if (slot >= 0) index.removeAt(slot);
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
    const entries = this.#entries;
    // Only at the chain's first record does the one before it, the last, not arrive earlier.
    if (entries.arrival(before) >= entries.arrival(entry)) this.index.insert(this.links.hash(entry), entry);
  }

  #hasRowsKey(entry: number, side: number): boolean {
    if (!this.#blobs.equalsRow(this.#entries.blob(entry), this.#reader, this.#rule, side)) return false;
    return (
      !this.#rule.readsCurrency || this.#currencyOf(entry) === this.#rule.keyCurrency(side, this.#core.row)
    );
  }

  #currencyOf(entry: number): string {
    return this.#core.keyCurrency(this.#rule, this.#side, entry);
  }

  #replaceFirst(first: number, entry: number, hash: number): void {
    let slot = this.index.first(hash);
    while (this.index.entryAt(slot) !== first) slot = this.index.next(slot, hash);
    this.index.replaceAt(slot, entry);
  }
}
