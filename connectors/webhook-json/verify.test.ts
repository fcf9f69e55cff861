import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CounterfoilError } from '../../engine/domain/index.ts';
import { webhookJsonSettings } from './settings.ts';
import { createVerifier } from './verify.ts';

type Settings = { readonly [setting: string]: unknown };
type Headers = { readonly [name: string]: string | undefined };

const NOW_MS = 1_700_000_000_000;
const FIELDS = { id: 'id', amount: 'amount', time: 'time' };
const BODY = '{"id":"e1","amount":12.30}';

function verify(settings: Settings, headers: Headers, body: string | Uint8Array, receivedMs = NOW_MS) {
  const read = webhookJsonSettings.parse({ fields: FIELDS, currency: 'AED', ...settings });
  return createVerifier(read)({ requestId: 'r', headers, body: Buffer.from(body), receivedMs });
}

function outcomeOf(...given: Parameters<typeof verify>): string {
  try {
    verify(...given);
    return 'verified';
  } catch (error) {
    const { code, message } = error as CounterfoilError;
    expect(message).not.toMatch(/secret_|\n/);
    return code;
  }
}

/** `t=…,v1=…`, as Stripe signs. */
const STRIPE = {
  header: 'Stripe-Signature',
  key: 'v1',
  payload: '{timestamp}.{body}',
  timestamp: { key: 't' },
};
/** As the specification Standard Webhooks says, in which several signatures are parted by blanks. */
const STANDARD = {
  header: 'webhook-signature',
  encoding: 'base64',
  separator: ' ',
  prefix: 'v1,',
  payload: '{header.webhook-id}.{timestamp}.{body}',
  timestamp: { header: 'webhook-timestamp' },
  secretEncoding: 'base64',
  secretPrefix: 'whsec_',
};

/**
 * Signatures that this code did not compute: published by the providers where a name stands, else made by
 * `openssl dgst -hmac`.
 */
