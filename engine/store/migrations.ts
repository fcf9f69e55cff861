import { CounterfoilError, TABLES, TABLE_NAMES, type TableName } from '../domain/index.ts';
import type { Connection } from './connection.ts';
import { applyRetention } from './retention.ts';
import { SETTING_NAMES, createRollup, createTable, literal, qualified } from './schema.ts';

/**
 * A numbered step from one state of the database to the next. Every statement can be repeated: a step that was cut
 * short runs again as a whole, and a new database runs all steps, so that a column added by a later one must be
 * added `IF NOT EXISTS`. The set is the same for the embedded database and for a server.
 */
interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: (database: string, knownSettings: ReadonlySet<string>) => string[];
}

/** In order, without gaps. A step that has been released is never changed; a new one follows it. */
const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'tables of results',
    statements: (database, known) => TABLE_NAMES.map((table) => createTable(database, table, known)),
  },
  {
    number: 2,
    name: 'rollups by log minute',
    statements: (database, known) => [createRollup(database, known)],
  },
  {
    number: 3,
    name: 'commands, groups and exchange',
    statements: (database, known) => [
      createTable(database, 'commands', known),
      // Rows stored before are looked through whole.
      `ALTER TABLE ${qualified(database, 'records')} ADD INDEX IF NOT EXISTS \`by_link\` link TYPE bloom_filter(0.01) GRANULARITY 1`,
      `ALTER TABLE ${qualified(database, 'matches')} ` +
        "ADD COLUMN IF NOT EXISTS `state` Enum8('matched' = 0, 'unmatched' = 1) AFTER `pools`, " +
        'ADD COLUMN IF NOT EXISTS `fields` Array(LowCardinality(String)) AFTER `rule`, ' +
        'ADD COLUMN IF NOT EXISTS `left_currency` LowCardinality(String) AFTER `exponent`, ' +
        'ADD COLUMN IF NOT EXISTS `rate` String AFTER `causes`',
      `ALTER TABLE ${qualified(database, 'breaks')} ` +
        "MODIFY COLUMN `state` Enum8('open' = 0, 'resolved' = 1, 'writtenOff' = 2), " +
        'ADD COLUMN IF NOT EXISTS `left_currency` LowCardinality(String) AFTER `exponent`, ' +
        'ADD COLUMN IF NOT EXISTS `why_time_difference` Nullable(Int64) AFTER `why_tolerance`, ' +
        'ADD COLUMN IF NOT EXISTS `why_source` Array(LowCardinality(String)) AFTER `why_time_difference`, ' +
        'ADD COLUMN IF NOT EXISTS `why_id` Array(String) AFTER `why_source`, ' +
        'ADD COLUMN IF NOT EXISTS `why_match` String AFTER `why_id`, ' +
        'ADD COLUMN IF NOT EXISTS `reason` String AFTER `why_match`',
    ],
  },
  {
    number: 4,
    name: 'rules in force, balances of sources',
    statements: (database, known) =>
      (['rules', 'balances'] as const).map((table) => createTable(database, table, known)),
  },
];

const LATEST = MIGRATIONS[MIGRATIONS.length - 1]!.number;

/**
 * Brings the database to this program's state: missing steps, then retention, then a check that the columns are those
 * that rows are written in. May run in several processes at once.
 * @param retainYears undefined keeps rows for ever
 * @throws CounterfoilError `storeRejected` if the database belongs to a newer program or was changed by hand
 */
export async function migrate(
  connection: Connection,
  database: string,
  retainYears: number | undefined,
): Promise<void> {
  await connection.command('creating the database', `CREATE DATABASE IF NOT EXISTS \`${database}\``);
  const journal = qualified(database, 'schema_migrations');
  await connection.command(
    'creating the table of migrations',
    `CREATE TABLE IF NOT EXISTS ${journal} (\`number\` UInt32, \`name\` String, \`applied_at\` DateTime64(3, 'UTC')) ` +
      'ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
  );
  const applied = new Set(
    (await connection.rows<{ number: number }>('reading migrations', `SELECT number FROM ${journal}`)).map(
      (row) => row.number,
    ),
  );
  const newest = Math.max(0, ...applied);
  if (newest > LATEST) {
    throw new CounterfoilError(
      'storeRejected',
      `database ${database} in ${connection.target} has migration ${newest}, this program knows up to ${LATEST}; run the newer counterfoil`,
    );
  }
  const known = await knownSettings(connection);
  for (const { number, name, statements } of MIGRATIONS) {
    if (applied.has(number)) continue;
    for (const statement of statements(database, known)) {
      await connection.command(`migration ${number} (${name})`, statement);
    }
    await connection.command(
      `recording migration ${number}`,
      `INSERT INTO ${journal} SETTINGS async_insert = 0 VALUES (${number}, ${literal(name)}, now64(3))`,
    );
  }
  await applyRetention(connection, database, retainYears);
  for (const table of TABLE_NAMES) await checkColumns(connection, database, table);
}

async function knownSettings(connection: Connection): Promise<ReadonlySet<string>> {
  const rows = await connection.rows<{ name: string }>(
    'reading table settings',
    'SELECT name FROM system.merge_tree_settings WHERE name IN {names:Array(String)}',
    { names: SETTING_NAMES },
  );
  return new Set(rows.map((row) => row.name));
}

/** Rows carry no column names: a column in another place would silently take another's values. */
async function checkColumns(connection: Connection, database: string, table: TableName): Promise<void> {
  const found = await connection.rows<{ name: string; type: string }>(
    `reading the columns of ${table}`,
    'SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position',
    { database, table },
  );
  const wanted = TABLES[table];
  for (let i = 0; i < Math.max(found.length, wanted.length); i++) {
    const [name, type] = wanted[i] ?? ['nothing', ''];
    const column = found[i] ?? { name: 'nothing', type: '' };
    if (column.name !== name || column.type !== type) {
      throw new CounterfoilError(
        'storeRejected',
        `table ${database}.${table} in ${connection.target} has ${`${column.name} ${column.type}`.trim()} as column ${i + 1}, this program wants ${`${name} ${type}`.trim()}; run the counterfoil that made it, or use another database`,
      );
    }
  }
}
