import { sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Delivery, ProviderHttp, ProviderRequest } from '../contract/index.ts';
import { issueCertificate, simulatedChain } from '../simulators/paypal/certificates.ts';
import { createCertificates } from './certificates.ts';
import { paypalSettings } from './settings.ts';
import { verifyDelivery } from './verify.ts';

const chain = simulatedChain();
const WEBHOOK_ID = '1JE4291016473214C';
const SENT_MS = Date.UTC(2026, 10, 22, 10);
const PATH = '/v1/notifications/certs/CERT-1';
const EVENT = '{"id":"WH-2","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"amount":1.0,"links":{}}}';

interface Differences {
  readonly webhookId?: string;
  readonly headers?: Delivery['headers'];
  readonly receivedMs?: number;
}

/** What PayPal would post. */
function delivery(
  body = EVENT,
  { webhookId = WEBHOOK_ID, headers = {}, receivedMs = SENT_MS + 1000 }: Differences = {},
): Delivery {
  const time = new Date(SENT_MS).toISOString();
  const message = `id-1|${time}|${webhookId}|${crc32(body)}`;
  return {
    requestId: 'r',
    body: Buffer.from(body),
    receivedMs,
    headers: {
      'paypal-transmission-id': 'id-1',
      'paypal-transmission-time': time,
      'paypal-transmission-sig': sign('sha256', Buffer.from(message), chain.leaf.privateKey).toString(
        'base64',
      ),
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-cert-url': `https://api.paypal.com${PATH}`,
      ...headers,
    },
  };
}

let asked: string[] = [];
beforeEach(() => void (asked = []));

/** A verifier whose PayPal has the given certificates, and its clock. */
function verifier(options: { pem?: string | (() => string); status?: number; settings?: object } = {}) {
  const { pem = chain.pem, status = 200 } = options;
  const settings = paypalSettings.parse({
    clientId: 'app',
    clientSecret: 'secret',
    webhookIds: WEBHOOK_ID,
    trustedCertificates: chain.root.pem,
    ...options.settings,
  });
  const clock = { ms: SENT_MS };
  const http: ProviderHttp = {
    fetch: () => Promise.reject(new Error('not used')),
    send({ path }: ProviderRequest) {
      asked.push(path);
      const body = Buffer.from(typeof pem === 'string' ? pem : pem());
      return Promise.resolve({ status, headers: {}, body });
    },
  };
  const certificates = createCertificates(
    { http, now: () => clock.ms, signal: new AbortController().signal },
    settings,
  );
  const verify = (given: Delivery) => verifyDelivery(given, certificates, settings);
  const refusal = async (given: Delivery): Promise<string> => {
    const error = await verify(given).then(
      () => new Error('it was taken'),
      (reason: unknown) => reason as Error,
    );
    return error instanceof CounterfoilError ? `${error.code}: ${error.message}` : error.message;
  };
  return { verify, refusal, clock };
}

describe('a delivery', () => {
  test('that PayPal signed is taken, and tells its event', async () => {
    // Above 2^31: as a signed number the checksum would be another text.
    expect(crc32(EVENT)).toBeGreaterThan(2 ** 31);
    expect(await verifier().verify(delivery())).toMatchObject({
      eventId: 'WH-2',
      eventType: 'PAYMENT.CAPTURE.COMPLETED',
      sentMs: SENT_MS,
      payload: { resource: { amount: 1 } },
    });
  });

  test('for either of two webhooks is taken', async () => {
    const { verify, refusal } = verifier({ settings: { webhookIds: ['OLD', 'NEW'] } });
    for (const webhookId of ['OLD', 'NEW']) await verify(delivery(EVENT, { webhookId }));
    expect(await refusal(delivery(EVENT, { webhookId: 'WEBHOOK_ID' }))).toMatch(
      /^deliveryUnverified: .*simulator signs for the id WEBHOOK_ID/,
    );
  });

  test.each<[string, Delivery]>([
    ['of other bytes', { ...delivery(), body: Buffer.from(EVENT.replace('1.0', '1')) }],
    ['at another time', delivery(EVENT, { headers: { 'paypal-transmission-time': '2026-11-22T10:00:01Z' } })],
    ['under another id', delivery(EVENT, { headers: { 'paypal-transmission-id': 'id-2' } })],
    ['without headers', { ...delivery(), headers: {} }],
    ['with an id that has parts', delivery(EVENT, { headers: { 'paypal-transmission-id': 'id|1' } })],
    ['by another algorithm', delivery(EVENT, { headers: { 'paypal-auth-algo': 'SHA1withRSA' } })],
    [
      'by no signature',
      delivery(EVENT, { headers: { 'paypal-transmission-sig': 'AAAAAAAAAAAAAAAAAAAAAA==' } }),
    ],
  ])('%s is not', async (_, given) => {
    expect(await verifier().refusal(given)).toMatch(/^deliveryUnverified/);
  });

  test.each([
    'http://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
    'https://evilpaypal.com/v1/notifications/certs/CERT-1',
    'https://paypal.com@evil.example/v1/notifications/certs/CERT-1',
    'https://api.paypal.com:8443/v1/notifications/certs/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/../../oauth2/token',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
    'https://api.paypal.com/v2/payments/captures/CERT-1',
    'file:///etc/passwd',
    '',
  ])('with the certificate at %j is not, and asks nobody', async (url) => {
    expect(await verifier().refusal(delivery(EVENT, { headers: { 'paypal-cert-url': url } }))).toMatch(
      /^deliveryUnverified: paypal-cert-url/,
    );
    expect(asked).toEqual([]);
  });

  test.each<[string, number, RegExp]>([
    ['days late, as long as PayPal goes on sending', 3 * 86_400_000, /^it was taken/],
    ['too late', 4 * 86_400_000 + 1, /^deliveryStale: .* ago/],
    ['a little early', -300_000, /^it was taken/],
    ['too early', -300_001, /^deliveryStale: .* ahead/],
  ])('%s', async (_, afterMs, expected) => {
    expect(await verifier().refusal(delivery(EVENT, { receivedMs: SENT_MS + afterMs }))).toMatch(expected);
  });

  test.each(['{', '[]', '{"id":"WH-2"}', '{"id":"WH-2","event_type":"X"}'])(
    'that is no event: %s',
    async (body) => {
      expect(await verifier().refusal(delivery(body))).toMatch(/^malformedDelivery/);
    },
  );
});