const VECTORS: readonly (readonly [
  what: string,
  secret: string,
  signature: Settings,
  headers: Headers,
  body: string,
  receivedMs?: number,
])[] = [
  [
    'Stripe’s scheme',
    'whsec_test_secret',
    STRIPE,
    {
      'stripe-signature': 't=1700000000,v1=0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd',
    },
    '{"id":"evt_1","object":"event"}',
  ],
  [
    'the example in GitHub’s documentation',
    'It\u0027s a Secret to Everybody',
    { header: 'X-Hub-Signature-256', prefix: 'sha256=' },
    {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    'Hello, World!',
  ],
  [
    'the example of Standard Webhooks',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    STANDARD,
    {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    '{"test": 2432232314}',
    1_614_265_330_000,
  ],
  [
    'SHA-512 with milliseconds and text before them',
    'topsecret1',
    {
      header: 'x-signature',
      algorithm: 'sha512',
      payload: 'v0:{timestamp}:{body}',
      timestamp: { header: 'X-Timestamp', unit: 'ms' },
    },
    {
      'x-timestamp': '1700000000000',
      'x-signature':
        'af5dc6a7940221a8fec18454c619950dbfac6e7246daf73e17efd3c92dc660f2b9dd79fa7defc1f3d35ed2ae40be3c171ed9d893f173b2c265840a13497b8e13',
    },
    BODY,
  ],
  [
    'SHA-1 in Base64 over the body alone',
    'topsecret1',
    { header: 'x-signature', algorithm: 'sha1', encoding: 'base64' },
    { 'x-signature': 'ZyUQe5gTQmBI9DAItzbWnIaZh10=' },
    BODY,
  ],
  [
    'a key in hex, and an ISO time behind the body',
    '00ff10',
    {
      header: 'x-signature',
      payload: '{body}{timestamp}',
      timestamp: { header: 'x-time', unit: 'iso' },
      secretEncoding: 'hex',
    },
    {
      'x-time': '2023-11-14T22:13:20Z',
      'x-signature': 'a8d435736debd4cd5680d9528e6c3f3eb5045b8fbf65a959fcf1a3037bb39098',
    },
    BODY,
  ],
];

describe.each(VECTORS.map((vector) => [vector[0], vector] as const))('%s', (_, vector) => {
  const [, secret, signature, headers, body, receivedMs] = vector;
  const settings = { secrets: secret, signature };

  test('is verified', () => {
    expect(outcomeOf(settings, headers, body, receivedMs)).toBe('verified');
  });

  test('is refused with another secret, and verified with it as the second of two', () => {
    const other = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    expect(outcomeOf({ ...settings, secrets: other }, headers, body, receivedMs)).toBe('deliveryUnverified');
    expect(outcomeOf({ ...settings, secrets: [other, secret] }, headers, body, receivedMs)).toBe('verified');
  });

  test('is refused without any of its headers, and with a doubled one', () => {
    for (const name of Object.keys(headers)) {
      expect(outcomeOf(settings, { ...headers, [name]: undefined }, body, receivedMs)).toBe(
        'deliveryUnverified',
      );
      if (name.endsWith('-signature')) continue;
      const doubled = `${headers[name]!}, ${headers[name]!}`;
      expect(outcomeOf(settings, { ...headers, [name]: doubled }, body, receivedMs)).not.toBe('verified');
    }
  });

  test('is refused with any byte of body or headers changed', () => {
    const parts = ['', ...Object.keys(headers)];
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.nat(),
        fc.integer({ min: 33, max: 126 }),
        (name, at, byte) => {
          const bytes = Buffer.from(name === '' ? body : headers[name]!);
          const index = at % bytes.length;
          fc.pre(bytes[index] !== byte);
          bytes[index] = byte;
          const outcome =
            name === ''
              ? outcomeOf(settings, headers, bytes, receivedMs)
              : outcomeOf(settings, { ...headers, [name]: bytes.toString() }, body, receivedMs);
          expect(outcome).toBe('deliveryUnverified');
        },
      ),
      { numRuns: 400 },
    );
  });

  test('is refused with a byte more or less', () => {
    for (const other of [`${body} `, ` ${body}`, body.slice(1), body.slice(0, -1), '']) {
      expect(outcomeOf(settings, headers, other, receivedMs)).toBe('deliveryUnverified');
    }
  });
});

