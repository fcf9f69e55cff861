import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import { checkOnce } from './raw-message.ts';
import type { Fields } from './raw-message.ts';

/** An amount with its currency. */
export interface Amount {
  /** Minor units. */
  readonly minor: bigint;
  readonly currency: string;
}

/**
 * Reads an amount as it stands: unsigned, with up to five decimals, of which only zeros may be more than the currency
 * has. Which way it goes stands beside it.
 * @param text undefined where the element is not there
 * @throws CounterfoilError `invalidAmount`, `amountOutOfRange`, `unknownCurrency`
 */
export function readAmount(text: string | undefined, currency: string | undefined): Amount {
  if (text === undefined) throw new CounterfoilError('invalidAmount', 'there is no amount (Amt)');
  if (text.startsWith('-')) {
    throw new CounterfoilError(
      'invalidAmount',
      `amount "${text.slice(0, 40)}" has a sign; which way it goes is in CdtDbtInd`,
    );
  }
  const exponent = exponentOf(currency ?? '');
  // A decimal in XML may begin with its point.
  return { minor: readMinor(text.startsWith('.') ? `0${text}` : text, exponent), currency: currency! };
}

/** Whether `indicator` says that the balance grows. @throws CounterfoilError `malformedStatement` */
export function isCredit(indicator: string | undefined): boolean {
  if (indicator === 'CRDT') return true;
  if (indicator === 'DBIT') return false;
  throw new CounterfoilError(
    'malformedStatement',
    indicator === undefined
      ? 'there is no credit or debit indicator (CdtDbtInd)'
      : `CdtDbtInd "${indicator.slice(0, 40)}" is neither CRDT nor DBIT`,
  );
}

/** The truth values of XML. */
export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** Charges of an entry or transaction in its currency, minor units. */
export interface Charges {
  /** What was charged less what was given back. */
  readonly fee: bigint;
  /** Tax on it. */
  readonly tax: bigint;
  /** Whether the amount of the entry is what is left after them. */
  readonly isIncluded: boolean;
}

/**
 * What a bank charged for an entry or a transaction. Banks say whether its amount is after the charges
 * (`ChrgInclInd`); where one does not, the amount that was instructed tells, if it is the other one before charges.
 * @param amount of the entry or transaction, unsigned
 * @param before where amounts before charges may stand
 * @returns undefined where there are none, or not in its currency
 * @throws CounterfoilError `invalidAmount`, `amountOutOfRange`, `unknownCurrency`
 */
export function readCharges(
  charges: readonly Fields[],
  amount: Amount,
  isCredited: boolean,
  before: readonly Fields[],
): Charges | undefined {
  const { counted, field } = countedCharges(charges);
  let fee = 0n;
  let tax = 0n;
  for (const charge of counted) {
    checkOnce(charge);
    const charged = readAmount(charge[field], charge[`${field}Currency`]);
    if (charged.currency !== amount.currency) return undefined;
    const sign = charge['indicator'] === 'CRDT' ? -1n : 1n;
    fee += sign * charged.minor;
    if (field === 'total' || charge['tax'] === undefined) continue;
    const taxed = readAmount(charge['tax'], charge['taxCurrency']);
    if (taxed.currency !== amount.currency) return undefined;
    tax += sign * taxed.minor;
  }
  if (fee === 0n && tax === 0n) return undefined;
  const stated = counted.find((charge) => charge['included'] !== undefined)?.['included'];
  const isIncluded =
    stated === undefined ? isAfterCharges(amount, isCredited, before, fee + tax) : isTrue(stated);
  return { fee, tax, isIncluded };
}

/** Charges as the source states them, such as `10.00 AED; 2.50 USD`. */
export function describeCharges(charges: readonly Fields[]): string {
  const { counted, field } = countedCharges(charges);
  const described = counted.map((charge) => `${charge[field] ?? ''} ${charge[`${field}Currency`] ?? ''}`);
  return described.join('; ').slice(0, 1000);
}

/** Single charges where there are any, else their total. */
function countedCharges(charges: readonly Fields[]): {
  readonly counted: readonly Fields[];
  readonly field: 'amount' | 'total';
} {
  const single = charges.filter((charge) => charge['amount'] !== undefined);
  return single.length > 0 ? { counted: single, field: 'amount' } : { counted: charges, field: 'total' };
}

function isAfterCharges(
  amount: Amount,
  isCredited: boolean,
  before: readonly Fields[],
  charges: bigint,
): boolean {
  const gross = isCredited ? amount.minor + charges : amount.minor - charges;
  return before.some((fields) =>
    ['instructed', 'moved'].some((field) => {
      const text = fields[field];
      if (text === undefined || fields[`${field}Currency`] !== amount.currency) return false;
      return readAmount(text, amount.currency).minor === gross;
    }),
  );
}
