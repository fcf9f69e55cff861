import { DAY_MS, NO_DAY, Zone, type LocalDay, type SourceDue } from '../domain/index.ts';
import type { BusinessDays, Calendars } from '../rules/index.ts';

/** The moments at which a source is due, followed as log time passes. Epoch milliseconds; log time never goes back. */
export class DueSchedule {
  /** The last moment that log time has reached, and the one before it; −∞ where there is none. */
  latest = Number.NEGATIVE_INFINITY;
  previous = Number.NEGATIVE_INFINITY;
  /** The first moment that log time has not reached. */
  next: number;
  readonly maxHold: number;
  readonly #everyDays: number;
  readonly #by: number;
  readonly #zone: Zone;
  readonly #days: BusinessDays;
  /** Local day of `next`. */
  #day: LocalDay;

  constructor(due: SourceDue, calendars: Calendars) {
    this.maxHold = due.maxHold;
    this.#everyDays = due.everyDays;
    this.#by = due.by * 60_000;
    this.#zone = new Zone(due.zone);
    this.#days = calendars.of(due.calendar);
    // Every schedule counts open days from 1970-01-01, so that it does not matter when it was set up.
    this.#day = this.#days.next(0);
    this.next = this.#momentOf(this.#day);
  }

  /** Log time reached `time`. */
  reach(time: number): void {
    if (time < this.next) return;
    // No zone is a day behind: moments that are further in the past need not be known to the minute.
    let [previous, latest] = [NO_DAY, NO_DAY];
    while (this.#day * DAY_MS + this.#by + DAY_MS < time) {
      [previous, latest] = [latest, this.#day];
      this.#step();
    }
    if (latest !== NO_DAY) {
      this.previous = previous === NO_DAY ? this.latest : this.#momentOf(previous);
      this.latest = this.#momentOf(latest);
    }
    this.next = this.#momentOf(this.#day);
    while (this.next <= time) {
      this.previous = this.latest;
      this.latest = this.next;
      this.#step();
      this.next = this.#momentOf(this.#day);
    }
  }

  #step(): void {
    for (let i = 0; i < this.#everyDays; i++) this.#day = this.#days.next(this.#day + 1);
  }

  #momentOf(day: LocalDay): number {
    return this.#zone.atLocal(day * DAY_MS + this.#by).time;
  }
}
