import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../contract/index.ts';
import type { Answer } from './receiver.ts';
import { createWebhookApp, webhookPath } from './webhook-app.ts';
import type { WebhookLimits } from './webhook-app.ts';

function appOf(answer: Answer, limits: Partial<WebhookLimits> = {}) {
  const deliveries: Delivery[] = [];
  const receiver = {
    receive(delivery: Delivery): Promise<Answer> {
      deliveries.push(delivery);
      return Promise.resolve(answer);
    },
  };
  const app = createWebhookApp({ receivers: new Map([['stripe live', receiver]]), now: () => 42, limits });
  return { app, deliveries };
}

const OK: Answer = { status: 200, outcome: 'accepted' };
const PATH = webhookPath('stripe live');

/** A body that comes in chunks, and then hangs where it is told to. */
function chunks(texts: readonly string[], hang = false): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(Buffer.from(text));
      if (!hang) controller.close();
    },
  });
  return { method: 'POST', body, duplex: 'half' };
}

describe('the webhook server', () => {
  test('hands over the raw bytes and the headers, and names the request', async () => {
    const { app, deliveries } = appOf(OK);
    const body = '{"id": "evt_1",\n  "amount": 1.0}';
    const answer = await app.request(PATH, { method: 'POST', body, headers: { 'Stripe-Signature': 't=1' } });
    expect(answer.status).toBe(200);
    expect(Buffer.from(deliveries[0]!.body).toString()).toBe(body);
    expect(deliveries[0]!.headers['stripe-signature']).toBe('t=1');
    expect(deliveries[0]).toMatchObject({ receivedMs: 42, requestId: answer.headers.get('x-request-id') });
  });

  test('answers what the receiver says, with Retry-After', async () => {
    const { app } = appOf({ status: 429, outcome: 'busy', retryAfterSeconds: 2, problem: 'busy' });
    const answer = await app.request(PATH, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toEqual({ status: 429, detail: 'busy' });
  });

  test('an announced or a sent body beyond the bound is refused unread', async () => {
    const { app, deliveries } = appOf(OK, { maxBodyBytes: 10 });
    const announced = await app.request(PATH, {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': '11' },
    });
    expect(announced.status).toBe(413);
    expect((await app.request(PATH, chunks(['12345', '67890', '1']))).status).toBe(413);
    expect(deliveries).toEqual([]);
    expect((await app.request(PATH, chunks(['12345', '67890']))).status).toBe(200);
  });

  test('a body that does not come whole is refused in time', async () => {
    const { app } = appOf(OK, { bodyTimeoutMs: 20 });
    expect((await app.request(PATH, chunks(['{"id"'], true))).status).toBe(408);
  });

  test('bodies that are still coming count against what may be held', async () => {
    const { app } = appOf(OK, { maxBodyBytes: 10, maxHeldBytes: 15, bodyTimeoutMs: 50 });
    const slow = app.request(PATH, chunks(['1'], true));
    const answer = await app.request(PATH, chunks(['1']));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect((await slow).status).toBe(408);
    expect((await app.request(PATH, chunks(['1']))).status).toBe(200);
  });

  test('other paths and methods are told what is right', async () => {
    const { app } = appOf(OK);
    expect((await app.request('/webhooks/other', { method: 'POST', body: '{}' })).status).toBe(404);
    const got = await app.request(PATH);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await app.request('/')).status).toBe(404);
    expect((await app.request('/livez')).status).toBe(200);
  });
});
