/**
 * The kinds of record, a closed set. Authorisations are not records. The order is the wire and storage code:
 * append only.
 */
export const RECORD_KINDS = [
  'charge',
  'refund',
  'refundFailure',
  'captureReversal',
  'chargeback',
  'chargebackReversal',
  'fee',
  'reserveHold',
  'reserveRelease',
  'adjustment',
  'carryForward',
  'payout',
  'payoutFailure',
  'transfer',
  'bank',
  'ledger',
] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

/** Append only: the order is the wire and storage code. */
export const RECORD_STATUSES = ['booked', 'pending', 'void'] as const;

export type RecordStatus = (typeof RECORD_STATUSES)[number];

/** A local calendar date as days since 1970-01-01. */
export type LocalDay = number;

/**
 * How precise a record's time is. `day`: the source gave a date without a time; `time` is then the start of that
 * day in the source's zone.
 */
export type TimePrecision = 'instant' | 'day';

/** A moment with what is needed to know its local date. */
export interface RecordTime {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly precision: TimePrecision;
  /** Minutes east of UTC at that moment in the source's zone, −720 to 840. */
  readonly offsetMinutes: number;
}

/**
 * One movement of money as one source reports it, normalised. Called Record in the documentation; the type has
 * another name because TypeScript's own `Record` is used everywhere.
 */
export interface MoneyRecord extends RecordTime {
  /** Name of the configured connector instance. */
  readonly source: string;
  /** Identity within the source. */
  readonly id: string;
  /** Amendment number, for connectors that declare `amends: version`. */
  readonly version?: number;
  /** Settlement account. Records of different accounts never match. */
  readonly account: string;
  readonly kind: RecordKind;
  readonly status: RecordStatus;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** Minor units, signed as the balance that the source reports changes: charge +, refund −, payout −, bank credit +. */
  readonly amount: bigint;
  /** Minor units; a cost is positive. */
  readonly fee: bigint;
  /** VAT on the fee, minor units; a cost is positive. Net is amount − fee − tax. */
  readonly tax: bigint;
  readonly bookingDate?: LocalDay;
  readonly valueDate?: LocalDay;
  readonly availableOn?: LocalDay;
  /** Identifiers that other sources may share, by name: `{ reference: 'pi_3', invoice: 'INV-7' }`. */
  readonly references: Readonly<{ [name: string]: string }>;
  /** The id, in the same source, of the record that this one refunds, reverses or disputes. */
  readonly link?: string;
  /** What the payer saw, where it differs: amount in minor units of its own currency. */
  readonly original?: { readonly amount: bigint; readonly currency: string };
  /** How many members this record's group has, where the source says so. */
  readonly groupCount?: number;
  /** The sum of this record's group in minor units, where the source says so. */
  readonly groupTotal?: bigint;
  /** Facts carried along, never keys by default: scheme, wallet, region. */
  readonly attributes: Readonly<{ [name: string]: string }>;
}

/** amount − fee − tax, in minor units. */
export function netOf(record: Pick<MoneyRecord, 'amount' | 'fee' | 'tax'>): bigint {
  return record.amount - record.fee - record.tax;
}

/** Where in its input a record or dead letter was found. */
export interface Origin {
  /** File name as configured, where the input is a file. */
  readonly file?: string;
  /** 1-based line at which the row or statement line starts, where the input has lines. */
  readonly line?: number;
  /** Byte offset in a file, delivery number, or page cursor position: grows along the input. */
  readonly offset: number;
  /** Which of several records made from the same offset this is, from 0. */
  readonly ordinal: number;
}

/** Input that could not become a record: kept whole with its reason, never dropped. */
export interface DeadLetter {
  readonly source: string;
  readonly code: string;
  /** One line: what was found, where, what was wanted. */
  readonly reason: string;
  readonly origin: Origin;
  /** The input as it came, card numbers masked, cut at {@link MAX_DEAD_LETTER_BYTES}. */
  readonly payload: string;
}

/** The most of an input that a dead letter keeps, in UTF-8 bytes. */
export const MAX_DEAD_LETTER_BYTES = 65_536;
