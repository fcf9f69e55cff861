import { exponentOf, formatMinor, formatPosition, isKnownCurrency } from '../engine/domain/index.ts';
import type { BreakView, CommandView, FindingView, MatchView, Side } from '../engine/domain/index.ts';

/** A decoded row of a result table: columns of TABLES, numbers for integers, epoch milliseconds for times. */
export type Row = Readonly<{ [column: string]: unknown }>;

/** A row of `matches` as the API shows it. */
export function matchView(row: Row): MatchView {
  const exponent = number(row, 'exponent');
  const sides = texts(row, 'leg_side') as readonly Side[];
  const sources = texts(row, 'leg_source');
  const ids = texts(row, 'leg_id');
  const allocated = numbers(row, 'leg_allocated');
  const places = recordPlaces(row, 'leg');
  const rate = text(row, 'rate');
  return {
    matchId: text(row, 'match_id'),
    version: number(row, 'version'),
    state: row['state'] as MatchView['state'],
    reconciliation: text(row, 'reconciliation'),
    rule: text(row, 'rule'),
    fields: texts(row, 'fields'),
    account: text(row, 'account'),
    currency: text(row, 'currency'),
    difference: formatMinor(number(row, 'difference'), exponent),
    causes: Object.fromEntries(
      Object.entries(row['causes'] as { [cause: string]: number }).map(([cause, minor]) => [
        cause,
        formatMinor(minor, exponent),
      ]),
    ),
    ...(rate === '' ? {} : { rate }),
    lagMs: number(row, 'lag_ms'),
    legs: ids.map((id, i) => ({
      side: sides[i]!,
      source: sources[i]!,
      id,
      record: places[i]!,
      ...part('allocated', allocated[i]!, sides[i]!, row),
    })),
    logTime: moment(row, 'log_time'),
  };
}

/** A row of `breaks` as the API shows it. */
export function breakView(row: Row): BreakView {
  const exponent = number(row, 'exponent');
  const sides = texts(row, 'member_side') as readonly Side[];
  const sources = texts(row, 'member_source');
  const ids = texts(row, 'member_id');
  const amounts = numbers(row, 'member_amount');
  const places = recordPlaces(row, 'member');
  const difference = row['why_difference'] as number | null;
  const tolerance = row['why_tolerance'] as number | null;
  const timeDifferenceMs = row['why_time_difference'] as number | null;
  const nearest = texts(row, 'why_id');
  const match = text(row, 'why_match');
  const reason = text(row, 'reason');
  const resolvedBy = text(row, 'resolved_by');
  return {
    breakId: text(row, 'break_id'),
    version: number(row, 'version'),
    state: row['state'] as BreakView['state'],
    reconciliation: text(row, 'reconciliation'),
    kind: row['kind'] as BreakView['kind'],
    account: text(row, 'account'),
    currency: text(row, 'currency'),
    amount: formatMinor(number(row, 'amount'), exponent),
    dueTime: moment(row, 'due_time'),
    members: ids.map((id, i) => ({
      side: sides[i]!,
      source: sources[i]!,
      id,
      record: places[i]!,
      ...part('amount', amounts[i]!, sides[i]!, row),
    })),
    why: {
      rule: text(row, 'why_rule'),
      condition: row['why_condition'] as BreakView['why']['condition'],
      ...(difference === null ? {} : { difference: formatMinor(difference, exponent) }),
      ...(tolerance === null ? {} : { tolerance: formatMinor(tolerance, exponent) }),
      ...(timeDifferenceMs === null ? {} : { timeDifferenceMs }),
      ...(nearest.length === 0
        ? {}
        : { records: nearest.map((id, i) => ({ source: texts(row, 'why_source')[i]!, id })) }),
      ...(match === '' ? {} : { match }),
    },
    ...(reason === '' ? {} : { reason }),
    ...(resolvedBy === '' ? {} : { resolvedBy }),
    logTime: moment(row, 'log_time'),
  };
}

/** A row of `commands` as the API shows it. */
export function commandView(row: Row): CommandView {
  return {
    id: text(row, 'command_id'),
    position: positionOf(row),
    kind: row['kind'] as CommandView['kind'],
    accepted: number(row, 'accepted') !== 0,
    reason: text(row, 'reason'),
    by: text(row, 'by'),
    why: text(row, 'why'),
    logTime: moment(row, 'log_time'),
  };
}

/** A row of `findings` as the API shows it. */
export function findingView(row: Row): FindingView {
  const currency = text(row, 'currency');
  return {
    position: positionOf(row),
    kind: row['kind'] as FindingView['kind'],
    source: text(row, 'source'),
    recordId: text(row, 'record_id'),
    account: text(row, 'account'),
    currency,
    amount: formatMinor(number(row, 'amount'), isKnownCurrency(currency) ? exponentOf(currency) : 0),
    message: text(row, 'message'),
    logTime: moment(row, 'log_time'),
  };
}

/** A record's part in a result: in the currency of the left side where that is another one. */
function part<Name extends string>(
  name: Name,
  minor: number,
  side: Side,
  row: Row,
): { readonly [name in Name]: string } & { readonly currency?: string } {
  const left = side === 'left' ? text(row, 'left_currency') : '';
  const exponent = left === '' ? number(row, 'exponent') : exponentOf(left);
  const money = { [name]: formatMinor(minor, exponent) } as { readonly [name in Name]: string };
  return left === '' ? money : { ...money, currency: left };
}

function positionOf(row: Row): string {
  return formatPosition(
    number(row, 'epoch'),
    number(row, 'partition'),
    number(row, 'sequence'),
    number(row, 'n'),
  );
}

/** Positions of the records named by the parallel arrays `<prefix>_sequence` and `<prefix>_ordinal`. */
function recordPlaces(row: Row, prefix: 'leg' | 'member'): string[] {
  const epoch = number(row, 'epoch');
  const partition = number(row, 'partition');
  const ordinals = numbers(row, `${prefix}_ordinal`);
  return numbers(row, `${prefix}_sequence`).map((sequence, i) =>
    formatPosition(epoch, partition, sequence, ordinals[i]!),
  );
}

function number(row: Row, column: string): number {
  return row[column] as number;
}

function text(row: Row, column: string): string {
  return row[column] as string;
}

function numbers(row: Row, column: string): readonly number[] {
  return row[column] as readonly number[];
}

function texts(row: Row, column: string): readonly string[] {
  return row[column] as readonly string[];
}

function moment(row: Row, column: string): string {
  return new Date(number(row, column)).toISOString();
}
