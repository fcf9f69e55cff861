import { mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createClient, type ClickHouseClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import { CounterfoilError } from '../domain/index.ts';
import { QUIET, type Backend, type InsertRequest } from './connection.ts';
import type { StoreLimits, StoreLogger } from './options.ts';
import { columnList, literal, qualified, rowStructure } from './schema.ts';

type Session = NonNullable<ClickHouseClientConfigOptions['connection']>;

/** chDB occupies a thread of Node's pool for each statement; below this, file and DNS calls wait behind it. */
const LEAST_POOL_THREADS = 16;

/**
 * ClickHouse in this process. One session runs one statement at a time, so each write and read that may run at once
 * has its own, all on one directory. The process can have only one directory open.
 *
 * End the process with `close()`: `process.exit` while chDB still has calls queued hangs or crashes. A process that
 * cannot close in an orderly way should send SIGKILL to itself; what was acknowledged is on the disk.
 */
export async function openEmbedded(
  path: string,
  database: string,
  limits: StoreLimits,
  logger: StoreLogger | undefined,
): Promise<Backend> {
  warnAboutPool(logger);
  const directory = resolve(path);
  const staging = join(directory, 'incoming');
  try {
    await mkdir(staging, { recursive: true });
  } catch (cause) {
    throw new CounterfoilError(
      'unreadableFile',
      `the embedded database cannot use ${directory}: ${(cause as Error).message}; set store.dataDir to a directory that can be written`,
      { cause },
    );
  }
  const newSession = await sessions(directory);
  const client = (): ClickHouseClient => createClient({ connection: newSession(), log: QUIET });
  return {
    target: `the embedded ClickHouse in ${directory}`,
    writers: Array.from({ length: limits.writes }, client),
    readers: Array.from({ length: limits.reads }, client),
    insert: (writer, slot, request) => insert(writer, join(staging, `insert-${slot}.tsv`), database, request),
    // An earlier life in this directory was another process, and its inserts ended with it.
    settle: () => Promise.resolve(),
  };
}

/**
 * Rows go through a file beside the database: given inside the statement, chDB scans the whole text before it parses
 * it, which costs as much again as the insert. The file is overwritten by the slot's next insert and needs no fsync.
 */
async function insert(
  client: ClickHouseClient,
  file: string,
  database: string,
  request: InsertRequest,
): Promise<void> {
  await write(file, request.chunks);
  const { table, token, timeoutMs } = request;
  const columns = columnList(table);
  await client.command({
    query:
      `INSERT INTO ${qualified(database, table)} (${columns}) SELECT ${columns} ` +
      `FROM file(${literal(file)}, 'TabSeparated', ${literal(rowStructure(table))}) ` +
      `SETTINGS async_insert = 0, insert_deduplication_token = ${literal(token)}, ` +
      // The index of a fresh part is built when the part is first merged; until then the part is small.
      `materialize_skip_indexes_on_insert = 0, ` +
      // One thread parses fastest per core: the other core belongs to the matcher.
      `input_format_parallel_parsing = 0, max_insert_threads = 1, ` +
      `max_execution_time = ${Math.ceil(timeoutMs / 1000)}`,
  });
}

async function write(file: string, chunks: readonly Uint8Array[]): Promise<void> {
  const handle = await open(file, 'w');
  try {
    const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    let written = (await handle.writev([...chunks])).bytesWritten;
    if (written === total) return;
    const all = Buffer.concat(chunks);
    while (written < total) written += (await handle.write(all, written)).bytesWritten;
  } finally {
    await handle.close();
  }
}

/** Opens sessions on a directory. The native library is loaded here, so that a remote store does not need it. */
async function sessions(directory: string): Promise<() => Session> {
  let chdb: typeof import('chdb/connection');
  try {
    chdb = await import('chdb/connection');
  } catch (cause) {
    throw new CounterfoilError(
      'missingDependency',
      `the embedded ClickHouse (chdb) does not load on ${process.platform}-${process.arch}: ${firstLine(cause)}; install it again with npm, or set store.url to a server`,
      { cause },
    );
  }
  return () => {
    try {
      // chDB's types come from its own copy of the client's, which may be of another version.
      return chdb.createChdbConnection({ path: directory }) as unknown as Session;
    } catch (cause) {
      throw new CounterfoilError(
        'storeRejected',
        `the embedded database in ${directory} does not open: ${firstLine(cause)}`,
        { cause },
      );
    }
  };
}

function warnAboutPool(logger: StoreLogger | undefined): void {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  if (threads >= LEAST_POOL_THREADS) return;
  logger?.warn(
    `UV_THREADPOOL_SIZE is ${threads}; start with UV_THREADPOOL_SIZE=${LEAST_POOL_THREADS} or more, or file and DNS calls wait behind ClickHouse`,
  );
}

function firstLine(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause)
    .split('\n', 1)[0]!
    .slice(0, 300);
}
