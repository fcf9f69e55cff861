import { NO_ENTRY, Slab } from './slab.ts';

/**
 * Breaks with a member in memory, 40 bytes each:
 * doubles 0 sequence of the first version, 1 due time of the owner, 2 due time of the joined record;
 * words 6 n of the first version, 7 version, 8 owner, 9 joined record or −1.
 */
const BREAK_BYTES = 40;

/** The open breaks of a kernel, by number. A break with a joined record is of kind `amount`, else `unmatched`. */
export class Breaks extends Slab {
  constructor() {
    super(BREAK_BYTES);
  }

  add(sequence: number, n: number, owner: number, ownerDue: number): number {
    const number = this.allocate();
    const doubles = this.doublesOf(number);
    const d = this.double(number);
    doubles[d] = sequence;
    doubles[d + 1] = ownerDue;
    doubles[d + 2] = 0;
    const words = this.wordsOf(number);
    const w = this.word(number);
    words[w + 6] = n;
    words[w + 7] = 1;
    words[w + 8] = owner;
    words[w + 9] = NO_ENTRY;
    return number;
  }

  sequence(number: number): number {
    return this.doublesOf(number)[this.double(number)]!;
  }

  n(number: number): number {
    return this.wordsOf(number)[this.word(number) + 6]!;
  }

  version(number: number): number {
    return this.wordsOf(number)[this.word(number) + 7]!;
  }

  nextVersion(number: number): void {
    this.wordsOf(number)[this.word(number) + 7]!++;
  }

  owner(number: number): number {
    return this.wordsOf(number)[this.word(number) + 8]!;
  }

  ownerDue(number: number): number {
    return this.doublesOf(number)[this.double(number) + 1]!;
  }

  joined(number: number): number {
    return this.wordsOf(number)[this.word(number) + 9]!;
  }

  joinedDue(number: number): number {
    return this.doublesOf(number)[this.double(number) + 2]!;
  }

  join(number: number, entry: number, due: number): void {
    this.wordsOf(number)[this.word(number) + 9] = entry;
    this.doublesOf(number)[this.double(number) + 2] = due;
  }

  leave(number: number): void {
    this.wordsOf(number)[this.word(number) + 9] = NO_ENTRY;
  }
}
