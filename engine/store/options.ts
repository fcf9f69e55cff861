import { CounterfoilError } from '../domain/index.ts';

/** The fewest years that UAE record-keeping rules ask for. */
const LEAST_YEARS = 5;

/** What the store needs to be told about; pino's logger fits. */
export interface StoreLogger {
  warn(message: string): void;
}

/** Bounds of what runs in the database at once and for how long. */
export interface StoreLimits {
  /** Inserts and other writes at once. */
  readonly writes: number;
  /** Queries at once. */
  readonly reads: number;
  /** Calls of each kind that may wait for their turn; one more is refused as `overloaded`. */
  readonly waiting: number;
  /** Longest wait for a turn, and longest run, of an insert, rollup or migration statement, milliseconds. */
  readonly writeTimeoutMs: number;
  /** The same for a query. */
  readonly readTimeoutMs: number;
}

export const DEFAULT_LIMITS: StoreLimits = {
  writes: 2,
  reads: 2,
  waiting: 64,
  writeTimeoutMs: 30_000,
  readTimeoutMs: 10_000,
};

export interface StoreOptions {
  /** `embedded` runs ClickHouse in this process; else an address such as `http://host:8123`. */
  readonly url: string;
  /** Directory of the embedded database, created if missing; only one directory can be open in a process. */
  readonly path?: string | undefined;
  /** Database name, created if missing. Default `counterfoil`. */
  readonly database?: string | undefined;
  /** For an address without credentials. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Rows older than this are dropped, in whole months of log time. Default: kept for ever. */
  readonly retainYears?: number | undefined;
  /** Permits a `retainYears` below five. */
  readonly allowShortRetention?: boolean | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
  readonly logger?: StoreLogger | undefined;
}

const DATABASE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/**
 * The name of the database.
 * @throws CounterfoilError `invalidConfig` if it is not a plain identifier
 */
export function databaseName(options: StoreOptions): string {
  const name = options.database ?? 'counterfoil';
  if (DATABASE.test(name)) return name;
  throw new CounterfoilError(
    'invalidConfig',
    `store.database "${name.slice(0, 64)}" is not 1 to 64 letters, digits or "_" starting with a letter`,
  );
}

/**
 * The years after which rows are dropped; undefined keeps them.
 * @throws CounterfoilError `invalidConfig` below five years, unless that is permitted
 */
export function retention(options: StoreOptions): number | undefined {
  const years = options.retainYears;
  if (years === undefined) return undefined;
  if (!Number.isInteger(years) || years < 1 || years > 100) {
    throw new CounterfoilError(
      'invalidConfig',
      `store.retainYears is ${years}; it wants 1 to 100 whole years, or nothing to keep all rows`,
    );
  }
  if (years < LEAST_YEARS && options.allowShortRetention !== true) {
    throw new CounterfoilError(
      'invalidConfig',
      `store.retainYears is ${years}, but UAE rules ask for at least ${LEAST_YEARS} years; raise it, leave it out to keep all rows, or permit a short retention explicitly`,
    );
  }
  return years;
}
