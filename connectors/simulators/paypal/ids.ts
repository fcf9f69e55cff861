import type { ExpectedRecord } from '../scenario/index.ts';
import { tokenOf } from '../seeded.ts';

/** The id of a PayPal object, of the scenario's own id of what it stands for: 17 capitals and digits. */
const id = (what: string) => (scenarioId: string) => tokenOf(17, what, scenarioId).toUpperCase();

export const paypalIds = {
  /** Of a movement: a capture, a refund, or whatever else changes the balance. */
  transaction: id('transaction'),
  /** Of a payment. */
  order: id('order'),
  dispute: (scenarioId: string) => `PP-D-${tokenOf(8, 'dispute', scenarioId).toUpperCase()}`,
  /** Of the event's type and what it is about. */
  event: (about: string) => `WH-${id('event')(about)}-${id('event2')(about)}`,
} as const;

/** What the id of a record has beside its transaction's, where webhooks cannot tell of it. */
const SUFFIXES: { readonly [kind: string]: string } = {
  refundFailure: ':T1100+',
  chargebackReversal: ':T1202+',
  payout: ':T0400-',
  payoutFailure: ':T1101+',
};

/** The id that the record of a movement has: that of its transaction, and more where webhooks cannot tell of it. */
export function paypalRecordId({ kind, id: movement }: Pick<ExpectedRecord, 'kind' | 'id'>): string {
  return `${paypalIds.transaction(movement)}${SUFFIXES[kind] ?? ''}`;
}
