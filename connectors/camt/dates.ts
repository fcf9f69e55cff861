import { CounterfoilError, localDayOf, parseDay } from '../../engine/domain/index.ts';
import type { LocalDay, RecordTime, Zone } from '../../engine/domain/index.ts';
import { readTime } from '../contract/index.ts';

/** A date or a date and time, and the local day of either. */
export interface CamtDate {
  readonly at: RecordTime;
  readonly day: LocalDay;
}

const DATE_LENGTH = 10;

/** Reads `Dt` and `DtTm` in the zone of one source. Entries of one date stand together, so that the last answer is kept. */
export class CamtDates {
  readonly #zone: Zone;
  #text = '';
  #last: CamtDate | undefined;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /**
   * A date has day precision in the source's zone; one with an offset (`2026-11-22+04:00`) is still a date. A date-time
   * without an offset is in the source's zone.
   * @throws CounterfoilError `invalidTime`
   */
  read(text: string): CamtDate {
    if (this.#last === undefined || this.#text !== text) {
      this.#last = this.#parse(text);
      this.#text = text;
    }
    return this.#last;
  }

  #parse(text: string): CamtDate {
    const isDate = text.length === DATE_LENGTH || /^\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)$/.test(text);
    if (isDate) {
      const day = parseDay(text.slice(0, DATE_LENGTH));
      return { at: this.#zone.startOfDay(day), day };
    }
    if (!/^\d{4}-\d\d-\d\dT/.test(text)) {
      throw new CounterfoilError(
        'invalidTime',
        `"${text.slice(0, 40)}" is neither a date such as 2026-11-22 nor a date and time such as 2026-11-22T14:05:00+04:00`,
      );
    }
    const at = readTime(text, this.#zone);
    return { at, day: localDayOf(at.time, at.offsetMinutes) };
  }
}
