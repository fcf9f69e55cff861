import { createHash } from 'node:crypto';
import type { ExpectedRecord } from '../scenario/index.ts';
import { chanceOf } from '../seeded.ts';

/** An id as N-Genius makes them (a UUID), of the scenario's own id of the thing that it stands for. */
const id = (what: string) => (scenarioId: string) => {
  const hex = createHash('sha256').update(`${what}/${scenarioId}`).digest('hex');
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(13, 16),
    hex.slice(17, 20),
    hex.slice(20, 32),
  ];
  return `${a}-${b}-4${c}-a${d}-${e}`;
};

export const ngeniusIds = {
  /** Of a merchant. */
  outlet: id('outlet'),
  /** Of a payment of the scenario, which N-Genius calls an order. */
  order: id('order'),
  /** Of a payment: the attempt that succeeded, and the one before it that did not. */
  payment: id('payment'),
  attempt: id('attempt'),
  /** Of a payment. */
  capture: id('capture'),
  refund: id('refund'),
  event: id('event'),
} as const;

/** How a payment is taken: in one step, in two, as a purchase without captures (UnionPay), or by Aani. */
export type Style = 'sale' | 'auth' | 'purchase' | 'aani';

/** @param payment the scenario's id of it */
export function styleOf(payment: string): Style {
  const chance = chanceOf('N-Genius style', payment);
  if (chance < 0.45) return 'sale';
  if (chance < 0.65) return 'auth';
  return chance < 0.8 ? 'purchase' : 'aani';
}

/** The id that the record of a movement has: a capture's or refund's own, or of what has no capture the payment's. */
export function ngeniusRecordId({ kind, id: movement }: Pick<ExpectedRecord, 'kind' | 'id'>): string {
  if (kind !== 'charge') return ngeniusIds.refund(movement);
  const payment = movement.replace(/-c$/, '');
  const style = styleOf(payment);
  return style === 'sale' || style === 'auth' ? ngeniusIds.capture(payment) : ngeniusIds.payment(payment);
}
