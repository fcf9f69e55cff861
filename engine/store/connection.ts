import {
  ClickHouseLogLevel,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
} from '@clickhouse/client';
import { Slots } from './slots.ts';
import { toStoreError } from './errors.ts';
import type { StoreLimits } from './options.ts';
import type { TableName } from '../domain/index.ts';

/** The client says nothing by itself: its errors come back as exceptions and are told once, where they are handled. */
export const QUIET: NonNullable<ClickHouseClientConfigOptions['log']> = { level: ClickHouseLogLevel.OFF };

/** Rows to store: TabSeparated in the column order of the table, chunks laid end to end. */
export interface InsertRequest {
  readonly table: TableName;
  readonly chunks: readonly Uint8Array[];
  readonly token: string;
  readonly timeoutMs: number;
}

/** What differs between the embedded database and a server. */
export interface Backend {
  /** For messages; without credentials. */
  readonly target: string;
  /** One client for each write that may run at once; they may be the same. */
  readonly writers: readonly ClickHouseClient[];
  readonly readers: readonly ClickHouseClient[];
  /** Sends rows by the way that costs least on this backend. `slot` is the writer's index. */
  insert(client: ClickHouseClient, slot: number, request: InsertRequest): Promise<void>;
  /** Waits until no insert of an earlier life can still land. */
  settle(connection: Connection): Promise<void>;
}

/** Values of a statement's `{name:Type}` places: they never become part of its text. */
export interface Parameters {
  [name: string]: string | number | bigint | boolean | readonly (string | number | bigint)[];
}

interface Writer {
  readonly client: ClickHouseClient;
  readonly slot: number;
}

/** The one way to the database, embedded or remote: a bounded number of writes and reads at a time, errors mapped. */
export class Connection {
  readonly #backend: Backend;
  readonly #limits: StoreLimits;
  readonly #writes: Slots<Writer>;
  readonly #reads: Slots<ClickHouseClient>;

  constructor(backend: Backend, limits: StoreLimits) {
    this.#backend = backend;
    this.#limits = limits;
    const writers = backend.writers.map((client, slot) => ({ client, slot }));
    this.#writes = new Slots('writes', writers, limits.waiting);
    this.#reads = new Slots('queries', backend.readers, limits.waiting);
  }

  get target(): string {
    return this.#backend.target;
  }

  /** Runs a statement without a result. */
  async command(what: string, statement: string): Promise<void> {
    await this.#writes.run(what, this.#limits.writeTimeoutMs, ({ client }) =>
      this.#mapped(what, () => client.command({ query: statement })),
    );
  }

  /** Stores rows. Resolves when they are on the disk. */
  async insert(request: Omit<InsertRequest, 'timeoutMs'>): Promise<void> {
    const what = `insert into ${request.table}`;
    const timeoutMs = this.#limits.writeTimeoutMs;
    await this.#writes.run(what, timeoutMs, ({ client, slot }) =>
      this.#mapped(what, () => this.#backend.insert(client, slot, { ...request, timeoutMs })),
    );
  }

  /** The rows of a query: 64-bit integers as text, arrays and maps as such. `settings` go into the statement. */
  async rows<Row>(what: string, query: string, params: Parameters = {}): Promise<Row[]> {
    return this.#reads.run(what, this.#limits.readTimeoutMs, (client) =>
      this.#mapped(what, async () => {
        const result = await client.query({
          query: `${query} ${this.#readSettings()}`,
          query_params: params,
          format: 'JSONEachRow',
        });
        return result.json<Row>();
      }),
    );
  }

  /** The rows of a query in RowBinary, chunk by chunk. Values in the query must be numbers: it has no parameters. */
  async binary(what: string, query: string, take: (chunk: Buffer) => void): Promise<void> {
    await this.#reads.run(what, this.#limits.readTimeoutMs, (client) =>
      this.#mapped(what, async () => {
        const { stream } = await client.exec({ query: `${query} ${this.#readSettings()} FORMAT RowBinary` });
        for await (const chunk of stream) take(chunk as Buffer);
      }),
    );
  }

  /** Waits until no insert of an earlier life, nor a given-up one of this life, can still land. */
  async settle(): Promise<void> {
    await this.#writes.settled(this.#limits.writeTimeoutMs);
    await this.#backend.settle(this);
  }

  /** Refuses new calls, waits for those that run, closes. */
  async close(): Promise<void> {
    await Promise.all([
      this.#writes.close(this.#limits.writeTimeoutMs),
      this.#reads.close(this.#limits.readTimeoutMs),
    ]);
    const clients = new Set([...this.#backend.writers, ...this.#backend.readers]);
    for (const client of clients) await client.close();
  }

  /** In the statement, never beside it: given beside it, a setting stays in the embedded session. */
  #readSettings(): string {
    const seconds = Math.ceil(this.#limits.readTimeoutMs / 1000);
    return `SETTINGS max_execution_time = ${seconds}, output_format_json_quote_64bit_integers = 1`;
  }

  async #mapped<R>(what: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (cause) {
      throw toStoreError(cause, what, this.#backend.target);
    }
  }
}
