import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { ResultQueries, ResultStore, TableName } from '../domain/index.ts';
import { openStore, type StoreOptions } from '../store/index.ts';
import { serveClickHouse } from './clickhouse-http.ts';

/** A store in a directory of its own, with its tables. A process can have one at a time. */
export interface ScratchStore {
  readonly directory: string;
  readonly store: ResultStore & ResultQueries;
  /** Stores one block of rows, never taken for a repeat. */
  insert(table: TableName, rows: Uint8Array): Promise<void>;
  /** Ends the store and removes what it kept. */
  close(): Promise<void>;
}

export async function openScratchStore(): Promise<ScratchStore> {
  const directory = await scratchDirectory();
  const store = await openStore({ url: 'embedded', path: directory });
  await store.migrate();
  return {
    directory,
    store,
    insert: inserting(store),
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The two ways to a store, each with a database of its own. */
export const STORE_WAYS: readonly StoreWay[] = [
  { name: 'embedded', database: 'inside' },
  { name: 'by URL', database: 'outside' },
];

export interface StoreWay {
  readonly name: 'embedded' | 'by URL';
  readonly database: string;
}

/** A ClickHouse in a directory of its own, in this process and by URL. A process can have one at a time. */
export interface ScratchServer {
  readonly directory: string;
  optionsOf(way: StoreWay): StoreOptions;
  /** Runs a statement past the store. @returns its rows, where it has any */
  ask<Row>(statement: string): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openScratchServer(): Promise<ScratchServer> {
  const directory = await scratchDirectory();
  const session = new Session(directory);
  const http = await serveClickHouse(directory);
  return {
    directory,
    optionsOf: ({ name, database }) =>
      name === 'embedded' ? { url: 'embedded', path: directory, database } : { url: http.url, database },
    async ask<Row>(statement: string) {
      const text = (await session.queryAsync(statement, { format: 'JSONEachRow' })).text();
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Row);
    },
    async close() {
      await http.close();
      session.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Inserts of one block each into a store, with a token each. */
export function inserting(store: ResultStore): (table: TableName, rows: Uint8Array) => Promise<void> {
  let tokens = 0;
  return (table, rows) => store.insert(table, [rows], 1, `token ${++tokens}`);
}

function scratchDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'counterfoil-store-'));
}
