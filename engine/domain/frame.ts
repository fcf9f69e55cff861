/**
 * Frames: what one message of the log holds once decoded. A frame of records is columns, not rows; every typed
 * array has `count` entries unless its comment says otherwise.
 */

/** Strings laid end to end: string i is `bytes[offsets[i] .. offsets[i + 1]]`, UTF-8. */
export interface StringColumn {
  /** count + 1 entries, ascending, first 0, last the length of `bytes`. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** A column of few distinct values. */
export interface DictionaryColumn {
  readonly values: StringColumn;
  /** Index into `values` per row. */
  readonly index: Uint16Array;
}

/** Names and values per row, any number of them: the pairs of row i are `rows[i] .. rows[i + 1]`. */
export interface PairsColumn {
  /** count + 1 entries, ascending, first 0. */
  readonly rows: Uint32Array;
  /** Per pair. */
  readonly names: DictionaryColumn;
  /** Per pair. */
  readonly values: StringColumn;
}

/** In {@link RecordFrame} day columns: this row has no such date. */
export const NO_DAY = -2_147_483_648;

/** Code of a {@link RecordFrame} row's precision. */
export const PRECISION_INSTANT = 0;
export const PRECISION_DAY = 1;

/** Records of one partition. Amounts are integer minor units in doubles, within ±(2^53 − 1). */
export interface RecordFrame {
  readonly kind: 'records';
  readonly count: number;
  readonly source: DictionaryColumn;
  readonly id: StringColumn;
  /** 0 where the record has no version. */
  readonly version: Uint32Array;
  readonly account: DictionaryColumn;
  readonly currency: DictionaryColumn;
  /** Index into RECORD_KINDS. */
  readonly recordKind: Uint8Array;
  /** Index into RECORD_STATUSES. */
  readonly status: Uint8Array;
  readonly amount: Float64Array;
  readonly fee: Float64Array;
  readonly tax: Float64Array;
  /** Epoch milliseconds. */
  readonly time: Float64Array;
  readonly precision: Uint8Array;
  /** Minutes east of UTC. */
  readonly offsetMinutes: Int16Array;
  /** Days since 1970-01-01, or NO_DAY. */
  readonly bookingDate: Int32Array;
  readonly valueDate: Int32Array;
  readonly availableOn: Int32Array;
  readonly references: PairsColumn;
  readonly attributes: PairsColumn;
  /** Empty where the record links to none. */
  readonly link: StringColumn;
  /** NaN where the record has no original amount. */
  readonly originalAmount: Float64Array;
  /** Index of "" where the record has no original amount. */
  readonly originalCurrency: DictionaryColumn;
  /** NaN where the record has none. */
  readonly groupCount: Float64Array;
  readonly groupTotal: Float64Array;
}

/** Time passes: nothing else happened. */
export interface TickFrame {
  readonly kind: 'tick';
}

/** A source has spoken, and is complete through `time` (epoch milliseconds). Goes to every partition. */
export interface ProgressFrame {
  readonly kind: 'progress';
  readonly source: string;
  /** Absent: it has spoken, and nothing is said of how far it is complete. */
  readonly time?: number | undefined;
}

/** The reconciliations in force from this position on: a RuleSet as JSON, and its hash. */
export interface RulesFrame {
  readonly kind: 'rules';
  readonly json: string;
  readonly hash: string;
}

/** A command of a person or machine: a Command as JSON. */
export interface CommandFrame {
  readonly kind: 'command';
  readonly json: string;
}

/** Something a connector found about its source that is no record: a SourceFinding as JSON. */
export interface FindingFrame {
  readonly kind: 'finding';
  readonly json: string;
}

/** Balances that a source states: a ReportedBalance as JSON. Matching has nothing to do with it; it is stored. */
export interface BalanceFrame {
  readonly kind: 'balance';
  readonly json: string;
}

export type Frame =
  RecordFrame | TickFrame | ProgressFrame | RulesFrame | CommandFrame | FindingFrame | BalanceFrame;

/** A frame with its place and time in the log. */
export interface LogMessage {
  /** Stream sequence; in the file command the number of the frame's first record, from 1. */
  readonly sequence: number;
  /** Epoch milliseconds of the log: the only clock the kernel knows. */
  readonly logTime: number;
  readonly frame: Frame;
}
