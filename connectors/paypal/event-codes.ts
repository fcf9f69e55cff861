import type { RecordKind } from '../../engine/domain/index.ts';

/**
 * T-codes, by which PayPal's searches and reports say what a transaction is: `T`, a group of two digits, a type of two.
 * The group is enough for accounting, and the same code is a credit to one side and a debit to the other. Source:
 * developer.paypal.com/docs/transaction-search/transaction-event-codes (March 2023), which is subject to change.
 */

/** A kind, or one for credits and one for debits. */
type Meaning = RecordKind | readonly [credit: RecordKind, debit: RecordKind];

const RESERVE: Meaning = ['reserveRelease', 'reserveHold'];

const GROUPS: { readonly [group: string]: Meaning } = {
  // Payments between accounts: received or sent.
  T00: ['charge', 'transfer'],
  // Fees that belong to no payment.
  T01: 'fee',
  // Conversions, one leg in each currency.
  T02: 'transfer',
  // From a bank, and to one.
  T03: 'transfer',
  T04: ['payoutFailure', 'payout'],
  // Debit card.
  T05: 'transfer',
  // To a credit card, and from one.
  T06: ['payoutFailure', 'payout'],
  T07: 'transfer',
  // Bonus, incentive.
  T08: 'adjustment',
  T09: 'adjustment',
  // Bills paid.
  T10: 'transfer',
  // Reversals; those that have a meaning of their own are below.
  T11: 'adjustment',
  T12: 'adjustment',
  // Dividend.
  T14: 'adjustment',
  // Temporary holds.
  T15: RESERVE,
  // A buyer's credit line, and withdrawals to something else than a bank.
  T16: 'transfer',
  T17: ['payoutFailure', 'payout'],
  T18: 'transfer',
  // Corrections.
  T19: 'adjustment',
  // Between a business's own accounts.
  T20: 'transfer',
  T21: RESERVE,
  T22: 'transfer',
  // Payments by other instruments than an account.
  T30: ['charge', 'transfer'],
  // Money that is collected now and disbursed later.
  T50: RESERVE,
};

const CODES: { readonly [code: string]: Meaning } = {
  // General reversal: of a payment, or of what had gone back to its payer.
  T1100: ['refundFailure', 'captureReversal'],
  // Of a withdrawal to a bank.
  T1101: ['payoutFailure', 'adjustment'],
  T1102: 'transfer',
  // Of money drawn from a bank.
  T1104: 'transfer',
  // Of an account hold.
  T1105: RESERVE,
  // By PayPal, which completes a chargeback.
  T1106: ['chargebackReversal', 'chargeback'],
  // By the merchant; received, it is of a payment that was made.
  T1107: ['transfer', 'refund'],
  T1108: 'fee',
  T1109: 'fee',
  // Held while a dispute is looked into.
  T1110: RESERVE,
  T1111: RESERVE,
  // Of payouts to others.
  T1114: 'transfer',
  T1115: 'transfer',
  // After a review of a payment.
  T1116: ['adjustment', 'captureReversal'],
  T1201: ['chargebackReversal', 'chargeback'],
  T1202: ['chargebackReversal', 'chargeback'],
  // Reimbursed, rejected after it was presented again, cancelled.
  T1205: ['chargebackReversal', 'chargeback'],
  T1207: ['chargebackReversal', 'chargeback'],
  T1208: ['chargebackReversal', 'chargeback'],
};

/** Authorisations, and what is only displayed: no money moves. */
const NO_MOVEMENT: ReadonlySet<string> = new Set(['T13', 'T98']);

/** Reversals and adjustments that are holds, which no refund is. */
const HOLDS: ReadonlySet<string> = new Set(['T1105', 'T1110', 'T1111']);

/** Whether a transaction with this code moves money at all. */
export function isMovement(code: string): boolean {
  return !NO_MOVEMENT.has(code.slice(0, 3));
}

/**
 * The kind of a transaction. Another code than those known moves money too: it is an `adjustment`.
 * @param kinds of the configuration, by code or by group
 */
export function kindOf(
  code: string,
  isDebit: boolean,
  kinds: { readonly [code: string]: RecordKind },
): RecordKind {
  if (!/^T\d{4}$/.test(code)) return 'adjustment';
  const group = code.slice(0, 3);
  const meaning = kinds[code] ?? kinds[group] ?? CODES[code] ?? GROUPS[group] ?? 'adjustment';
  return typeof meaning === 'string' ? meaning : meaning[isDebit ? 1 : 0];
}

/**
 * The id of a record. What the payments API knows as a capture or a refund has the transaction's id, which webhooks tell
 * too. One transaction id may stand at several others, so that theirs has the code and the direction after it.
 */
export function recordId(transaction: string, code: string, isDebit: boolean): string {
  const group = code.slice(0, 3);
  const isPayment = (group === 'T00' || group === 'T30') && !isDebit;
  const isReversal = (group === 'T11' || group === 'T12') && isDebit && !HOLDS.has(code);
  return isPayment || isReversal ? transaction : `${transaction}:${code}${isDebit ? '-' : '+'}`;
}

/** What the reference of a transaction with some code is: a payment or refund, where it is not one of these. */
const UNDOES: { readonly [code: string]: string } = { T1101: 'T0400', T1111: 'T1110' };

/** The id of the record that a transaction undoes, of the transaction that PayPal says it refers to. */
export function linkedId(code: string, reference: string): string {
  const undone = /^T\d{4}$/.test(code) ? UNDOES[code] : undefined;
  return undone === undefined ? reference : recordId(reference, undone, true);
}
