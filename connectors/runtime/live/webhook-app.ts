import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Delivery } from '../../contract/index.ts';
import type { Receiver } from './receiver.ts';

/** Bounds of the webhook server. */
export interface WebhookLimits {
  /** A larger body is refused with 413. */
  readonly maxBodyBytes: number;
  /** A body that has not come whole after this long is refused with 408. */
  readonly bodyTimeoutMs: number;
  /** Bytes of bodies that may be held at once, over all sources; beyond them deliveries are sent away with 429. */
  readonly maxHeldBytes: number;
}

const WEBHOOK_LIMITS: WebhookLimits = {
  maxBodyBytes: 1024 * 1024,
  bodyTimeoutMs: 10_000,
  maxHeldBytes: 64 * 1024 * 1024,
};

export interface WebhookAppOptions {
  /** By the name of the source. */
  readonly receivers: ReadonlyMap<string, Pick<Receiver, 'receive'>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<WebhookLimits>;
}

/** The path that a provider is told to post to. */
export function webhookPath(source: string): string {
  return `/webhooks/${encodeURIComponent(source)}`;
}

/**
 * The HTTP face of the receivers: `POST /webhooks/<source>`. It bounds what it reads and hands over the raw bytes.
 * Every answer carries `x-request-id`, which the logs have too.
 */
export function createWebhookApp(options: WebhookAppOptions): Hono {
  const limits = { ...WEBHOOK_LIMITS, ...options.limits };
  let heldBytes = 0;
  const app = new Hono();
  app.post('/webhooks/:source', async (context) => {
    const requestId = randomUUID();
    context.header('x-request-id', requestId);
    const receiver = options.receivers.get(context.req.param('source'));
    if (receiver === undefined)
      return problem(context, 404, 'there is no such source, or it takes no webhooks');
    const announced = Number(context.req.header('content-length') ?? 0);
    if (announced > limits.maxBodyBytes) return tooLarge(context, limits);
    // Held at its announced size at once: many slow bodies must not add up unseen.
    const reserved = announced > 0 ? announced : limits.maxBodyBytes;
    if (heldBytes + reserved > limits.maxHeldBytes) {
      context.header('retry-after', '2');
      return problem(context, 429, 'busy; send it again later');
    }
    heldBytes += reserved;
    try {
      const body = await readBody(context.req.raw, limits);
      if (body === 'late')
        return problem(context, 408, `the body has not come within ${limits.bodyTimeoutMs} ms`);
      if (body === 'large') return tooLarge(context, limits);
      const delivery: Delivery = {
        requestId,
        headers: context.req.header(),
        body,
        receivedMs: options.now(),
      };
      const answer = await receiver.receive(delivery);
      if (answer.retryAfterSeconds !== undefined) {
        context.header('retry-after', String(answer.retryAfterSeconds));
      }
      if (answer.problem !== undefined) return problem(context, answer.status, answer.problem);
      return context.json({ received: true });
    } finally {
      heldBytes -= reserved;
    }
  });
  app.all('/webhooks/:source', (context) => {
    context.header('allow', 'POST');
    return problem(context, 405, 'webhooks are posted');
  });
  app.get('/livez', (context) => context.text('ok'));
  app.notFound((context) => problem(context, 404, 'webhooks are posted to /webhooks/<source>'));
  return app;
}

/** The whole body, or why it is not taken. */
async function readBody(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs }: WebhookLimits,
): Promise<Uint8Array | 'late' | 'large'> {
  if (request.body === null) return new Uint8Array();
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), bodyTimeoutMs);
  });
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late]);
      if (next === 'late') return 'late';
      if (next.done) return Buffer.concat(chunks, bytes);
      bytes += next.value.byteLength;
      if (bytes > maxBodyBytes) return 'large';
      chunks.push(next.value);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => undefined);
  }
}

function tooLarge(context: Context, { maxBodyBytes }: WebhookLimits): Response {
  return problem(context, 413, `a delivery has at most ${maxBodyBytes} bytes`);
}

/** A problem document (RFC 9457). */
function problem(
  context: Context,
  status: 400 | 401 | 404 | 405 | 408 | 413 | 429 | 503 | 200,
  detail: string,
): Response {
  return context.body(JSON.stringify({ status, detail }), status, {
    'content-type': 'application/problem+json',
  });
}
