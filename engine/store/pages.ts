import { CounterfoilError, type Page, type PageRequest, type TableName } from '../domain/index.ts';
import { Conditions, moment } from './conditions.ts';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts';
import { selection, shortSelection, type PositionRow } from './rows.ts';
import { SORTING_KEY, qualified } from './schema.ts';

/** Reads of one page that may be spent on rows that later versions have replaced; then a short page is returned. */
const MOST_READS = 8;

const MAX_LIMIT = 1000;

/** A list: a table, newest first, and how its rows are shown. */
export interface List<Row extends PositionRow, View> {
  readonly table: TableName;
  /** The column that the versions of a result share, where results have versions. */
  readonly id?: 'match_id' | 'break_id';
  view(row: Row): View;
  /** With all legs of each result; by default with the first. */
  readonly whole?: boolean;
}

type Versioned = PositionRow & { readonly version: number; readonly [id: string]: unknown };

/**
 * One page, newest first by (log time, position). The next page starts below the last row of this one, so rows that
 * are added meanwhile neither repeat nor hide any. Results with versions are shown as they stood in log time when the
 * walk began: each result that was stored then is met once, though it may have a newer version by now. A page may be
 * shorter than its limit and still have a next one.
 */
export async function readPage<Row extends PositionRow, View>(
  connection: Connection,
  database: string,
  list: List<Row, View>,
  conditions: Conditions,
  request: PageRequest,
): Promise<Page<View>> {
  const { limit } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new CounterfoilError('invalidField', `limit is ${limit}; it wants 1 to ${MAX_LIMIT}`);
  }
  const table = qualified(database, list.table);
  let cursor = request.cursor === undefined ? undefined : decodeCursor(list.table, request.cursor);
  const asOf = list.id === undefined ? 0 : (cursor?.asOf ?? (await newest(connection, table)));
  const items: View[] = [];
  for (let read = 0; read < MOST_READS; read++) {
    // One row more than asked for tells whether there is another page.
    const wanted = limit - items.length + 1;
    const where = below(conditions, list.id === undefined ? undefined : asOf, cursor);
    const rows = await connection.rows<Row>(
      `listing ${list.table}`,
      list.whole === true
        ? `SELECT ${selection(list.table)} FROM ${table} ${where.where} ORDER BY ${descending()} LIMIT ${wanted}`
        : // Outside, so that conditions on arrays are on whole ones.
          `SELECT ${shortSelection(list.table)} FROM (SELECT * FROM ${table} ${where.where} ORDER BY ${descending()} ` +
            `LIMIT ${wanted}) AS t ORDER BY ${descending()}`,
      where.params,
    );
    const current = await latest(connection, table, list, rows, asOf);
    for (const row of rows) {
      if (items.length === limit) return { items, next: encodeCursor(list.table, cursor!) };
      if (current(row)) items.push(list.view(row));
      cursor = after(row, asOf);
    }
    if (rows.length < wanted) return { items };
  }
  return { items, next: encodeCursor(list.table, cursor!) };
}

/** Log time of the newest row, epoch milliseconds; read from the parts' own bounds. */
async function newest(connection: Connection, table: string): Promise<number> {
  const rows = await connection.rows<{ ms: string }>(
    'reading the newest log time',
    `SELECT toUnixTimestamp64Milli(max(log_time)) AS ms FROM ${table}`,
  );
  return Number(rows[0]?.ms ?? 0);
}

function below(conditions: Conditions, asOf: number | undefined, cursor: Cursor | undefined): Conditions {
  const where = conditions.copy().and(`log_time <= ${moment('asOf')}`, { asOf });
  if (cursor === undefined) return where;
  const { epoch, partition, sequence, n } = cursor.position;
  // The first condition says nothing new, but it is the one by which the primary key is searched.
  return where.and(
    `log_time <= ${moment('afterTime')} AND ${SORTING_KEY} < ` +
      `(${moment('afterTime')}, {afterEpoch:UInt32}, {afterPartition:UInt16}, {afterSequence:UInt64}, {afterN:UInt32})`,
    {
      afterTime: cursor.logTime,
      afterEpoch: epoch,
      afterPartition: partition,
      afterSequence: sequence,
      afterN: n,
    },
  );
}

function descending(): string {
  return SORTING_KEY.slice(1, -1)
    .split(', ')
    .map((column) => `${column} DESC`)
    .join(', ');
}

function after(row: PositionRow, asOf: number): Cursor {
  const { epoch, partition, n } = row;
  return {
    asOf,
    logTime: Number(row.log_ms),
    position: { epoch, partition, sequence: Number(row.sequence), n },
  };
}

/** Tells which of `rows` no later version had replaced as of then. */
async function latest<Row extends PositionRow, View>(
  connection: Connection,
  table: string,
  list: List<Row, View>,
  rows: readonly Row[],
  asOf: number,
): Promise<(row: Row) => boolean> {
  const id = list.id;
  if (id === undefined || rows.length === 0) return () => true;
  const versioned = (row: PositionRow): Versioned => row as Versioned;
  const later = await connection.rows<{ result: string; latest: number }>(
    `looking for later versions in ${list.table}`,
    `SELECT ${id} AS result, max(version) AS latest FROM ${table} ` +
      `WHERE ${id} IN {ids:Array(String)} AND version > 1 AND log_time <= ${moment('asOf')} GROUP BY result`,
    { ids: rows.map((row) => versioned(row)[id] as string), asOf },
  );
  const versions = new Map(later.map((row) => [row.result, row.latest]));
  return (row) => (versions.get(versioned(row)[id] as string) ?? 1) <= versioned(row).version;
}
