import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CounterfoilError, TABLES, TABLE_NAMES } from '../domain/index.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { toStoreError } from './errors.ts';
import { openStore } from './index.ts';
import { InsertNames, settle } from './remote.ts';
import { runs } from './rollups.ts';
import { SETTING_NAMES, columnList, createTable, literal, placeOf, rowStructure } from './schema.ts';

describe('schema', () => {
  test.each(TABLE_NAMES)('the statement for %s has the columns of TABLES, in their order', (table) => {
    const statement = createTable('db', table, new Set(SETTING_NAMES));
    const body = /^CREATE TABLE IF NOT EXISTS `db`\.`\w+` \(\n([\s\S]*)\n\) ENGINE/.exec(statement)![1]!;
    const columns = body
      .split(',\n')
      .map((line) => line.trim())
      .filter((line) => !line.startsWith('INDEX'));
    expect(columns).toEqual(TABLES[table].map(([name, type]) => `\`${name}\` ${type}`));
    expect(columnList(table).split(', ')).toEqual(TABLES[table].map(([name]) => `\`${name}\``));
    expect(rowStructure(table)).not.toContain('LowCardinality');
    expect(statement).toMatch(/fsync_after_insert = 1.*non_replicated_deduplication_window = 1000/);
  });

  test('a server without a setting is not asked for it', () => {
    expect(createTable('db', 'records', new Set(['fsync_after_insert']))).toMatch(
      /SETTINGS fsync_after_insert = 1$/,
    );
    expect(createTable('db', 'records', new Set())).not.toContain('SETTINGS');
  });

  test('literals end where they should, places are exact', () => {
    expect(literal("it's \\")).toBe("'it\\'s \\\\'");
    expect(placeOf(Number.MAX_SAFE_INTEGER, 65_535)).toBe(2n ** 69n - 65_536n + 65_535n);
  });
});

describe('cursor', () => {
  const cursors = fc.record({
    logTime: fc.integer({ min: -(10 ** 12), max: 10 ** 13 }),
    asOf: fc.integer({ min: 0, max: 10 ** 13 }),
    position: fc.record({
      epoch: fc.nat(2 ** 31 - 1),
      partition: fc.nat(65_535),
      sequence: fc.maxSafeNat(),
      n: fc.nat(2 ** 31 - 1),
    }),
  });

  property.prop([cursors])('comes back as it was', (cursor) => {
    const text = encodeCursor('records', cursor);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeCursor('records', text)).toEqual(cursor);
    expect(() => decodeCursor('matches', text)).toThrow(CounterfoilError);
  });

  property.prop([
    fc.oneof(
      fc.string(),
      fc.base64String(),
      cursors.map((c) => encodeCursor('records', c).slice(0, -3)),
    ),
  ])('anything else is refused, or at least well formed', (text) => {
    try {
      const { logTime, asOf, position } = decodeCursor('records', text);
      for (const value of [logTime, asOf, position.epoch, position.partition, position.sequence, position.n])
        expect(Number.isSafeInteger(value)).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalidField' });
    }
  });
});

