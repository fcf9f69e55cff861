import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import type { LocalDay } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import { readEntryDate, readStatementDate } from './dates.ts';

/** A balance: `:60F:`, `:60M:`, `:62F:` or `:62M:`. */
export interface Balance {
  readonly day: LocalDay;
  readonly currency: string;
  /** Minor units; a debit balance is negative. */
  readonly amount: bigint;
}

/** A statement line, the content of `:61:`. */
export interface StatementLine {
  readonly valueDate: LocalDay;
  /** Undefined where the bank gives none. */
  readonly entryDate: LocalDay | undefined;
  /** C and D, RC and RD for their reversals, EC and ED for what is expected. */
  readonly mark: string;
  /** Minor units, signed as the balance changes. */
  readonly amount: bigint;
  readonly type: string;
  readonly ownerReference: string;
  readonly bankReference: string;
  /** What stands behind a reference that is padded to its full length. */
  readonly remainder: string;
}

const BALANCE = /^([CD])(\d{6})([A-Z]{3})(\d{1,18}(?:,\d*)?)\s*$/;

/** Whether `text` has the form of a balance. */
export function isBalance(text: string): boolean {
  return BALANCE.test(text);
}

/** @throws CounterfoilError `malformedStatement`, `invalidTime`, `unknownCurrency`, `invalidAmount` */
export function readBalance(tag: string, text: string): Balance {
  const parts = BALANCE.exec(text);
  if (parts === null) {
    throw new CounterfoilError(
      'malformedStatement',
      `:${tag}:${text.slice(0, 60)} is not a balance such as C261122AED1234,56`,
    );
  }
  const currency = parts[3]!;
  const amount = readMinor(point(parts[4]!), exponentOf(currency));
  return { day: readStatementDate(parts[2]!), currency, amount: parts[1] === 'D' ? -amount : amount };
}

/**
 * Value date, entry date (some banks write four blanks for none), mark, third letter of the currency, amount, type,
 * references. A mark is read before the letter of the currency: `DR20,` is a debit in a currency that ends in R.
 */
const LINE = /^(\d{6})(\d{4}| {4})?(R[CD]|E[CD]|[CD])([A-Z])?(\d{1,18}(?:,\d*)?)([A-Z][A-Z0-9]{3})([^\n]*)/;

/** Whether `text` begins as a statement line does. */
export function isStatementLine(text: string): boolean {
  return LINE.test(text);
}

/** What each mark does to the balance: a reversal takes back what it names. */
const SIGNS: { readonly [mark: string]: 1 | -1 } = { C: 1, D: -1, RC: -1, RD: 1, EC: 1, ED: -1 };

/** The length of an owner's reference by the standard: banks that put more behind it pad it to this. */
const REFERENCE_LENGTH = 16;

/** @throws CounterfoilError `malformedStatement`, `invalidTime`, `unknownCurrency`, `invalidAmount` */
export function readStatementLine(text: string, currency: string): StatementLine {
  const parts = LINE.exec(text);
  if (parts === null) {
    throw new CounterfoilError(
      'malformedStatement',
      `:61:${text.slice(0, 60).replaceAll('\n', ' ')} is not a statement line such as 2611221122C100,00NTRFREF`,
    );
  }
  const mark = parts[3]!;
  const valueDate = readStatementDate(parts[1]!);
  const entry = parts[2]?.trim() ?? '';
  const amount = readMinor(point(parts[5]!), exponentOf(currency));
  return {
    valueDate,
    entryDate: entry === '' ? undefined : readEntryDate(entry, valueDate),
    mark,
    amount: SIGNS[mark] === -1 ? -amount : amount,
    type: parts[6]!,
    ...readReferences(parts[7]!),
  };
}

function readReferences(text: string): Pick<StatementLine, 'ownerReference' | 'bankReference' | 'remainder'> {
  const bank = text.indexOf('//');
  if (bank >= 0) {
    return {
      ownerReference: text.slice(0, bank).trim(),
      bankReference: text.slice(bank + 2).trim(),
      remainder: '',
    };
  }
  const owner = text.slice(0, REFERENCE_LENGTH);
  const padded = text.length > REFERENCE_LENGTH && owner.endsWith('  ');
  return {
    ownerReference: (padded ? owner : text).trim(),
    bankReference: '',
    remainder: padded ? text.slice(REFERENCE_LENGTH).trim() : '',
  };
}

/** A decimal comma as a point. */
function point(amount: string): string {
  return amount.replace(',', '.');
}
