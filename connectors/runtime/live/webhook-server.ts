import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { createWebhookApp } from './webhook-app.ts';

const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const MAX_CONNECTIONS = 2048;

/** A webhook server that listens. */
export interface WebhookServer {
  /** Base address, such as `http://127.0.0.1:8090`. */
  readonly url: string;
  /** Takes no more deliveries, lets those under way finish for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/**
 * Puts an HTTP server in front of the receivers. A reverse proxy that ends TLS stands before it.
 * @param port 0 takes a free one
 * @throws CounterfoilError `portInUse`, `invalidConfig` when the address cannot be listened on
 */
export async function startWebhookServer(
  app: ReturnType<typeof createWebhookApp>,
  host: string,
  port: number,
): Promise<WebhookServer> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  // Longer than proxies keep idle connections, so that none sends a delivery into one that closes.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: (graceMs) => close(server, graceMs),
  };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): CounterfoilError {
  const cause = { cause: error };
  if (error.code === 'EADDRINUSE') {
    return new CounterfoilError(
      'portInUse',
      `port ${port} on ${host} is used by another program; stop it, or set webhooks.port to another one (0 takes a free one)`,
      cause,
    );
  }
  return new CounterfoilError(
    'invalidConfig',
    `webhooks cannot be received on ${host} port ${port} (${error.code ?? error.message}); set webhooks.host to an address of this machine and webhooks.port to one that this user may take`,
    cause,
  );
}
