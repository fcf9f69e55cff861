import { CounterfoilError } from '../../engine/domain/index.ts';
import { deadLetter } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';
import type { NgeniusApi, OrderKey } from './client.ts';
import { translateOrder } from './translate.ts';
import type { OrderReading, TranslateSettings } from './translate.ts';

/**
 * Reads orders, for webhooks and polls alike.
 * @returns undefined where N-Genius knows no such order; what can never be read is a dead letter, and looked at again
 * @throws CounterfoilError retryable ones
 */
export type ReadOrder = (key: OrderKey, signal: AbortSignal) => Promise<OrderReading | undefined>;

export function orderReader(api: NgeniusApi, context: SourceContext, settings: TranslateSettings): ReadOrder {
  let read = 0;
  return async (key, signal) => {
    try {
      const order = await api.order(key, signal);
      return order === undefined ? undefined : translateOrder(order, context, settings, ++read);
    } catch (error) {
      if (!(error instanceof CounterfoilError) || error.disposition !== 'poison') throw error;
      // Not with the delivery or the answer as its payload: these say who paid.
      const origin = { offset: ++read, ordinal: 0 };
      return { items: [deadLetter(context.source, error, origin, nameOf(key))], outlook: 'open' };
    }
  };
}

/** A key as cursors and files write it: `outlet/order`. */
export function nameOf({ outlet, order }: OrderKey): string {
  return `${outlet}/${order}`;
}

/** The key that a name was made from. */
export function keyOf(name: string): OrderKey {
  const [outlet = '', order = ''] = name.split('/');
  return { outlet, order };
}
