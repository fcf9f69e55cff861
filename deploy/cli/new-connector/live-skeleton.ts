import type { Skeleton } from './skeleton.ts';

/** A connector whose provider sends webhooks and can be asked for what they missed. */
export function liveSkeleton({ name, identifier, type }: Skeleton): Readonly<{ [file: string]: string }> {
  return {
    'index.ts': `import { rereadJson } from '../contract/index.ts';
import type { Connector, LiveContext, LiveSession } from '../contract/index.ts';
import { ${identifier}Polling } from './poll.ts';
import { ${identifier}Settings } from './settings.ts';
import type { ${type}Settings } from './settings.ts';
import { translatePayment } from './translate.ts';
import { ${identifier}Webhooks } from './webhooks.ts';

/** Payments of ${name}: say here what is one record, and where the provider describes it. */
export const ${identifier}: Connector<${type}Settings> = {
  name: '${name}',
  title: 'payments of ${name} (webhooks and API)',
  capabilities: {
    files: false,
    push: false,
    webhooks: true,
    polling: true,
    balances: false,
    appendable: false,
  },
  settings: ${identifier}Settings,
  open,
  retranslate: (payload, context) =>
    rereadJson(payload, context, JSON.parse, (payment) => [
      translatePayment(payment, context, { offset: context.delivery, ordinal: 0 }),
    ]),
};

function open(context: LiveContext, settings: ${type}Settings): LiveSession {
  return { webhooks: ${identifier}Webhooks(context, settings), polling: ${identifier}Polling(context, settings) };
}
`,
    'settings.ts': `import { z } from 'zod';
import { durationSchema } from '../../engine/domain/index.ts';
import { checkAccounts, httpSettings, liveSettings, secretSetting, secretsSetting } from '../contract/index.ts';
import type { LiveSettings, Secret } from '../contract/index.ts';

/** Durations are milliseconds. */
export interface ${type}Settings extends LiveSettings {
  readonly apiKey: Secret;
  readonly webhookSecrets: readonly Secret[];
  readonly tolerance: number;
  readonly overlap: number;
}

export const ${identifier}Settings: z.ZodType<${type}Settings> = z
  .strictObject({
    ...liveSettings,
    http: httpSettings({ routes: ['https://api.example.com'] }).prefault({}),
    /** A key with read access. */
    apiKey: secretSetting,
    /** Secrets that webhooks are signed with: two while one replaces the other. */
    webhookSecrets: secretsSetting,
    /** How far from now a delivery may have been signed. */
    tolerance: durationSchema.prefault('5m'),
    /** How far a poll looks back behind what the last one saw, because lists lag. */
    overlap: durationSchema.prefault('5m'),
  })
  .superRefine(checkAccounts);
`,
    'translate.ts': `import type { Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, jsonText, textAt, toRecord } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';

/**
 * The record of one payment. Pure: the same payment gives the same record, by webhook or by poll. Its amount has the
 * sign by which the balance at the provider changes.
 */
export function translatePayment(payment: unknown, context: SourceContext, origin: Origin): Translated {
  try {
    const raw = {
      id: textAt(payment, 'id') ?? '',
      amount: textAt(payment, 'amount'),
      currency: textAt(payment, 'currency'),
      time: textAt(payment, 'createdAt'),
      references: {},
      attributes: {},
    };
    return { type: 'record', record: toRecord(raw, context, { kind: 'charge' }), origin };
  } catch (error) {
    return deadLetter(context.source, error, origin, jsonText(payment));
  }
}
`,
    'webhooks.ts': `import { createHmac, timingSafeEqual } from 'node:crypto';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { Delivery, LiveContext, VerifiedEvent, Webhooks } from '../contract/index.ts';
import type { ${type}Settings } from './settings.ts';
import { translatePayment } from './translate.ts';

/** Events whose \`data\` is a payment; all others tell of no money. */
const PAYMENT_EVENTS: ReadonlySet<string> = new Set(['payment.created']);

export function ${identifier}Webhooks(context: LiveContext, settings: ${type}Settings): Webhooks {
  let events = 0;
  return {
    verify: (delivery) => verifyDelivery(delivery, settings),
    read: ({ eventType, payload }) => {
      if (!PAYMENT_EVENTS.has(eventType ?? '')) return Promise.resolve([]);
      const origin = { offset: ++events, ordinal: 0 };
      return Promise.resolve([translatePayment(at(payload, 'data'), context, origin)]);
    },
  };
}

/**
 * Checks \`x-signature\`, the HMAC-SHA256 in hex over \`<x-timestamp>.<body>\`: say here where the provider describes it.
 * @throws CounterfoilError \`deliveryUnverified\`, \`deliveryStale\`, \`malformedDelivery\`
 */
function verifyDelivery(
  { headers, body, receivedMs }: Delivery,
  { webhookSecrets, tolerance }: ${type}Settings,
): VerifiedEvent {
  const { 'x-timestamp': timestamp = '', 'x-signature': signature = '' } = headers;
  const given = Buffer.from(signature, 'hex');
  const isSigned = webhookSecrets.some((secret) => {
    const wanted = createHmac('sha256', secret.reveal()).update(\`\${timestamp}.\`).update(body).digest();
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!isSigned) {
    throw new CounterfoilError('deliveryUnverified', 'x-signature was made with none of webhookSecrets');
  }
  const sentMs = Number(timestamp) * 1000;
  if (!(Math.abs(receivedMs - sentMs) <= tolerance)) {
    throw new CounterfoilError('deliveryStale', 'the delivery was signed too far from now; check the clock');
  }
  let payload: unknown;
  try {
    payload = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw new CounterfoilError('malformedDelivery', 'the delivery is proven, but its body is no JSON', { cause });
  }
  return { eventId: textAt(payload, 'id'), eventType: textAt(payload, 'type'), sentMs, payload };
}
`,
    'poll.ts': `import { z } from 'zod';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { JsonValue, LiveContext, PolledPage, Polling } from '../contract/index.ts';
import type { ${type}Settings } from './settings.ts';
import { translatePayment } from './translate.ts';

/** Epoch milliseconds: payments made up to here are known. */
const cursorShape = z.object({ knownTo: z.int().min(0) });

/** Asks \`GET /payments?from=…&page=…\`, oldest first, for everything since the last round, with an overlap. */
export function ${identifier}Polling(context: LiveContext, settings: ${type}Settings): Polling {
  let read = 0;
  return {
    async *pages(cursor: JsonValue | undefined, signal: AbortSignal): AsyncGenerator<PolledPage> {
      const startedMs = context.now();
      const known = cursorShape.safeParse(cursor);
      const from = known.success ? Math.max(0, known.data.knownTo - settings.overlap) : 0;
      for (let page: string | undefined = '1'; page !== undefined;) {
        const answer = await get(\`/payments?from=\${from}&page=\${page}\`, signal, context, settings);
        const payments = at(answer, 'payments');
        if (!Array.isArray(payments)) {
          throw new CounterfoilError('providerContract', 'the list of payments has no payments; has the API changed?');
        }
        page = textAt(answer, 'next');
        const items = payments.map((payment) =>
          translatePayment(payment, context, { offset: ++read, ordinal: 0 }),
        );
        // The cursor moves with the last page alone: a round that is cut short begins again.
        yield { items, cursor: page === undefined ? { knownTo: startedMs } : undefined };
      }
    },
  };
}

/** @throws CounterfoilError as \`ProviderHttp.send\` does, and \`providerContract\` for an answer that is no JSON */
async function get(
  path: string,
  signal: AbortSignal,
  { http }: LiveContext,
  { apiKey }: ${type}Settings,
): Promise<unknown> {
  const headers = { authorization: \`Bearer \${apiKey.reveal()}\` };
  const { body } = await http.send({ endpoint: 'payments', method: 'GET', path, headers }, signal);
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch (cause) {
    throw new CounterfoilError('providerContract', 'the list of payments is no JSON; has the API changed?', { cause });
  }
}
`,
    'translate.test.ts': `import { expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import { translatePayment } from './translate.ts';

const context = { source: 's', zone: new Zone('UTC'), accounts: new Accounts({}), notice: () => undefined };
const origin = { offset: 1, ordinal: 0 };
const payment = { id: 'p1', amount: '12.30', currency: 'AED', createdAt: '2026-11-22T10:00:00Z' };

test.each([
  ['a payment', payment, { type: 'record', record: { id: 'p1', amount: 1230n, currency: 'AED' } }],
  ['an amount that is none', { ...payment, amount: 'x' }, { type: 'deadLetter', deadLetter: { code: 'invalidAmount' } }],
  ['a currency that nobody knows', { ...payment, currency: 'XXX' }, { deadLetter: { code: 'unknownCurrency' } }],
  ['nothing', null, { type: 'deadLetter' }],
])('%s', (_, payment, item) => {
  expect(translatePayment(payment, context, origin)).toMatchObject(item);
});
`,
    'live.test.ts': `import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import { Accounts, Secret } from '../contract/index.ts';
import type { PolledPage, ProviderHttp, ProviderRequest } from '../contract/index.ts';
import { ${identifier} } from './index.ts';
import { ${identifier}Settings } from './settings.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const settings = ${identifier}Settings.parse({ apiKey: new Secret('key'), webhookSecrets: [new Secret('hush')] });
const payment = { id: 'p1', amount: '12.30', currency: 'AED', createdAt: '2026-11-22T10:00:00Z' };

function session(answers: readonly object[] = []) {
  const asked: ProviderRequest[] = [];
  const http: ProviderHttp = {
    send: (request) => {
      const answer = answers[asked.push(request) - 1];
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) });
    },
    fetch: () => Promise.reject(new Error('not used')),
  };
  const context = {
    ...{ source: 's', zone: new Zone('UTC'), accounts: new Accounts(settings), notice: () => undefined },
    ...{ http, now: () => NOW, signal: new AbortController().signal, kept: keptInMemory() },
  };
  return { ...${identifier}.open!(context, settings), asked };
}

function delivery(event: object, secret = 'hush', sentMs = NOW) {
  const body = Buffer.from(JSON.stringify(event));
  const timestamp = String(sentMs / 1000);
  const signature = createHmac('sha256', secret).update(\`\${timestamp}.\`).update(body).digest('hex');
  return {
    ...{ requestId: 'r', body, receivedMs: NOW },
    headers: { 'x-timestamp': timestamp, 'x-signature': signature },
  };
}

test('a signed event becomes its record; one of no interest gives nothing', async () => {
  const { webhooks } = session();
  const [good, other] = ['payment.created', 'customer.created'].map((type) =>
    delivery({ id: 'e1', type, data: payment }),
  );
  expect(await webhooks!.read(await webhooks!.verify(good!), good!)).toMatchObject([{ record: { id: 'p1' } }]);
  expect(await webhooks!.read(await webhooks!.verify(other!), other!)).toEqual([]);
});

test('a delivery of somebody else, or of another time, is refused', () => {
  const { webhooks } = session();
  const event = { id: 'e1', type: 'payment.created', data: payment };
  for (const [bad, code] of [
    [delivery(event, 'other'), 'deliveryUnverified'],
    [{ ...delivery(event), headers: {} }, 'deliveryUnverified'],
    [delivery(event, 'hush', NOW - 3_600_000), 'deliveryStale'],
    [delivery(event, 'hush', NOW + 3_600_000), 'deliveryStale'],
  ] as const) {
    expect(() => webhooks!.verify(bad)).toThrow(expect.objectContaining({ code }));
  }
});

test('a poll reads all pages, and the next one begins a little before where it began', async () => {
  const { polling, asked } = session([{ payments: [payment], next: '2' }, { payments: [] }]);
  const pages: PolledPage[] = [];
  for await (const page of polling!.pages({ knownTo: 1_000_000 }, new AbortController().signal)) pages.push(page);
  expect(asked.map(({ path }) => path)).toEqual(['/payments?from=700000&page=1', '/payments?from=700000&page=2']);
  expect(pages).toMatchObject([{ items: [{ record: { id: 'p1' } }] }, { items: [], cursor: { knownTo: NOW } }]);
  expect(pages[0]!.cursor).toBeUndefined();
});
`,
  };
}
