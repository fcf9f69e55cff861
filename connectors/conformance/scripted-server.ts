import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the server does with one request. */
export type Step = (request: IncomingMessage, response: ServerResponse) => void;

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server on the loopback that does what a test tells it, request by request. */
export interface ScriptedServer {
  readonly url: string;
  readonly host: string;
  readonly seen: SeenRequest[];
  /** How many connections were ever made to it. */
  readonly connections: () => number;
  /** How many are open now. */
  readonly open: () => number;
  /** The steps of the next requests; the last one is repeated. */
  script(...steps: Step[]): void;
  close(): Promise<void>;
}

export async function startScriptedServer(...first: Step[]): Promise<ScriptedServer> {
  let steps = first;
  let connections = 0;
  const sockets = new Set<Socket>();
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      const step = steps.length > 1 ? steps.shift() : steps[0];
      (step ?? answer(200))(request, response);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    seen,
    connections: () => connections,
    open: () => sockets.size,
    script: (...next) => void (steps = next),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answer(
  status: number,
  headers: { readonly [name: string]: string } = {},
  body: string | Uint8Array = '{}',
): Step {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Takes the request and says nothing. */
export const hang: Step = () => undefined;

/** Breaks the connection instead of answering. */
export const reset: Step = (request) => void request.socket.resetAndDestroy();

/** Begins an answer and then breaks the connection. */
export const cutOff: Step = (request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"half":');
  setImmediate(() => request.socket.destroy());
};

/** Begins an answer and never ends it, a byte at a time. */
export const drip: Step = (request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('.'), 5);
  request.socket.on('close', () => clearInterval(timer));
};

/** Sends bytes for as long as somebody reads. */
export const flood: Step = (request, response) => {
  response.writeHead(200);
  const chunk = Buffer.alloc(65_536, 'x');
  let isOpen = true;
  request.socket.on('close', () => (isOpen = false));
  const more = (): void => {
    if (!isOpen) return;
    if (response.write(chunk)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
};
