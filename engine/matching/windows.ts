import { DAY_MS } from '../domain/index.ts';
import type { Anchor } from '../rules/index.ts';
import { DAY_PRECISE, offsetOf } from './entries.ts';

const MINUTE_MS = 60_000;

/** How far apart the records of a match may be, and when a record's window ends. All in milliseconds. */
export class Window {
  readonly #before: number;
  readonly #after: number;
  readonly #daysBefore: number;
  readonly #daysAfter: number;

  constructor(before: number, after: number) {
    this.#before = before;
    this.#after = after;
    this.#daysBefore = Math.ceil(before / DAY_MS);
    this.#daysAfter = Math.ceil(after / DAY_MS);
  }

  /**
   * Whether a left and a right record are close enough, both ends inclusive. Where either is a day, local days are
   * compared and durations are whole days.
   * @param left time, epoch ms, and packed word (entries.ts) with precision and offset
   */
  includes(left: number, leftPacked: number, right: number, rightPacked: number): boolean {
    if (((leftPacked | rightPacked) & DAY_PRECISE) === 0) {
      return left - this.#before <= right && right <= left + this.#after;
    }
    const leftDay = localDay(left, leftPacked);
    const rightDay = localDay(right, rightPacked);
    return leftDay - this.#daysBefore <= rightDay && rightDay <= leftDay + this.#daysAfter;
  }

  /** By how much a left and a right anchor are too far apart, in milliseconds: whole days where either is a day. */
  outside(left: Anchor, right: Anchor): number {
    if (!left.dayPrecise && !right.dayPrecise) {
      return Math.max(0, left.time - this.#before - right.time, right.time - (left.time + this.#after));
    }
    const days = Math.max(
      0,
      left.day - this.#daysBefore - right.day,
      right.day - (left.day + this.#daysAfter),
    );
    return days * DAY_MS;
  }

  /** The last moment of the window of an anchor. @param offsetMinutes of its record */
  endOf(side: number, anchor: Anchor, offsetMinutes: number): number {
    if (!anchor.dayPrecise) return anchor.time + (side === 0 ? this.#after : this.#before);
    const days = side === 0 ? this.#daysAfter : this.#daysBefore;
    return (anchor.day + days + 1) * DAY_MS - offsetMinutes * MINUTE_MS - 1;
  }

  /** The last moment of a record's window. @param side 0 left, 1 right */
  end(side: number, time: number, packed: number): number {
    if ((packed & DAY_PRECISE) === 0) return time + (side === 0 ? this.#after : this.#before);
    const days = side === 0 ? this.#daysAfter : this.#daysBefore;
    return (localDay(time, packed) + days + 1) * DAY_MS - offsetOf(packed) * MINUTE_MS - 1;
  }
}

function localDay(time: number, packed: number): number {
  return Math.floor((time + offsetOf(packed) * MINUTE_MS) / DAY_MS);
}
