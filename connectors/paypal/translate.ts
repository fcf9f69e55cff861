import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, RecordStatus, Translated } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';
import { isMovement, kindOf, linkedId, recordId } from './event-codes.ts';
import { linkedResource, listAt } from './fields.ts';
import { minorAt } from './money.ts';
import { currencyAt, recordOf, required, versionOf } from './movement.ts';
import type { Movement } from './movement.ts';
import type { PaypalSettings } from './settings.ts';

/** The settings that bear on what a record says. */
export type TranslateSettings = Pick<PaypalSettings, 'kinds' | 'merchantId'>;

/** Codes that stand for what webhooks tell of without one. */
const CAPTURED = 'T0006';
const REFUNDED = 'T1107';
const REVERSED = 'T1106';

/** Of a transaction search. What was reversed in full (V) has been in the balance; its reversal is another transaction. */
const SEARCHED: { readonly [letter: string]: RecordStatus } = {
  S: 'booked',
  V: 'booked',
  P: 'pending',
  D: 'void',
};
const CAPTURE: { readonly [status: string]: RecordStatus } = {
  COMPLETED: 'booked',
  PARTIALLY_REFUNDED: 'booked',
  REFUNDED: 'booked',
  PENDING: 'pending',
  DECLINED: 'void',
  DENIED: 'void',
  FAILED: 'void',
};
const REFUND: { readonly [status: string]: RecordStatus } = {
  COMPLETED: 'booked',
  PENDING: 'pending',
  FAILED: 'void',
  CANCELLED: 'void',
};

/**
 * The record of one transaction of a search. Pure.
 * @param detail with `transaction_info`
 */
export function translateRow(
  detail: unknown,
  context: SourceContext,
  settings: TranslateSettings,
  origin: Origin,
): Translated | undefined {
  const info = at(detail, 'transaction_info');
  return recordOf(() => rowMovement(info, settings), info, context, origin);
}

function rowMovement(info: unknown, settings: TranslateSettings): Movement | undefined {
  const transaction = required(textAt(info, 'transaction_id'), 'transaction_id');
  const code = required(textAt(info, 'transaction_event_code'), 'transaction_event_code');
  if (!isMovement(code)) return undefined;
  const currency = currencyAt(info, 'transaction_amount');
  const amount = amountAt(info, 'transaction_amount', currency);
  const isDebit = amount < 0n;
  const id = recordId(transaction, code, isDebit);
  // What a payment refers to is an order or an authorisation, and no other movement.
  const isPayment = id === transaction && !isDebit;
  const isRelated = !isPayment && textAt(info, 'paypal_reference_id_type') === 'TXN';
  const related = isRelated ? textAt(info, 'paypal_reference_id') : undefined;
  const letter = textAt(info, 'transaction_status');
  const status = statusOf(letter, SEARCHED, 'transaction_status');
  return {
    id,
    version: versionOf(status),
    account: settings.merchantId,
    kind: kindOf(code, isDebit, settings.kinds),
    status,
    currency,
    amount,
    fee: -(minorAt(info, 'fee_amount', currency) ?? 0n),
    time: textAt(info, 'transaction_initiation_date'),
    link: related === undefined ? undefined : linkedId(code, related),
    references: {
      transaction,
      reference: related ?? transaction,
      invoice: textAt(info, 'invoice_id'),
      custom: textAt(info, 'custom_field'),
      trace: textAt(info, 'bank_reference_id'),
    },
    attributes: {
      eventCode: code,
      transactionStatus: letter,
      instrument: textAt(info, 'instrument_type'),
      instrumentSubType: textAt(info, 'instrument_sub_type'),
      updated: textAt(info, 'transaction_updated_date'),
    },
  };
}

/** The record of a capture, as webhooks and the payments API give it. Pure. */
export function translateCapture(
  capture: unknown,
  context: SourceContext,
  settings: TranslateSettings,
  origin: Origin,
): Translated | undefined {
  return recordOf(() => captureMovement(capture, settings), kept(capture), context, origin);
}

function captureMovement(capture: unknown, settings: TranslateSettings): Movement {
  const id = required(textAt(capture, 'id'), 'id');
  const currency = currencyAt(capture, 'amount');
  const amount = amountAt(capture, 'amount', currency);
  const status = statusOf(textAt(capture, 'status'), CAPTURE, 'status');
  return {
    id,
    version: versionOf(status),
    account: settings.merchantId,
    kind: kindOf(CAPTURED, false, settings.kinds),
    status,
    currency,
    amount,
    fee: feeOf(at(capture, 'seller_receivable_breakdown'), amount, currency),
    time: textAt(capture, 'create_time'),
    link: undefined,
    references: {
      transaction: id,
      reference: id,
      invoice: textAt(capture, 'invoice_id'),
      custom: textAt(capture, 'custom_id'),
    },
    attributes: {
      captureStatus: textAt(capture, 'status'),
      reason: textAt(capture, 'status_details', 'reason'),
      order: textAt(capture, 'supplementary_data', 'related_ids', 'order_id'),
      exchangeRate: textAt(capture, 'seller_receivable_breakdown', 'exchange_rate', 'value'),
      networkTransaction: textAt(capture, 'network_transaction_reference', 'id'),
    },
  };
}

