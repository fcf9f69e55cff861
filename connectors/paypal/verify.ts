import { constants, verify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { Delivery, VerifiedEvent } from '../contract/index.ts';
import type { Certificates } from './certificates.ts';
import type { PaypalSettings } from './settings.ts';

const ALGORITHM = 'SHA256withRSA';
const TRANSMISSION_ID = /^[\w-]{1,64}$/;
const TRANSMISSION_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** Base64 of a signature by a key of up to 8192 bits. */
const SIGNATURE = /^[A-Za-z0-9+/]{16,1366}={0,2}$/;
const CERTIFICATE_PATH = /^\/v1\/notifications\/certs\/[\w-]{1,128}$/;
/** Domain of the hosts that certificates may be at. */
const CERTIFICATE_DOMAIN = '.paypal.com';

/** What a delivery says of its signature. */
interface Transmission {
  readonly id: string;
  readonly time: string;
  readonly signature: Buffer;
  readonly certificatePath: string;
}

type VerifySettings = Pick<PaypalSettings, 'webhookIds' | 'tolerance' | 'futureTolerance'>;

/**
 * Checks a delivery without asking PayPal about it: the signature is RSA over SHA-256 of `id|time|webhook id|CRC32`, of
 * the raw body's CRC32 as an unsigned decimal. The certificate's address has to be PayPal's, and only its path is used, at the
 * address that the source calls anyway, so that no delivery can make us call another host. Source:
 * developer.paypal.com/api/rest/webhooks/rest, section on verifying messages oneself.
 * @throws CounterfoilError `deliveryUnverified`, `deliveryStale`, `malformedDelivery`; what fetching a certificate throws
 */
export async function verifyDelivery(
  delivery: Delivery,
  certificates: Certificates,
  { webhookIds = [], tolerance, futureTolerance }: VerifySettings,
): Promise<VerifiedEvent> {
  const { body, receivedMs } = delivery;
  const transmission = transmissionOf(delivery);
  const sentMs = Date.parse(transmission.time);
  const { certificate } = await certificates.trusted(transmission.certificatePath, receivedMs);
  const checksum = crc32(body);
  const isSigned = webhookIds.some((webhookId) =>
    verify(
      'sha256',
      Buffer.from(`${transmission.id}|${transmission.time}|${webhookId}|${checksum}`),
      { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING },
      transmission.signature,
    ),
  );
  if (!isSigned) {
    throw unverified(
      'the signature of the delivery is not over these bytes and one of webhookIds; check the ids, and that nothing on the way changes bodies. PayPal’s simulator signs for the id WEBHOOK_ID',
    );
  }
  const ageMs = receivedMs - sentMs;
  if (!(ageMs <= tolerance && -ageMs <= futureTolerance)) {
    const seconds = Math.round(Math.abs(ageMs) / 1000);
    throw new CounterfoilError(
      'deliveryStale',
      `the delivery was sent ${seconds} s ${ageMs > 0 ? 'ago' : 'ahead of our clock'}, beyond the tolerance; check this machine's clock`,
    );
  }
  const payload = parsed(body);
  const [eventId, eventType] = [textAt(payload, 'id'), textAt(payload, 'event_type')];
  if (eventId === undefined || eventType === undefined || at(payload, 'resource') === undefined) {
    throw new CounterfoilError(
      'malformedDelivery',
      'the delivery is no event with id, event_type and resource',
    );
  }
  return { eventId, eventType, sentMs, payload };
}

function transmissionOf({ headers }: Delivery): Transmission {
  const [id, time, signature, algorithm, address] = [
    'paypal-transmission-id',
    'paypal-transmission-time',
    'paypal-transmission-sig',
    'paypal-auth-algo',
    'paypal-cert-url',
  ].map((name) => headers[name] ?? '') as [string, string, string, string, string];
  if (!TRANSMISSION_ID.test(id) || !TRANSMISSION_TIME.test(time) || !SIGNATURE.test(signature)) {
    throw unverified('the delivery lacks the paypal-transmission headers; only PayPal may post here');
  }
  if (algorithm.toLowerCase() !== ALGORITHM.toLowerCase()) {
    throw unverified(`paypal-auth-algo of the delivery is not ${ALGORITHM}, the only one that is known`);
  }
  const certificatePath = pathAtPaypal(address);
  if (certificatePath === undefined) {
    throw unverified(
      `paypal-cert-url of the delivery is no certificate at https://*${CERTIFICATE_DOMAIN}; only PayPal may post here`,
    );
  }
  return { id, time, signature: Buffer.from(signature, 'base64'), certificatePath };
}

function pathAtPaypal(address: string): string | undefined {
  const url = address.length <= 512 && URL.canParse(address) ? new URL(address) : undefined;
  const isPlain =
    url?.protocol === 'https:' &&
    url.hostname.endsWith(CERTIFICATE_DOMAIN) &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  return isPlain && CERTIFICATE_PATH.test(url.pathname) ? url.pathname : undefined;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as unknown;
  } catch {
    throw new CounterfoilError('malformedDelivery', 'the delivery is signed, but its body is no JSON');
  }
}

function unverified(message: string): CounterfoilError {
  return new CounterfoilError('deliveryUnverified', message);
}
