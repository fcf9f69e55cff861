import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TABLES, TABLE_NAMES } from '../domain/index.ts';
import type { Break, Match, TableName } from '../domain/index.ts';
import { HOSTILE_TEXTS, recordArbitrary } from '../testing/record-arbitrary.ts';
import {
  RecordFrameBuilder,
  RowBuffer,
  decodeRows,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'counterfoil-rows-'));
// chDB is typed against a second copy of the client's types: the connection is the same, the declarations differ.
const options: unknown = { connection: createChdbConnection({ path: directory }) };
const client = createClient(options as Parameters<typeof createClient>[0]);

beforeAll(async () => {
  for (const table of TABLE_NAMES) {
    const columns = TABLES[table].map(([name, type]) => `\`${name}\` ${type}`).join(', ');
    await client.command({ query: `CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY n` });
  }
});

afterAll(async () => {
  await client.close();
  rmSync(directory, { recursive: true, force: true });
});

type Row = { [column: string]: unknown };

/** Inserts a block as the writer does, and reads it back in two formats. */
async function stored(table: TableName, block: Uint8Array): Promise<{ tsv: Uint8Array; json: Row[] }> {
  // As `values`: the client trims the query's text, and with it the empty or blank last value of the last row.
  const inserted = await client.exec({
    query: `INSERT INTO ${table} SETTINGS async_insert=0 FORMAT TabSeparated`,
    values: Readable.from([block]),
  });
  inserted.stream.resume();
  const json = await client.query({
    query: `SELECT * FROM ${table} ORDER BY n`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  const tsv = await client.query({ query: `SELECT * FROM ${table} ORDER BY n`, format: 'TabSeparated' });
  return { tsv: Buffer.from(await tsv.text()), json: await json.json<Row>() };
}

/** JSON shows times as text. */
function timesRead(table: TableName, row: Row): Row {
  const result = { ...row };
  for (const [name, type] of TABLES[table]) {
    if (type.startsWith('DateTime64')) result[name] = Date.parse(`${String(row[name]).replace(' ', 'T')}Z`);
  }
  return result;
}

/** What ClickHouse shows, in both formats, is what was written. */
async function expectStored(table: TableName, write: (buffer: RowBuffer) => void): Promise<void> {
  const buffer = new RowBuffer();
  write(buffer);
  const block = buffer.take();
  const expected = decodeRows(table, block);
  const { tsv, json } = await stored(table, block);
  expect(json.map((row) => timesRead(table, row))).toEqual(expected);
  expect(decodeRows(table, tsv)).toEqual(expected);
}

test('ClickHouse stores random and hostile records as they are', async () => {
  const records = fc.sample(recordArbitrary, { numRuns: 1500, seed: 11 });
  for (const text of HOSTILE_TEXTS) {
    const odd = { [text]: text, [`${text}'`]: `${text}\\` };
    records.push({ ...records[0]!, id: `${text}\uD800`, account: text, references: odd, attributes: odd });
  }
  const builder = new RecordFrameBuilder({ maxRecords: 10_000, maxBytes: 32_000_000 });
  for (const record of records) expect(builder.add(record)).toBe(true);
  const frame = builder.build();
  await expectStored('records', (buffer) => {
    for (let row = 0; row < frame.count; row++) {
      writeRecordRow(buffer, 4_294_967_295, 65_535, 2 ** 53 - 1, row, 1_795_000_000_123, frame, row);
    }
  });
});

const ref = (text: string) => ({ source: text, id: text, sequence: 2 ** 53 - 1, ordinal: 4_294_967_295 });

test('ClickHouse stores matches as they are', async () => {
  await expectStored('matches', (buffer) => {
    HOSTILE_TEXTS.forEach((text, n) => {
      const match: Match = {
        sequence: 1,
        n,
        logTime: 1_795_000_000_001,
        matchSequence: 1,
        matchN: n,
        version: 1,
        reconciliation: text,
        pools: [text, `${text}'`],
        state: n % 2 === 0 ? 'matched' : 'unmatched',
        rule: text,
        fields: n === 0 ? [] : [text, `${text}'`],
        rate: n === 0 ? undefined : text,
        account: text,
        currency: 'KWD',
        legs: [
          { ...ref(text), side: 'left', allocated: -(2 ** 53 - 1) },
          { ...ref(`${text}\uD800`), side: 'right', allocated: 2 ** 53 - 1 },
        ],
        difference: -50,
        causes: n === 0 ? {} : { [text]: -49, tolerance: -1 },
        lagMs: 0,
      };
      writeMatchRow(buffer, 1, 0, match);
    });
  });
});

test('ClickHouse stores breaks as they are', async () => {
  await expectStored('breaks', (buffer) => {
    HOSTILE_TEXTS.forEach((text, n) => {
      const breakVersion: Break = {
        sequence: 1,
        n,
        logTime: 8.64e15,
        breakSequence: 1,
        breakN: n,
        version: 1,
        state: (['open', 'resolved', 'writtenOff'] as const)[n % 3]!,
        reconciliation: text,
        pools: [text, text],
        kind: 'amount',
        account: text,
        currency: 'AED',
        members: n === 0 ? [] : [{ ...ref(text), side: 'right', amount: -1 }],
        amount: 7,
        dueTime: -8.64e15,
        why: {
          rule: text,
          condition: 'amount',
          ...(n % 2 === 0 ? {} : { difference: -1, tolerance: 0, timeDifference: -5 }),
          ...(n % 2 === 0 ? {} : { records: [ref(text), ref("'")], match: { sequence: 3, n: 1 } }),
        },
        reason: text,
        ...(n % 2 === 0 ? {} : { resolvedBy: { sequence: 1, n: 1 } }),
      };
      writeBreakRow(buffer, 1, 0, breakVersion);
    });
  });
});

test('ClickHouse stores findings, answers to commands and dead letters as they are', async () => {
  await expectStored('findings', (buffer) => {
    HOSTILE_TEXTS.forEach((text, n) => {
      const fields = { source: text, recordId: text, account: text, currency: text, message: text };
      writeFindingRow(buffer, 1, 0, { ...fields, sequence: 1, n, logTime: 0, kind: 'balance', amount: -n });
    });
  });
  await expectStored('commands', (buffer) => {
    HOSTILE_TEXTS.forEach((text, n) => {
      const fields = { commandId: text, kind: 'match', accepted: n % 2 === 0, reason: text } as const;
      writeCommandRow(buffer, 1, 0, { ...fields, by: text, why: text, sequence: 1, n, logTime: 0 });
    });
  });
  await expectStored('dead_letters', (buffer) => {
    HOSTILE_TEXTS.forEach((text, n) => {
      writeDeadLetterRow(buffer, 1, 65_535, 1, n, 0, {
        source: text,
        code: text,
        reason: text,
        origin: { file: text, line: n, offset: n, ordinal: n },
        payload: text.repeat(100),
      });
    });
  });
});
