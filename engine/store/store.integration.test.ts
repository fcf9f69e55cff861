import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultQueries, ResultStore } from '../domain/index.ts';
import { STORE_WAYS, openScratchServer, type ScratchServer } from '../testing/scratch-store.ts';
import { aRecord } from '../testing/a-record.ts';
import { recordRows } from '../testing/store-rows.ts';
import { Connection } from './connection.ts';
import { openEmbedded } from './embedded.ts';
import { DEFAULT_LIMITS, openStore } from './index.ts';
import { positionsAbove } from './positions.ts';

const T0 = 1_760_000_000_000;

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

describe.each(STORE_WAYS)('the store, $name', (way) => {
  const { database } = way;
  let store: ResultStore & ResultQueries;
  const count = async (table: string): Promise<number> =>
    Number((await server.ask<{ c: string }>(`SELECT count() AS c FROM ${database}.${table}`))[0]!.c);

  beforeAll(async () => {
    store = await openStore(server.optionsOf(way));
    await store.migrate();
  });
  afterAll(() => store.close());

  test('a repeat with the same token stores rows once; other rows in another insert are kept', async () => {
    const rows = recordRows({ epoch: 7, partition: 0, sequence: 1, logTime: T0 }, [aRecord({ id: 'once' })]);
    await store.insert('records', [rows], 1, 'a-token');
    await store.insert('records', [rows], 1, 'a-token');
    await Promise.all([
      store.insert('records', [rows], 1, "another 'quoted\\ token"),
      store.insert('records', [rows], 1, "another 'quoted\\ token"),
    ]);
    await store.insert('records', [], 0, 'nothing');
    expect(await server.ask(`SELECT count() AS c FROM ${database}.records WHERE epoch = 7`)).toEqual([
      { c: 2 },
    ]);
  });

  test('rows laid in chunks, cut anywhere, are stored whole and come back as they were', async () => {
    const records = Array.from({ length: 500 }, (_, i) =>
      aRecord({
        id: `odd\t'${i}'\\\n"é€😀`,
        amount: BigInt(Number.MAX_SAFE_INTEGER) - BigInt(i),
        references: { reference: `r'${i}\t`, "qu'ote": '\\' },
        attributes: { scheme: 'visa' },
        bookingDate: 20_000,
      }),
    );
    const rows = recordRows({ epoch: 8, partition: 3, sequence: 1, logTime: T0 }, records);
    const chunks = [0, 1, 777, 4096, 20_000, rows.length].map((end, i, ends) =>
      rows.subarray(ends[i - 1] ?? 0, end),
    );
    await store.insert('records', chunks, records.length, 'chunks');
    const page = await store.records({ limit: 1, id: records[17]!.id });
    expect(page.items[0]).toMatchObject({
      position: '8-3-1-17',
      id: records[17]!.id,
      amount: '90071992547409.74',
      references: { reference: "r'17\t", "qu'ote": '\\' },
      attributes: { scheme: 'visa' },
      bookingDate: '2024-10-04',
      logTime: new Date(T0).toISOString(),
    });
  });

  test('rows that are no rows are refused in one line that does not repeat them', async () => {
    const before = await count('findings');
    const bad = store.insert('findings', [Buffer.from('1\t2\t4111111111111111\n')], 1, 'bad');
    await expect(bad).rejects.toMatchObject({ code: 'storeRejected' });
    await bad.catch((cause: unknown) => {
      const error = cause as Error;
      expect(error.message).toMatch(/^insert into findings: .* refused it: \w+ \(\d+\)/);
      expect(error.message).not.toMatch(/4111|\n/);
    });
    expect(await count('findings')).toBe(before);
  });

  test('positionsAbove is the exact set, holes included, of one epoch and partition', async () => {
    const place = (partition: number, sequence: number) => ({
      epoch: 9,
      partition,
      sequence,
      logTime: T0 + sequence,
    });
    const three = ['a', 'b', 'c'].map((id) => aRecord({ id }));
    const big = 2 ** 40 + 1;
    await store.insert(
      'records',
      [recordRows(place(1, 5), three), recordRows(place(1, 9), three.slice(0, 1), 4)],
      4,
      'p1',
    );
    await store.insert(
      'records',
      [recordRows(place(1, big), three), recordRows(place(2, 6), three)],
      6,
      'p2',
    );
    await store.insert('records', [recordRows({ ...place(1, 7), epoch: 10 }, three)], 3, 'p3');
    const flat = ({ sequence, n }: { sequence: Float64Array; n: Uint32Array }): [number, number][] =>
      Array.from(sequence, (value, i) => [value, n[i]!]);
    const all: [number, number][] = [
      [5, 0],
      [5, 1],
      [5, 2],
      [9, 4],
      [big, 0],
      [big, 1],
      [big, 2],
    ];
    expect(flat(await store.positionsAbove('records', 9, 1, 4))).toEqual(all);
    expect(flat(await store.positionsAbove('records', 9, 1, 5))).toEqual(all.slice(3));
    expect(flat(await store.positionsAbove('records', 9, 1, 5, T0 + 5))).toEqual(all.slice(3));
    expect(flat(await store.positionsAbove('records', 9, 1, big))).toEqual([]);
    expect(flat(await store.positionsAbove('matches', 9, 1, 0))).toEqual([]);

    const connection = new Connection(
      await openEmbedded(server.directory, database, DEFAULT_LIMITS, undefined),
      DEFAULT_LIMITS,
    );
    const from = { table: 'records' as const, epoch: 9, partition: 1, sequence: 4 };
    for (const page of [1, 2, 3, 7, 8]) {
      expect(flat(await positionsAbove(connection, database, from, page))).toEqual(all);
    }
    await connection.close();
  });

  test('ping, settle, and close: what runs ends, what comes after is refused', async () => {
    const other = await openStore(server.optionsOf(way));
    expect(await other.ping()).toBeGreaterThan(0);
    await other.settle();
    const rows = recordRows({ epoch: 12, partition: 0, sequence: 1, logTime: T0 }, [aRecord({ id: 'last' })]);
    const insert = other.insert('records', [rows], 1, 'last');
    const closed = other.close();
    await expect(other.ping()).rejects.toMatchObject({ code: 'stopping' });
    await insert;
    await closed;
    expect(await server.ask(`SELECT count() AS c FROM ${database}.records WHERE epoch = 12`)).toEqual([
      { c: 1 },
    ]);
  });
});

