import type { Connection } from './connection.ts';
import { TIMED_TABLES, qualified } from './schema.ts';

/**
 * Makes every table drop rows after `years` of log time, or keep them. ClickHouse drops a part when all of it is due,
 * which with partitions by month is a month at a time. Does nothing where the table is so already.
 */
export async function applyRetention(
  connection: Connection,
  database: string,
  years: number | undefined,
): Promise<void> {
  const tables = await connection.rows<{ name: string; engine_full: string }>(
    'reading the retention of tables',
    'SELECT name, engine_full FROM system.tables WHERE database = {database:String}',
    { database },
  );
  const engines = new Map(tables.map((table) => [table.name, table.engine_full]));
  for (const [table, column] of TIMED_TABLES) {
    const current = retentionOf(engines.get(table) ?? '');
    if (current === years) continue;
    await connection.command(
      `setting the retention of ${table}`,
      `ALTER TABLE ${qualified(database, table)} ` +
        (years === undefined ? 'REMOVE TTL' : `MODIFY TTL toDateTime(${column}) + toIntervalYear(${years})`),
    );
  }
}

/** The years in a table's engine clause; NaN for a TTL of another form, so that it differs from any. */
function retentionOf(engine: string): number | undefined {
  if (!/\sTTL\s/.test(engine)) return undefined;
  return Number(/TTL .*toIntervalYear\((\d+)\)/.exec(engine)?.[1] ?? NaN);
}
