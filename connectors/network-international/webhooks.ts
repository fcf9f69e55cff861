import { CounterfoilError } from '../../engine/domain/index.ts';
import type { LiveContext, Webhooks } from '../contract/index.ts';
import type { HeardOrders } from './heard-orders.ts';
import { nameOf } from './order-reader.ts';
import type { ReadOrder } from './order-reader.ts';
import type { NgeniusSettings } from './settings.ts';
import { hintOf, verifyDelivery } from './verify.ts';

type WebhookSettings = Pick<NgeniusSettings, 'webhookHeader' | 'outlets' | 'readWithin'>;

/**
 * Takes webhooks as hints: the order is read by the API, in time for an answer. N-Genius sends each event once, so that
 * an order that cannot be read now is left to the next poll.
 */
export function ngeniusWebhooks(
  readOrder: ReadOrder,
  heard: HeardOrders,
  { now, signal }: Pick<LiveContext, 'now' | 'signal'>,
  settings: WebhookSettings,
): Webhooks {
  return {
    verify: (delivery) => verifyDelivery(delivery, settings),
    async read({ payload }) {
      const key = hintOf(payload);
      if (key === undefined || !settings.outlets.includes(key.outlet)) return [];
      // On the disk before the answer: a crash before the next poll must not make us forget the order.
      const remember = (): Promise<void> => heard.add(nameOf(key), now());
      // Whoever has no proof has to name an order that there is, before it takes a place among those looked at.
      if (settings.webhookHeader !== undefined) await remember();
      const inTime = AbortSignal.timeout(settings.readWithin);
      try {
        const reading = await readOrder(key, AbortSignal.any([signal, inTime]));
        if (reading === undefined) return [];
        if (settings.webhookHeader === undefined) await remember();
        return reading.items;
      } catch (error) {
        await remember();
        if (!inTime.aborted || signal.aborted) throw error;
        throw new CounterfoilError(
          'timeout',
          'the order that a webhook is about could not be read within readWithin; the next poll reads it',
          { cause: error },
        );
      }
    },
  };
}