test('an address where nothing listens is one clear line', async () => {
  const store = await openStore({
    url: 'http://127.0.0.1:1',
    username: 'counterfoil',
    password: 'hunter2-secret',
  });
  for (const call of [store.ping(), store.migrate(), store.insert('records', [Buffer.from('x')], 1, 't')]) {
    await expect(call).rejects.toMatchObject({
      code: 'storeUnreachable',
      message: expect.stringMatching(
        /ClickHouse at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\); check store\.url[^\n]*$/,
      ) as string,
    });
    await call.catch((cause: unknown) => {
      const error = cause as Error;
      expect(error.message).not.toContain('hunter2');
    });
  }
  await store.close();
});

test('a second directory in one process is refused in one line', async () => {
  await expect(openStore({ url: 'embedded', path: `${server.directory}-other` })).rejects.toMatchObject({
    code: 'storeRejected',
    message: expect.stringContaining('only one active data directory') as string,
  });
  await rm(`${server.directory}-other`, { recursive: true, force: true });
});

test('a small thread pool is warned about', async () => {
  const lines: string[] = [];
  const before = process.env['UV_THREADPOOL_SIZE'];
  process.env['UV_THREADPOOL_SIZE'] = '4';
  const store = await openStore({
    url: 'embedded',
    path: server.directory,
    logger: { warn: (line) => lines.push(line) },
  });
  await store.close();
  if (before === undefined) delete process.env['UV_THREADPOOL_SIZE'];
  else process.env['UV_THREADPOOL_SIZE'] = before;
  expect(lines).toEqual([expect.stringContaining('UV_THREADPOOL_SIZE=16')]);
});