describe('its certificate', () => {
  const HOST = 'messageverificationcerts.paypal.com';
  const years = { notBeforeMs: Date.UTC(2020, 0), notAfterMs: Date.UTC(2040, 0) };
  const otherRoot = issueCertificate({ name: 'Other', isAuthority: true, ...years });
  const byLeaf = issueCertificate({ name: HOST, issuer: chain.leaf, isAuthority: false, ...years });
  const elliptic = issueCertificate({ name: HOST, issuer: chain.root, isAuthority: true, ...years });

  test.each<[string, Parameters<typeof verifier>[0], RegExp]>([
    [
      'is whole with its issuers in any order',
      { pem: `${chain.leaf.pem}${chain.root.pem}${chain.intermediate.pem}` },
      /taken/,
    ],
    [
      'may be trusted by itself',
      { pem: chain.leaf.pem, settings: { trustedCertificates: chain.leaf.pem } },
      /taken/,
    ],
    ['lacks the one between', { pem: chain.leaf.pem }, /nobody who is trusted/],
    [
      'is of a root that is not trusted',
      { settings: { trustedCertificates: otherRoot.pem } },
      /nobody who is trusted/,
    ],
    ['is of no root of Node.js', { settings: { trustedCertificates: undefined } }, /nobody who is trusted/],
    ['is for somebody else', { settings: { certificateNames: ['www.paypal.com'] } }, /somebody else/],
    ['was issued by one that may not', { pem: `${byLeaf.pem}${chain.pem}` }, /nobody who is trusted/],
    ['has another kind of key', { pem: elliptic.pem }, /no RSA key/],
    ['is a page of some proxy', { pem: '<html>' }, /there is no certificate/],
    ['is damaged', { pem: chain.pem.replace(/[A-Za-z]{8}\n/, 'AAAAAAAA\n') }, /cannot be read|trusted/],
    ['is one of very many', { pem: chain.pem.repeat(5) }, /10 certificates/],
    ['is not known', { status: 404 }, /does not know it/],
  ])('%s', async (_, options, expected) => {
    const refusal = await verifier(options).refusal(delivery());
    expect(refusal).toMatch(expected);
    if (!refusal.includes('taken')) expect(refusal).toMatch(/^deliveryUnverified/);
  });

  test('has to be valid by the clock of the delivery', async () => {
    const { refusal } = verifier({ settings: { tolerance: '30d', futureTolerance: '1h' } });
    expect(await refusal(delivery(EVENT, { receivedMs: Date.UTC(2050, 0, 2) }))).toMatch(
      /not valid at this time/,
    );
    expect(await refusal(delivery(EVENT, { receivedMs: Date.UTC(2019, 0) }))).toMatch(
      /not valid at this time/,
    );
  });

  test('is fetched once a day, at the path of the address', async () => {
    const { verify, clock } = verifier();
    await Promise.all([verify(delivery()), verify(delivery()), verify(delivery())]);
    await verify(delivery());
    expect(asked).toEqual([PATH]);
    clock.ms += 86_400_001;
    await verify(delivery());
    expect(asked).toEqual([PATH, PATH]);
  });

  test('that is none is asked for once a minute, and does not push out the one that is', async () => {
    let pem = chain.pem;
    const { verify, refusal, clock } = verifier({ pem: () => pem });
    await verify(delivery());
    pem = 'nothing';
    const forged = (n: number): Delivery =>
      delivery(EVENT, {
        headers: { 'paypal-cert-url': `https://api.paypal.com/v1/notifications/certs/X${n}` },
      });
    for (let n = 0; n < 300; n++) expect(await refusal(forged(n))).toMatch(/^deliveryUnverified/);
    await refusal(forged(299));
    await verify(delivery());
    expect(asked).toHaveLength(301);
    clock.ms += 60_001;
    await refusal(forged(299));
    expect(asked).toHaveLength(302);
  });

  test('is not fetched for a crowd at a time', async () => {
    const { refusal } = verifier({ pem: 'nothing' });
    const crowd = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        refusal(
          delivery(EVENT, {
            headers: { 'paypal-cert-url': `https://api.paypal.com/v1/notifications/certs/X${n}` },
          }),
        ),
      ),
    );
    expect(asked).toHaveLength(8);
    expect(crowd.filter((text) => text.startsWith('overloaded'))).toHaveLength(12);
  });
});

describe('the settings', () => {
  const settings = (more: object) =>
    paypalSettings.safeParse({ clientId: 'app', clientSecret: 'secret', ...more }).success;
  test('refuse what cannot work', () => {
    expect(settings({})).toBe(true);
    expect(settings({ trustedCertificates: 'none' })).toBe(false);
    expect(settings({ webhookIds: ['a', 'b', 'c'] })).toBe(false);
    expect(settings({ overlap: '2h' })).toBe(false);
    expect(settings({ kinds: { T6: 'fee' } })).toBe(false);
    expect(settings({ history: '4000d' })).toBe(false);
  });
});
