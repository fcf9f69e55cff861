import { Zone } from '../../engine/domain/index.ts';
import type { MoneyRecord, Translated } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import type { CommonSettings, SourceContext } from '../contract/index.ts';
import { ngeniusSettings } from './settings.ts';
import type { NgeniusSettings } from './settings.ts';

/** Orders as the API writes them, for the tests of this folder. */

const OUTLET = 'outlet-1';
const BASE = `https://api.example/transactions/outlets/${OUTLET}/orders`;

/** Part of an answer. */
export type Json = { readonly [name: string]: unknown };

export function settingsOf(written: Json = {}): NgeniusSettings {
  return ngeniusSettings.parse({ apiKey: 'key', outlets: [OUTLET], ...written });
}

export function contextOf(accounts: Pick<CommonSettings, 'account' | 'accounts'> = {}): SourceContext {
  return {
    source: 'ngenius',
    zone: new Zone('UTC'),
    accounts: new Accounts(accounts),
    notice: () => undefined,
  };
}

const aed = (value: unknown, currencyCode = 'AED'): Json => ({ currencyCode, value });
const self = (href: string): Json => ({ _links: { self: { href } } });

/** A capture or a refund; `path` is its address behind its payment. */
export function part(path: string, value: unknown, state = 'SUCCESS', more: Json = {}): Json {
  return {
    ...self(`${BASE}/o1/payments/p1/${path}`),
    amount: aed(value),
    state,
    createdTime: '2026-11-22T10:05:00.123Z',
    ...more,
  };
}

export interface PaymentParts {
  readonly id?: string;
  readonly captures?: readonly Json[];
  readonly refunds?: readonly Json[];
  readonly more?: Json;
}

export function payment(state: string, value: unknown, parts: PaymentParts = {}): Json {
  const { id = 'p1', captures, refunds, more = {} } = parts;
  return {
    _id: `urn:payment:${id}`,
    ...self(`${BASE}/o1/payments/${id}`),
    reference: id,
    state,
    amount: aed(value),
    updateDateTime: '2026-11-22T10:06:00.000Z',
    outletId: OUTLET,
    orderReference: 'o1',
    paymentMethod: { name: 'VISA', pan: '476108******2022', cardType: 'DEBIT', cardholderName: 'A PAYER' },
    authResponse: { authorizationCode: '831000', rrn: '632610123456', mid: '000200012345', success: true },
    _embedded: {
      ...(captures === undefined ? {} : { 'cnp:capture': captures }),
      ...(refunds === undefined ? {} : { 'cnp:refund': refunds }),
    },
    ...more,
  };
}

export function orderOf(payments: readonly Json[], more: Json = {}): Json {
  return {
    _id: 'urn:order:o1',
    ...self(`${BASE}/o1`),
    reference: 'o1',
    merchantOrderReference: 'INV-7',
    outletId: OUTLET,
    action: 'SALE',
    createDateTime: '2026-11-22T09:00:00.048948441Z',
    paymentMethods: { card: ['VISA'], wallet: ['GOOGLE_PAY', 'SAMSUNG_PAY'] },
    _embedded: { payment: payments },
    ...more,
  };
}

export function recordsOf(items: readonly Translated[]): readonly MoneyRecord[] {
  return items.flatMap((item) => (item.type === 'record' ? [item.record] : []));
}

export function problemsOf(items: readonly Translated[]): readonly string[] {
  return items.flatMap((item) =>
    item.type === 'deadLetter' ? [`${item.deadLetter.code}: ${item.deadLetter.reason}`] : [],
  );
}

/** `+100.00 charge booked c1`, in minor units, to compare at a glance. */
export function lines(items: readonly Translated[]): readonly string[] {
  return recordsOf(items).map(
    ({ amount, kind, status, id, version, link }) =>
      `${amount} ${kind} ${status} ${id} v${version}${link === undefined ? '' : ` of ${link}`}`,
  );
}
