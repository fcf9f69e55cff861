import type Stripe from 'stripe';
import type { CardFacts, Movement, Payment } from '../scenario/index.ts';
import { stripeIds } from './ids.ts';
import { toStripeAmount } from './minor-units.ts';
import { seconds } from './objects.ts';
import type { Mutable } from './objects.ts';

/** Objects of a payment as the API gives them, everything that can be expanded as an id. */

export function chargeOf(payment: Payment, atMs: number, transaction: string): Mutable<Stripe.Charge> {
  const amount = toStripeAmount(payment.presented.amount, payment.presented.currency);
  return {
    id: stripeIds.charge(payment.id),
    object: 'charge',
    amount,
    amount_captured: amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: transaction,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: payment.merchant.toUpperCase(),
    captured: true,
    created: seconds(atMs),
    currency: payment.presented.currency.toLowerCase(),
    customer: null,
    description: `Order ${payment.order}`,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: { order_id: payment.order, merchant: payment.merchant },
    on_behalf_of: null,
    outcome: null,
    paid: true,
    payment_intent: stripeIds.paymentIntent(payment.id),
    payment_method: null,
    payment_method_details: { type: 'card', card: cardOf(payment.card) },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}

function cardOf(card: CardFacts): Stripe.Charge.PaymentMethodDetails.Card {
  const { wallet } = card;
  return {
    amount_authorized: null,
    authorization_code: card.authorizationCode,
    brand: card.scheme,
    checks: null,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: 2030,
    // A device has a number of its own, and with it a fingerprint of its own.
    fingerprint: `fp${card.deviceLast4 ?? card.last4}`,
    funding: card.funding,
    installments: null,
    last4: card.last4,
    mandate: null,
    moto: null,
    network: card.scheme,
    network_token: { used: card.networkToken },
    network_transaction_id: `4${card.rrn}`,
    regulated_status: null,
    three_d_secure: null,
    transaction_link_id: null,
    wallet:
      wallet === undefined ? null : { type: wallet, dynamic_last4: card.deviceLast4 ?? null, [wallet]: {} },
  };
}

/** @param movement of the refund: its amount as the payer sees it */
export function refundOf(id: string, payment: Payment, movement: Movement): Mutable<Stripe.Refund> {
  const { currency, amount } = movement.presented ?? movement;
  return {
    id: stripeIds.refund(id),
    object: 'refund',
    amount: toStripeAmount(-amount, currency),
    balance_transaction: stripeIds.transaction(movement.id),
    charge: stripeIds.charge(payment.id),
    created: seconds(movement.atMs),
    currency: currency.toLowerCase(),
    customer: null,
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { type: 'refund', reference: `7${payment.card.rrn}`, reference_status: 'available' },
    },
    metadata: {},
    payment_intent: stripeIds.paymentIntent(payment.id),
    payment_method: null,
    reason: 'requested_by_customer',
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}

/** What of a dispute anybody reads; evidence and its deadlines are left out. */
export type SimulatedDispute = Mutable<
  Pick<
    Stripe.Dispute,
    | 'id'
    | 'object'
    | 'amount'
    | 'balance_transactions'
    | 'charge'
    | 'created'
    | 'currency'
    | 'is_charge_refundable'
    | 'livemode'
    | 'metadata'
    | 'payment_intent'
    | 'reason'
    | 'status'
  >
>;

export function disputeOf(
  id: string,
  payment: Payment,
  atMs: number,
  transaction: Stripe.BalanceTransaction,
): SimulatedDispute {
  return {
    id: stripeIds.dispute(id),
    object: 'dispute',
    amount: toStripeAmount(payment.presented.amount, payment.presented.currency),
    balance_transactions: [transaction],
    charge: stripeIds.charge(payment.id),
    created: seconds(atMs),
    currency: payment.presented.currency.toLowerCase(),
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: stripeIds.paymentIntent(payment.id),
    reason: 'fraudulent',
    status: 'needs_response',
  };
}
