import type {
  BreakKind,
  BreakState,
  CommandKind,
  FindingKind,
  RecordKind,
  RecordStatus,
  Side,
  TableName,
  WhyCondition,
} from '../domain/index.ts';
import { SHOWN_PARTS, TABLES } from '../domain/index.ts';

/** What every row read back starts with. 64-bit integers are text. */
export interface PositionRow {
  readonly epoch: number;
  readonly partition: number;
  readonly sequence: string;
  readonly n: number;
  /** Epoch milliseconds. */
  readonly log_ms: string;
}

interface Names {
  readonly [name: string]: string;
}

export interface RecordRow extends PositionRow {
  readonly source: string;
  readonly id: string;
  readonly version: number;
  readonly account: string;
  readonly kind: RecordKind;
  readonly status: RecordStatus;
  readonly currency: string;
  readonly exponent: number;
  readonly amount: string;
  readonly fee: string;
  readonly tax: string;
  readonly net: string;
  readonly time_ms: string;
  readonly precision: 'instant' | 'day';
  readonly offset_minutes: number;
  readonly booking_date: string | null;
  readonly value_date: string | null;
  readonly available_on: string | null;
  readonly references: Names;
  readonly attributes: Names;
  readonly link: string;
  readonly original_amount: string | null;
  readonly original_currency: string;
  readonly group_count: number | null;
  readonly group_total: string | null;
}

export interface MatchRow extends PositionRow {
  readonly match_id: string;
  readonly version: number;
  readonly reconciliation: string;
  readonly state: 'matched' | 'unmatched';
  readonly rule: string;
  readonly fields: readonly string[];
  readonly account: string;
  readonly currency: string;
  readonly exponent: number;
  readonly left_currency: string;
  readonly difference: string;
  readonly causes: Names;
  readonly rate: string;
  readonly lag_ms: string;
  readonly leg_side: readonly Side[];
  readonly leg_source: readonly string[];
  readonly leg_id: readonly string[];
  readonly leg_sequence: readonly string[];
  readonly leg_ordinal: readonly number[];
  readonly leg_allocated: readonly string[];
  /** Legs that were left out of the arrays. */
  readonly more?: number;
}

export interface BreakRow extends PositionRow {
  readonly break_id: string;
  readonly version: number;
  readonly state: BreakState;
  readonly reconciliation: string;
  readonly kind: BreakKind;
  readonly account: string;
  readonly currency: string;
  readonly exponent: number;
  readonly left_currency: string;
  readonly amount: string;
  readonly due_ms: string;
  readonly member_side: readonly Side[];
  readonly member_source: readonly string[];
  readonly member_id: readonly string[];
  readonly member_sequence: readonly string[];
  readonly member_ordinal: readonly number[];
  readonly member_amount: readonly string[];
  readonly why_rule: string;
  readonly why_condition: WhyCondition;
  readonly why_difference: string | null;
  readonly why_tolerance: string | null;
  readonly why_time_difference: string | null;
  readonly why_source: readonly string[];
  readonly why_id: readonly string[];
  readonly why_match: string;
  readonly reason: string;
  readonly resolved_by: string;
  /** Members that were left out of the arrays. */
  readonly more?: number;
}

export interface FindingRow extends PositionRow {
  readonly kind: FindingKind;
  readonly source: string;
  readonly record_id: string;
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly message: string;
}

export interface CommandRow extends PositionRow {
  readonly command_id: string;
  readonly kind: CommandKind;
  readonly accepted: number;
  readonly reason: string;
  readonly by: string;
  readonly why: string;
}

export interface DeadLetterRow extends PositionRow {
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly file: string;
  readonly line: string;
  readonly payload: string;
}

/** Times are read as epoch milliseconds under these names: no text of a time needs to be understood. */
const TIMES: { readonly [column: string]: string } = {
  log_time: 'log_ms',
  time: 'time_ms',
  due_time: 'due_ms',
};

/** The columns of a table as a query reads them. */
export function selection(table: TableName): string {
  return TABLES[table]
    .map(([name]) => {
      const alias = TIMES[name];
      return alias === undefined ? `\`${name}\`` : `toUnixTimestamp64Milli(\`${name}\`) AS ${alias}`;
    })
    .join(', ');
}

/** The same for a list: of legs and members the first, and as `more` how many there are besides. */
export function shortSelection(table: TableName): string {
  const prefix = table === 'matches' ? 'leg_' : table === 'breaks' ? 'member_' : undefined;
  if (prefix === undefined) return selection(table);
  const columns = selection(table).replaceAll(
    new RegExp(`\`(${prefix}\\w+)\``, 'g'),
    `arraySlice(t.\`$1\`, 1, ${SHOWN_PARTS}) AS $1`,
  );
  return `${columns}, toUInt32(greatest(0, toInt64(length(t.${prefix}id)) - ${SHOWN_PARTS})) AS more`;
}
