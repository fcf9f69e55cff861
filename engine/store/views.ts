import {
  exponentOf,
  formatDay,
  formatMinor,
  formatPosition,
  isKnownCurrency,
  localDayOf,
  type BreakView,
  type CommandView,
  type DeadLetterState,
  type DeadLetterView,
  type FindingView,
  type MatchView,
  type RecordView,
} from '../domain/index.ts';
import type {
  BreakRow,
  CommandRow,
  DeadLetterRow,
  FindingRow,
  MatchRow,
  PositionRow,
  RecordRow,
} from './rows.ts';

export function recordView(row: RecordRow): RecordView {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.exponent);
  const original = row.original_amount;
  return {
    position: positionOf(row),
    source: row.source,
    id: row.id,
    ...(row.version === 0 ? {} : { version: row.version }),
    account: row.account,
    kind: row.kind,
    status: row.status,
    currency: row.currency,
    amount: money(row.amount),
    fee: money(row.fee),
    tax: money(row.tax),
    net: money(row.net),
    time:
      row.precision === 'day'
        ? formatDay(localDayOf(Number(row.time_ms), row.offset_minutes))
        : isoTime(row.time_ms),
    ...(row.booking_date === null ? {} : { bookingDate: row.booking_date }),
    ...(row.value_date === null ? {} : { valueDate: row.value_date }),
    ...(row.available_on === null ? {} : { availableOn: row.available_on }),
    references: row.references,
    attributes: row.attributes,
    ...(row.link === '' ? {} : { link: row.link }),
    ...(original === null
      ? {}
      : { original: { amount: major(original, row.original_currency), currency: row.original_currency } }),
    ...(row.group_count === null ? {} : { groupCount: row.group_count }),
    ...(row.group_total === null ? {} : { groupTotal: money(row.group_total) }),
    logTime: isoTime(row.log_ms),
  };
}

export function matchView(row: MatchRow): MatchView {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.exponent);
  const left = leftMoney(row);
  return {
    matchId: row.match_id,
    version: row.version,
    state: row.state,
    reconciliation: row.reconciliation,
    rule: row.rule,
    fields: row.fields,
    account: row.account,
    currency: row.currency,
    difference: money(row.difference),
    causes: Object.fromEntries(Object.entries(row.causes).map(([cause, minor]) => [cause, money(minor)])),
    ...(row.rate === '' ? {} : { rate: row.rate }),
    lagMs: Number(row.lag_ms),
    ...((row.more ?? 0) === 0 ? {} : { moreLegs: row.more! }),
    legs: row.leg_id.map((id, i) => ({
      side: row.leg_side[i]!,
      source: row.leg_source[i]!,
      id,
      record: formatPosition(row.epoch, row.partition, Number(row.leg_sequence[i]!), row.leg_ordinal[i]!),
      ...(left !== undefined && row.leg_side[i] === 'left'
        ? { allocated: left.money(row.leg_allocated[i]!), currency: left.currency }
        : { allocated: money(row.leg_allocated[i]!) }),
    })),
    logTime: isoTime(row.log_ms),
  };
}

export function breakView(row: BreakRow): BreakView {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.exponent);
  const left = leftMoney(row);
  return {
    breakId: row.break_id,
    version: row.version,
    state: row.state,
    reconciliation: row.reconciliation,
    kind: row.kind,
    account: row.account,
    currency: row.currency,
    amount: money(row.amount),
    dueTime: isoTime(row.due_ms),
    ...((row.more ?? 0) === 0 ? {} : { moreMembers: row.more! }),
    members: row.member_id.map((id, i) => ({
      side: row.member_side[i]!,
      source: row.member_source[i]!,
      id,
      record: formatPosition(
        row.epoch,
        row.partition,
        Number(row.member_sequence[i]!),
        row.member_ordinal[i]!,
      ),
      ...(left !== undefined && row.member_side[i] === 'left'
        ? { amount: left.money(row.member_amount[i]!), currency: left.currency }
        : { amount: money(row.member_amount[i]!) }),
    })),
    why: {
      rule: row.why_rule,
      condition: row.why_condition,
      ...(row.why_difference === null ? {} : { difference: money(row.why_difference) }),
      ...(row.why_tolerance === null ? {} : { tolerance: money(row.why_tolerance) }),
      ...(row.why_time_difference === null ? {} : { timeDifferenceMs: Number(row.why_time_difference) }),
      ...(row.why_id.length === 0
        ? {}
        : { records: row.why_id.map((id, i) => ({ source: row.why_source[i]!, id })) }),
      ...(row.why_match === '' ? {} : { match: row.why_match }),
    },
    ...(row.reason === '' ? {} : { reason: row.reason }),
    ...(row.resolved_by === '' ? {} : { resolvedBy: row.resolved_by }),
    logTime: isoTime(row.log_ms),
  };
}

export function findingView(row: FindingRow): FindingView {
  return {
    position: positionOf(row),
    kind: row.kind,
    source: row.source,
    recordId: row.record_id,
    account: row.account,
    currency: row.currency,
    amount: major(row.amount, row.currency),
    message: row.message,
    logTime: isoTime(row.log_ms),
  };
}

export function commandView(row: CommandRow): CommandView {
  return {
    id: row.command_id,
    position: positionOf(row),
    kind: row.kind,
    accepted: row.accepted !== 0,
    reason: row.reason,
    by: row.by,
    why: row.why,
    logTime: isoTime(row.log_ms),
  };
}

export function deadLetterView(row: DeadLetterRow, state: DeadLetterState): DeadLetterView {
  return {
    position: positionOf(row),
    source: row.source,
    code: row.code,
    reason: row.reason,
    ...(row.file === '' ? {} : { file: row.file }),
    ...(row.line === '0' ? {} : { line: Number(row.line) }),
    payload: row.payload,
    state,
    logTime: isoTime(row.log_ms),
  };
}

export function positionOf(row: PositionRow): string {
  return formatPosition(row.epoch, row.partition, Number(row.sequence), row.n);
}

/** How amounts of left records are shown where they are in another currency than the result. */
function leftMoney(row: {
  readonly left_currency: string;
}): { readonly currency: string; readonly money: (minor: string) => string } | undefined {
  const currency = row.left_currency;
  return currency === '' ? undefined : { currency, money: (minor) => major(minor, currency) };
}

/** An amount whose exponent is not stored beside it: of the currency, or none where there is no currency. */
function major(minor: string, currency: string): string {
  return formatMinor(BigInt(minor), isKnownCurrency(currency) ? exponentOf(currency) : 0);
}

function isoTime(ms: string): string {
  return new Date(Number(ms)).toISOString();
}
