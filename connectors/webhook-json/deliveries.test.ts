import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { sourceOf } from '../conformance/harness.ts';
import { MemoryPublisher } from '../conformance/items.ts';
import { keptInMemory } from '../conformance/kept-in-memory.ts';
import type { ProviderHttp } from '../contract/index.ts';
import { openLiveSources, webhookPath } from '../runtime/live/index.ts';
import { startLive } from '../start-live.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const SETTINGS = {
  secrets: ['secret_old', 'secret_new'],
  signature: {
    header: 'x-signature',
    prefix: 'sha256=',
    payload: '{timestamp}.{body}',
    timestamp: { header: 'x-timestamp' },
  },
  eventId: 'event',
  eventType: 'type',
  ignore: ['ping'],
  records: 'data',
  fields: { id: 'id', amount: 'amount', currency: 'currency', time: 'time', 'attributes.card': 'card' },
};

type Deliver = NonNullable<
  ReturnType<Awaited<ReturnType<typeof openLiveSources>>['receivers']['get']>
>['receive'];

let publisher: MemoryPublisher;
let deliver: Deliver;

beforeEach(async () => {
  publisher = new MemoryPublisher();
  const uncalled = () => Promise.reject(new Error('a provider is called'));
  const http: ProviderHttp = { send: uncalled, fetch: uncalled };
  const { signal } = new AbortController();
  const session = sourceOf('webhook-json', SETTINGS).openSession({
    http,
    now: () => NOW,
    signal,
    kept: keptInMemory(),
  });
  const live = await openLiveSources({
    sources: [
      { name: 'source', session: session!, schedule: { intervalMs: 1, minIntervalMs: 1 }, webhookGraceMs: 0 },
    ],
    publisher,
    cursorDirectory: 'unused',
    observer: { event: () => undefined },
    signal,
    now: () => NOW,
    random: () => 0,
  });
  const receiver = live.receivers.get('source')!;
  deliver = (delivery) => receiver.receive(delivery);
});

const event = (n: number, part: object = {}, type = 'paid'): string =>
  JSON.stringify({
    event: `e${n}`,
    type,
    data: { id: `p${n}`, amount: '10.00', currency: 'AED', time: '2026-11-22T09:00:00Z', ...part },
  });

async function post(
  body: string,
  { secret = 'secret_old', at = NOW / 1000, given = '' } = {},
): Promise<number> {
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  const headers = { 'x-timestamp': String(at), 'x-signature': given || `sha256=${signature}` };
  const delivery = { requestId: 'r', headers, body: Buffer.from(body), receivedMs: NOW };
  return (await deliver(delivery)).status;
}

const stored = (): string[] =>
  publisher.items.map((item) =>
    item.type === 'record' ? item.record.id : item.type === 'deadLetter' ? item.deadLetter.code : item.type,
  );

describe('deliveries of a configured provider', () => {
  test('are answered 200 once their records are stored, in whichever order they come', async () => {
    expect(await Promise.all([post(event(2)), post(event(1))])).toEqual([200, 200]);
    expect(stored().sort()).toEqual(['p1', 'p2']);
    publisher.before = () => Promise.reject(new Error('away'));
    expect(await post(event(3))).toBe(503);
    publisher.before = () => Promise.resolve();
    expect(await post(event(3))).toBe(200);
    expect(stored()).toContain('p3');
  });

  test('that are repeated are one record', async () => {
    expect([await post(event(1)), await post(event(1))]).toEqual([200, 200]);
    expect(stored()).toEqual(['p1']);
  });

  test.each([
    ['with the second secret', { secret: 'secret_new' }, 200],
    ['with another secret', { secret: 'secret_lost' }, 401],
    ['with another signature', { given: `sha256=${'0'.repeat(64)}` }, 401],
    ['that are old', { at: NOW / 1000 - 301 }, 400],
    ['from the future', { at: NOW / 1000 + 61 }, 400],
  ])('%s are answered as they should be', async (_, options, status) => {
    expect(await post(event(1), options)).toBe(status);
    expect(stored()).toEqual(status === 200 ? ['p1'] : []);
  });

  test.each([
    ['an unknown currency', event(1, { currency: 'XXQ' }), ['unknownCurrency']],
    ['no JSON', 'nonsense', ['malformedDelivery']],
    ['an unknown event', '{"event":"e9","type":"new"}', ['invalidRecord']],
    ['an event to ignore', event(1, {}, 'ping'), []],
  ])('with %s are taken, and leave what they should', async (_, body, items) => {
    expect(await post(body)).toBe(200);
    expect(stored()).toEqual(items);
    expect(await post(event(2))).toBe(200);
    expect(stored()).toEqual([...items, 'p2']);
  });

  test('leave no card number', async () => {
    await post(event(1, { card: '4111111111111111' }));
    await post(event(2, { card: '4111111111111111', currency: '4111111111111111' }));
    const text = JSON.stringify(publisher.items, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(text).toContain('411111******1111');
    expect(text).not.toContain('4111111111111111');
  });

  test('are received over HTTP, without settings for calls and polls', async () => {
    const live = await startLive({
      sources: [sourceOf('webhook-json', SETTINGS)],
      webhooks: { host: '127.0.0.1', port: 0, maxBody: 10_000, answerWithin: 5000, maxUnderWay: 10 },
      cursorDirectory: 'unused',
      publisher,
      observer: { event: () => undefined },
      onFatal: (error) => expect.unreachable(error.message),
    });
    try {
      const [body, at] = [event(1), String(Math.floor(Date.now() / 1000))];
      const signature = createHmac('sha256', 'secret_new').update(`${at}.${body}`).digest('hex');
      const headers = { 'X-Timestamp': at, 'X-Signature': `sha256=${signature}` };
      const url = new URL(webhookPath('source'), live.webhooksUrl);
      const signal = AbortSignal.timeout(5000);
      expect((await fetch(url, { method: 'POST', headers, body, signal })).status).toBe(200);
      expect((await fetch(url, { method: 'POST', headers, body: `${body} `, signal })).status).toBe(401);
      expect(stored()).toEqual(['p1']);
    } finally {
      await live.stop();
    }
  });
});
