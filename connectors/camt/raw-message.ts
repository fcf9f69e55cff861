import { CounterfoilError } from '../../engine/domain/index.ts';
import type { MessageName } from './shape.ts';
import type { XmlPlace } from './xml-reader.ts';

/** Texts of an element, by the names of `shape.ts`. */
export interface Fields {
  [field: string]: string;
}

/** A transaction of an entry as it stands in the file. */
export interface RawTransaction extends XmlPlace {
  readonly fields: Fields;
  readonly charges: Fields[];
}

/** An entry as it stands in the file. */
export interface RawEntry extends RawTransaction {
  /** 1-based, in its statement. */
  readonly number: number;
  /** Empty where there were too many to be held. */
  readonly transactions: RawTransaction[];
  /** How many there are. */
  transactionCount: number;
  /** Its transactions took more of the file than may be held, and were left out. */
  isOversized: boolean;
}

/** A statement, report or notification as far as it has been read. */
export interface RawStatement extends XmlPlace {
  readonly message: MessageName;
  readonly fields: Fields;
  readonly balances: Fields[];
  entries: number;
}

/** The field that names an element which stands more than once where it may stand only once. */
export const REPEATED = 'repeated';

/**
 * Refuses what says two things at once, such as an entry with two directions.
 * @throws CounterfoilError `malformedStatement`
 */
export function checkOnce(fields: Fields): void {
  const repeated = fields[REPEATED];
  if (repeated === undefined) return;
  throw new CounterfoilError(
    'malformedStatement',
    `it has ${repeated} more than once, where only one can be meant`,
  );
}
