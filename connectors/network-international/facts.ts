import { at, textAt } from '../contract/index.ts';
import { linkSegments } from './fields.ts';

/** What the records of a payment have in common. */
export interface PaymentFacts {
  readonly references: { readonly [name: string]: string | undefined };
  readonly attributes: { readonly [name: string]: string | undefined };
}

/** Whether a payment is one of Aani, the instant payments of the UAE: by its links, its own part, or its method. */
export function isAani(payment: unknown): boolean {
  const links = at(payment, '_links');
  if (typeof links === 'object' && links !== null && Object.hasOwn(links, 'cnp:aani-status')) return true;
  return at(payment, 'aani') !== undefined || /aani/i.test(textAt(payment, 'paymentMethod', 'name') ?? '');
}

/**
 * Whether a payment is taken in one step, without captures: of UnionPay cards, sales are such too. What can be refunded
 * by itself, rather than by its captures, is one as well.
 */
export function isPurchase(order: unknown, payment: unknown): boolean {
  if (textAt(order, 'action')?.toUpperCase() === 'PURCHASE') return true;
  if (linkSegments(payment, 'cnp:refund').length > 0) return true;
  if (at(payment, '_embedded', 'cnp:china_union_pay_results') !== undefined) return true;
  return /union_?\s?pay/i.test(textAt(payment, 'paymentMethod', 'name') ?? '');
}

/**
 * Names and facts of a payment. Who paid, from where and with which address is not among them: nothing is matched by it.
 * @param walletField path to the wallet that was used, where somebody knows one
 */
export function factsOf(order: unknown, payment: unknown, walletField: string | undefined): PaymentFacts {
  const method = at(payment, 'paymentMethod');
  const auth = at(payment, 'authResponse');
  const offered = at(order, 'paymentMethods', 'wallet');
  return {
    references: {
      reference: textAt(order, 'reference') ?? textAt(payment, 'orderReference'),
      order: textAt(order, 'merchantOrderReference') ?? textAt(payment, 'merchantOrderReference'),
      payment: textAt(payment, 'reference') ?? linkSegments(payment, 'self').at(-1),
      mid: asText(at(auth, 'mid')),
      outlet: textAt(payment, 'outletId') ?? textAt(order, 'outletId'),
    },
    attributes: {
      action: textAt(order, 'action'),
      method: isAani(payment) ? 'aani' : undefined,
      scheme: textAt(method, 'name'),
      cardType: textAt(method, 'cardType'),
      cardCategory: textAt(method, 'cardCategory'),
      cardCountry: textAt(method, 'issuingCountry'),
      cardLast4: /\d{4}$/.exec(textAt(method, 'pan') ?? '')?.[0],
      wallet: walletField === undefined ? undefined : textAt(payment, ...walletField.split('.')),
      walletsOffered: Array.isArray(offered) ? offered.map(String).join(' ') : undefined,
    },
  };
}

/** What the acquirer's authorisation is known by, to it and to the bank. */
export function authorisationOf(holder: unknown): { readonly [name: string]: string | undefined } {
  const auth = at(holder, 'authResponse');
  return {
    rrn: asText(at(auth, 'rrn')),
    authorizationCode: asText(at(auth, 'authorizationCode')),
    systemAuditTraceNumber: asText(at(auth, 'systemAuditTraceNumber')),
  };
}

/** Numbers that are identifiers may come as either. */
function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
