/**
 * The tables of results and the order of their columns. Shards write rows in this order as TabSeparated, the store
 * creates the tables and reads the rows; both take it from here, so that they cannot drift apart.
 *
 * Every row of a positioned table starts with (epoch, partition, sequence, n): the place of the result in the log,
 * by which a restart knows what is already stored. `log_time` is the origin of every stored time, milliseconds.
 * Amounts are integer minor units of `currency` with `exponent` digits after the point.
 */
const POSITION = [
  ['epoch', 'UInt32'],
  ['partition', 'UInt16'],
  ['sequence', 'UInt64'],
  ['n', 'UInt32'],
  ['log_time', "DateTime64(3, 'UTC')"],
] as const;

export const TABLES = {
  /** One row per accepted record; `n` is its number within its message. */
  records: [
    ...POSITION,
    ['source', 'LowCardinality(String)'],
    ['id', 'String'],
    ['version', 'UInt32'],
    ['account', 'LowCardinality(String)'],
    ['kind', 'LowCardinality(String)'],
    ['status', 'LowCardinality(String)'],
    ['currency', 'LowCardinality(String)'],
    ['exponent', 'UInt8'],
    ['amount', 'Int64'],
    ['fee', 'Int64'],
    ['tax', 'Int64'],
    ['net', 'Int64'],
    ['time', "DateTime64(3, 'UTC')"],
    ['precision', "Enum8('instant' = 0, 'day' = 1)"],
    ['offset_minutes', 'Int16'],
    ['booking_date', 'Nullable(Date32)'],
    ['value_date', 'Nullable(Date32)'],
    ['available_on', 'Nullable(Date32)'],
    ['references', 'Map(LowCardinality(String), String)'],
    ['attributes', 'Map(LowCardinality(String), String)'],
    ['link', 'String'],
    ['original_amount', 'Nullable(Int64)'],
    ['original_currency', 'LowCardinality(String)'],
    ['group_count', 'Nullable(UInt32)'],
    ['group_total', 'Nullable(Int64)'],
  ],
  /** One row per version of a match; its legs are arrays of equal length. */
  matches: [
    ...POSITION,
    ['match_id', 'String'],
    ['version', 'UInt32'],
    ['reconciliation', 'LowCardinality(String)'],
    ['pools', 'Array(LowCardinality(String))'],
    ['state', "Enum8('matched' = 0, 'unmatched' = 1)"],
    ['rule', 'LowCardinality(String)'],
    ['fields', 'Array(LowCardinality(String))'],
    ['account', 'LowCardinality(String)'],
    ['currency', 'LowCardinality(String)'],
    ['exponent', 'UInt8'],
    ['left_currency', 'LowCardinality(String)'],
    ['difference', 'Int64'],
    ['causes', 'Map(LowCardinality(String), Int64)'],
    ['rate', 'String'],
    ['lag_ms', 'UInt64'],
    ['leg_side', "Array(Enum8('left' = 0, 'right' = 1))"],
    ['leg_source', 'Array(LowCardinality(String))'],
    ['leg_id', 'Array(String)'],
    ['leg_sequence', 'Array(UInt64)'],
    ['leg_ordinal', 'Array(UInt32)'],
    ['leg_allocated', 'Array(Int64)'],
  ],
  /** One row per version of a break's life. */
  breaks: [
    ...POSITION,
    ['break_id', 'String'],
    ['version', 'UInt32'],
    ['state', "Enum8('open' = 0, 'resolved' = 1, 'writtenOff' = 2)"],
    ['reconciliation', 'LowCardinality(String)'],
    ['pools', 'Array(LowCardinality(String))'],
    ['kind', 'LowCardinality(String)'],
    ['account', 'LowCardinality(String)'],
    ['currency', 'LowCardinality(String)'],
    ['exponent', 'UInt8'],
    ['left_currency', 'LowCardinality(String)'],
    ['amount', 'Int64'],
    ['due_time', "DateTime64(3, 'UTC')"],
    ['member_side', "Array(Enum8('left' = 0, 'right' = 1))"],
    ['member_source', 'Array(LowCardinality(String))'],
    ['member_id', 'Array(String)'],
    ['member_sequence', 'Array(UInt64)'],
    ['member_ordinal', 'Array(UInt32)'],
    ['member_amount', 'Array(Int64)'],
    ['why_rule', 'LowCardinality(String)'],
    ['why_condition', 'LowCardinality(String)'],
    ['why_difference', 'Nullable(Int64)'],
    ['why_tolerance', 'Nullable(Int64)'],
    ['why_time_difference', 'Nullable(Int64)'],
    ['why_source', 'Array(LowCardinality(String))'],
    ['why_id', 'Array(String)'],
    ['why_match', 'String'],
    ['reason', 'String'],
    ['resolved_by', 'String'],
  ],
  findings: [
    ...POSITION,
    ['kind', 'LowCardinality(String)'],
    ['source', 'LowCardinality(String)'],
    ['record_id', 'String'],
    ['account', 'LowCardinality(String)'],
    ['currency', 'LowCardinality(String)'],
    ['amount', 'Int64'],
    ['message', 'String'],
  ],
  /** One row each time that a source states balances; a statement that is read again states them again. */
  balances: [
    ...POSITION,
    ['source', 'LowCardinality(String)'],
    ['account', 'LowCardinality(String)'],
    ['currency', 'LowCardinality(String)'],
    ['name', 'String'],
    ['page', 'UInt32'],
    ['day', 'Date32'],
    ['opening', 'Nullable(Int64)'],
    ['closing', 'Int64'],
  ],
  /** One row per command, with what became of it. */
  commands: [
    ...POSITION,
    ['command_id', 'String'],
    ['kind', 'LowCardinality(String)'],
    ['accepted', 'UInt8'],
    ['reason', 'String'],
    ['by', 'String'],
    ['why', 'String'],
  ],
  /** One row each time that other rules are in force from a message on, that message included. */
  rules: [...POSITION, ['hash', 'String'], ['json', 'String']],
  /** `partition` is DEAD_LETTER_PARTITION for those of connectors, else the partition whose kernel refused the record. */
  dead_letters: [
    ...POSITION,
    ['source', 'LowCardinality(String)'],
    ['code', 'LowCardinality(String)'],
    ['reason', 'String'],
    ['file', 'String'],
    ['line', 'UInt64'],
    ['offset', 'UInt64'],
    ['ordinal', 'UInt32'],
    ['payload', 'String'],
  ],
} as const;

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

/** The partition number under which connectors' dead letters are positioned: no records partition has it. */
export const DEAD_LETTER_PARTITION = 65_535;

/** The partition whose kernel says that a source is overdue: all of them wait for it, one finding is enough. */
export const OVERDUE_PARTITION = 0;

/** Most partitions a deployment may have. */
export const MAX_PARTITIONS = 1024;
