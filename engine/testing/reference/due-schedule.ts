import { DAY_MS, localDayOf, type LocalDay, type SourceDue } from '../../domain/index.ts';
import { zoneOf, type BusinessDays } from '../../rules/index.ts';

/** F5: the moments at which a source is due. */
export class DueSchedule {
  readonly #due: SourceDue;
  readonly #days: BusinessDays;
  /** Days on which it is due, from 1970-01-01 on, as far as they were needed. */
  readonly #dueDays: LocalDay[] = [];
  #next: LocalDay = 0;
  #openDays = 0;

  constructor(due: SourceDue, days: BusinessDays) {
    this.#due = due;
    this.#days = days;
  }

  /** The last two moments up to a log time, latest first. */
  lastTwo(logTime: number): number[] {
    const zone = zoneOf(this.#due.zone);
    const today = localDayOf(logTime, zone.offsetAt(logTime));
    this.#countDays(today + 1);
    return this.#dueDays
      .slice(-4)
      .map((day) => zone.atLocal(day * DAY_MS + this.#due.by * 60_000).time)
      .filter((moment) => moment <= logTime)
      .slice(-2)
      .reverse();
  }

  /** Open days are counted from 1970-01-01; every so many of them the source is due. Log time never goes back. */
  #countDays(last: LocalDay): void {
    for (; this.#next <= last; this.#next++) {
      if (!this.#days.isOpen(this.#next)) continue;
      if (this.#openDays % this.#due.everyDays === 0) this.#dueDays.push(this.#next);
      this.#openDays += 1;
    }
  }
}
