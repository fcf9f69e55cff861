import { CounterfoilError } from '../../engine/domain/index.ts';
import { isSecretEqual, textAt } from '../contract/index.ts';
import type { Delivery, VerifiedEvent } from '../contract/index.ts';
import type { OrderKey } from './client.ts';
import { REFERENCE } from './settings.ts';
import type { NgeniusSettings } from './settings.ts';

/**
 * Checks the header that the merchant chose, if there is one: N-Genius signs nothing and states no time, so that this
 * tells who may post, and never whether a body is true or new. What it tells of is asked of the API for that reason.
 * An event has no id here: a repeat costs one request, and one that was wrongly dropped would cost the news.
 * @throws CounterfoilError `deliveryUnverified`, `malformedDelivery`
 */
export function verifyDelivery(
  { headers, body }: Pick<Delivery, 'headers' | 'body'>,
  { webhookHeader }: Pick<NgeniusSettings, 'webhookHeader'>,
): VerifiedEvent {
  if (webhookHeader !== undefined) {
    const sent = headers[webhookHeader.name] ?? '';
    // Each is compared, so that the time does not tell which one it was.
    const matches = webhookHeader.value.filter((secret) => isSecretEqual(secret, sent));
    if (matches.length === 0) {
      throw new CounterfoilError(
        'deliveryUnverified',
        `header ${webhookHeader.name} of the delivery is missing or not webhookHeader.value; it is set beside the webhook's URL in the portal`,
      );
    }
  }
  const payload = parsed(body);
  if (hintOf(payload) === undefined) {
    throw new CounterfoilError(
      'malformedDelivery',
      'the delivery names no order by outletId and order.reference',
    );
  }
  return { eventId: undefined, eventType: textAt(payload, 'eventName'), sentMs: undefined, payload };
}

/** Which order a webhook is about; undefined where it does not say. */
export function hintOf(payload: unknown): OrderKey | undefined {
  const outlet = textAt(payload, 'outletId') ?? textAt(payload, 'order', 'outletId');
  const order = textAt(payload, 'order', 'reference');
  if (outlet === undefined || order === undefined) return undefined;
  return REFERENCE.test(outlet) && REFERENCE.test(order) ? { outlet, order } : undefined;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    throw new CounterfoilError('malformedDelivery', 'the body of the delivery is no JSON');
  }
}
