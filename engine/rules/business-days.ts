import { CounterfoilError, DEFAULT_CALENDARS, closedWeekdays, parseDay } from '../domain/index.ts';
import type { LocalDay, RuleSet } from '../domain/index.ts';

/** The calendars of a rule set, by name, and the days on which several of them together are open. */
export class Calendars {
  readonly #defined: NonNullable<RuleSet['calendars']>;
  readonly #together = new Map<string, BusinessDays>();

  /** @param defined those of the rule set; the default ones are there without being defined, unless defined anew */
  constructor(defined: RuleSet['calendars']) {
    this.#defined = defined ?? {};
  }

  /**
   * The days on which all of the named calendars are open; every day where none is named.
   * @throws CounterfoilError `invalidRule` for a name that is not defined, and where no weekday is open in all
   */
  of(names: readonly string[]): BusinessDays {
    const key = names.join(' ');
    let days = this.#together.get(key);
    if (days === undefined) {
      days = this.#build(names);
      this.#together.set(key, days);
    }
    return days;
  }

  #build(names: readonly string[]): BusinessDays {
    const closed = new Set<number>();
    const holidays = new Set<LocalDay>();
    for (const name of names) {
      const calendar = own(this.#defined, name) ?? own(DEFAULT_CALENDARS, name);
      if (calendar === undefined) {
        throw new CounterfoilError('invalidRule', `calendar "${name}" is not defined; add it to calendars`);
      }
      for (const weekday of closedWeekdays(calendar)) closed.add(weekday);
      for (const day of calendar.holidays) holidays.add(parseDay(day));
    }
    if (closed.size === 7) {
      throw new CounterfoilError(
        'invalidRule',
        `calendars ${names.join(', ')} have no weekday on which all are open; leave one out`,
      );
    }
    return new BusinessDays(closed, holidays);
  }
}

function own<T>(map: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Which days are open, and how to count in them. */
export class BusinessDays {
  /** By weekday, Sunday being 0. */
  readonly #closed: readonly boolean[];
  readonly #holidays: ReadonlySet<LocalDay>;
  /** Whether every day is open. */
  readonly #always: boolean;

  /**
   * @param closed weekdays that are closed, Sunday being 0; not all seven
   * @param holidays days that are closed besides
   */
  constructor(closed: ReadonlySet<number>, holidays: ReadonlySet<LocalDay>) {
    this.#closed = Array.from({ length: 7 }, (_, weekday) => closed.has(weekday));
    this.#holidays = holidays;
    this.#always = closed.size === 0 && holidays.size === 0;
  }

  isOpen(day: LocalDay): boolean {
    if (this.#always) return true;
    // 1970-01-01 was a Thursday.
    return !this.#closed[(((day + 4) % 7) + 7) % 7]! && !this.#holidays.has(day);
  }

  /** The first open day from `day` on: itself where it is open. */
  next(day: LocalDay): LocalDay {
    let open = day;
    while (!this.isOpen(open)) open++;
    return open;
  }

  /** The `n`th open day after an open day, or before it where `n` is negative; `day` itself for 0. */
  add(day: LocalDay, n: number): LocalDay {
    if (this.#always) return day + n;
    const step = n < 0 ? -1 : 1;
    let found = day;
    for (let left = Math.abs(n); left > 0;) {
      found += step;
      if (this.isOpen(found)) left--;
    }
    return found;
  }
}
