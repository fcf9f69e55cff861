import Stripe from 'stripe';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { Delivery, VerifiedEvent } from '../contract/index.ts';
import type { StripeSettings } from './settings.ts';

const HEADER = 'stripe-signature';

/**
 * Checks `Stripe-Signature: t=<Unix seconds>,v1=<HMAC-SHA256 in hex>[,v1=…]` over the raw body, with each secret that is
 * valid. The package's own tolerance looks at the past only, and does not tell a stale signature from a wrong one: the
 * time is looked at here, in both directions, once the signature is known to be right.
 * Source: docs.stripe.com/webhooks/signature.
 * @throws CounterfoilError `deliveryUnverified`, `deliveryStale`, `malformedDelivery`
 */
export function verifyDelivery(
  { headers, body, receivedMs }: Delivery,
  { webhookSecrets = [], tolerance, futureTolerance }: StripeSettings,
): VerifiedEvent {
  const header = headers[HEADER];
  const sentMs = header === undefined ? undefined : timestampOf(header);
  if (header === undefined || sentMs === undefined) {
    throw new CounterfoilError(
      'deliveryUnverified',
      `the delivery has no ${HEADER} header with one timestamp; only Stripe may post here`,
    );
  }
  const isSigned = webhookSecrets.some((secret) => isSignedWith(secret.reveal(), body, header));
  if (!isSigned) {
    throw new CounterfoilError(
      'deliveryUnverified',
      'no signature of the delivery was made with one of webhookSecrets over these bytes; check that they are the endpoint’s, and that nothing on the way changes bodies',
    );
  }
  const ageMs = receivedMs - sentMs;
  if (ageMs > tolerance || -ageMs > futureTolerance) {
    const seconds = Math.round(Math.abs(ageMs) / 1000);
    throw new CounterfoilError(
      'deliveryStale',
      `the delivery was signed ${seconds} s ${ageMs > 0 ? 'ago' : 'ahead of our clock'}, beyond the tolerance; check this machine's clock`,
    );
  }
  const payload = parsed(body);
  const [eventId, eventType] = [textAt(payload, 'id'), textAt(payload, 'type')];
  if (eventId === undefined || eventType === undefined || at(payload, 'data', 'object') === undefined) {
    throw new CounterfoilError(
      'malformedDelivery',
      'the delivery is no event with id, type and data.object; the endpoint wants snapshot events',
    );
  }
  return { eventId, eventType, sentMs, payload };
}

/** The one timestamp of a header, epoch milliseconds: with two, nobody can say which one was signed. */
function timestampOf(header: string): number | undefined {
  const times = header.split(',').filter((part) => part.trimStart().startsWith('t='));
  const digits = /^t=(\d{1,11})$/.exec(times.length === 1 ? times[0]! : '');
  return digits === null ? undefined : Number(digits[1]) * 1000;
}

function isSignedWith(secret: string, body: Uint8Array, header: string): boolean {
  try {
    // A tolerance of 0 turns the package's check of the time off.
    return Stripe.webhooks.signature!.verifyHeader(body, header, secret, 0);
  } catch {
    // Whatever it says: its errors hold header and body, and are not passed on.
    return false;
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    throw new CounterfoilError('malformedDelivery', 'the delivery is signed, but its body is no JSON');
  }
}
