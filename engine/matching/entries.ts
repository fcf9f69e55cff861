import { NO_ENTRY, SLAB_CHUNK_ENTRIES, Slab } from './slab.ts';

/**
 * One unmatched record on one side of one reconciliation: 64 bytes.
 *
 *     double 0  amount, minor units            word  8  wheel next (or place in the heap)
 *     double 1  time, epoch ms                 word  9  wheel previous
 *     double 2  time of its next event         word 10  next entry with the same key, circular
 *     double 3  arrival                        word 11  previous entry with the same key, circular
 *                                              word 12  hash of the key
 *                                              word 13  address of its strings in the arena
 *                                              word 14  its break, or −1
 *                                              word 15  packed: see below
 *
 * Arrival is sequence · 65536 + ordinal. The key words are those of the first rule; further rules have their own in
 * rule-links.ts.
 */
const ENTRY_BYTES = 64;
const MASK = SLAB_CHUNK_ENTRIES - 1;
const SHIFT = 31 - Math.clz32(SLAB_CHUNK_ENTRIES);

const AMOUNT = 0;
const TIME = 1;
const EVENT = 2;
const ARRIVAL = 3;
/** Where an entry’s arrival lies among its doubles. */
export const ARRIVAL_DOUBLE: number = ARRIVAL;
const WHEEL_NEXT = 8;
const WHEEL_PREVIOUS = 9;
const CHAIN_NEXT = 10;
const CHAIN_PREVIOUS = 11;
const KEY_HASH = 12;
const BLOB = 13;
const BREAK = 14;
const PACKED = 15;

/** Packed word: reconciliation slot · 2 + side (12 bits), flags, then minutes east of UTC + 2048 (12 bits). */
const LANE_MASK = 0xfff;
/** Its window and grace are over: its break is made, and its next event is its eviction. */
export const EXPIRED: number = 1 << 12;
/** It was found among the records that the row at hand is linked with; only while those are looked for. */
export const MET: number = 1 << 13;
/** Its time is a day. */
export const DAY_PRECISE: number = 1 << 14;
/** It has what items.ts keeps beside. */
export const EXTENDED: number = 1 << 27;
/** Rules have changed, and have not been tried for it yet. */
export const UNTRIED: number = 1 << 28;
/** The match that is being made takes it. */
export const CONSUMED: number = 1 << 29;
/** It is kept as a leg of a match that may get another version: it is unmatched no more. */
export const LEG: number = 1 << 30;
/** It has left its lane: nothing can match it there, and nothing may take it out again. */
export const AWAY: number = 1 << 31;
const OFFSET_SHIFT = 15;
const OFFSET_BIAS = 2048;

/** Ordinals of one message: a message may not hold more records. */
export const ORDINALS = 65_536;

/** Packs what does not change, without flags other than the precision. */
export function pack(lane: number, dayPrecise: boolean, offsetMinutes: number): number {
  return lane | (dayPrecise ? DAY_PRECISE : 0) | ((offsetMinutes + OFFSET_BIAS) << OFFSET_SHIFT);
}

/** Minutes east of UTC in a packed word. */
export function offsetOf(packed: number): number {
  return ((packed >>> OFFSET_SHIFT) & 0xfff) - OFFSET_BIAS;
}

/** Reconciliation slot · 2 + side in a packed word. */
export function laneOf(packed: number): number {
  return packed & LANE_MASK;
}

/** The unmatched records of a kernel, by entry number. */
export class Entries extends Slab {
  /** Arrival of the row taken last: no entry's is later. −1 before the first. */
  newest = -1;

  constructor() {
    super(ENTRY_BYTES);
  }

  /** Takes an entry that is in no chain, no break and has no event. */
  add(amount: number, time: number, arrival: number, blob: number, packed: number): number {
    const entry = this.allocate();
    const doubles = this.doubles[entry >>> SHIFT]!;
    const d = (entry & MASK) << 3;
    doubles[d + AMOUNT] = amount;
    doubles[d + TIME] = time;
    doubles[d + EVENT] = 0;
    doubles[d + ARRIVAL] = arrival;
    const words = this.words[entry >>> SHIFT]!;
    const w = (entry & MASK) << 4;
    words[w + WHEEL_NEXT] = NO_ENTRY;
    words[w + WHEEL_PREVIOUS] = NO_ENTRY;
    words[w + CHAIN_NEXT] = NO_ENTRY;
    words[w + CHAIN_PREVIOUS] = NO_ENTRY;
    words[w + KEY_HASH] = 0;
    words[w + BLOB] = blob;
    words[w + BREAK] = NO_ENTRY;
    words[w + PACKED] = packed;
    return entry;
  }

  /** Gives an entry back; its arrival is then −1, so that a search by arrival passes over it. */
  override free(entry: number): void {
    this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + ARRIVAL] = NO_ENTRY;
    super.free(entry);
  }

  amount(entry: number): number {
    return this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + AMOUNT]!;
  }

  time(entry: number): number {
    return this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + TIME]!;
  }

  event(entry: number): number {
    return this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + EVENT]!;
  }

  setEvent(entry: number, time: number): void {
    this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + EVENT] = time;
  }

  arrival(entry: number): number {
    return this.doubles[entry >>> SHIFT]![((entry & MASK) << 3) + ARRIVAL]!;
  }

  wheelNext(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + WHEEL_NEXT]!;
  }

  setWheelNext(entry: number, value: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + WHEEL_NEXT] = value;
  }

  wheelPrevious(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + WHEEL_PREVIOUS]!;
  }

  setWheelPrevious(entry: number, value: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + WHEEL_PREVIOUS] = value;
  }

  chainNext(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + CHAIN_NEXT]!;
  }

  chainPrevious(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + CHAIN_PREVIOUS]!;
  }

  setChainNext(entry: number, value: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + CHAIN_NEXT] = value;
  }

  setChainPrevious(entry: number, value: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + CHAIN_PREVIOUS] = value;
  }

  keyHash(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + KEY_HASH]!;
  }

  setKeyHash(entry: number, hash: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + KEY_HASH] = hash;
  }

  blob(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + BLOB]!;
  }

  /** Another record takes the entry's place. */
  setRecord(entry: number, amount: number, time: number, arrival: number): void {
    const doubles = this.doubles[entry >>> SHIFT]!;
    const d = (entry & MASK) << 3;
    doubles[d + AMOUNT] = amount;
    doubles[d + TIME] = time;
    doubles[d + ARRIVAL] = arrival;
  }

  setBlob(entry: number, address: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + BLOB] = address;
  }

  break(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + BREAK]!;
  }

  setBreak(entry: number, value: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + BREAK] = value;
  }

  packed(entry: number): number {
    return this.words[entry >>> SHIFT]![((entry & MASK) << 4) + PACKED]!;
  }

  setPacked(entry: number, packed: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + PACKED] = packed;
  }

  clearFlag(entry: number, flag: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + PACKED]! &= ~flag;
  }

  setFlag(entry: number, flag: number): void {
    this.words[entry >>> SHIFT]![((entry & MASK) << 4) + PACKED]! |= flag;
  }
}
