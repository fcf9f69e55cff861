import { createHmac, timingSafeEqual } from 'node:crypto';
import { CounterfoilError, Zone, parseRecordTime } from '../../engine/domain/index.ts';
import { isSecretEqual, parseExactJson } from '../contract/index.ts';
import type { Delivery, Secret, VerifiedEvent } from '../contract/index.ts';
import { textOf, valueAt } from '../mapping/index.ts';
import type { JsonPath } from '../mapping/index.ts';
import { keyOf } from './settings.ts';
import type { WebhookJsonSettings } from './settings.ts';
import type { SignatureSettings, TimestampSettings } from './signature-settings.ts';

/** Ids and types of events are remembered and logged: what is longer is none. */
const MAX_EVENT_TEXT = 256;
/** What may stand in a header that is signed: nothing that could be taken for the text or the body beside it. */
const SIGNED_HEADER = /^[\w-]{1,256}$/;
const UTC = new Zone('UTC');

/**
 * Makes what proves the sender of each delivery: by a signature over the raw body, or by a secret in a header. The
 * time is looked at once the signature is known to be right. A body that is proven and no JSON has no `payload`: it
 * becomes a dead letter, because sending it again would not help.
 * @throws CounterfoilError (what is returned) `deliveryUnverified`, `deliveryStale`
 */
export function createVerifier(settings: WebhookJsonSettings): (delivery: Delivery) => VerifiedEvent {
  const { signature, secretHeader, secrets, eventId, eventType } = settings;
  const prove: (delivery: Delivery) => number | undefined =
    signature !== undefined
      ? signatureProof(signature, secrets)
      : secretProof(secretHeader!.header, secretHeader!.prefix, secrets);
  return (delivery) => {
    const sentMs = prove(delivery);
    const payload = parsed(delivery.body);
    return {
      eventId: shortText(eventId, payload),
      eventType: shortText(eventType, payload),
      sentMs,
      payload,
    };
  };
}

function shortText(path: JsonPath | undefined, payload: unknown): string | undefined {
  const text = path === undefined ? undefined : textOf(valueAt(path, payload));
  return text === '' || (text !== undefined && text.length > MAX_EVENT_TEXT) ? undefined : text;
}

function secretProof(header: string, prefix: string, secrets: readonly Secret[]) {
  return ({ headers }: Delivery): undefined => {
    const value = headers[header];
    const text = value?.startsWith(prefix) === true ? value.slice(prefix.length) : '';
    if (secrets.some((secret) => isSecretEqual(secret, text))) return undefined;
    throw unverified(`the ${header} header holds none of the source's secrets; check both`);
  };
}

function signatureProof(settings: SignatureSettings, secrets: readonly Secret[]) {
  const keys = secrets.map((secret) => keyOf(secret, settings)!);
  const { header, timestamp } = settings;
  return (delivery: Delivery): number | undefined => {
    const parts = partsOf(delivery.headers[header] ?? '', settings);
    const prefix = settings.key === undefined ? settings.prefix : `${settings.key}=${settings.prefix}`;
    const signatures = parts.flatMap((part) => (part.startsWith(prefix) ? [part.slice(prefix.length)] : []));
    if (signatures.length === 0) {
      throw unverified(
        `the delivery has no signature in its ${header} header; only the provider may post here`,
      );
    }
    const stamp = timestamp === undefined ? undefined : stampOf(timestamp, parts, delivery);
    const isSigned = keys
      .map((key) => Buffer.from(signatureOf(key, settings, stamp?.text, delivery)))
      .some((expected) => signatures.some((given) => isEqual(expected, Buffer.from(given))));
    if (!isSigned) {
      throw unverified(
        'no signature of the delivery was made with one of the secrets over these bytes; check secrets and payload, and that nothing on the way changes bodies',
      );
    }
    if (stamp !== undefined) checkAge(delivery.receivedMs - stamp.ms, timestamp!);
    return stamp?.ms;
  };
}

/** The parts of the signature's header; all of it where it holds one signature only. */
function partsOf(header: string, { key, separator }: SignatureSettings): readonly string[] {
  const parting = separator ?? (key === undefined ? undefined : ',');
  return parting === undefined ? [header] : header.split(parting).map((part) => part.trim());
}

/** When the delivery says it was signed: the text that is signed, and epoch milliseconds. */
function stampOf(
  { key, header, unit }: TimestampSettings,
  parts: readonly string[],
  { headers }: Delivery,
): { readonly text: string; readonly ms: number } {
  const stamps =
    key === undefined
      ? [headers[header!] ?? '']
      : parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1));
  // With two, nobody can say which one was signed.
  const ms = stamps.length === 1 ? momentOf(stamps[0]!, unit) : undefined;
  if (ms === undefined) {
    throw unverified(
      `the delivery has not one timestamp in ${unit} ${key === undefined ? `in its ${header!} header` : `under ${key}=`}; check the settings of the signature`,
    );
  }
  return { text: stamps[0]!, ms };
}

function momentOf(text: string, unit: TimestampSettings['unit']): number | undefined {
  switch (unit) {
    case 's':
      return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined;
    case 'ms':
      return /^\d{1,14}$/.test(text) ? Number(text) : undefined;
    case 'iso':
      if (!/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
      try {
        return parseRecordTime(text, UTC).time;
      } catch {
        return undefined;
      }
  }
}

function signatureOf(
  key: Buffer,
  { algorithm, encoding, payload }: SignatureSettings,
  stamp: string | undefined,
  { headers, body }: Delivery,
): string {
  const hmac = createHmac(algorithm, key);
  for (const piece of payload) {
    switch (piece.type) {
      case 'text':
        hmac.update(piece.text);
        break;
      case 'body':
        hmac.update(body);
        break;
      case 'timestamp':
        hmac.update(stamp!);
        break;
      case 'header': {
        const value = headers[piece.name] ?? '';
        if (!SIGNED_HEADER.test(value)) {
          throw unverified(
            `the delivery's ${piece.name} header, which is signed, is missing or no plain value`,
          );
        }
        hmac.update(value);
      }
    }
  }
  return hmac.digest(encoding);
}

/** How long a signature is, is no secret. */
function isEqual(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function checkAge(ageMs: number, { tolerance, futureTolerance }: TimestampSettings): void {
  if (ageMs <= tolerance && -ageMs <= futureTolerance) return;
  const seconds = Math.round(Math.abs(ageMs) / 1000);
  throw new CounterfoilError(
    'deliveryStale',
    `the delivery was signed ${seconds} s ${ageMs > 0 ? 'ago' : 'ahead of our clock'}, beyond the tolerance; check this machine's clock`,
  );
}

function unverified(message: string): CounterfoilError {
  return new CounterfoilError('deliveryUnverified', message);
}

/** The body with numbers as their text; undefined where it is no JSON in UTF-8. */
function parsed(body: Uint8Array): unknown {
  try {
    return parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
