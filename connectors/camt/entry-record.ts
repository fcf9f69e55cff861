import type { MoneyRecord } from '../../engine/domain/index.ts';
import type { FileContext } from '../contract/index.ts';
import { describeCharges, readAmount, readCharges } from './amounts.ts';
import type { Amount } from './amounts.ts';
import type { CamtDate } from './dates.ts';
import { factsOf } from './facts.ts';
import type { Fields, RawEntry, RawStatement, RawTransaction } from './raw-message.ts';
import type { CamtSettings, EntryStatus } from './settings.ts';
import { malformed } from './statement-head.ts';
import type { StatementHead } from './statement-head.ts';

/** What an entry says before it is known what becomes of it. */
export interface EntryHead {
  readonly head: StatementHead;
  readonly amount: Amount;
  /** How the balance changes, minor units. */
  readonly signed: bigint;
  readonly isCredited: boolean;
  readonly status: EntryStatus;
  readonly bookingDate: CamtDate | undefined;
  readonly valueDate: CamtDate | undefined;
}

interface RecordOptions {
  readonly context: FileContext;
  readonly settings: CamtSettings;
  /** Bytes as text. */
  readonly decode: (text: string) => string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The record of an entry, or of one of its transactions.
 * @param transaction undefined for an entry that stays one and has several
 * @param signed how the balance changes by it, minor units
 * @throws CounterfoilError with the code that the entry's dead letter gets
 */
export function entryRecord(
  { context, settings, decode }: RecordOptions,
  statement: RawStatement,
  entry: RawEntry,
  transaction: RawTransaction | undefined,
  read: EntryHead,
  signed: bigint,
  id: string,
): MoneyRecord {
  const { head, status, bookingDate, valueDate } = read;
  const { currency } = read.amount;
  const date = settings.time === 'bookingDate' ? (bookingDate ?? valueDate) : (valueDate ?? bookingDate);
  if (date === undefined) throw malformed('the entry has neither a value date nor a booking date');
  const isWhole = entry.transactionCount < 2 || transaction === undefined;
  const isCredited = signed > 0n || (signed === 0n && read.isCredited);
  // Of an entry with one transaction, both state charges and amounts of the same movement.
  const sides = transaction === undefined ? [entry] : isWhole ? [transaction, entry] : [transaction];
  const stated = sides.find(({ charges }) => charges.length > 0)?.charges;
  const before = sides.map(({ fields }) => fields);
  const unsigned = { minor: isCredited ? signed : -signed, currency };
  const charges = stated === undefined ? undefined : readCharges(stated, unsigned, isCredited, before);
  const included = charges?.isIncluded === true ? charges : undefined;
  const beside = stated === undefined || included !== undefined ? undefined : describeCharges(stated);
  const { references, attributes } = factsOf(statement, entry, transaction, isCredited, decode, beside);
  const { time, precision, offsetMinutes } = date.at;
  const record: Mutable<MoneyRecord> = {
    source: context.source,
    id,
    account: head.account,
    kind: 'bank',
    status: status === 'BOOK' ? 'booked' : 'pending',
    currency,
    // What is left after charges is what the balance changed by: the net amount.
    amount: included === undefined ? signed : signed + included.fee + included.tax,
    fee: included?.fee ?? 0n,
    tax: included?.tax ?? 0n,
    time,
    precision,
    offsetMinutes,
    references,
    attributes,
  };
  if (bookingDate !== undefined) record.bookingDate = bookingDate.day;
  if (valueDate !== undefined) record.valueDate = valueDate.day;
  const original = readOriginal(before, currency, isCredited);
  if (original !== undefined) record.original = original;
  return record;
}

/** What the payer was asked for, where it was in another currency. */
function readOriginal(
  before: readonly Fields[],
  currency: string,
  isCredited: boolean,
): MoneyRecord['original'] {
  for (const fields of before) {
    for (const [text, other] of [
      [fields['instructed'], fields['instructedCurrency']],
      [fields['moved'], fields['movedCurrency']],
    ]) {
      if (text === undefined || other === undefined || other === currency) continue;
      const { minor } = readAmount(text, other);
      return { amount: isCredited ? minor : -minor, currency: other };
    }
  }
  return undefined;
}
