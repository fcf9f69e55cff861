import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TABLES, TABLE_NAMES, type ResultQueries, type ResultStore } from '../domain/index.ts';
import { STORE_WAYS, openScratchServer, type ScratchServer } from '../testing/scratch-store.ts';
import { aBreak, breakRows } from '../testing/store-rows.ts';
import { openStore } from './index.ts';

let server: ScratchServer;
beforeAll(async () => {
  server = await openScratchServer();
});
afterAll(() => server.close());

describe.each(STORE_WAYS)('tables, $name', (way) => {
  const { database } = way;
  let store: ResultStore & ResultQueries;

  beforeAll(async () => {
    store = await openStore(server.optionsOf(way));
    await store.migrate();
  });
  afterAll(() => store.close());

  test('migrations can be repeated and leave the columns of TABLES, in their order', async () => {
    await store.migrate();
    const applied = await server.ask<{ number: number }>(
      `SELECT number FROM ${database}.schema_migrations ORDER BY number`,
    );
    expect(applied.map((row) => row.number)).toEqual([1, 2, 3, 4]);
    for (const table of TABLE_NAMES) {
      const columns = await server.ask<{ name: string; type: string }>(
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
    await server.ask(`CREATE DATABASE ${old}`);
    await server.ask(
      `CREATE TABLE ${old}.schema_migrations (number UInt32, name String, applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY number`,
    );
    for (const table of TABLE_NAMES) {
      if (table === 'commands') continue;
      const columns = TABLES[table]
        .filter(([name]) => later[table]?.includes(name) !== true)
        .map(([name, type]) => `\`${name}\` ${type.replace(", 'writtenOff' = 2", '')}`);
      await server.ask(
        `CREATE TABLE ${old}.${table} (${columns.join(', ')}) ENGINE = MergeTree ORDER BY (log_time, epoch, partition, sequence, n)`,
      );
    }
    await server.ask(
      `INSERT INTO ${old}.matches (epoch, partition, sequence, n, match_id, version, rule, currency, exponent) VALUES (1, 0, 5, 0, '1-0-5-0', 1, 'by-reference', 'AED', 2)`,
    );
    await server.ask(
      `INSERT INTO ${old}.breaks (epoch, partition, sequence, n, break_id, version, state, kind, currency, exponent, why_condition) VALUES (1, 0, 6, 0, '1-0-6-0', 1, 'resolved', 'unmatched', 'AED', 2, 'noCounterpart')`,
    );
    const upgraded = await openStore({ ...server.optionsOf(way), database: old });
    await upgraded.migrate();
    await upgraded.migrate();
    for (const table of TABLE_NAMES) {
      const columns = await server.ask<{ name: string; type: string }>(
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
        await server.ask<{ engine_full: string }>(
          `SELECT engine_full FROM system.tables WHERE database = '${database}' AND name = 'matches'`,
        )
      )[0]!.engine_full;
    expect(await engine()).not.toContain('TTL');
    for (const retainYears of [5, 7, undefined]) {
      const other = await openStore({ ...server.optionsOf(way), retainYears });
      await other.migrate();
      if (retainYears === undefined) expect(await engine()).not.toContain('TTL');
      else expect(await engine()).toContain(`TTL toDateTime(log_time) + toIntervalYear(${retainYears})`);
      await other.close();
    }
  });

  test('a table that was changed by hand, or by a newer program, is refused', async () => {
    const other = await openStore({ ...server.optionsOf(way), database: `${database}_changed` });
    await other.migrate();
    await server.ask(`ALTER TABLE ${database}_changed.findings RENAME COLUMN message TO text`);
    await expect(other.migrate()).rejects.toMatchObject({
      code: 'storeRejected',
      message: expect.stringContaining(
        'has text String as column 12, this program wants message String',
      ) as string,
    });
    await server.ask(`INSERT INTO ${database}_changed.schema_migrations VALUES (99, 'later', now64(3))`);
    await expect(other.migrate()).rejects.toMatchObject({
      code: 'storeRejected',
      message: expect.stringContaining('has migration 99') as string,
    });
    await other.close();
  });
});
