import { createAdaptorServer } from '@hono/node-server';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CounterfoilError } from '../domain/index.ts';

/** What answers requests, such as a Hono app. */
export interface Answering {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Ends answers that would go on for ever, when the server closes. */
  close?(): void;
}

/** What answers requests as node gives them, where a web-standard request would cost more than the answer. */
export interface Listening {
  readonly listener: RequestListener;
}

export interface ServerOptions {
  readonly app: Answering | Listening;
  /** The section of the configuration with `host` and `port`, which errors name. */
  readonly section: 'api' | 'webhooks';
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port?: number;
  /** Connections at a time; more wait in the operating system's queue or are refused. Default 1024. */
  readonly maxConnections?: number;
  /** How long a request may take to come, milliseconds. Default 60 s. */
  readonly requestMs?: number;
  /** How long an idle connection is kept, milliseconds. Default 5 s. */
  readonly keepAliveMs?: number;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /**
   * Stops taking connections, ends live streams, lets running requests finish for at most `graceMs` (default 5000),
   * then cuts what is left. Safe to call twice.
   */
  close(graceMs?: number): Promise<void>;
}

const HEADERS_MS = 10_000;
const IDLE_CHECK_MS = 50;

/**
 * Puts an HTTP server in front of an app and resolves when it listens.
 * @throws CounterfoilError `portInUse`, or `invalidConfig` when the address cannot be listened on
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, section, host = '127.0.0.1' } = options;
  const server = 'listener' in app ? createServer(app.listener) : fetchServer(app);
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = options.requestMs ?? 60_000;
  server.keepAliveTimeout = options.keepAliveMs ?? 5000;
  server.maxConnections = options.maxConnections ?? 1024;

  await listen(server, section, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    host,
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: (graceMs = 5000) => (closing ??= closeGracefully(server, app, graceMs)),
  };
}

function fetchServer({ fetch }: Answering): Server {
  return createAdaptorServer({
    fetch,
    // The library would otherwise put its own Request and Response in place of Node's for the whole process.
    overrideGlobalObjects: false,
  }) as Server;
}

function listen(server: Server, section: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, section, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function explain(
  error: NodeJS.ErrnoException,
  section: string,
  host: string,
  port: number,
): CounterfoilError {
  const cause = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new CounterfoilError(
        'portInUse',
        `port ${port} on ${host} is used by another program; stop it, or set ${section}.port to another one (0 picks a free one)`,
        cause,
      );
    case 'EACCES':
      return new CounterfoilError(
        'invalidConfig',
        `port ${port} on ${host} may not be used by this user; set ${section}.port to 1024 or above`,
        cause,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CounterfoilError(
        'invalidConfig',
        `${host} is no address of this machine; set ${section}.host to 127.0.0.1, or to 0.0.0.0 for all addresses`,
        cause,
      );
    default:
      return new CounterfoilError('internal', `cannot listen on ${host}:${port}: ${error.message}`, cause);
  }
}

async function closeGracefully(server: Server, app: Answering | Listening, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if ('fetch' in app) app.close?.();
  // A kept-alive connection whose last answer has just gone out would hold the server open until it times out.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await closed;
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}
