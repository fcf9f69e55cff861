import { addExact, addSum } from '../exact-sum.ts';
import { NO_ENTRY, Slab } from '../slab.ts';

/** Doubles of a group break. */
const SEQUENCE = 0;
export const BREAK_DUE = 1;
const SUM = 2; // by side, two each, of the members' values
/** The amount that the last version told, which the totals hold. */
export const TOLD_AMOUNT = 6;
export const LATE_SEQUENCE = 7; // of the match that its members are late for
/** Until when its members stay, as found when it was last asked; −∞: to be found again. */
export const DEADLINE = 8;
const DOUBLES = 9;

/** Words, after the doubles. */
const WORDS = DOUBLES * 2;
const LANE_RULE = WORDS; // reconciliation slot · 16 + rule; −1 when free
const N = WORDS + 1;
const VERSION = WORDS + 2;
export const BREAK_FIRST = WORDS + 3; // by side
export const BREAK_LAST = WORDS + 5; // by side
export const BREAK_COUNT = WORDS + 7; // by side
export const BREAK_GROUP = WORDS + 9; // the group that adds to it, or −1
export const LATE_N = WORDS + 10; // −1: its members are not late
/** The kind that the last version told, as its number in BREAK_KINDS. */
export const TOLD_KIND = WORDS + 11;
/** The member whose event stands for that of others, or −1. */
export const BREAK_CARRIER = WORDS + 12;
const ENTRY_BYTES = (WORDS + 14) * 4;

const RULES = 16;

/** The open breaks of groups, 128 bytes each. Their members stand in lists, by side, in order of arrival. */
export class GroupBreaks extends Slab {
  constructor() {
    super(ENTRY_BYTES);
  }

  add(slot: number, rule: number, group: number, sequence: number, n: number, due: number): number {
    const number = this.allocate();
    const d = this.double(number);
    this.doublesOf(number).fill(0, d, d + DOUBLES);
    this.setNumber(number, SEQUENCE, sequence);
    this.setNumber(number, BREAK_DUE, due);
    this.setNumber(number, DEADLINE, Number.NEGATIVE_INFINITY);
    this.setInt(number, LANE_RULE, slot * RULES + rule);
    this.setInt(number, N, n);
    this.setInt(number, VERSION, 1);
    for (let side = 0; side < 2; side++) {
      this.setInt(number, BREAK_FIRST + side, NO_ENTRY);
      this.setInt(number, BREAK_LAST + side, NO_ENTRY);
      this.setInt(number, BREAK_COUNT + side, 0);
    }
    this.setInt(number, BREAK_GROUP, group);
    this.setInt(number, LATE_N, -1);
    this.setInt(number, TOLD_KIND, 0);
    this.setInt(number, BREAK_CARRIER, NO_ENTRY);
    return number;
  }

  override free(number: number): void {
    this.setInt(number, LANE_RULE, -1);
    super.free(number);
  }

  isUsed(number: number): boolean {
    return this.int(number, LANE_RULE) >= 0;
  }

  slot(number: number): number {
    return Math.floor(this.int(number, LANE_RULE) / RULES);
  }

  rule(number: number): number {
    return this.int(number, LANE_RULE) % RULES;
  }

  sequence(number: number): number {
    return this.number(number, SEQUENCE);
  }

  n(number: number): number {
    return this.int(number, N);
  }

  version(number: number): number {
    return this.int(number, VERSION);
  }

  nextVersion(number: number): void {
    this.setInt(number, VERSION, this.version(number) + 1);
  }

  members(number: number): number {
    return this.int(number, BREAK_COUNT) + this.int(number, BREAK_COUNT + 1);
  }

  /** Adds the sum of the members' values of a side to a sum at `at`. */
  addSumTo(number: number, side: number, sums: Float64Array, at: number): void {
    addSum(sums, at, this.doublesOf(number), this.double(number) + SUM + 2 * side);
  }

  addToSum(number: number, side: number, value: number): void {
    addExact(this.doublesOf(number), this.double(number) + SUM + 2 * side, value);
  }

  int(number: number, column: number): number {
    return this.wordsOf(number)[this.word(number) + column]!;
  }

  setInt(number: number, column: number, value: number): void {
    this.wordsOf(number)[this.word(number) + column] = value;
  }

  number(number: number, column: number): number {
    return this.doublesOf(number)[this.double(number) + column]!;
  }

  setNumber(number: number, column: number, value: number): void {
    this.doublesOf(number)[this.double(number) + column] = value;
  }
}

/** What `entries.break` says of a member of group break `number`. */
export function asBreak(number: number): number {
  return -2 - number;
}

/** The group break of which `entries.break` says `code`; only where that is below −1. */
export function groupBreakOf(code: number): number {
  return -2 - code;
}
