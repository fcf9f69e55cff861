import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../../engine/server/index.ts';
import type { Delivery } from '../../contract/index.ts';
import type { Answer } from './receiver.ts';
import { createWebhookEndpoint, webhookListener, webhookPath } from './webhook-endpoint.ts';
import type { WebhookEndpoint, WebhookLimits, WebhookRequest } from './webhook-endpoint.ts';

function endpointOf(answer: Answer, limits: Partial<WebhookLimits> = {}) {
  const deliveries: Delivery[] = [];
  const receiver = {
    receive(delivery: Delivery): Promise<Answer> {
      deliveries.push(delivery);
      return Promise.resolve(answer);
    },
  };
  const receivers = new Map([['stripe live', receiver]]);
  return { endpoint: createWebhookEndpoint({ receivers, now: () => 42, limits }), deliveries };
}

const OK: Answer = { status: 200, outcome: 'accepted' };
const PATH = webhookPath('stripe live');

/** A request whose body comes in chunks, and then hangs or breaks where it is told to. */
function posted(
  chunks: readonly string[],
  {
    headers = {},
    end = 'whole',
  }: { headers?: WebhookRequest['headers']; end?: 'whole' | 'hang' | 'break' } = {},
): WebhookRequest {
  const body = new Readable({ read: () => undefined });
  for (const chunk of chunks) body.push(Buffer.from(chunk));
  if (end === 'whole') body.push(null);
  if (end === 'break') setImmediate(() => body.destroy(new Error('reset')));
  return Object.assign(body, { method: 'POST', url: PATH, headers });
}

const asked = (method: string, url: string): WebhookRequest =>
  Object.assign(Readable.from([]), { method, url, headers: {} });

async function statusOf(endpoint: WebhookEndpoint, request: WebhookRequest): Promise<number> {
  return (await endpoint(request)).status;
}

describe('the webhook endpoint', () => {
  test('hands over the raw bytes and the headers, and names the request', async () => {
    const { endpoint, deliveries } = endpointOf(OK);
    const body = ['{"id": "evt_1",\n  ', '"amount": 1.0}'];
    const answer = await endpoint(posted(body, { headers: { 'stripe-signature': 't=1' } }));
    expect(answer).toMatchObject({ status: 200, body: '{"received":true}' });
    expect(Buffer.from(deliveries[0]!.body).toString()).toBe(body.join(''));
    expect(deliveries[0]!.headers['stripe-signature']).toBe('t=1');
    expect(deliveries[0]).toMatchObject({ receivedMs: 42, requestId: answer.headers['x-request-id'] });
  });

  test('answers what the receiver says, with Retry-After', async () => {
    const { endpoint } = endpointOf({ status: 429, outcome: 'busy', retryAfterSeconds: 2, problem: 'busy' });
    const answer = await endpoint(posted(['{}']));
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    expect(JSON.parse(answer.body)).toEqual({ status: 429, detail: 'busy' });
  });

  test('an announced or a sent body beyond the bound is refused unread', async () => {
    const { endpoint, deliveries } = endpointOf(OK, { maxBodyBytes: 10 });
    expect(await statusOf(endpoint, posted(['x'], { headers: { 'content-length': '11' } }))).toBe(413);
    expect(await statusOf(endpoint, posted(['12345', '67890', '1']))).toBe(413);
    expect(deliveries).toEqual([]);
    expect(await statusOf(endpoint, posted(['12345', '67890']))).toBe(200);
  });

  test('a body that does not come whole is refused, in time', async () => {
    const { endpoint, deliveries } = endpointOf(OK, { bodyTimeoutMs: 20 });
    expect(await statusOf(endpoint, posted(['{"id"'], { end: 'hang' }))).toBe(408);
    expect(await statusOf(endpoint, posted(['{"id"'], { end: 'break' }))).toBe(400);
    expect(deliveries).toEqual([]);
  });

  test('bodies that are still coming count against what may be held', async () => {
    const { endpoint } = endpointOf(OK, { maxBodyBytes: 10, maxHeldBytes: 15, bodyTimeoutMs: 50 });
    const slow = endpoint(posted(['1'], { end: 'hang' }));
    const answer = await endpoint(posted(['1']));
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBeDefined();
    expect((await slow).status).toBe(408);
    expect(await statusOf(endpoint, posted(['1']))).toBe(200);
  });

  test('other paths and methods are told what is right', async () => {
    const { endpoint } = endpointOf(OK);
    expect(await statusOf(endpoint, asked('POST', '/webhooks/other'))).toBe(404);
    expect(await statusOf(endpoint, asked('POST', '/webhooks/%E0%A4%A'))).toBe(404);
    expect(await statusOf(endpoint, asked('POST', `${PATH}/more`))).toBe(404);
    expect(await endpoint(asked('GET', PATH))).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await statusOf(endpoint, asked('GET', '/'))).toBe(404);
    expect(await statusOf(endpoint, asked('GET', '/livez?from=probe'))).toBe(200);
  });
});

test('behind a server, a refused body is not waited for, and the connection goes on', async () => {
  const { endpoint, deliveries } = endpointOf(OK, { maxBodyBytes: 1000 });
  const server = await startServer({ section: 'webhooks', app: { listener: webhookListener(endpoint) } });
  try {
    const post = (body: string): Promise<Response> => fetch(server.url + PATH, { method: 'POST', body });
    expect((await post('x'.repeat(100_000))).status).toBe(413);
    const taken = await post('é');
    expect([taken.status, await taken.json()]).toEqual([200, { received: true }]);
    expect(Buffer.from(deliveries[0]!.body).toString()).toBe('é');
    expect(taken.headers.get('x-request-id')).toBe(deliveries[0]!.requestId);
  } finally {
    await server.close();
  }
});
