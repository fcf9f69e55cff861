import { addExact, addSum, exactSum } from '../exact-sum.ts';
import { NO_ENTRY, Slab } from '../slab.ts';

/** Doubles of a group. A sum takes two, so that it is exact whatever comes and goes. */
const SUM = 0; // by side: 0–1 left, 2–3 right, of the unmatched members' values
const RAW = 4; // by side: of their amounts, kept where a signal may speak of them
const LEGS = 8; // by side: of the values of the legs of its match
export const DUE = 12; // running maximum of its members' due times
export const MATCH_SEQUENCE = 13;
export const CLOSING = 14; // closing moment of its cut-off; NaN before it is known
export const TOTAL = 15; // by signal; what the latest says of the sum; NaN where none does
export const TOTAL_ARRIVAL = 17; // by signal; arrival of the member that says so
export const MATCH_DIFFERENCE = 19; // of the latest version of its match, as the totals have it; then its lag
export const MATCH_LAG = 20;
const DOUBLES = 21;

/** Words of a group, after the doubles. */
const WORDS = DOUBLES * 2;
const LANE_RULE = WORDS; // reconciliation slot · 16 + rule; −1 when the group is free
export const MEMORY_LEG = WORDS + 1; // the leg whose event ends the memory of its match, or −1
export const HASH = WORDS + 2;
export const FIRST = WORDS + 3; // by side: first unmatched member
export const LAST = WORDS + 5;
export const COUNT = WORDS + 7;
export const FIRST_LEG = WORDS + 9; // by side: first leg of its match
export const LAST_LEG = WORDS + 11;
export const LEG_COUNT = WORDS + 13;
export const MATCH_N = WORDS + 15;
export const VERSION = WORDS + 16; // of its match; 0 before it has one
export const BREAK = WORDS + 17; // number in GroupBreaks, or −1
export const SIGNAL_COUNT = WORDS + 18; // by signal: the largest count that members say; −1 where none does
export const SIGNALS_STALE = WORDS + 20; // 1: a member with a signal has left
export const MEMORY_ENDED = WORDS + 21; // 1: its match is over as soon as it has no unmatched member
export const CARRIER = WORDS + 22; // the pending member whose event stands for that of others, or −1
export const OWN_EVENTS = WORDS + 23; // 1: other members may have events of their own
export const DETACHED = WORDS + 24; // 1: no row finds it any more; its events are due and wait
const OWN_WORDS = 26; // an even number, for the doubles of the next group
const ENTRY_BYTES = (WORDS + OWN_WORDS) * 4;

/** Rules of a reconciliation at most. */
const RULES = 16;

/**
 * Groups: the unmatched records of one key under one rule, with what their match left to remember. Sums and counts
 * run along, so that asking whether a group agrees costs the same whatever its size. 272 bytes each.
 */
export class GroupSlab extends Slab {
  /** Told of every group that is given back. */
  onFree: (group: number) => void = () => undefined;

  constructor() {
    super(ENTRY_BYTES);
  }

  /** A group without members. */
  add(slot: number, rule: number, hash: number): number {
    const group = this.allocate();
    this.doublesOf(group).fill(0, this.double(group), this.double(group) + DOUBLES);
    this.setNumber(group, DUE, Number.NEGATIVE_INFINITY);
    this.setNumber(group, CLOSING, Number.NaN);
    this.setNumber(group, TOTAL, Number.NaN);
    this.setNumber(group, TOTAL + 1, Number.NaN);
    const words = this.wordsOf(group);
    const w = this.word(group);
    words.fill(0, w + WORDS, w + WORDS + OWN_WORDS);
    words[w + LANE_RULE] = slot * RULES + rule;
    words[w + MEMORY_LEG] = NO_ENTRY;
    words[w + HASH] = hash;
    for (let side = 0; side < 2; side++) {
      words[w + FIRST + side] = NO_ENTRY;
      words[w + LAST + side] = NO_ENTRY;
      words[w + FIRST_LEG + side] = NO_ENTRY;
      words[w + LAST_LEG + side] = NO_ENTRY;
      words[w + SIGNAL_COUNT + side] = -1;
    }
    words[w + BREAK] = NO_ENTRY;
    words[w + CARRIER] = NO_ENTRY;
    return group;
  }

  override free(group: number): void {
    this.onFree(group);
    this.setInt(group, LANE_RULE, -1);
    super.free(group);
  }

  /** False for a number that was given back. */
  isUsed(group: number): boolean {
    return this.int(group, LANE_RULE) >= 0;
  }

  slot(group: number): number {
    return Math.floor(this.int(group, LANE_RULE) / RULES);
  }

  rule(group: number): number {
    return this.int(group, LANE_RULE) % RULES;
  }

  int(group: number, column: number): number {
    return this.wordsOf(group)[this.word(group) + column]!;
  }

