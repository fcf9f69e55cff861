import { CounterfoilError } from './errors.ts';
import type { LocalDay, RecordTime } from './record.ts';

export const DAY_MS = 86_400_000;

/** The local date of a moment. */
export function localDayOf(time: number, offsetMinutes: number): LocalDay {
  return Math.floor((time + offsetMinutes * 60_000) / DAY_MS);
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const ISO_DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;
const EPOCH_MS = /^\d{12,13}$/;

/**
 * Reads a record's time: ISO 8601 date or date-time, or epoch milliseconds of 12 or 13 digits. A date-time without
 * an offset is in `zone`; a date alone has day precision and stands at the start of that day in `zone`.
 * Fractions below a millisecond are cut.
 * @throws CounterfoilError `invalidTime`
 */
export function parseRecordTime(text: string, zone: Zone): RecordTime {
  if (EPOCH_MS.test(text)) {
    const time = Number(text);
    return { time, precision: 'instant', offsetMinutes: zone.offsetAt(time) };
  }
  const day = ISO_DATE.exec(text);
  if (day !== null) return zone.startOfDay(civilDay(text, +day[1]!, +day[2]!, +day[3]!));
  const parts = ISO_DATE_TIME.exec(text);
  if (parts === null) throw notATime(text);
  const [hour, minute, second] = [+parts[4]!, +parts[5]!, +(parts[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) throw notATime(text);
  const ms = Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1000);
  const local =
    civilDay(text, +parts[1]!, +parts[2]!, +parts[3]!) * DAY_MS +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000 +
    ms;
  const offset = parts[8];
  if (offset === undefined) return zone.atLocal(local);
  const offsetMinutes = parseOffset(text, offset);
  return { time: local - offsetMinutes * 60_000, precision: 'instant', offsetMinutes };
}

function parseOffset(text: string, offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const hours = +offset.slice(1, 3);
  const minutes = +offset.slice(3).replace(':', '');
  const total = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
  if (minutes > 59 || total < -720 || total > 840) throw notATime(text);
  return total;
}

/** Reads `2026-11-22` as a local day. @throws CounterfoilError `invalidTime` */
export function parseDay(text: string): LocalDay {
  const parts = ISO_DATE.exec(text);
  if (parts === null)
    throw new CounterfoilError('invalidTime', `"${text.slice(0, 40)}" is not a date such as 2026-11-22`);
  return civilDay(text, +parts[1]!, +parts[2]!, +parts[3]!);
}

/** A local day as `2026-11-22`. */
export function formatDay(day: LocalDay): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Days since 1970-01-01 of a civil date that exists. @throws CounterfoilError `invalidTime` (30 February) */
export function civilDay(text: string, year: number, month: number, day: number): LocalDay {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  if (
    month < 1 ||
    month > 12 ||
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    year < 1900
  ) {
    throw notATime(text);
  }
  return ms / DAY_MS;
}

function notATime(text: string): CounterfoilError {
  return new CounterfoilError(
    'invalidTime',
    `time "${text.slice(0, 40)}" is neither ISO 8601 (2026-11-22, 2026-11-22T14:05:00+04:00) nor epoch milliseconds of 12 or 13 digits`,
  );
}

/** An IANA time zone with its offsets, looked up once per hour of wall time and remembered. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #offsets = new Map<number, number>();

  /** @throws CounterfoilError `invalidConfig` if the zone does not exist */
  constructor(name: string) {
    this.name = name;
    if (name === 'UTC') return;
    try {
      this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    } catch {
      throw new CounterfoilError(
        'invalidConfig',
        `zone "${name}" is not an IANA time zone such as Asia/Dubai`,
      );
    }
  }

  /** Minutes east of UTC at a moment. Offsets change on quarter hours at the finest, so one per quarter hour is kept. */
  offsetAt(time: number): number {
    if (this.#format === undefined) return 0;
    const quarter = Math.floor(time / 900_000);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= 100_000) this.#offsets.clear();
      offset = readOffset(this.#format, time);
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /**
   * The moment at which local clocks show `local` (epoch milliseconds as if the local time were UTC). A time that
   * occurs twice is the earlier one; one that a clock change skips moves forward by the change.
   */
  atLocal(local: number): RecordTime {
    const before = this.offsetAt(local - DAY_MS);
    const after = this.offsetAt(local + DAY_MS);
    for (const offset of before === after ? [before] : [before, after]) {
      const time = local - offset * 60_000;
      if (this.offsetAt(time) === offset) return { time, precision: 'instant', offsetMinutes: offset };
    }
    const time = local - before * 60_000;
    return { time, precision: 'instant', offsetMinutes: this.offsetAt(time) };
  }

  /** The first moment of a local day, with day precision. */
  startOfDay(day: LocalDay): RecordTime {
    return { ...this.atLocal(day * DAY_MS), precision: 'day' };
  }
}

function readOffset(format: Intl.DateTimeFormat, time: number): number {
  const name = format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const parts = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
  if (parts?.[1] === undefined) return 0;
  return (parts[1] === '-' ? -1 : 1) * (+parts[2]! * 60 + +parts[3]!);
}

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS } as const;

/**
 * Reads a duration ("1h", "3d", "0s", "500ms") as milliseconds.
 * @throws CounterfoilError `invalidConfig`
 */
export function parseDuration(text: string): number {
  const parts = DURATION.exec(text.trim());
  if (parts === null) {
    throw new CounterfoilError(
      'invalidConfig',
      `"${text.slice(0, 40)}" is not a duration ≥ 0 such as 500ms, 30s, 15m, 1h, 3d or 2w`,
    );
  }
  return Math.round(Number(parts[1]) * UNIT_MS[parts[2] as keyof typeof UNIT_MS]);
}