describe('a signature', () => {
  const sign = (at: number | string = NOW_MS / 1000, secret = 'secret_1'): string =>
    createHmac('sha256', secret).update(`${at}.${BODY}`).digest('hex');
  const S = NOW_MS / 1000;
  const settings = { secrets: 'secret_1', signature: STRIPE };

  test.each<[string, string, string]>([
    ['one wrong and one right', `t=${S},v1=${'0'.repeat(64)},v1=${sign()}`, 'verified'],
    ['another scheme beside', `t=${S},v0=${sign()},v1=${sign()}`, 'verified'],
    ['blanks between the parts', `t=${S}, v1=${sign()}`, 'verified'],
    ['another scheme alone', `t=${S},v0=${sign()}`, 'deliveryUnverified'],
    ['an empty one', `t=${S},v1=`, 'deliveryUnverified'],
    ['capitals', `t=${S},v1=${sign().toUpperCase()}`, 'deliveryUnverified'],
    ['no timestamp', `v1=${sign()}`, 'deliveryUnverified'],
    ['two timestamps', `t=${S},t=${S},v1=${sign()}`, 'deliveryUnverified'],
    ['a timestamp that is no number', `t=now,v1=${sign('now')}`, 'deliveryUnverified'],
    ['an empty timestamp', `t=,v1=${sign('')}`, 'deliveryUnverified'],
    ['nothing', '', 'deliveryUnverified'],
  ])('with %s', (_, header, outcome) => {
    expect(outcomeOf(settings, { 'stripe-signature': header }, BODY)).toBe(outcome);
  });

  test.each([
    [0, 'verified'],
    [300, 'verified'],
    [301, 'deliveryStale'],
    [-60, 'verified'],
    [-61, 'deliveryStale'],
  ])('made %d seconds ago: %s', (age, outcome) => {
    const headers = { 'stripe-signature': `t=${S},v1=${sign()}` };
    expect(outcomeOf(settings, headers, BODY, NOW_MS + age * 1000)).toBe(outcome);
  });

  test('that is stale and wrong is wrong', () => {
    const headers = { 'stripe-signature': `t=1,v1=${sign()}` };
    expect(outcomeOf(settings, headers, BODY)).toBe('deliveryUnverified');
  });

  test('may be older, or not ahead, where the settings say so', () => {
    const timestamp = { key: 't', tolerance: '1h', futureTolerance: '0s' };
    const other = { ...settings, signature: { ...STRIPE, timestamp } };
    const headers = { 'stripe-signature': `t=${S},v1=${sign()}` };
    expect(outcomeOf(other, headers, BODY, NOW_MS + 3_600_000)).toBe('verified');
    expect(outcomeOf(other, headers, BODY, NOW_MS - 1000)).toBe('deliveryStale');
  });

  test('has no header in it that could be taken for what stands beside it', () => {
    const signature = { header: 'x-sig', payload: '{header.x-id}.{body}' };
    const signed = createHmac('sha256', 'secret_1').update(`a.b.${BODY}`).digest('hex');
    expect(outcomeOf({ secrets: 'secret_1', signature }, { 'x-id': 'a.b', 'x-sig': signed }, BODY)).toBe(
      'deliveryUnverified',
    );
  });
});

describe('a secret in a header', () => {
  const settings = {
    secrets: ['secret_1', 'secret_2'],
    secretHeader: { header: 'Authorization', prefix: 'Bearer ' },
  };

  test.each<[string | undefined, string]>([
    ['Bearer secret_1', 'verified'],
    ['Bearer secret_2', 'verified'],
    ['Bearer secret_3', 'deliveryUnverified'],
    ['Bearer secret_1 ', 'deliveryUnverified'],
    ['secret_1', 'deliveryUnverified'],
    ['Bearer ', 'deliveryUnverified'],
    ['', 'deliveryUnverified'],
    [undefined, 'deliveryUnverified'],
  ])('%s: %s', (authorization, outcome) => {
    expect(outcomeOf(settings, { authorization }, BODY)).toBe(outcome);
  });
});

describe('a proven delivery', () => {
  const settings = {
    secrets: 'secret_1',
    secretHeader: { header: 'x-secret' },
    eventId: 'event.id',
    eventType: 'event.type',
  };
  const read = (body: string | Uint8Array) => verify(settings, { 'x-secret': 'secret_1' }, body);

  test('says what it is, with its numbers as they were written', () => {
    expect(read('\uFEFF{"event":{"id":17,"type":"paid"},"amount":1234567890123456.70}')).toEqual({
      eventId: '17',
      eventType: 'paid',
      sentMs: undefined,
      payload: { event: { id: '17', type: 'paid' }, amount: '1234567890123456.70' },
    });
  });

  test.each<[string, string | Uint8Array]>([
    ['is no JSON', 'nonsense'],
    ['is empty', ''],
    ['is cut off', '{"event":{"id":"1"'],
    ['is no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('whose body %s has no payload', (_, body) => {
    expect(read(body)).toMatchObject({ eventId: undefined, payload: undefined });
  });

  test.each([
    '{"event":{}}',
    '{"event":{"id":""}}',
    '{"event":{"id":{}}}',
    '7',
    'null',
    `{"event":{"id":"${'x'.repeat(257)}"}}`,
  ])('of %j has no id of an event', (body) => {
    expect(read(body).eventId).toBeUndefined();
  });
});
