import type { Payment } from '../scenario/index.ts';
import { chanceOf } from '../seeded.ts';
import { ngeniusIds, styleOf } from './ids.ts';

/**
 * Orders as N-Genius Online writes them, in HAL. Names and shapes are those of its public SDKs and shop plugins; who
 * paid is made up.
 */

interface Link {
  readonly href: string;
}
type Links = { readonly [relation: string]: Link };

/** Whole minor units of the currency's true exponent, never below zero. */
interface Amount {
  readonly currencyCode: string;
  readonly value: number;
}

/** A capture, or a refund of one or of a purchase. */
export interface SimulatedPart {
  readonly _links: Links;
  readonly amount: Amount;
  readonly createdTime: string;
  state: string;
}

export interface SimulatedPayment {
  readonly _id: string;
  readonly _links: Links;
  readonly reference: string;
  readonly amount: Amount;
  readonly outletId: string;
  readonly orderReference: string;
  readonly merchantOrderReference: string;
  readonly paymentMethod?: object;
  readonly aani?: object;
  authResponse?: object;
  state: string;
  updateDateTime: string;
  readonly _embedded: {
    'cnp:capture'?: SimulatedPart[];
    'cnp:purchase'?: SimulatedPart[];
    'cnp:refund'?: SimulatedPart[];
  };
}

export interface SimulatedOrder {
  readonly _id: string;
  readonly _links: Links;
  readonly reference: string;
  readonly outletId: string;
  readonly [field: string]: unknown;
  readonly _embedded: { readonly payment: SimulatedPayment[] };
}

/** The gateway's own address, which its links carry whatever host was asked. */
const HOST = 'https://api-gateway.sandbox.ngenius-payments.com';

export const timeText = (ms: number): string => new Date(ms).toISOString();

function orderPath(payment: Payment): string {
  return `/transactions/outlets/${ngeniusIds.outlet(payment.merchant)}/orders/${ngeniusIds.order(payment.id)}`;
}

function paymentUrl(payment: Payment, id: string): string {
  return `${HOST}${orderPath(payment)}/payments/${id}`;
}

function amountOf({ presented }: Payment, value = presented.amount): Amount {
  return { currencyCode: presented.currency, value: Number(value) };
}

/** @param atMs when it is paid */
export function orderOf(payment: Payment, atMs: number): SimulatedOrder {
  const style = styleOf(payment.id);
  // What is bought in one step at a till is made and paid in one second; others look at the page for a while.
  const madeMs = style === 'purchase' ? atMs : atMs - Math.floor(chanceOf('looks', payment.id) * 600_000);
  const reference = ngeniusIds.order(payment.id);
  return {
    _id: `urn:order:${reference}`,
    _links: {
      self: { href: `${HOST}${orderPath(payment)}` },
      payment: { href: 'https://paypage.sandbox.ngenius-payments.com/?code=0' },
    },
    type: 'SINGLE',
    merchantDefinedData: {},
    action: style === 'auth' ? 'AUTH' : 'SALE',
    amount: amountOf(payment),
    language: 'en',
    merchantAttributes: {},
    reference,
    merchantOrderReference: payment.order,
    outletId: ngeniusIds.outlet(payment.merchant),
    createDateTime: timeText(madeMs),
    paymentMethods: { card: ['MASTERCARD', 'VISA'], wallet: ['GOOGLE_PAY', 'SAMSUNG_PAY'] },
    referrer: `urn:Ecom:${reference}`,
    formattedOrderSummary: {},
    _embedded: { payment: [] },
  };
}

/** Words for an attempt that came to nothing, or to nothing yet, in the spellings that there are. */
const ATTEMPTS = ['FAILED', 'CANCELED', 'CANCELLED', 'AWAIT_3DS', 'AWAIT3DS', 'STARTED'] as const;

/** Now and then somebody tries another card first. */
export function attemptOf(payment: Payment, atMs: number): SimulatedPayment | undefined {
  if (chanceOf('attempt', payment.id) > 0.3) return undefined;
  const state = ATTEMPTS[Math.floor(chanceOf('attempt state', payment.id) * ATTEMPTS.length)]!;
  return { ...paymentOf(payment, atMs, ngeniusIds.attempt(payment.id), false), state };
}

export function paymentOf(
  payment: Payment,
  atMs: number,
  id = ngeniusIds.payment(payment.id),
  isAani = styleOf(payment.id) === 'aani',
): SimulatedPayment {
  const url = paymentUrl(payment, id);
  return {
    _id: `urn:payment:${id}`,
    _links: {
      self: { href: url },
      ...(isAani ? { 'cnp:aani-status': { href: `${url}/aani/status` } } : {}),
    },
    reference: id,
    state: 'STARTED',
    amount: amountOf(payment),
    updateDateTime: timeText(atMs),
    outletId: ngeniusIds.outlet(payment.merchant),
    orderReference: ngeniusIds.order(payment.id),
    merchantOrderReference: payment.order,
    ...(isAani ? { aani: {} } : { paymentMethod: methodOf(payment) }),
    _embedded: {},
  };
}

function methodOf({ id, card }: Payment): object {
  return {
    expiry: '2030-01',
    cardholderName: 'A PAYER',
    name: styleOf(id) === 'purchase' ? 'CHINA_UNION_PAY' : card.scheme.toUpperCase(),
    cardType: card.funding.toUpperCase(),
    cardCategory: 'CLASSIC',
    issuingCountry: card.country,
    pan: `476108******${card.last4}`,
  };
}

/** What the acquirer says of an authorisation. */
export function authResponseOf({ merchant, card }: Payment): object {
  return {
    authorizationCode: card.authorizationCode,
    success: true,
    resultCode: '00',
    resultMessage: 'Successful approval/completion or that VIP PIN verification is valid',
    mid: midOf(merchant),
    rrn: card.rrn,
  };
}

/** The number that the acquirer and the bank know a merchant by. */
export function midOf(merchant: string): string {
  return String(Math.floor(chanceOf('mid', merchant) * 1e11)).padStart(12, '0');
}

export function captureOf(payment: Payment, atMs: number): SimulatedPart {
  const id = ngeniusIds.capture(payment.id);
  const url = `${paymentUrl(payment, ngeniusIds.payment(payment.id))}/captures/${id}`;
  // Older answers have no address of a capture, but one of what refunds it.
  const isOlder = chanceOf('older', payment.id) < 0.3;
  return {
    _links: isOlder ? { 'cnp:refund': { href: `${url}/refund` } } : { self: { href: url } },
    amount: amountOf(payment),
    createdTime: timeText(atMs),
    state: 'SUCCESS',
  };
}

/** @param amount what is given back, above zero */
export function refundOf(payment: Payment, refund: string, amount: bigint, atMs: number): SimulatedPart {
  const style = styleOf(payment.id);
  const url = paymentUrl(payment, ngeniusIds.payment(payment.id));
  const base =
    style === 'sale' || style === 'auth' ? `${url}/captures/${ngeniusIds.capture(payment.id)}` : url;
  return {
    _links: { self: { href: `${base}/refund/${ngeniusIds.refund(refund)}` } },
    amount: amountOf(payment, amount),
    createdTime: timeText(atMs),
    state: 'REQUESTED',
  };
}
