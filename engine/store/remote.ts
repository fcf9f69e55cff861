import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { CounterfoilError } from '../domain/index.ts';
import { QUIET, type Backend, type Connection, type InsertRequest } from './connection.ts';
import type { StoreLimits, StoreOptions } from './options.ts';
import { columnList, literal, qualified } from './schema.ts';

const POLL_MS = 100;

/** ClickHouse by its address. Nothing is sent until the first call. */
export function openRemote(options: StoreOptions, database: string, limits: StoreLimits): Backend {
  const url = parseUrl(options.url);
  const client = createClient({
    url,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    application: 'counterfoil',
    max_open_connections: limits.writes + limits.reads,
    request_timeout: Math.max(limits.writeTimeoutMs, limits.readTimeoutMs),
    log: QUIET,
  });
  const names = new InsertNames(database);
  return {
    target: `ClickHouse at ${url.host}`,
    writers: Array.from({ length: limits.writes }, () => client),
    readers: Array.from({ length: limits.reads }, () => client),
    insert: (writer, _slot, request) => insert(writer, database, names.next(), request),
    settle: (connection) => settle(connection, names, limits.writeTimeoutMs),
  };
}

/** Query ids that tell an insert of this deployment, and of which life, in the server's list of what runs. */
export class InsertNames {
  readonly deployment: string;
  readonly life: string;
  #count = 0;

  constructor(database: string) {
    this.deployment = `counterfoil-insert-${database}-`;
    this.life = `${this.deployment}${randomUUID()}-`;
  }

  next(): string {
    return `${this.life}${++this.#count}`;
  }
}

async function insert(
  client: ClickHouseClient,
  database: string,
  queryId: string,
  request: InsertRequest,
): Promise<void> {
  const { table, chunks, token, timeoutMs } = request;
  const { stream } = await client.exec({
    query:
      `INSERT INTO ${qualified(database, table)} (${columnList(table)}) ` +
      `SETTINGS async_insert = 0, insert_deduplication_token = ${literal(token)}, ` +
      `max_execution_time = ${Math.ceil(timeoutMs / 1000)} FORMAT TabSeparated`,
    values: Readable.from(chunks, { objectMode: false }),
    query_id: queryId,
  });
  // An answer that is not read keeps its connection from being used again.
  await finished(stream.resume());
}

/**
 * Waits for the inserts of other lives that run at this moment; ones that start later belong to processes that live.
 * An insert limits its own run to `limitMs`, so none of them can outlast it by much.
 * @throws CounterfoilError `timeout` if one still runs after twice `limitMs`
 */
export async function settle(
  connection: Pick<Connection, 'rows' | 'target'>,
  names: InsertNames,
  limitMs: number,
): Promise<void> {
  const running = async (): Promise<string[]> => {
    const rows = await connection.rows<{ query_id: string }>(
      'looking for running inserts',
      'SELECT query_id FROM system.processes WHERE startsWith(query_id, {deployment:String}) AND NOT startsWith(query_id, {life:String})',
      { deployment: names.deployment, life: names.life },
    );
    return rows.map((row) => row.query_id);
  };
  const deadline = Date.now() + 2 * limitMs;
  let left = await running();
  while (left.length > 0) {
    if (Date.now() > deadline) {
      throw new CounterfoilError(
        'timeout',
        `${left.length} inserts of an earlier run still run at ${connection.target} after ${2 * limitMs} ms; see system.processes there for "${left[0]!}"`,
      );
    }
    await sleep(POLL_MS);
    const now = new Set(await running());
    left = left.filter((id) => now.has(id));
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new CounterfoilError(
    'invalidConfig',
    `store.url is neither "embedded" nor an address such as http://host:8123`,
  );
}
