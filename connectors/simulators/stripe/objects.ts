import type Stripe from 'stripe';
import type { Movement, Payout } from '../scenario/index.ts';
import { stripeIds } from './ids.ts';
import { toStripeAmount } from './minor-units.ts';

/** Objects of a balance as the API gives them, everything that can be expanded as an id. */

/** An object that its account still changes. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Times are Unix seconds in Stripe's API. */
export const seconds = (ms: number): number => Math.floor(ms / 1000);

const CATEGORIES: { readonly [kind in Movement['kind']]: readonly [category: string, type: string] } = {
  charge: ['charge', 'charge'],
  refund: ['refund', 'refund'],
  refundFailure: ['refund_failure', 'refund_failure'],
  chargeback: ['dispute', 'adjustment'],
  chargebackReversal: ['dispute_reversal', 'adjustment'],
  payout: ['payout', 'payout'],
  payoutFailure: ['payout_reversal', 'payout_failure'],
};

/** @param source id of the object that moved the money */
export function balanceTransactionOf(movement: Movement, source: string): Stripe.BalanceTransaction {
  const { currency } = movement;
  const units = (amount: bigint): number => toStripeAmount(amount, currency);
  const [category, type] = CATEGORIES[movement.kind];
  const details = (
    amount: bigint,
    feeType: string,
    description: string,
  ): Stripe.BalanceTransaction.FeeDetail[] =>
    amount === 0n
      ? []
      : [
          {
            amount: units(amount),
            application: null,
            currency: currency.toLowerCase(),
            description,
            type: feeType,
          },
        ];
  return {
    id: stripeIds.transaction(movement.id),
    object: 'balance_transaction',
    amount: units(movement.amount),
    available_on: seconds(movement.availableMs),
    balance_type: 'payments',
    created: seconds(movement.atMs),
    currency: currency.toLowerCase(),
    description: null,
    exchange_rate: movement.presented === undefined ? null : Number(movement.presented.rate),
    fee: units(movement.fee + movement.tax),
    fee_details: [
      ...details(movement.fee, 'stripe_fee', 'Stripe processing fees'),
      ...details(movement.tax, 'tax', 'VAT'),
    ],
    net: units(movement.amount - movement.fee - movement.tax),
    reporting_category: category,
    source,
    status: 'pending',
    type,
  };
}

export function payoutOf(payout: Payout, transaction: string): Mutable<Stripe.Payout> {
  return {
    id: stripeIds.payout(payout.id),
    object: 'payout',
    amount: toStripeAmount(payout.amount, payout.currency),
    application_fee: null,
    application_fee_amount: null,
    arrival_date: seconds(payout.arrivalMs),
    automatic: true,
    balance_transaction: transaction,
    created: seconds(payout.atMs),
    currency: payout.currency.toLowerCase(),
    description: 'STRIPE PAYOUT',
    destination: `ba_${payout.merchant}`,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: {},
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: 'in_progress',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: payout.statementText,
    status: 'in_transit',
    trace_id: { status: 'pending', value: null },
    type: 'bank_account',
  };
}
