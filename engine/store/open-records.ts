import type { CarriedRecord, OpenRecordsRequest } from '../domain/index.ts';
import { carried } from './carried.ts';
import { Conditions, moment } from './conditions.ts';
import type { Connection } from './connection.ts';
import { selection, type RecordRow } from './rows.ts';
import { qualified } from './schema.ts';

/**
 * Records that nothing in their pool has consumed, as far as what is stored says: those with the amount nearest to the
 * one asked for and those nearest in time, half of the limit each.
 */
export async function openRecords(
  connection: Connection,
  database: string,
  request: OpenRecordsRequest,
): Promise<CarriedRecord[]> {
  const half = Math.ceil(request.limit / 2);
  const found = new Map<string, CarriedRecord>();
  for (const order of [
    'abs(amount - {amount:Int64}), sequence, n',
    `abs(toUnixTimestamp64Milli(time) - {around:Int64}), sequence, n`,
  ]) {
    const { where, params } = conditions(database, request);
    const rows = await connection.rows<RecordRow>(
      'looking for open records',
      `SELECT ${selection('records')} FROM ${qualified(database, 'records')} ${where} ORDER BY ${order} LIMIT ${half}`,
      { ...params, amount: request.amount, around: request.around },
    );
    for (const row of rows) found.set(`${row.sequence}-${row.n}`, carried(row));
  }
  return [...found.values()];
}

function conditions(database: string, request: OpenRecordsRequest): Conditions {
  const { epoch, partition, account, currency, sources, from, to, pool } = request;
  const inPartition = 'epoch = {epoch:UInt32} AND partition = {partition:UInt16}';
  // In each of these the latest version counts.
  const matched =
    `SELECT arrayJoin(arrayZip(legs.1, legs.2)) FROM (SELECT argMax((leg_sequence, leg_ordinal), version) AS legs, ` +
    `argMax(state, version) AS latest FROM ${qualified(database, 'matches')} ` +
    `WHERE ${inPartition} AND account = {account:String} AND has(pools, {pool:String}) GROUP BY match_id) ` +
    `WHERE latest = 'matched'`;
  const writtenOff =
    `SELECT arrayJoin(arrayZip(members.1, members.2)) FROM (SELECT argMax((member_sequence, member_ordinal), version) AS members, ` +
    `argMax(state, version) AS latest FROM ${qualified(database, 'breaks')} ` +
    `WHERE ${inPartition} AND account = {account:String} AND has(pools, {pool:String}) GROUP BY break_id) ` +
    `WHERE latest = 'writtenOff'`;
  return new Conditions()
    .equal('epoch', 'UInt32', epoch)
    .equal('partition', 'UInt16', partition)
    .equal('account', 'String', account)
    .equal('currency', 'String', currency)
    .and('source IN {sources:Array(String)}', { sources })
    .and(`time >= ${moment('from')} AND time <= ${moment('to')}`, { from, to })
    .and(`(sequence, n) NOT IN (${matched})`, { pool })
    .and(`(sequence, n) NOT IN (${writtenOff})`, { pool });
}
