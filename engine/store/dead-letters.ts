import {
  parsePosition,
  type DeadLetterFilter,
  type DeadLetterState,
  type DeadLetterView,
  type Page,
} from '../domain/index.ts';
import { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { readPage, type List } from './pages.ts';
import { selection, type DeadLetterRow } from './rows.ts';
import { qualified } from './schema.ts';
import { deadLetterView, positionOf } from './views.ts';

/** Shown as they came, until it is known which were read again. */
const ROWS: List<DeadLetterRow, DeadLetterRow> = { table: 'dead_letters', view: (row) => row };

/** A row's place as `formatPosition` writes it. */
const POSITION =
  "concat(toString(epoch), '-', toString(partition), '-', toString(sequence), '-', toString(n))";

/** A page of dead letters, latest first. One is `replayed` when a finding says so. */
export async function listDeadLetters(
  connection: Connection,
  database: string,
  filter: DeadLetterFilter,
): Promise<Page<DeadLetterView>> {
  const conditions = new Conditions()
    .equal('source', 'String', filter.source)
    .equal('file', 'String', filter.file);
  if (filter.state !== undefined) {
    const among = filter.state === 'replayed' ? 'IN' : 'NOT IN';
    conditions.and(`${POSITION} ${among} (${replayedPositions(database)})`);
  }
  const { items, ...rest } = await readPage(connection, database, ROWS, conditions, filter);
  return { items: await views(connection, database, items), ...rest };
}

/** The dead letter at this place, if there is one. */
export async function deadLetterAt(
  connection: Connection,
  database: string,
  text: string,
): Promise<DeadLetterView | undefined> {
  const position = parsePosition(text);
  if (position === undefined) return undefined;
  const { where, params } = new Conditions()
    .equal('epoch', 'UInt64', position.epoch)
    .equal('partition', 'UInt32', position.partition)
    .equal('sequence', 'UInt64', position.sequence)
    .equal('n', 'UInt32', position.n);
  const rows = await connection.rows<DeadLetterRow>(
    'reading a dead letter',
    `SELECT ${selection('dead_letters')} FROM ${qualified(database, 'dead_letters')} ${where} LIMIT 1`,
    params,
  );
  return (await views(connection, database, rows))[0];
}

async function views(
  connection: Connection,
  database: string,
  rows: readonly DeadLetterRow[],
): Promise<DeadLetterView[]> {
  if (rows.length === 0) return [];
  const found = await connection.rows<{ position: string }>(
    'looking for dead letters that were read again',
    `${replayedPositions(database)} AND record_id IN {positions:Array(String)}`,
    { positions: rows.map(positionOf) },
  );
  const replayed = new Set(found.map(({ position }) => position));
  const stateOf = (row: DeadLetterRow): DeadLetterState =>
    replayed.has(positionOf(row)) ? 'replayed' : 'open';
  return rows.map((row) => deadLetterView(row, stateOf(row)));
}

function replayedPositions(database: string): string {
  return `SELECT record_id AS position FROM ${qualified(database, 'findings')} WHERE kind = 'replayed'`;
}
