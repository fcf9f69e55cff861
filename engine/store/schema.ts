import { TABLES, TABLE_NAMES, type TableName } from '../domain/index.ts';

/** Rows lie in the order in which the API lists them; a position is unique, so the order is total. */
export const SORTING_KEY: string = '(log_time, epoch, partition, sequence, n)';

/**
 * Skip indexes for what is looked up by value. A record is found by the position that a leg names: `place` packs
 * (sequence, partition) into one number, because a range of sequences says little where partitions are unevenly busy.
 */
const INDEXES: { readonly [table in TableName]: readonly string[] } = {
  records: [
    bloom('place', place('sequence', 'partition')),
    bloom('id', 'id'),
    bloom('references', 'mapValues(`references`)'),
    bloom('link', 'link'),
    'INDEX `by_time` `time` TYPE minmax GRANULARITY 1',
  ],
  matches: [bloom('match_id', 'match_id'), bloom('leg_id', 'leg_id'), versions()],
  breaks: [bloom('break_id', 'break_id'), bloom('member_id', 'member_id'), versions()],
  findings: [bloom('record_id', 'record_id')],
  commands: [bloom('command_id', 'command_id')],
  balances: [],
  rules: [],
  dead_letters: [],
};

/** Lookups of later versions skip all the granules in which everything is in its first. */
function versions(): string {
  return 'INDEX `by_version` `version` TYPE minmax GRANULARITY 1';
}

function bloom(name: string, expression: string): string {
  return `INDEX \`by_${name}\` ${expression} TYPE bloom_filter(0.01) GRANULARITY 1`;
}

/** (sequence, partition) as one number, in SQL. */
export function place(sequence: string, partition: string): string {
  return `${sequence} * 65536 + ${partition}`;
}

/** The same in JavaScript, exact for any sequence. */
export function placeOf(sequence: number | bigint, partition: number): bigint {
  return BigInt(sequence) * 65536n + BigInt(partition);
}

/**
 * Settings of every table:
 * - inserts and merges are on the disk before they are acknowledged, or replace their parts;
 * - a repeat of an insert with the same token is recognised;
 * - small parts are one file, not two for each column: half the work of an insert was in files;
 * - many parts to a merge: each row is then written again about half as often, which is a fifth of the CPU of
 *   ingesting, for a few dozen parts more that a query opens;
 * - no statistics: nothing here is joined, and they cost every merge;
 * - retention drops whole months.
 */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['fsync_after_insert', '1'],
  ['fsync_part_directory', '1'],
  ['min_compressed_bytes_to_fsync_after_merge', '1'],
  ['non_replicated_deduplication_window', '1000'],
  ['min_bytes_for_wide_part', '134217728'],
  ['auto_statistics_types', "''"],
  ['merge_selector_base', '16'],
  ['ttl_only_drop_parts', '1'],
];

/** Names of the table settings that are wanted; a server that is older than one of them is used without it. */
export const SETTING_NAMES: readonly string[] = SETTINGS.map(([name]) => name);

/** The statement that creates a table of results. `known` are the settings that the server has. */
export function createTable(database: string, table: TableName, known: ReadonlySet<string>): string {
  const parts = [...TABLES[table].map(([name, type]) => `\`${name}\` ${type}`), ...INDEXES[table]];
  return (
    `CREATE TABLE IF NOT EXISTS ${qualified(database, table)} (\n  ${parts.join(',\n  ')}\n) ` +
    `ENGINE = MergeTree PARTITION BY toYYYYMM(log_time) ORDER BY ${SORTING_KEY} ${settings(known)}`
  );
}

/** The statement that creates the rollup by log minute; see rollups.ts for what its rows say. */
export function createRollup(database: string, known: ReadonlySet<string>): string {
  return (
    `CREATE TABLE IF NOT EXISTS ${qualified(database, 'rollup_minute')} (
  \`minute\` DateTime('UTC'),
  \`thing\` Enum8('record' = 0, 'match' = 1, 'break' = 2, 'healed' = 3),
  \`reconciliation\` LowCardinality(String),
  \`source\` LowCardinality(String),
  \`kind\` LowCardinality(String),
  \`currency\` LowCardinality(String),
  \`exponent\` UInt8,
  \`count\` UInt64,
  \`amount\` Int128,
  \`absolute_amount\` Int128,
  \`difference\` Int128,
  \`version\` UInt64
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(minute) ` +
    `ORDER BY (minute, thing, reconciliation, source, kind, currency, exponent) ` +
    settings(known, ['non_replicated_deduplication_window'])
  );
}

function settings(known: ReadonlySet<string>, without: readonly string[] = []): string {
  const usable = SETTINGS.filter(([name]) => known.has(name) && !without.includes(name));
  return usable.length === 0
    ? ''
    : `SETTINGS ${usable.map(([name, value]) => `${name} = ${value}`).join(', ')}`;
}

/** `database`.`table` */
export function qualified(database: string, table: string): string {
  return `\`${database}\`.\`${table}\``;
}

/** The columns of a table in the order of its rows, for a statement. */
export function columnList(table: TableName): string {
  return TABLES[table].map(([name]) => `\`${name}\``).join(', ');
}

/**
 * The columns with their types, as a reader of rows is told them: without LowCardinality. Read as plain strings and
 * converted by the column, rows cost half of what they cost when each value is looked up in a dictionary.
 */
export function rowStructure(table: TableName): string {
  return TABLES[table]
    .map(([name, type]) => `\`${name}\` ${type.replace(/LowCardinality\((\w+)\)/g, '$1')}`)
    .join(', ');
}

/**
 * Every table that results are kept in, rollups included, with the column that its retention counts from. Rules are kept
 * for ever: old ones may still be in force.
 */
export const TIMED_TABLES: readonly (readonly [table: string, column: string])[] = [
  ...TABLE_NAMES.filter((table) => table !== 'rules').map((table) => [table, 'log_time'] as const),
  ['rollup_minute', 'minute'],
];

/** A string literal of SQL. */
export function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
