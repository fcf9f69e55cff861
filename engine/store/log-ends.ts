import { TABLE_NAMES, type LogEnd } from '../domain/index.ts';
import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

/** The last message of each life of each partition's stream that anything is stored of. */
export async function logEnds(connection: Connection, database: string): Promise<LogEnd[]> {
  const ends = TABLE_NAMES.filter((table) => table !== 'dead_letters').map(
    (table) =>
      `SELECT epoch, partition, max(sequence) AS last FROM ${qualified(database, table)} GROUP BY epoch, partition`,
  );
  const rows = await connection.rows<{ epoch: number; partition: number; sequence: string }>(
    'reading how far the log is stored',
    `SELECT epoch, partition, toString(max(last)) AS sequence FROM (${ends.join(' UNION ALL ')}) ` +
      `GROUP BY epoch, partition ORDER BY epoch, partition`,
  );
  return rows.map(({ epoch, partition, sequence }) => ({ epoch, partition, sequence: Number(sequence) }));
}
