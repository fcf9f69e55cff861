import { at, textAt } from '../contract/index.ts';
import { idAt, listAt, secondsAt } from './fields.ts';

/** What the object behind a balance transaction (a charge, a refund, a payout …) tells beside the money. */
export interface SourceFacts {
  readonly references: { readonly [name: string]: string | undefined };
  readonly attributes: { readonly [name: string]: string | undefined };
  /** The balance transaction that this one refunds, reverses or disputes. */
  readonly link: string | undefined;
  /** What the payer saw, unsigned, in the units of its currency. */
  readonly presented: { readonly amount: unknown; readonly currency: string } | undefined;
  /** When the bank is to have it, Unix seconds. */
  readonly arrival: number | undefined;
}

const NOTHING: SourceFacts = {
  references: {},
  attributes: {},
  link: undefined,
  presented: undefined,
  arrival: undefined,
};

/**
 * @param transaction with `source` and `source.charge` expanded
 * @param metadata names of references, and the keys of a charge's or refund's metadata that they are found under
 */
export function factsOf(
  transaction: unknown,
  metadata: { readonly [reference: string]: string },
): SourceFacts {
  const source = at(transaction, 'source');
  switch (textAt(source, 'object')) {
    case 'charge':
      return ofCharge(source, metadata);
    case 'refund':
      return ofRefund(source, transaction, metadata);
    case 'dispute':
      return ofDispute(source, transaction, metadata);
    case 'payout':
      return ofPayout(source, transaction);
    default:
      return { ...NOTHING, references: { reference: idAt(transaction, 'source') } };
  }
}

function ofCharge(charge: unknown, metadata: { readonly [reference: string]: string }): SourceFacts {
  return {
    ...NOTHING,
    references: { ...metadataOf(charge, metadata), ...paymentReferences(charge) },
    attributes: paymentAttributes(charge),
    presented: presentedIn(charge),
  };
}

function ofRefund(
  refund: unknown,
  transaction: unknown,
  metadata: { readonly [reference: string]: string },
): SourceFacts {
  const charge = at(refund, 'charge');
  const isFailure = textAt(transaction, 'reporting_category') === 'refund_failure';
  return {
    ...NOTHING,
    references: {
      ...metadataOf(charge, metadata),
      ...metadataOf(refund, metadata),
      ...paymentReferences(charge),
      refund: textAt(refund, 'id'),
    },
    attributes: {
      ...paymentAttributes(charge),
      refundReason: textAt(refund, 'reason'),
      // Of the refund itself it became known later: what is said of it does not change.
      failureReason: isFailure ? textAt(refund, 'failure_reason') : undefined,
    },
    link: isFailure ? idAt(refund, 'balance_transaction') : idAt(charge, 'balance_transaction'),
    presented: presentedIn(refund),
  };
}

function ofDispute(
  dispute: unknown,
  transaction: unknown,
  metadata: { readonly [reference: string]: string },
): SourceFacts {
  const charge = at(dispute, 'charge');
  const isReversal = textAt(transaction, 'reporting_category') === 'dispute_reversal';
  const taken = listAt(dispute, 'balance_transactions').find(
    (each) => textAt(each, 'reporting_category') === 'dispute',
  );
  return {
    ...NOTHING,
    references: {
      ...metadataOf(charge, metadata),
      ...paymentReferences(charge),
      dispute: textAt(dispute, 'id'),
    },
    attributes: { ...paymentAttributes(charge), disputeReason: textAt(dispute, 'reason') },
    link: isReversal ? textAt(taken, 'id') : idAt(charge, 'balance_transaction'),
    presented: presentedIn(dispute),
  };
}

function ofPayout(payout: unknown, transaction: unknown): SourceFacts {
  const isPayout = textAt(transaction, 'reporting_category') === 'payout';
  return {
    ...NOTHING,
    references: {
      reference: textAt(payout, 'id'),
      trace: textAt(payout, 'trace_id', 'value'),
      ...(isPayout ? { payout: textAt(payout, 'id') } : {}),
    },
    attributes: {
      method: textAt(payout, 'method'),
      statementDescriptor: textAt(payout, 'statement_descriptor'),
      failureCode: isPayout ? undefined : textAt(payout, 'failure_code'),
    },
    link: isPayout ? undefined : idAt(payout, 'balance_transaction'),
    arrival: isPayout ? secondsAt(payout, 'arrival_date') : undefined,
  };
}

/** The same for a charge, its refunds and its disputes. */
function paymentReferences(charge: unknown): { readonly [name: string]: string | undefined } {
  const card = cardOf(charge);
  const id = typeof charge === 'string' ? charge : textAt(charge, 'id');
  return {
    reference: idAt(charge, 'payment_intent') ?? id,
    charge: id,
    authorizationCode: textAt(card, 'authorization_code'),
    networkTransaction: textAt(card, 'network_transaction_id'),
  };
}

/** How it was paid. A wallet's device has a number and a fingerprint of its own, so that nothing can be matched by them. */
function paymentAttributes(charge: unknown): { readonly [name: string]: string | undefined } {
  const card = cardOf(charge);
  const isTokenUsed = at(card, 'network_token', 'used');
  return {
    paymentMethod: textAt(charge, 'payment_method_details', 'type'),
    scheme: textAt(card, 'brand'),
    funding: textAt(card, 'funding'),
    cardCountry: textAt(card, 'country'),
    cardLast4: textAt(card, 'last4'),
    cardFingerprint: textAt(card, 'fingerprint'),
    wallet: textAt(card, 'wallet', 'type'),
    deviceLast4: textAt(card, 'wallet', 'dynamic_last4'),
    networkToken: typeof isTokenUsed === 'boolean' ? String(isTokenUsed) : undefined,
  };
}

function cardOf(charge: unknown): unknown {
  const details = at(charge, 'payment_method_details');
  return at(details, 'card') ?? at(details, 'card_present');
}

/** What the payer was shown, where prices were converted for him; else what the object is in. */
function presentedIn(object: unknown): SourceFacts['presented'] {
  const shown = at(object, 'presentment_details');
  const currency = textAt(shown, 'presentment_currency') ?? textAt(object, 'currency');
  const amount = at(shown, 'presentment_amount') ?? at(object, 'amount');
  return currency === undefined || amount === undefined ? undefined : { amount, currency };
}

function metadataOf(
  object: unknown,
  names: { readonly [reference: string]: string },
): { readonly [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const [reference, key] of Object.entries(names)) {
    const text = textAt(object, 'metadata', key);
    if (text !== undefined) found[reference] = text;
  }
  return found;
}
