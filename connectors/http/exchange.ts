import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { TaskCancelledError, TimeoutStrategy, timeout } from 'cockatiel';
import type { Dispatcher } from 'undici';
import { Aborted } from './aborted.ts';
import { isAborted } from '../contract/index.ts';
import type { ProviderRequest, ProviderResponse } from '../contract/index.ts';

const DECODERS: {
  readonly [encoding: string]:
    ((body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>) | undefined;
} = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Set by the exchange itself, or by the connection: a caller's own would contradict them. */
const OWN_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** An answer that is not what was agreed; the message is fit for an operator. */
export class BadAnswer extends Error {
  readonly status: number | undefined;

  constructor(message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BadAnswer';
    this.status = options.status;
  }
}

/** A request that took longer than it may. */
export class TooLate extends Error {
  readonly ms: number;

  constructor(ms: number) {
    super(`no whole answer within ${Math.round(ms)} ms`);
    this.name = 'TooLate';
    this.ms = ms;
  }
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly maxBodyBytes: number;
  readonly userAgent: string;
}

/**
 * One request and its whole answer, whatever its status.
 * @param base base URL without a slash at its end
 * @throws TooLate, BadAnswer, Aborted; errors of undici and of sockets as they are
 */
export async function exchange(
  base: string,
  request: Pick<ProviderRequest, 'method' | 'path' | 'headers' | 'body'>,
  timeoutMs: number,
  signal: AbortSignal,
  options: ExchangeOptions,
): Promise<ProviderResponse> {
  if (signal.aborted) throw new Aborted(signal.reason);
  const late = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  try {
    return await late.execute((context) => ask(base, request, context.signal, options), signal);
  } catch (error) {
    if (isAborted(signal)) throw new Aborted(signal.reason);
    if (error instanceof TaskCancelledError) throw new TooLate(timeoutMs);
    throw error;
  }
}

async function ask(
  base: string,
  request: Pick<ProviderRequest, 'method' | 'path' | 'headers' | 'body'>,
  signal: AbortSignal,
  { dispatcher, maxBodyBytes, userAgent }: ExchangeOptions,
): Promise<ProviderResponse> {
  const { origin, pathname } = new URL(base);
  const answer = await dispatcher.request({
    origin,
    path: `${pathname === '/' ? '' : pathname}${request.path}`,
    method: request.method,
    headers: { 'user-agent': userAgent, ...ownHeaders(request.headers), 'accept-encoding': 'gzip' },
    body: request.body ?? null,
    signal,
  });
  const headers = joined(answer.headers);
  const status = answer.statusCode;
  const raw = await gather(answer.body, maxBodyBytes, status);
  const body = await decoded(raw, headers['content-encoding'], maxBodyBytes, status);
  // They speak of the body as it came over the wire.
  delete headers['content-encoding'];
  delete headers['content-length'];
  return { status, headers, body };
}

function ownHeaders(headers: ProviderRequest['headers'] = {}): { [name: string]: string } {
  const kept: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!OWN_HEADERS.has(lower)) kept[lower] = value;
  }
  return kept;
}

function joined(headers: { readonly [name: string]: string | string[] | undefined }): {
  [name: string]: string | undefined;
} {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Stops reading, and with it the connection, as soon as there is too much. */
async function gather(chunks: AsyncIterable<Buffer>, most: number, status: number): Promise<Buffer> {
  const gathered: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge(most, status);
    gathered.push(chunk);
  }
  return gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered);
}

async function decoded(
  body: Buffer,
  encoding: string | undefined,
  most: number,
  status: number,
): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (decode === undefined) {
    throw new BadAnswer(
      `has an unknown content encoding "${name.replaceAll(/[^\w, -]/g, '?').slice(0, 40)}"`,
      {
        status,
      },
    );
  }
  try {
    return await decode(body, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(most, status);
    throw new BadAnswer(`cannot be decompressed (${name})`, { status, cause: error });
  }
}

function tooLarge(most: number, status: number): BadAnswer {
  return new BadAnswer(`has more than ${most} bytes; ask for smaller pages, or raise http.maxBodyMiB`, {
    status,
  });
}
