import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CounterfoilError } from '../../engine/domain/index.ts';
import { stripeSettings } from './settings.ts';
import { verifyDelivery } from './verify.ts';

const SECRET = 'whsec_test_secret';
const NEXT = 'whsec_next_secret';
const NOW_S = 1_700_000_000;
const EVENT = '{"id":"evt_1","object":"event","type":"charge.succeeded","data":{"object":{"id":"ch_1"}}}';

const sign = (body: string | Uint8Array, secret = SECRET, at: number | string = NOW_S): string =>
  createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex');
const headerOf = (body: string | Uint8Array, secret = SECRET, at = NOW_S): string =>
  `t=${at},v1=${sign(body, secret, at)}`;

function verify(
  header: string | undefined,
  body: string | Uint8Array = EVENT,
  { nowMs = NOW_S * 1000, ...written }: { nowMs?: number; [setting: string]: unknown } = {},
) {
  const settings = stripeSettings.parse({ apiKey: 'sk_test', webhookSecrets: [SECRET, NEXT], ...written });
  const headers = header === undefined ? {} : { 'stripe-signature': header };
  return verifyDelivery({ requestId: 'r', headers, body: Buffer.from(body), receivedMs: nowMs }, settings);
}

function codeOf(...given: Parameters<typeof verify>): string {
  try {
    verify(...given);
    return 'verified';
  } catch (error) {
    const { code, message } = error as CounterfoilError;
    expect(message).not.toContain('whsec');
    expect(message).not.toContain('\n');
    return code;
  }
}

describe('a delivery', () => {
  test('that is signed says what it is', () => {
    expect(verify(headerOf(EVENT))).toEqual({
      eventId: 'evt_1',
      eventType: 'charge.succeeded',
      sentMs: NOW_S * 1000,
      payload: JSON.parse(EVENT) as unknown,
    });
  });

  test('of the published vector is signed', () => {
    const header = 't=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd';
    // Without a type it is no event, which is said of signed ones only.
    expect(codeOf(header, '{"id":"evt_1","object":"event"}')).toBe('malformedDelivery');
  });

  test.each<[string, string | undefined, string]>([
    ['no header', undefined, 'deliveryUnverified'],
    ['an empty header', '', 'deliveryUnverified'],
    ['nonsense', 'nonsense', 'deliveryUnverified'],
    ['no signature', `t=${NOW_S}`, 'deliveryUnverified'],
    ['an empty signature', `t=${NOW_S},v1=`, 'deliveryUnverified'],
    ['no timestamp', `v1=${sign(EVENT)}`, 'deliveryUnverified'],
    ['two timestamps', `t=1,t=${NOW_S},v1=${sign(EVENT)}`, 'deliveryUnverified'],
    ['a timestamp that is no number', `t=now,v1=${sign(EVENT, SECRET, 'now')}`, 'deliveryUnverified'],
    ['another scheme alone', `t=${NOW_S},v0=${sign(EVENT)}`, 'deliveryUnverified'],
    ['the signature of another secret', headerOf(EVENT, 'whsec_other'), 'deliveryUnverified'],
    ['the signature of another body', headerOf(`${EVENT} `), 'deliveryUnverified'],
    ['the signature of another time', `t=${NOW_S + 1},v1=${sign(EVENT)}`, 'deliveryUnverified'],
    [
      'capitals in its signature',
      headerOf(EVENT).toUpperCase().replace('T=', 't=').replace('V1', 'v1'),
      'deliveryUnverified',
    ],
    ['the next secret', headerOf(EVENT, NEXT), 'verified'],
    ['one wrong and one right signature', `t=${NOW_S},v1=${'0'.repeat(64)},v1=${sign(EVENT)}`, 'verified'],
    ['an older scheme beside', `t=${NOW_S},v1=${sign(EVENT)},v0=abc`, 'verified'],
  ])('with %s', (_, header, outcome) => {
    expect(codeOf(header)).toBe(outcome);
  });

  test.each([
    [0, 'verified'],
    [300, 'verified'],
    [301, 'deliveryStale'],
    [-60, 'verified'],
    [-61, 'deliveryStale'],
    [-86_400, 'deliveryStale'],
  ])('signed %d seconds ago: %s', (age, outcome) => {
    expect(codeOf(headerOf(EVENT), EVENT, { nowMs: (NOW_S + age) * 1000 })).toBe(outcome);
  });

  test('may be older, or earlier, where the settings say so', () => {
    const older = { nowMs: (NOW_S + 3600) * 1000, tolerance: '1h' };
    expect(codeOf(headerOf(EVENT), EVENT, older)).toBe('verified');
    expect(codeOf(headerOf(EVENT), EVENT, { nowMs: (NOW_S - 1) * 1000, futureTolerance: '0s' })).toBe(
      'deliveryStale',
    );
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['no object', '7'],
    ['no type', '{"id":"evt_1","data":{"object":{}}}'],
    ['no data', '{"id":"evt_1","type":"charge.succeeded"}'],
    ['a thin event', '{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.error"}'],
  ])('that is signed and has %s is malformed', (_, body) => {
    expect(codeOf(headerOf(body), body)).toBe('malformedDelivery');
  });

  test('is verified over its bytes, as they came', () => {
    const spaced = EVENT.replaceAll(',', ' ,\r\n ').replace('ch_1', 'ch_é😀');
    expect(codeOf(headerOf(spaced), spaced)).toBe('verified');
    const part = new Uint8Array(Buffer.from(`xx${EVENT}`)).subarray(2);
    expect(codeOf(headerOf(EVENT), part)).toBe('verified');
  });

  test('is refused while there is no secret', () => {
    expect(codeOf(headerOf(EVENT), EVENT, { webhookSecrets: undefined })).toBe('deliveryUnverified');
  });
});