describe('errors', () => {
  const server = (code: string, type: string, message: string): Error =>
    Object.assign(new Error(message), { code, type });
  const cases: [cause: unknown, code: string][] = [
    [server('243', 'NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB'), 'diskFull'],
    [
      server('75', 'CANNOT_WRITE_TO_FILE_DESCRIPTOR', 'errno: 28, strerror: No space left on device'),
      'diskFull',
    ],
    [Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), 'diskFull'],
    [server('241', 'MEMORY_LIMIT_EXCEEDED', 'Memory limit\nexceeded'), 'storeRejected'],
    [server('159', 'TIMEOUT_EXCEEDED', 'Timeout exceeded'), 'timeout'],
    [server('252', 'TOO_MANY_PARTS', 'Too many parts'), 'overloaded'],
    [server('516', 'AUTHENTICATION_FAILED', 'Authentication failed'), 'storeRejected'],
    [new Error('Timeout error.'), 'timeout'],
    [new Error('socket hang up'), 'storeUnreachable'],
    [
      new AggregateError([Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })], ''),
      'storeUnreachable',
    ],
    [Object.assign(new Error('getaddrinfo ENOTFOUND db'), { code: 'ENOTFOUND' }), 'storeUnreachable'],
    ['odd', 'storeRejected'],
  ];
  test.each(cases)('%s is %s, in one line', (cause, code) => {
    const error = toStoreError(cause, 'insert into records', 'ClickHouse at db:8123');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^insert into records: [^\n]+$/);
    expect(error.message).toContain('ClickHouse at db:8123');
  });

  test('rows that ClickHouse quotes are left out; their place is kept', () => {
    const message =
      "Cannot parse input: expected '\\t' before: '4111111111111111': (at row 2)\n: \nColumn 1,   name: partition, type: UInt16, ERROR: text \"4111\" is not like UInt16";
    const error = toStoreError(
      server('27', 'CANNOT_PARSE_INPUT_ASSERTION_FAILED', message),
      'insert',
      'there',
    );
    expect(error.message).toBe(
      'insert: there refused it: CANNOT_PARSE_INPUT_ASSERTION_FAILED (27) at row 2, column partition',
    );
  });
});

describe('options', () => {
  const refused = async (options: Parameters<typeof openStore>[0], part: string): Promise<void> => {
    const error = await openStore(options).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'invalidConfig' });
    expect((error as Error).message).toMatch(/^[^\n]+$/);
    expect((error as Error).message).toContain(part);
  };
  const url = 'http://127.0.0.1:1';

  test('a retention below five years is refused unless it is permitted', async () => {
    await refused({ url, retainYears: 4 }, 'at least 5 years');
    await refused({ url, retainYears: 0 }, '1 to 100');
    for (const options of [{ retainYears: 5 }, { retainYears: 1, allowShortRetention: true }, {}]) {
      await (await openStore({ url, ...options })).close();
    }
  });

  test('a database name or address that is none is refused', async () => {
    await refused({ url, database: 'a`; DROP' }, 'store.database');
    await refused({ url: 'db:8123' }, 'store.url');
    await refused({ url: 'nonsense' }, 'store.url');
  });
});

test('minutes are rolled up in runs of neighbours of bounded length', () => {
  expect(runs([])).toEqual([]);
  expect(runs([7, 5, 6, 9, 6])).toEqual([
    [5, 8],
    [9, 10],
  ]);
  expect(runs(Array.from({ length: 130 }, (_, i) => i))).toEqual([
    [0, 60],
    [60, 120],
    [120, 130],
  ]);
});

describe('settling with a server', () => {
  const names = new InsertNames('counterfoil');
  const answers = (...lists: string[][]) => {
    let asked = 0;
    const connection = {
      target: 'ClickHouse at db',
      rows: <Row>(): Promise<Row[]> =>
        Promise.resolve(lists[Math.min(asked++, lists.length - 1)]!.map((query_id) => ({ query_id }) as Row)),
    };
    return { connection, asked: () => asked };
  };

  test('waits for the inserts that ran at first, not for later ones', async () => {
    const { connection, asked } = answers(['a', 'b'], ['b', 'c'], ['c', 'd']);
    await settle(connection, names, 1000);
    expect(asked()).toBe(3);
  });

  test('does not wait for ever', async () => {
    const { connection } = answers(['a']);
    await expect(settle(connection, names, 50)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('every life has names of its own', () => {
    const other = new InsertNames('counterfoil');
    expect(other.deployment).toBe(names.deployment);
    expect(names.next().startsWith(names.life)).toBe(true);
    expect(names.next()).not.toBe(names.next());
    expect(other.next().startsWith(names.life)).toBe(false);
  });
});
