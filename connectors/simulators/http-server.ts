import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults, RequestFate } from './faults.ts';

/** The largest request body that a simulator takes, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Pieces in which a slow answer comes. */
const SLOW_PIECES = 4;

/** One request to a simulated provider. */
export interface SimulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By name in lower case. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

export interface SimulatedAnswer {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body: string;
}

export interface SimulatedServerOptions {
  /** Answers a request as the provider would. */
  readonly answer: (request: SimulatedRequest) => SimulatedAnswer | Promise<SimulatedAnswer>;
  /** The provider's own words for a status that a fault makes: 429 or 500. */
  readonly refuse: (status: 429 | 500) => SimulatedAnswer;
  readonly faults: Faults;
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  /** How long a request hangs before its connection ends, in real milliseconds. Default: 2000. */
  readonly hangMs?: number;
  /** How long a slow body takes, in real milliseconds. Default: 40. */
  readonly slowMs?: number;
}

export interface SimulatedServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** How many requests came, those that a fault struck included. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Serves a simulated provider on a free port of this machine, with its faults. */
export async function startSimulatedServer(options: SimulatedServerOptions): Promise<SimulatedServer> {
  const closing = new AbortController();
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests++;
    respond(incoming, outgoing, options, closing.signal).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    close() {
      closing.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: SimulatedServerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { answer, refuse, faults, now, hangMs = 2000, slowMs = 40 } = options;
  const body = await read(incoming);
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const method = incoming.method ?? 'GET';
  const fate: RequestFate = faults.isOut(now())
    ? { type: 'reset', isWithinBody: false }
    : faults.request(`${method} ${incoming.url ?? '/'}`);
  if (fate.type === 'hang') {
    await sleep(hangMs, undefined, { signal });
    outgoing.destroy();
    return;
  }
  if (fate.type === 'reset' && !fate.isWithinBody) {
    outgoing.destroy();
    return;
  }
  const { status, headers, body: text } = await made(fate);
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    date: new Date(now() + faults.skewMs).toUTCString(),
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  if (fate.type === 'reset') {
    outgoing.write(text.slice(0, text.length / 2));
    await sleep(5, undefined, { signal });
    outgoing.destroy();
    return;
  }
  if (fate.type === 'slowBody') {
    const bytes = Buffer.from(text);
    for (let piece = 0; piece < SLOW_PIECES; piece++) {
      const [from, to] = [piece, piece + 1].map((n) => Math.floor((bytes.length * n) / SLOW_PIECES));
      outgoing.write(bytes.subarray(from, to));
      await sleep(slowMs / SLOW_PIECES, undefined, { signal });
    }
    outgoing.end();
    return;
  }
  outgoing.end(text);

  async function made({ type }: RequestFate): Promise<SimulatedAnswer> {
    if (type === 'serverError') return refuse(500);
    if (fate.type === 'rateLimit') {
      const refused = refuse(429);
      if (fate.retryAfterSeconds === undefined) return refused;
      return { ...refused, headers: { ...refused.headers, 'retry-after': String(fate.retryAfterSeconds) } };
    }
    return answer({ method, path: url.pathname, query: url.searchParams, headers: incoming.headers, body });
  }
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`a request body has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
