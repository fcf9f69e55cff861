import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TABLES, TABLE_NAMES, type ResultQueries, type ResultStore } from '../domain/index.ts';
import { serveClickHouse, type ClickHouseHttp } from '../testing/clickhouse-http.ts';
import { aBreak, aMatch, aRecord, breakRows, matchRows, recordRows } from '../testing/store-rows.ts';
import { Connection } from './connection.ts';
import { openEmbedded } from './embedded.ts';
import { DEFAULT_LIMITS, openStore, type StoreOptions } from './index.ts';
import { positionsAbove } from './positions.ts';

const MINUTE = 29_333_333;
const T0 = MINUTE * 60_000;

let directory: string;
let http: ClickHouseHttp;
let session: Session;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-store-'));
  session = new Session(directory);
  http = await serveClickHouse(directory);
});

afterAll(async () => {
  await http.close();
  session.close();
  await rm(directory, { recursive: true, force: true });
});

async function ask<Row>(query: string): Promise<Row[]> {
  const text = (await session.queryAsync(query, { format: 'JSONEachRow' })).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

const ways = [
  {
    name: 'embedded',
    database: 'inside',
    options: (): StoreOptions => ({ url: 'embedded', path: directory }),
  },
  { name: 'by URL', database: 'outside', options: (): StoreOptions => ({ url: http.url }) },
];

describe.each(ways)('the store, $name', ({ database, options }) => {
  let store: ResultStore & ResultQueries;
  const open = (more: Partial<StoreOptions> = {}): Promise<ResultStore & ResultQueries> =>
    openStore({ ...options(), database, ...more });
  const count = async (table: string): Promise<number> =>
    Number((await ask<{ c: string }>(`SELECT count() AS c FROM ${database}.${table}`))[0]!.c);

  beforeAll(async () => {
    store = await open();
    await store.migrate();
  });
  afterAll(() => store.close());

  test('migrations can be repeated and leave the columns of TABLES, in their order', async () => {
    await store.migrate();
    const applied = await ask<{ number: number }>(
      `SELECT number FROM ${database}.schema_migrations ORDER BY number`,
    );
    expect(applied.map((row) => row.number)).toEqual([1, 2, 3, 4]);
    for (const table of TABLE_NAMES) {
      const columns = await ask<{ name: string; type: string }>(
        `SELECT name, type FROM system.columns WHERE database = '${database}' AND table = '${table}' ORDER BY position`,
      );
      expect(columns.map(({ name, type }) => [name, type])).toEqual(
        TABLES[table].map((column) => [...column]),
      );
    }
  });

  test('a database of the first release keeps its rows and gets the later columns', async () => {
    const old = `${database}_old`;
    const later: Record<string, readonly string[]> = {
      matches: ['state', 'fields', 'left_currency', 'rate'],
      breaks: ['left_currency', 'why_time_difference', 'why_source', 'why_id', 'why_match', 'reason'],
    };
    await session.queryAsync(`CREATE DATABASE ${old}`);
    await session.queryAsync(
      `CREATE TABLE ${old}.schema_migrations (number UInt32, name String, applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY number`,
    );
    for (const table of TABLE_NAMES) {
      if (table === 'commands') continue;
      const columns = TABLES[table]
        .filter(([name]) => later[table]?.includes(name) !== true)
        .map(([name, type]) => `\`${name}\` ${type.replace(", 'writtenOff' = 2", '')}`);
      await session.queryAsync(
        `CREATE TABLE ${old}.${table} (${columns.join(', ')}) ENGINE = MergeTree ORDER BY (log_time, epoch, partition, sequence, n)`,
      );
    }
    await session.queryAsync(
      `INSERT INTO ${old}.matches (epoch, partition, sequence, n, match_id, version, rule, currency, exponent) VALUES (1, 0, 5, 0, '1-0-5-0', 1, 'by-reference', 'AED', 2)`,
    );
    await session.queryAsync(
      `INSERT INTO ${old}.breaks (epoch, partition, sequence, n, break_id, version, state, kind, currency, exponent, why_condition) VALUES (1, 0, 6, 0, '1-0-6-0', 1, 'resolved', 'unmatched', 'AED', 2, 'noCounterpart')`,
    );
    const upgraded = await open({ database: old });
    await upgraded.migrate();
    await upgraded.migrate();
    for (const table of TABLE_NAMES) {
      const columns = await ask<{ name: string; type: string }>(
        `SELECT name, type FROM system.columns WHERE database = '${old}' AND table = '${table}' ORDER BY position`,
      );
      expect(columns.map(({ name, type }) => [name, type])).toEqual(
        TABLES[table].map((column) => [...column]),
      );
    }
    expect((await upgraded.match('1-0-5-0'))!.match).toMatchObject({ state: 'matched', fields: [] });
    expect((await upgraded.break('1-0-6-0'))!.break).toMatchObject({
      state: 'resolved',
      why: { condition: 'noCounterpart' },
    });
    const written = aBreak({ sequence: 7, n: 0, state: 'writtenOff', version: 2, reason: 'small' });
    await upgraded.insert('breaks', [breakRows(1, 0, [written])], 1, 'written off');
    expect((await upgraded.break('1-0-7-0'))!.break).toMatchObject({ state: 'writtenOff', reason: 'small' });
    await upgraded.close();
  });

  test('retention is set, changed and removed', async () => {
    const engine = async (): Promise<string> =>
      (
        await ask<{ engine_full: string }>(
          `SELECT engine_full FROM system.tables WHERE database = '${database}' AND name = 'matches'`,
        )
      )[0]!.engine_full;
    expect(await engine()).not.toContain('TTL');
    for (const retainYears of [5, 7, undefined]) {
      const other = await open({ retainYears });
      await other.migrate();
      if (retainYears === undefined) expect(await engine()).not.toContain('TTL');
      else expect(await engine()).toContain(`TTL toDateTime(log_time) + toIntervalYear(${retainYears})`);
      await other.close();
    }
  });

  test('a table that was changed by hand, or by a newer program, is refused', async () => {
    const other = await open({ database: `${database}_changed` });
    await other.migrate();
    await session.queryAsync(`ALTER TABLE ${database}_changed.findings RENAME COLUMN message TO text`);
    await expect(other.migrate()).rejects.toMatchObject({
      code: 'storeRejected',
      message: expect.stringContaining(
        'has text String as column 12, this program wants message String',
      ) as string,
    });
    await session.queryAsync(
      `INSERT INTO ${database}_changed.schema_migrations VALUES (99, 'later', now64(3))`,
    );
    await expect(other.migrate()).rejects.toMatchObject({
      code: 'storeRejected',
      message: expect.stringContaining('has migration 99') as string,
    });
    await other.close();
  });

  test('a repeat with the same token stores rows once; other rows in another insert are kept', async () => {
    const rows = recordRows({ epoch: 7, partition: 0, sequence: 1, logTime: T0 }, [aRecord({ id: 'once' })]);
    await store.insert('records', [rows], 1, 'a-token');
    await store.insert('records', [rows], 1, 'a-token');
    await Promise.all([
      store.insert('records', [rows], 1, "another 'quoted\\ token"),
      store.insert('records', [rows], 1, "another 'quoted\\ token"),
    ]);
    await store.insert('records', [], 0, 'nothing');
    expect(await ask(`SELECT count() AS c FROM ${database}.records WHERE epoch = 7`)).toEqual([{ c: 2 }]);
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
      await openEmbedded(directory, database, DEFAULT_LIMITS, undefined),
      DEFAULT_LIMITS,
    );
    const from = { table: 'records' as const, epoch: 9, partition: 1, sequence: 4 };
    for (const page of [1, 2, 3, 7, 8]) {
      expect(flat(await positionsAbove(connection, database, from, page))).toEqual(all);
    }
    await connection.close();
  });

  test('rollups agree with their rows after repeated, premature and overlapping calls', async () => {
    const at = (partition: number, sequence: number, minute: number) => ({
      epoch: 11,
      partition,
      sequence,
      logTime: T0 + 86_400_000 + minute * 60_000 + 59_999,
    });
    const minute = MINUTE + 1440;
    const agree = async (): Promise<void> => {
      const rolled = await ask(
        `SELECT minute, sum(count) AS c, sum(amount) AS a FROM ${database}.rollup_minute FINAL WHERE thing = 'record' AND minute >= fromUnixTimestamp(${minute * 60}) GROUP BY minute ORDER BY minute`,
      );
      const rows = await ask(
        `SELECT toStartOfMinute(log_time) AS minute, count() AS c, sum(amount) AS a FROM ${database}.records WHERE epoch = 11 GROUP BY minute ORDER BY minute`,
      );
      expect(rolled).toEqual(rows);
      expect(rows).toHaveLength(3);
    };
    const records = Array.from({ length: 20 }, (_, i) =>
      aRecord({ id: `r${i}`, amount: BigInt(i * 100 - 700), currency: i % 3 === 0 ? 'KWD' : 'AED' }),
    );
    for (const m of [0, 1, 3])
      await store.insert('records', [recordRows(at(0, m + 1, m), records)], 20, `roll-${m}`);
    await store.rollup([minute, minute + 1]);
    await store.insert('records', [recordRows(at(1, 1, 0), records)], 20, 'roll-late');
    await Promise.all([store.rollup([minute + 3, minute, minute + 1]), store.rollup([minute])]);
    await store.rollup([minute]);
    await agree();

    const logTime = at(0, 1, 0).logTime;
    await store.insert(
      'matches',
      [matchRows(11, 0, [aMatch({ sequence: 1, n: 0, logTime }), aMatch({ sequence: 1, n: 1, logTime })])],
      2,
      'roll-m',
    );
    const opened = aBreak({ sequence: 1, n: 2, logTime });
    const healed = aBreak({
      ...opened,
      sequence: 2,
      n: 0,
      breakN: 2,
      breakSequence: 1,
      version: 2,
      state: 'resolved',
    });
    await store.insert('breaks', [breakRows(11, 0, [opened, healed])], 2, 'roll-b');
    await store.rollup([minute]);
    await store.rollup([minute]);
    expect(
      await ask(
        `SELECT thing, reconciliation, kind, toUInt32(count) AS count, toInt32(amount) AS amount, toInt32(difference) AS difference FROM ${database}.rollup_minute FINAL WHERE thing != 'record' ORDER BY thing`,
      ),
    ).toEqual([
      {
        thing: 'match',
        reconciliation: 'gateway-to-bank',
        kind: 'by-reference',
        count: 2,
        amount: 2460,
        difference: 20,
      },
      {
        thing: 'break',
        reconciliation: 'gateway-to-bank',
        kind: 'unmatched',
        count: 1,
        amount: 1230,
        difference: 0,
      },
      {
        thing: 'healed',
        reconciliation: 'gateway-to-bank',
        kind: 'unmatched',
        count: 1,
        amount: 1230,
        difference: 0,
      },
    ]);
  });

  test('ping, settle, and close: what runs ends, what comes after is refused', async () => {
    const other = await open();
    expect(await other.ping()).toBeGreaterThan(0);
    await other.settle();
    const rows = recordRows({ epoch: 12, partition: 0, sequence: 1, logTime: T0 }, [aRecord({ id: 'last' })]);
    const insert = other.insert('records', [rows], 1, 'last');
    const closed = other.close();
    await expect(other.ping()).rejects.toMatchObject({ code: 'stopping' });
    await insert;
    await closed;
    expect(await ask(`SELECT count() AS c FROM ${database}.records WHERE epoch = 12`)).toEqual([{ c: 1 }]);
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
  await expect(openStore({ url: 'embedded', path: `${directory}-other` })).rejects.toMatchObject({
    code: 'storeRejected',
    message: expect.stringContaining('only one active data directory') as string,
  });
  await rm(`${directory}-other`, { recursive: true, force: true });
});

test('a small thread pool is warned about', async () => {
  const lines: string[] = [];
  const before = process.env['UV_THREADPOOL_SIZE'];
  process.env['UV_THREADPOOL_SIZE'] = '4';
  const store = await openStore({
    url: 'embedded',
    path: directory,
    logger: { warn: (line) => lines.push(line) },
  });
  await store.close();
  if (before === undefined) delete process.env['UV_THREADPOOL_SIZE'];
  else process.env['UV_THREADPOOL_SIZE'] = before;
  expect(lines).toEqual([expect.stringContaining('UV_THREADPOOL_SIZE=16')]);
});