/**
 * The record of a refund, as webhooks and the payments API give it. Pure.
 * @param isReversal PayPal gave the money back, and not the merchant: the object is the same
 */
export function translateRefund(
  refund: unknown,
  isReversal: boolean,
  context: SourceContext,
  settings: TranslateSettings,
  origin: Origin,
): Translated | undefined {
  return recordOf(() => refundMovement(refund, isReversal, settings), kept(refund), context, origin);
}

function refundMovement(refund: unknown, isReversal: boolean, settings: TranslateSettings): Movement {
  const id = required(textAt(refund, 'id'), 'id');
  const currency = currencyAt(refund, 'amount');
  const amount = amountAt(refund, 'amount', currency);
  const capture = captureOf(refund);
  const status = statusOf(textAt(refund, 'status'), REFUND, 'status');
  return {
    id,
    version: versionOf(status),
    account: settings.merchantId,
    kind: kindOf(isReversal ? REVERSED : REFUNDED, true, settings.kinds),
    status,
    currency,
    amount: -amount,
    // What it says of the fee is what the merchant gets back of it.
    fee: -feeOf(at(refund, 'seller_payable_breakdown'), amount, currency),
    time: textAt(refund, 'create_time'),
    link: capture,
    references: {
      transaction: id,
      reference: capture ?? id,
      invoice: textAt(refund, 'invoice_id'),
      custom: textAt(refund, 'custom_id'),
    },
    attributes: {
      refundStatus: textAt(refund, 'status'),
      acquirerReference: textAt(refund, 'acquirer_reference_number'),
    },
  };
}

/** Whether a capture or refund says all that a search would: while it is pending, it does not know its fee. */
export function isWhole(resource: unknown, type: 'capture' | 'refund'): boolean {
  const [known, breakdown] =
    type === 'capture' ? [CAPTURE, 'seller_receivable_breakdown'] : [REFUND, 'seller_payable_breakdown'];
  const status = textAt(resource, 'status');
  if (status === undefined || (type === 'refund' && captureOf(resource) === undefined)) return false;
  return known[status] !== 'booked' || at(resource, breakdown) !== undefined;
}

/** The capture that a refund is of. */
function captureOf(refund: unknown): string | undefined {
  return linkedResource(refund, 'up', 'captures');
}

/**
 * PayPal's fee by a breakdown whose net amount is the gross one less PayPal's fee and what a platform takes. The latter
 * has a transaction of its own.
 * @param gross unsigned; all minor units
 * @throws CounterfoilError `netMismatch`
 */
function feeOf(breakdown: unknown, gross: bigint, currency: string): bigint {
  const fee = minorAt(breakdown, 'paypal_fee', currency) ?? 0n;
  const net = minorAt(breakdown, 'net_amount', currency);
  let others = 0n;
  for (const each of listAt(breakdown, 'platform_fees')) others += minorAt(each, 'amount', currency) ?? 0n;
  if (net !== undefined && net !== gross - fee - others) {
    throw new CounterfoilError(
      'netMismatch',
      `net_amount is ${net} minor units, but amount − paypal_fee − platform_fees is ${gross} − ${fee} − ${others}; ask PayPal which is right`,
    );
  }
  return fee;
}

function amountAt(holder: unknown, field: string, currency: string): bigint {
  const amount = minorAt(holder, field, currency);
  if (amount !== undefined) return amount;
  throw new CounterfoilError('invalidAmount', `${field}.value of the transaction is missing or no text`);
}

function statusOf(
  stated: string | undefined,
  known: { readonly [status: string]: RecordStatus },
  field: string,
): RecordStatus {
  if (stated !== undefined && Object.hasOwn(known, stated)) return known[stated]!;
  throw new CounterfoilError(
    'invalidField',
    `${field} "${(stated ?? '').slice(0, 40)}" is none of ${Object.keys(known).join(', ')}`,
  );
}

const ABOUT_PEOPLE: ReadonlySet<string> = new Set(['payer', 'payee', 'payment_source', 'note_to_payer']);

/** What a dead letter keeps: nothing about who paid. */
function kept(resource: unknown): unknown {
  if (typeof resource !== 'object' || resource === null) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !ABOUT_PEOPLE.has(name)));
}
