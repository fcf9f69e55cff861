import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import type { LocalDay } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import { readEntryDate, readStatementDate } from './dates.ts';
import { TYPE_LENGTH, scanLine } from './line-scan.ts';
import type { LineParts } from './line-scan.ts';

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

const parts: LineParts = {
  hasEntryDate: false,
  markAt: 0,
  markEnd: 0,
  amountAt: 0,
  amountEnd: 0,
  commaAt: -1,
};

/** Whether `text` begins as a statement line does. */
export function isStatementLine(text: string): boolean {
  return scanLine(text, parts);
}

/** What takes from the balance: a debit, also an expected one, and the reversal of a credit. */
const TAKING: ReadonlySet<string> = new Set(['D', 'ED', 'RC']);

/** The length of an owner's reference by the standard: banks that put more behind it pad it to this. */
const REFERENCE_LENGTH = 16;

/** @throws CounterfoilError `malformedStatement`, `invalidTime`, `unknownCurrency`, `invalidAmount` */
export function readStatementLine(text: string, currency: string): StatementLine {
  if (!scanLine(text, parts)) {
    throw new CounterfoilError(
      'malformedStatement',
      `:61:${text.slice(0, 60).replaceAll('\n', ' ')} is not a statement line such as 2611221122C100,00NTRFREF`,
    );
  }
  const { hasEntryDate, markAt, markEnd, amountAt, amountEnd, commaAt } = parts;
  const valueDate = readStatementDate(text.slice(0, 6));
  const amount = readCommaAmount(text, amountAt, commaAt, amountEnd, exponentOf(currency));
  const hasEntry = hasEntryDate && text.charCodeAt(6) !== SPACE;
  const mark = text.slice(markAt, markEnd);
  const typeEnd = amountEnd + TYPE_LENGTH;
  const line: Mutable<StatementLine> = {
    valueDate,
    entryDate: hasEntry ? readEntryDate(text.slice(6, 10), valueDate) : undefined,
    mark,
    amount: TAKING.has(mark) ? -amount : amount,
    type: text.slice(amountEnd, typeEnd),
    ownerReference: '',
    bankReference: '',
    remainder: '',
  };
  readReferences(text, typeEnd, line);
  return line;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const SPACE = 32;
/** Digits that a double holds exactly. */
const MAX_DOUBLE_DIGITS = 15;

/** An amount with a decimal comma; short ones, which nearly all are, without making texts of them. */
function readCommaAmount(text: string, from: number, comma: number, to: number, exponent: number): bigint {
  const missing = exponent - (comma < 0 ? 0 : to - comma - 1);
  if (missing < 0 || to - from + missing > MAX_DOUBLE_DIGITS) {
    return readMinor(point(text.slice(from, to)), exponent);
  }
  let value = 0;
  for (let i = from; i < to; i++) {
    if (i !== comma) value = value * 10 + text.charCodeAt(i) - 48;
  }
  for (let i = 0; i < missing; i++) value *= 10;
  return BigInt(value);
}

function readReferences(text: string, from: number, line: Mutable<StatementLine>): void {
  const bank = text.indexOf('//', from);
  if (bank >= 0) {
    line.ownerReference = text.slice(from, bank).trim();
    line.bankReference = text.slice(bank + 2).trim();
    return;
  }
  const end = from + REFERENCE_LENGTH;
  const isPadded = text.length > end && text.endsWith('  ', end);
  line.ownerReference = text.slice(from, isPadded ? end : undefined).trim();
  if (isPadded) line.remainder = text.slice(end).trim();
}

/** A decimal comma as a point. */
function point(amount: string): string {
  return amount.replace(',', '.');
}
