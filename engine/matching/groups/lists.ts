import type { Entries } from '../entries.ts';
import { NO_ENTRY } from '../slab.ts';
import type { MemberLinks } from './member-links.ts';

/** What owns lists of entries: their ends lie in two words each. */
interface Heads {
  int(owner: number, column: number): number;
  setInt(owner: number, column: number, value: number): void;
}

/** Lists of entries in order of arrival, each named by its owner and the columns of its ends. */
export class Lists {
  readonly links: MemberLinks;
  readonly #heads: Heads;
  readonly #entries: Entries;

  constructor(heads: Heads, links: MemberLinks, entries: Entries) {
    this.#heads = heads;
    this.links = links;
    this.#entries = entries;
  }

  /** Puts an entry into its place: nearly always the last, for entries come in order of arrival. */
  insert(owner: number, first: number, last: number, entry: number): void {
    const { links } = this;
    const entries = this.#entries;
    const arrival = entries.arrival(entry);
    let before = this.#heads.int(owner, last);
    if (arrival === entries.newest) {
      // The newest comes last: nothing is read of the others, which may not have been touched for long.
      links.put(entry, before, NO_ENTRY);
      if (before === NO_ENTRY) this.#heads.setInt(owner, first, entry);
      else links.setNext(before, entry);
      this.#heads.setInt(owner, last, entry);
      return;
    }
    while (before !== NO_ENTRY && entries.arrival(before) > arrival) before = links.previous(before);
    const after = before === NO_ENTRY ? this.#heads.int(owner, first) : links.next(before);
    links.put(entry, before, after);
    if (before === NO_ENTRY) this.#heads.setInt(owner, first, entry);
    else links.setNext(before, entry);
    if (after === NO_ENTRY) this.#heads.setInt(owner, last, entry);
    else links.setPrevious(after, entry);
  }

  remove(owner: number, first: number, last: number, entry: number): void {
    const { links } = this;
    const before = links.previous(entry);
    const after = links.next(entry);
    if (before === NO_ENTRY) this.#heads.setInt(owner, first, after);
    else links.setNext(before, after);
    if (after === NO_ENTRY) this.#heads.setInt(owner, last, before);
    else links.setPrevious(after, before);
  }

  /**
   * Adds the entries of a list to others, in order. It goes through the list from both ends at once: each entry has to be
   * read for the one after it, and two reads take no longer than one.
   * @param count how many there are
   */
  collect(owner: number, first: number, last: number, count: number, to: number[]): void {
    const { links } = this;
    const from = to.length;
    let front = this.#heads.int(owner, first);
    let back = this.#heads.int(owner, last);
    for (let i = 0; i < count; i++) to.push(NO_ENTRY);
    let i = from;
    let j = from + count - 1;
    while (i < j) {
      to[i++] = front;
      to[j--] = back;
      front = links.next(front);
      back = links.previous(back);
    }
    if (i === j) to[i] = front;
  }
}
