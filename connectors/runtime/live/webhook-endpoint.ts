import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Readable } from 'node:stream';
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

export interface WebhookEndpointOptions {
  /** By the name of the source. */
  readonly receivers: ReadonlyMap<string, Pick<Receiver, 'receive'>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<WebhookLimits>;
}

/** A request as far as it is looked at. Its body is read by its events: a stream of the web costs more than the rest. */
export type WebhookRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'> &
  Pick<Readable, 'on' | 'off'>;

export interface WebhookAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Answers one request. Never rejects. */
export type WebhookEndpoint = (request: WebhookRequest) => Promise<WebhookAnswer>;

type Headers = Readonly<Record<string, string>>;

const PATH = '/webhooks/';
const JSON_TYPE = { 'content-type': 'application/json' };
/** How long the rest of a body that is refused may go on coming, so that its sender gets to read the answer. */
const DRAIN_MS = 500;

/** The path that a provider is told to post to. */
export function webhookPath(source: string): string {
  return `${PATH}${encodeURIComponent(source)}`;
}

/**
 * The HTTP face of the receivers: `POST /webhooks/<source>`. It bounds what it reads and hands over the raw bytes.
 * Every answer to a delivery carries `x-request-id`, which the logs have too.
 */
export function createWebhookEndpoint(options: WebhookEndpointOptions): WebhookEndpoint {
  const limits = { ...WEBHOOK_LIMITS, ...options.limits };
  let heldBytes = 0;
  return async (request) => {
    const path = pathOf(request);
    if (path === '/livez') return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    const source = sourceOf(path);
    if (source === undefined) return problem(404, 'webhooks are posted to /webhooks/<source>');
    if (request.method !== 'POST') return problem(405, 'webhooks are posted', { allow: 'POST' });
    const requestId = randomUUID();
    const named = { 'x-request-id': requestId };
    const receiver = options.receivers.get(source);
    if (receiver === undefined)
      return problem(404, 'there is no such source, or it takes no webhooks', named);
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limits.maxBodyBytes) return tooLarge(limits, named);
    // Held at its announced size at once: many slow bodies must not add up unseen.
    const reserved = announced > 0 ? announced : limits.maxBodyBytes;
    if (heldBytes + reserved > limits.maxHeldBytes)
      return problem(429, 'busy; send it again later', { ...named, 'retry-after': '2' });
    heldBytes += reserved;
    try {
      const body = await readBody(request, limits);
      switch (body) {
        case 'late':
          return problem(408, `the body has not come within ${limits.bodyTimeoutMs} ms`, named);
        case 'large':
          return tooLarge(limits, named);
        case 'broken':
          return problem(400, 'the body has not come whole', named);
        default:
          return await handOver(receiver, {
            requestId,
            headers: headersOf(request),
            body,
            receivedMs: options.now(),
          });
      }
    } finally {
      heldBytes -= reserved;
    }
  };
}

/** The endpoint for a server of node's. */
export function webhookListener(endpoint: WebhookEndpoint): RequestListener {
  return (incoming, outgoing) => {
    void endpoint(incoming).then(({ status, headers, body }) => {
      outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
      outgoing.end(body);
      if (incoming.complete) return;
      incoming.resume();
      setTimeout(() => incoming.complete || incoming.destroy(), DRAIN_MS).unref();
    });
  };
}

async function handOver(receiver: Pick<Receiver, 'receive'>, delivery: Delivery): Promise<WebhookAnswer> {
  const { status, problem: detail, retryAfterSeconds } = await receiver.receive(delivery);
  const headers = {
    'x-request-id': delivery.requestId,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  return detail === undefined
    ? { status, headers: { ...headers, ...JSON_TYPE }, body: '{"received":true}' }
    : problem(status, detail, headers);
}

function pathOf({ url = '/' }: WebhookRequest): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function sourceOf(path: string): string | undefined {
  if (!path.startsWith(PATH) || path.includes('/', PATH.length)) return undefined;
  try {
    return decodeURIComponent(path.slice(PATH.length));
  } catch {
    return undefined;
  }
}

/** Repeated ones are joined by node already, except for cookies, which no provider sends. */
function headersOf({ headers }: WebhookRequest): Delivery['headers'] {
  return headers as Delivery['headers'];
}

/** The whole body, or why it is not taken. */
function readBody(
  request: WebhookRequest,
  { maxBodyBytes, bodyTimeoutMs }: WebhookLimits,
): Promise<Uint8Array | 'late' | 'large' | 'broken'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) end('large');
      else chunks.push(chunk);
    };
    const onEnd = (): void => end(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
    const onBroken = (): void => end('broken');
    const timer = setTimeout(() => end('late'), bodyTimeoutMs);
    const end = (result: Uint8Array | 'late' | 'large' | 'broken'): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onBroken);
      resolve(result);
    };
    // The listener for errors stays: a connection that breaks later on has no other.
    request.on('data', onData).on('end', onEnd).on('close', onBroken).on('error', onBroken);
  });
}

function tooLarge({ maxBodyBytes }: WebhookLimits, headers: Headers): WebhookAnswer {
  return problem(413, `a delivery has at most ${maxBodyBytes} bytes`, headers);
}

/** A problem document (RFC 9457). */
function problem(status: number, detail: string, headers: Headers = {}): WebhookAnswer {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ status, detail }),
  };
}
