import type { KernelCore } from './core.ts';
import { EXPIRED, LEG } from './entries.ts';
import type { Expiring } from './expiring.ts';
import type { ExpiryBudget } from './kernel-types.ts';
import { LinkedRecords } from './linked-records.ts';
import type { Lane } from './rules-in-force.ts';
import { NO_ENTRY } from './slab.ts';
import { MOVES_USED } from './timing-wheel.ts';

/** Steps of work: a move within the timing wheel is one, an event so many, and each record that it shows or frees some. */
const EVENT_STEPS = 16;
const RECORD_STEPS = 10;
/** A result of a group, beside the records that it shows. */
const RESULT_STEPS = 48;
/** What rows leave of their budgets is saved for so many rows at most. */
const SAVED_ROWS = 128;
/** Work beyond the budget is owed, up to so many steps. */
const MOST_OWED = 1 << 16;

/**
 * What an engine takes on with each row and message: more than any record brings in its life, so that what waits grows
 * less, and little enough for a frame of 512 rows, or a tick, to be done in some milliseconds.
 */
export const EXPIRY_BUDGET: ExpiryBudget = { perRecord: 6, perMessage: 2048 };

/** What a snapshot keeps. */
export interface DueState {
  readonly credit: number;
  readonly isBehind: boolean;
}

/**
 * Handles events once the watermark is past them, in order of time, then arrival: all of them, or as many as a budget
 * allows. While it is behind, whatever a row can touch is handled before the row, so that no result depends on budgets.
 */
export class DueEvents {
  /** There may be events that are due and wait. */
  isBehind = false;
  readonly #core: KernelCore;
  readonly #expiring: Expiring;
  readonly #linked: LinkedRecords;
  /** Steps that may be taken; below 0 what is owed. */
  #credit = 0;

  constructor(core: KernelCore, expiring: Expiring) {
    this.#core = core;
    this.#expiring = expiring;
    this.#linked = new LinkedRecords(core);
    core.onGroupFreed = (group) => {
      this.#linked.clean.forget(group);
    };
  }

  /** A row may have so many events handled, or what earlier ones have left. */
  allowRow({ perRecord }: ExpiryBudget): void {
    this.#allow(perRecord * EVENT_STEPS, perRecord * EVENT_STEPS * SAVED_ROWS);
  }

  /** A message without rows likewise; whatever is owed, it handles something. */
  allowMessage({ perMessage }: ExpiryBudget): void {
    this.#allow(perMessage * EVENT_STEPS, perMessage * EVENT_STEPS);
    this.#credit = Math.max(this.#credit, 1);
  }

  /** Handles what is due as far as the budget goes. */
  handleSome(): void {
    const { wheel, watermark } = this.#core;
    if (!this.isBehind && wheel.skipTo(watermark)) return;
    while (this.#credit > 0) {
      wheel.moves = 0;
      const entry = wheel.take(watermark, this.#credit);
      this.#charge(wheel.moves);
      if (entry === NO_ENTRY) {
        this.#caughtUp();
        return;
      }
      if (entry === MOVES_USED) break;
      this.#handle(entry);
    }
    // What is owed is made up for first: an event may be that of a large group.
    this.isBehind = true;
  }

  /** Handles all that is due. */
  handleAll(): void {
    const { wheel, watermark } = this.#core;
    for (let entry = wheel.take(watermark); entry !== NO_ENTRY; entry = wheel.take(watermark)) {
      this.#handle(entry);
    }
    this.#caughtUp();
  }

  /**
   * Handles what is due among the records that the row at hand, which comes into these lanes, can have to do with.
   * @param replaced entries whose place it takes
   */
  handleBefore(lanes: readonly Lane[], replaced: readonly number[]): void {
    const { wheel, watermark, open, maxOpen } = this.#core;
    wheel.earliest = Number.POSITIVE_INFINITY;
    if (open + lanes.length > maxOpen || !this.#linked.find(lanes, replaced)) {
      this.handleAll();
      return;
    }
    if (this.#linked.due.length === 0) return;
    wheel.hasten(this.#linked.due, watermark);
    for (let entry = wheel.takeUrgent(); entry !== NO_ENTRY; entry = wheel.takeUrgent()) {
      this.#handle(entry);
    }
  }

  /** The row has arrived: its events, and those of the records it has touched, are among the linked ones. */
  rowIsIn(): void {
    this.#linked.clean.sawEvent(this.#core.wheel.earliest);
  }

  state(): DueState {
    return { credit: this.#credit, isBehind: this.isBehind };
  }

  restore({ credit, isBehind }: DueState): void {
    this.#credit = credit;
    this.isBehind = isBehind;
  }

  #allow(steps: number, most: number): void {
    this.#credit = Math.min(this.#credit + steps, Math.max(most, steps));
  }

  #charge(steps: number): void {
    this.#credit = Math.max(this.#credit - steps, -MOST_OWED);
  }

  #caughtUp(): void {
    if (!this.isBehind) return;
    this.isBehind = false;
    this.#linked.clean.clear();
  }

  #handle(entry: number): void {
    const core = this.#core;
    const { emitter, entries } = core;
    const { shown, shownGroups } = emitter;
    const { used } = entries;
    core.eventTime = entries.event(entry);
    const packed = entries.packed(entry);
    if ((packed & LEG) !== 0) core.groups.forget(core.stateOf(entry), entry);
    else if ((packed & EXPIRED) === 0) this.#expiring.expire(entry);
    else this.#expiring.evict(entry);
    core.eventTime = Number.POSITIVE_INFINITY;
    const records = emitter.shown - shown + Math.max(0, used - entries.used);
    const results = emitter.shownGroups - shownGroups;
    this.#charge(EVENT_STEPS + RECORD_STEPS * records + RESULT_STEPS * results);
  }
}
