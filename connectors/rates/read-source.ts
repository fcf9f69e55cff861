import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RatesSource } from '../../engine/domain/index.ts';

/** The most bytes that a source may send. */
export const MAX_SOURCE_BYTES = 16 * 1024 * 1024;

/** Why a source could not be read, a closed set: the label of a metric. */
export type ReadFailure = 'unreachable' | 'timeout' | 'status' | 'tooLarge' | 'unreadable';

/** A source that could not be read: one line, which names neither headers nor what follows a "?" in an address. */
export class SourceError extends Error {
  readonly reason: ReadFailure;

  constructor(reason: ReadFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.reason = reason;
  }
}

/** What tells whether a source still says what it said: validators of HTTP, or a file's size and time. */
export type Version = readonly string[];

/** What a source says, and as which version; no text where the version is the one that is known. */
export interface Reading {
  readonly text: string | undefined;
  readonly version: Version;
}

export interface ReadOptions {
  /** Folder that relative paths start from. */
  readonly directory: string;
  /** Of the reading before. */
  readonly known?: Version | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What messages call a source: its path, or its address without what may hold a key. */
export function sourceName({ url, path }: Pick<RatesSource, 'url' | 'path'>): string {
  return url === undefined ? path! : url.replace(/[?#].*$/, '');
}

/** Reads a source once. @throws SourceError; whatever `signal` is aborted with */
export function readSource(source: RatesSource, options: ReadOptions): Promise<Reading> {
  return source.url === undefined ? readFile(source, options) : fetchUrl(source, source.url, options);
}

async function readFile(source: RatesSource, { directory, known, signal }: ReadOptions): Promise<Reading> {
  const path = resolve(directory, source.path!);
  const name = sourceName(source);
  try {
    const { size, mtimeMs } = await stat(path);
    const version = [String(size), String(mtimeMs)];
    if (isSame(version, known)) return { text: undefined, version };
    const handle = await open(path);
    try {
      const stream = handle.createReadStream({
        autoClose: false,
        ...(signal === undefined ? {} : { signal }),
      });
      return { text: await gather(stream, name), version };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SourceError || signal?.aborted === true) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const what =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EISDIR'
          ? 'is a directory'
          : `cannot be read (${code})`;
    throw new SourceError('unreachable', `${name} ${what}`, { cause: error });
  }
}

async function fetchUrl(source: RatesSource, url: string, { known, signal }: ReadOptions): Promise<Reading> {
  const name = sourceName(source);
  const late = AbortSignal.timeout(source.timeout);
  try {
    const answer = await fetch(url, {
      headers: { accept: '*/*', 'user-agent': 'counterfoil', ...source.headers, ...conditions(known) },
      // A header with a key must not follow to wherever an answer points.
      redirect: 'manual',
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    if (answer.status === 304 && known !== undefined) {
      await answer.body?.cancel();
      return { text: undefined, version: known };
    }
    if (answer.status !== 200) {
      await answer.body?.cancel();
      const moved = answer.status >= 300 && answer.status < 400 && answer.headers.has('location');
      throw new SourceError(
        'status',
        `${name} answers ${answer.status}${moved ? '; redirections are not followed: name the address itself' : ''}`,
      );
    }
    const version = [answer.headers.get('etag') ?? '', answer.headers.get('last-modified') ?? ''];
    return { text: answer.body === null ? '' : await gather(answer.body, name), version };
  } catch (error) {
    if (error instanceof SourceError || signal?.aborted === true) throw error;
    if (late.aborted)
      throw new SourceError('timeout', `${name} did not answer within ${source.timeout} ms`, {
        cause: error,
      });
    throw new SourceError('unreachable', `${name} cannot be reached (${causeOf(error)})`, { cause: error });
  }
}

/** Asks for the text only where it is another than the known one. */
function conditions(known: Version | undefined): { [header: string]: string } {
  const [etag = '', modified = ''] = known ?? [];
  return {
    ...(etag === '' ? {} : { 'if-none-match': etag }),
    ...(modified === '' ? {} : { 'if-modified-since': modified }),
  };
}

async function gather(chunks: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > MAX_SOURCE_BYTES)
      throw new SourceError('tooLarge', `${name} has more than the ${MAX_SOURCE_BYTES} bytes that are read`);
    gathered.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(gathered));
  } catch (error) {
    throw new SourceError('unreadable', `${name} is not UTF-8`, { cause: error });
  }
}

function isSame(a: Version, b: Version | undefined): boolean {
  return a.length === b?.length && a.every((part, i) => part === b[i]);
}

/** `ECONNREFUSED`; of what has no code, its words. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  return (code ?? message ?? 'unknown').slice(0, 100);
}
