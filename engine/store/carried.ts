import { parseDay, type CarriedRecord, type Position, type RecordView } from '../domain/index.ts';
import { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { selection, type RecordRow } from './rows.ts';
import { place, placeOf, qualified } from './schema.ts';
import { positionOf, recordView } from './views.ts';

/** Places looked up by one query: their parameters travel in an address. */
const PLACES_PER_QUERY = 500;

/** The stored records at these places of one epoch and partition, in that order; what is not stored is left out. */
export async function recordsAt(
  connection: Connection,
  database: string,
  places: readonly Position[],
): Promise<RecordView[]> {
  return (await rowsAt(connection, database, places)).map(recordView);
}

/** The same whole, as a command carries them. */
export async function carriedAt(
  connection: Connection,
  database: string,
  places: readonly Position[],
): Promise<CarriedRecord[]> {
  return (await rowsAt(connection, database, places)).map(carried);
}

async function rowsAt(
  connection: Connection,
  database: string,
  places: readonly Position[],
): Promise<RecordRow[]> {
  const found = new Map<string, RecordRow>();
  for (const group of groups(places)) {
    const { epoch, partition } = group[0]!;
    const { where, params } = new Conditions()
      .equal('epoch', 'UInt32', epoch)
      .equal('partition', 'UInt16', partition)
      .and(`${place('sequence', 'partition')} IN {places:Array(UInt64)}`, {
        places: [...new Set(group.map(({ sequence }) => placeOf(sequence, partition)))],
      })
      .and('has(arrayZip({sequences:Array(UInt64)}, {ordinals:Array(UInt32)}), (sequence, n))', {
        sequences: group.map(({ sequence }) => BigInt(sequence)),
        ordinals: group.map(({ n }) => n),
      });
    const rows = await connection.rows<RecordRow>(
      'reading records by their places',
      `SELECT ${selection('records')} FROM ${qualified(database, 'records')} ${where} LIMIT ${group.length}`,
      params,
    );
    for (const row of rows) found.set(positionOf(row), row);
  }
  return places.flatMap(({ epoch, partition, sequence, n }) => {
    const row = found.get(`${epoch}-${partition}-${sequence}-${n}`);
    return row === undefined ? [] : [row];
  });
}

/** Places of one epoch and partition each, at most PLACES_PER_QUERY together. */
function groups(places: readonly Position[]): Position[][] {
  const full: Position[][] = [];
  const filling = new Map<string, Position[]>();
  for (const each of places) {
    const key = `${each.epoch}-${each.partition}`;
    let group = filling.get(key);
    if (group === undefined || group.length === PLACES_PER_QUERY) {
      group = [];
      filling.set(key, group);
      full.push(group);
    }
    group.push(each);
  }
  return full;
}

/** A stored record whole. */
export function carried(row: RecordRow): CarriedRecord {
  return {
    source: row.source,
    id: row.id,
    sequence: Number(row.sequence),
    ordinal: row.n,
    ...(row.version === 0 ? {} : { version: row.version }),
    account: row.account,
    kind: row.kind,
    status: row.status,
    currency: row.currency,
    amount: Number(row.amount),
    fee: Number(row.fee),
    tax: Number(row.tax),
    time: Number(row.time_ms),
    precision: row.precision,
    offsetMinutes: row.offset_minutes,
    ...(row.booking_date === null ? {} : { bookingDate: parseDay(row.booking_date) }),
    ...(row.value_date === null ? {} : { valueDate: parseDay(row.value_date) }),
    ...(row.available_on === null ? {} : { availableOn: parseDay(row.available_on) }),
    references: row.references,
    ...(row.link === '' ? {} : { link: row.link }),
    ...(row.original_amount === null
      ? {}
      : { original: { amount: Number(row.original_amount), currency: row.original_currency } }),
    ...(row.group_count === null ? {} : { groupCount: row.group_count }),
    ...(row.group_total === null ? {} : { groupTotal: Number(row.group_total) }),
    attributes: row.attributes,
  };
}
