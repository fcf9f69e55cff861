import { parsePosition, type RecordView } from '../domain/index.ts';
import { Conditions, moment } from './conditions.ts';
import type { Connection } from './connection.ts';
import { selection, type CommandRow, type PositionRow, type RecordRow } from './rows.ts';
import { place, placeOf, qualified } from './schema.ts';
import { positionOf, recordView } from './views.ts';

/** Records that are shown with one result; a result of more shows its first. */
const MOST_RECORDS = 1000;

/** Far more than there can be partitions. */
const MOST_ANSWERS = 10_000;

/** The latest version of a match or break, or undefined if `id` names none. */
export async function latestVersion<Row extends PositionRow>(
  connection: Connection,
  database: string,
  table: 'matches' | 'breaks',
  id: string,
): Promise<Row | undefined> {
  const position = parsePosition(id);
  if (position === undefined) return undefined;
  const column = table === 'matches' ? 'match_id' : 'break_id';
  // An identifier is the position of the first version: the rest of the partition's rows need not be looked at.
  const { where, params } = new Conditions()
    .equal(column, 'String', id)
    .equal('epoch', 'UInt64', position.epoch)
    .equal('partition', 'UInt32', position.partition)
    .and('sequence >= {sequence:UInt64}', { sequence: position.sequence });
  const rows = await connection.rows<Row>(
    `reading one of ${table}`,
    `SELECT ${selection(table)} FROM ${qualified(database, table)} ${where} ORDER BY version DESC LIMIT 1`,
    params,
  );
  return rows[0];
}

/** What the partitions answered to a command: the first answer of each, which is the one that counts. */
export async function answersTo(
  connection: Connection,
  database: string,
  commandId: string,
): Promise<CommandRow[]> {
  const { where, params } = new Conditions().equal('command_id', 'String', commandId);
  return connection.rows<CommandRow>(
    'reading the answers to a command',
    `SELECT ${selection('commands')} FROM ${qualified(database, 'commands')} ${where} ` +
      `ORDER BY epoch, partition, sequence LIMIT 1 BY epoch, partition LIMIT ${MOST_ANSWERS}`,
    params,
  );
}

/** Where a result lies and where its records do: parallel arrays. */
export interface RecordPlaces {
  readonly result: PositionRow;
  readonly sequences: readonly string[];
  readonly ordinals: readonly number[];
}

/** The records of a result, in the order of its legs or members. */
export async function recordsOf(
  connection: Connection,
  database: string,
  places: RecordPlaces,
): Promise<RecordView[]> {
  const { epoch, partition, log_ms: logTime } = places.result;
  const sequences = places.sequences.slice(0, MOST_RECORDS).map(BigInt);
  const ordinals = places.ordinals.slice(0, MOST_RECORDS);
  if (sequences.length === 0) return [];
  const { where, params } = new Conditions()
    .equal('epoch', 'UInt32', epoch)
    .equal('partition', 'UInt16', partition)
    .and(`log_time <= ${moment('logTime')}`, { logTime })
    .and(`${place('sequence', 'partition')} IN {places:Array(UInt64)}`, {
      places: [...new Set(sequences)].map((sequence) => placeOf(sequence, partition)),
    })
    .and('has(arrayZip({sequences:Array(UInt64)}, {ordinals:Array(UInt32)}), (sequence, n))', {
      sequences,
      ordinals,
    });
  const rows = await connection.rows<RecordRow>(
    'reading the records of a result',
    `SELECT ${selection('records')} FROM ${qualified(database, 'records')} ${where} LIMIT ${MOST_RECORDS}`,
    params,
  );
  const byPosition = new Map(rows.map((row) => [positionOf(row), row]));
  return sequences.flatMap((sequence, i) => {
    const row = byPosition.get(`${epoch}-${partition}-${sequence}-${ordinals[i]!}`);
    return row === undefined ? [] : [recordView(row)];
  });
}
