import type { FeeFilter, StatementLane } from '../domain/index.ts';
import type { Connection } from './connection.ts';
import { FilterSql } from './filter-sql.ts';
import { LaneSql } from './lane-sql.ts';
import { qualified } from './schema.ts';

/** How many records that these sides select report a fee or tax; by the records' own local months. */
export async function reportedFees(
  connection: Connection,
  database: string,
  lanes: readonly StatementLane[],
  { source, fromMonth, toMonth }: FeeFilter,
): Promise<number> {
  if (lanes.length === 0) return 0;
  const filters = new FilterSql();
  const month = "formatDateTime(addMinutes(time, offset_minutes), '%Y-%m')";
  const conditions = [
    '(fee != 0 OR tax != 0)',
    `(${new LaneSql(lanes, filters).selected(lanes)})`,
    ...(source === undefined ? [] : [`source = ${filters.place('String', source)}`]),
    ...(fromMonth === undefined ? [] : [`${month} >= ${filters.place('String', fromMonth)}`]),
    ...(toMonth === undefined ? [] : [`${month} <= ${filters.place('String', toMonth)}`]),
  ];
  const [row] = await connection.rows<{ records: string }>(
    'counting reported fees',
    `SELECT toString(count()) AS records FROM ${qualified(database, 'records')} WHERE ${conditions.join(' AND ')}`,
    filters.params,
  );
  return Number(row!.records);
}
