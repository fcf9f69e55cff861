import { exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import type { Movement, Payment } from '../scenario/index.ts';
import { paypalIds } from './ids.ts';

/** Objects of a PayPal account as its APIs give them. */

/** Part of an answer. */
export type Json = { readonly [name: string]: unknown };

export const BASE = 'https://api-m.sandbox.paypal.com';

/** The simulated merchant. */
export const MERCHANT_ID = 'S2MERCHANT222';

export interface Money {
  readonly currency_code: string;
  readonly value: string;
}

/** Currencies that PayPal takes without decimals. */
const WITHOUT_DECIMALS: ReadonlySet<string> = new Set(['HUF', 'JPY', 'TWD']);

function money(minor: bigint, currency: string): Money {
  const value = formatMinor(minor, exponentOf(currency));
  return {
    currency_code: currency,
    value: WITHOUT_DECIMALS.has(currency) ? value.replace(/\..*$/, '') : value,
  };
}

/** To the second, in UTC. */
export const dateTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** T-codes by kind. Disputes are card chargebacks here, and payouts withdrawals to a bank. */
const CODES: { readonly [kind in Movement['kind']]: string } = {
  charge: 'T0006',
  refund: 'T1107',
  refundFailure: 'T1100',
  chargeback: 'T1201',
  chargebackReversal: 'T1202',
  payout: 'T0400',
  payoutFailure: 'T1101',
};

/** One row of a transaction search. */
export interface Row {
  readonly transaction_info: {
    readonly transaction_id: string;
    readonly transaction_event_code: string;
    readonly transaction_initiation_date: string;
  } & Json;
  /** When it was begun, epoch milliseconds; not part of the answer. */
  readonly atMs: number;
}

/** What a row says beside the money. */
export interface RowFacts {
  /** The merchant's own number. */
  readonly invoice?: string;
  readonly trace?: string | undefined;
}

export function rowOf(movement: Movement, { invoice, trace }: RowFacts): Row {
  const { currency, amount, fee, tax, atMs, kind, link } = movement;
  // In the account's own zone, and without a colon in its offset, as the API writes it.
  const begun = dateTime(atMs + 4 * 3_600_000).replace('Z', '+0400');
  return {
    atMs,
    transaction_info: {
      transaction_id: paypalIds.transaction(movement.id),
      ...(link === undefined
        ? {}
        : { paypal_reference_id: paypalIds.transaction(link), paypal_reference_id_type: 'TXN' }),
      transaction_event_code: CODES[kind],
      transaction_initiation_date: begun,
      transaction_updated_date: begun,
      transaction_amount: money(amount, currency),
      ...(fee + tax === 0n ? {} : { fee_amount: money(-(fee + tax), currency) }),
      transaction_status: 'S',
      ...(trace === undefined ? {} : { bank_reference_id: trace }),
      ...(invoice === undefined ? {} : { invoice_id: invoice, custom_field: `custom-${invoice}` }),
      protection_eligibility: '01',
    },
  };
}

/** @param isPending before it is completed, nothing is known of its fee */
export function captureOf(payment: Payment, movement: Movement, isPending: boolean): Json {
  const id = paypalIds.transaction(movement.id);
  const { currency, amount, fee, tax, atMs } = movement;
  return {
    id,
    status: isPending ? 'PENDING' : 'COMPLETED',
    ...(isPending ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
    amount: money(amount, currency),
    invoice_id: payment.order,
    custom_id: `custom-${payment.order}`,
    final_capture: true,
    seller_protection: { status: 'ELIGIBLE' },
    ...(isPending
      ? {}
      : {
          seller_receivable_breakdown: {
            gross_amount: money(amount, currency),
            paypal_fee: money(fee + tax, currency),
            net_amount: money(amount - fee - tax, currency),
          },
        }),
    supplementary_data: { related_ids: { order_id: paypalIds.order(payment.id) } },
    payee: { merchant_id: MERCHANT_ID },
    create_time: dateTime(atMs),
    update_time: dateTime(atMs),
    links: [
      { href: `${BASE}/v2/payments/captures/${id}`, rel: 'self', method: 'GET' },
      { href: `${BASE}/v2/checkout/orders/${paypalIds.order(payment.id)}`, rel: 'up', method: 'GET' },
    ],
  };
}

export function refundOf(payment: Payment, movement: Movement): Json {
  const id = paypalIds.transaction(movement.id);
  const { currency, amount, fee, tax, atMs, link = '' } = movement;
  return {
    id,
    status: 'COMPLETED',
    amount: money(-amount, currency),
    invoice_id: payment.order,
    custom_id: `custom-${payment.order}`,
    seller_payable_breakdown: {
      gross_amount: money(-amount, currency),
      paypal_fee: money(-fee - tax, currency),
      net_amount: money(-amount + fee + tax, currency),
      total_refunded_amount: money(-amount, currency),
    },
    // With an offset, as refunds have had it.
    create_time: dateTime(atMs - 8 * 3_600_000).replace('Z', '-08:00'),
    update_time: dateTime(atMs - 8 * 3_600_000).replace('Z', '-08:00'),
    links: [
      { href: `${BASE}/v2/payments/refunds/${id}`, rel: 'self', method: 'GET' },
      { href: `${BASE}/v2/payments/captures/${paypalIds.transaction(link)}`, rel: 'up', method: 'GET' },
    ],
  };
}

export function disputeOf(dispute: string, payment: Payment, movement: Movement): Json {
  return {
    dispute_id: paypalIds.dispute(dispute),
    create_time: dateTime(movement.atMs),
    update_time: dateTime(movement.atMs),
    disputed_transactions: [
      {
        seller_transaction_id: paypalIds.transaction(movement.link ?? ''),
        create_time: dateTime(movement.atMs),
        transaction_status: 'COMPLETED',
        gross_amount: money(payment.presented.amount, payment.presented.currency),
        invoice_number: payment.order,
        seller: { merchant_id: MERCHANT_ID },
      },
    ],
    reason: 'UNAUTHORISED',
    status: 'WAITING_FOR_SELLER_RESPONSE',
    dispute_amount: money(-movement.amount, movement.currency),
    dispute_life_cycle_stage: 'CHARGEBACK',
    dispute_channel: 'EXTERNAL',
  };
}