  setInt(group: number, column: number, value: number): void {
    this.wordsOf(group)[this.word(group) + column] = value;
  }

  number(group: number, column: number): number {
    return this.doublesOf(group)[this.double(group) + column]!;
  }

  setNumber(group: number, column: number, value: number): void {
    this.doublesOf(group)[this.double(group) + column] = value;
  }

  /** Members of both sides. */
  members(group: number): number {
    return this.int(group, COUNT) + this.int(group, COUNT + 1);
  }

  isMatched(group: number): boolean {
    return this.int(group, VERSION) > 0;
  }

  /** Sum of the unmatched members' values, held within ±(2^53 − 1). */
  sum(group: number, side: number): number {
    return exactSum(this.doublesOf(group), this.double(group) + SUM + 2 * side);
  }

  addToSum(group: number, side: number, value: number): void {
    addExact(this.doublesOf(group), this.double(group) + SUM + 2 * side, value);
  }

  /** Sum of the unmatched members' amounts. */
  raw(group: number, side: number): number {
    return exactSum(this.doublesOf(group), this.double(group) + RAW + 2 * side);
  }

  addToRaw(group: number, side: number, amount: number): void {
    addExact(this.doublesOf(group), this.double(group) + RAW + 2 * side, amount);
  }

  /** Adds the sum of the unmatched members' values, and of the legs', to a sum at `at`. */
  addSumsTo(group: number, side: number, sums: Float64Array, at: number): void {
    const doubles = this.doublesOf(group);
    const d = this.double(group) + 2 * side;
    addSum(sums, at, doubles, d + SUM);
    addSum(sums, at, doubles, d + LEGS);
  }

  addToLegs(group: number, side: number, value: number): void {
    addExact(this.doublesOf(group), this.double(group) + LEGS + 2 * side, value);
  }

  /** Adds the sum of the legs' values to a sum at `at`. */
  addLegsTo(group: number, side: number, sums: Float64Array, at: number): void {
    addSum(sums, at, this.doublesOf(group), this.double(group) + LEGS + 2 * side);
  }

  /** The members' sums are now the legs', and there are no members. */
  membersBecomeLegs(group: number): void {
    const doubles = this.doublesOf(group);
    const d = this.double(group);
    for (let side = 0; side < 2; side++) {
      addSum(doubles, d + LEGS + 2 * side, doubles, d + SUM + 2 * side);
    }
    this.clearMembers(group);
  }

  /** There are no members. */
  clearMembers(group: number): void {
    const d = this.double(group);
    for (let side = 0; side < 2; side++) {
      this.setInt(group, FIRST + side, NO_ENTRY);
      this.setInt(group, LAST + side, NO_ENTRY);
      this.setInt(group, COUNT + side, 0);
      this.setInt(group, SIGNAL_COUNT + side, -1);
      this.setNumber(group, TOTAL + side, Number.NaN);
    }
    this.doublesOf(group).fill(0, d + SUM, d + LEGS);
    this.setInt(group, OWN_EVENTS, 0);
    this.setInt(group, SIGNALS_STALE, 0);
    this.setInt(group, CARRIER, NO_ENTRY);
  }

  /** Sums, counts and due time of another group are added; neither is matched. */
  addAll(group: number, other: number): void {
    const [doubles, d] = [this.doublesOf(group), this.double(group)];
    const [others, o] = [this.doublesOf(other), this.double(other)];
    for (let column = SUM; column < LEGS; column += 2) {
      addSum(doubles, d + column, others, o + column);
    }
    this.raiseDue(group, this.number(other, DUE));
    if (Number.isNaN(this.number(group, CLOSING)))
      this.setNumber(group, CLOSING, this.number(other, CLOSING));
    for (let side = 0; side < 2; side++) {
      this.setInt(group, COUNT + side, this.int(group, COUNT + side) + this.int(other, COUNT + side));
    }
    this.setInt(group, SIGNALS_STALE, 1);
  }

  /** It has no match any more, and its legs are gone. */
  forgetMatch(group: number): void {
    const doubles = this.doublesOf(group);
    const d = this.double(group);
    doubles.fill(0, d + LEGS, d + DUE);
    for (let side = 0; side < 2; side++) {
      this.setInt(group, FIRST_LEG + side, NO_ENTRY);
      this.setInt(group, LAST_LEG + side, NO_ENTRY);
      this.setInt(group, LEG_COUNT + side, 0);
    }
    this.setInt(group, VERSION, 0);
    this.setInt(group, MEMORY_LEG, NO_ENTRY);
    this.setInt(group, MEMORY_ENDED, 0);
  }

  /** The due time of its last member to be due rises to `due`. */
  raiseDue(group: number, due: number): void {
    if (due > this.number(group, DUE)) this.setNumber(group, DUE, due);
  }
}
