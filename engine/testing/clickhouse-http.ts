import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Session } from 'chdb';

/** ClickHouse behind its HTTP interface, as far as the store's client uses it. */
export interface ClickHouseHttp {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the embedded ClickHouse in `directory` over HTTP, so that the client's remote path can be run where no
 * server can be installed: the requests, statements, parameters and answers are real; the transport is this.
 * Settings that come beside a statement are left out, as they would stay in the session.
 */
export async function serveClickHouse(directory: string): Promise<ClickHouseHttp> {
  const session = new Session(directory);
  let turn: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    const answered = turn.then(() => answer(session, request));
    turn = answered.catch(() => undefined);
    answered.then(
      (bytes) => {
        response.writeHead(200, { 'X-ClickHouse-Summary': '{}' }).end(bytes);
      },
      (cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        const code = /Code: (\d+)/.exec(message)?.[1] ?? '1001';
        response.writeHead(500, { 'X-ClickHouse-Exception-Code': code }).end(message);
      },
    );
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await turn;
      session.close();
    },
  };
}

async function answer(session: Session, request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = url.searchParams.get('query');
  const statement = query === null ? body : `${query}\n${body}`;
  const params: { [name: string]: string } = {};
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = unescape(value);
  }
  const result =
    Object.keys(params).length === 0
      ? await session.queryAsync(statement, { format: 'TabSeparated' })
      : await session.queryBindAsync(statement, params, { format: 'TabSeparated' });
  return result.bytes();
}

/** Parameters come escaped as in TabSeparated, and chDB escapes them again. */
function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ESCAPED[letter] ?? letter);
}

const ESCAPED: { readonly [letter: string]: string } = {
  t: '\t',
  n: '\n',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
};

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
