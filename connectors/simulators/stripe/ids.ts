import { tokenOf } from '../seeded.ts';

/** The id of a Stripe object, of the scenario's own id of the thing that it stands for. */
const id = (prefix: string) => (scenarioId: string) => `${prefix}_${tokenOf(20, prefix, scenarioId)}`;

/** By what an object is: a charge and its payment intent are of one payment. */
export const stripeIds = {
  /** Of a movement. */
  transaction: id('txn'),
  /** Of a payment. */
  charge: id('ch'),
  /** Of a payment. */
  paymentIntent: id('pi'),
  refund: id('re'),
  dispute: id('dp'),
  payout: id('po'),
  /** Of the event's type and what it is about. */
  event: id('evt'),
} as const;
