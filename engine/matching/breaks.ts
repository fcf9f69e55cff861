import type { Break, Why } from '../domain/index.ts';
import { NO_ENTRY, Slab } from './slab.ts';

/**
 * Breaks of one or two records with a member in memory, 48 bytes each:
 * doubles 0 sequence of the first version, 1 due time of the owner, 2 due time of the joined record;
 * words 6 n of the first version, 7 version, 8 owner, 9 joined record or −1, 10 kind: its place in BREAK_KINDS.
 */
const BREAK_BYTES = 48;

/** Kinds of a break of one or two records, as their places in BREAK_KINDS. */
export const UNMATCHED = 0;
export const AMOUNT = 1;

/** What a version of a break says of its members. */
export type BreakBody = Pick<
  Break,
  'kind' | 'account' | 'currency' | 'leftCurrency' | 'amount' | 'members' | 'why'
>;

/** What only some breaks have. */
export interface BreakNote {
  /** Why it broke, where that is more than its kind says. */
  readonly why?: Why | undefined;
  /** The reason that a command assigned. */
  readonly reason?: string | undefined;
  /** What the last version said, where rules have changed since: said again until there is something new to say. */
  readonly told?: BreakBody | undefined;
  /** When the one that opens it is due, where that is not what the break says: the first has left it. */
  readonly ownDue?: number | undefined;
}

/** The open breaks of one or two records, by number. */
export class Breaks extends Slab {
  /** By number. */
  readonly notes: Map<number, BreakNote> = new Map();

  constructor() {
    super(BREAK_BYTES);
  }

  override free(number: number): void {
    if (this.notes.size > 0) this.notes.delete(number);
    super.free(number);
  }

  add(sequence: number, n: number, owner: number, ownerDue: number, kind: number): number {
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
    words[w + 10] = kind;
    return number;
  }

  kind(number: number): number {
    return this.wordsOf(number)[this.word(number) + 10]!;
  }

  setKind(number: number, kind: number): void {
    this.wordsOf(number)[this.word(number) + 10] = kind;
  }

  /** Why it broke as kept; undefined where its kind says it all. */
  why(number: number): Why | undefined {
    return this.notes.size === 0 ? undefined : this.notes.get(number)?.why;
  }

  /** The next version is made of what is in memory, and of this. */
  setWhy(number: number, why: Why | undefined): void {
    if (why === undefined && this.notes.size === 0) return;
    const note = this.notes.get(number);
    const reason = note?.reason ?? '';
    const ownDue = note?.ownDue;
    if (ownDue !== undefined) this.notes.set(number, { why, reason, ownDue });
    else if (why !== undefined || reason !== '') this.notes.set(number, { why, reason });
    else if (note !== undefined) this.notes.delete(number);
  }

  /** Empty before a command assigned one. */
  reason(number: number): string {
    return this.notes.size === 0 ? '' : (this.notes.get(number)?.reason ?? '');
  }

  setReason(number: number, reason: string): void {
    this.notes.set(number, { ...this.notes.get(number), reason });
  }

  /** What the last version said, where it may not be made anew; undefined for most. */
  told(number: number): BreakBody | undefined {
    return this.notes.size === 0 ? undefined : this.notes.get(number)?.told;
  }

  /** @param told undefined: the next version is made of what is in memory */
  setTold(number: number, told: BreakBody | undefined): void {
    const note = this.notes.get(number);
    if (told !== undefined) this.notes.set(number, { ...note, told });
    else if (note?.told !== undefined) this.setWhy(number, note.why);
  }

  /** The one that had joined opens it from now on: the owner has left it. The break is due when it was. */
  succeed(number: number): void {
    this.notes.set(number, { ...this.notes.get(number), ownDue: this.joinedDue(number) });
    const words = this.wordsOf(number);
    words[this.word(number) + 8] = this.joined(number);
    words[this.word(number) + 9] = NO_ENTRY;
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

  /** When the owner itself is or was due. */
  ownDue(number: number): number {
    return (this.notes.size === 0 ? undefined : this.notes.get(number)?.ownDue) ?? this.ownerDue(number);
  }

  /** A member is another record now, and due at another time; the break says what it said. */
  setMemberDue(number: number, entry: number, due: number): void {
    if (this.owner(number) === entry) this.notes.set(number, { ...this.notes.get(number), ownDue: due });
    else this.doublesOf(number)[this.double(number) + 2] = due;
  }

  /** When the break was due, as it says. */
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
    const words = this.wordsOf(number);
    words[this.word(number) + 9] = entry;
    words[this.word(number) + 10] = AMOUNT;
    this.doublesOf(number)[this.double(number) + 2] = due;
  }

  leave(number: number): void {
    this.wordsOf(number)[this.word(number) + 9] = NO_ENTRY;
  }
}
