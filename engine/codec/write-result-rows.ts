import { exponentOf, formatPosition } from '../domain/index.ts';
import type {
  Break,
  CommandAnswer,
  DeadLetter,
  Finding,
  RecordRef,
  ReportedBalance,
  Side,
} from '../domain/index.ts';
import { CLOSE_ARRAY, COMMA, OPEN_ARRAY } from './put.ts';
import type { RowBuffer } from './row-buffer.ts';

const NO_RECORDS: readonly RecordRef[] = [];

/** A version of a break as a row of the table `breaks`. */
export function writeBreakRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  breakVersion: Break,
): void {
  const { why, resolvedBy } = breakVersion;
  position(buffer, epoch, partition, breakVersion.sequence, breakVersion.n, breakVersion.logTime);
  text(buffer, formatPosition(epoch, partition, breakVersion.breakSequence, breakVersion.breakN));
  integer(buffer, breakVersion.version);
  text(buffer, breakVersion.state);
  text(buffer, breakVersion.reconciliation);
  array(buffer, breakVersion.pools, quoted);
  text(buffer, breakVersion.kind);
  text(buffer, breakVersion.account);
  money(buffer, breakVersion.currency);
  text(buffer, breakVersion.leftCurrency ?? '');
  integer(buffer, breakVersion.amount);
  buffer.tab();
  buffer.time(breakVersion.dueTime);
  members(buffer, breakVersion.members);
  array(buffer, breakVersion.members, (to, member) => to.integer(member.amount));
  text(buffer, why.rule);
  text(buffer, why.condition);
  integerOrNone(buffer, why.difference ?? NaN);
  integerOrNone(buffer, why.tolerance ?? NaN);
  integerOrNone(buffer, why.timeDifference ?? NaN);
  const nearest = why.records ?? NO_RECORDS;
  array(buffer, nearest, (to, ref) => to.quoted(ref.source));
  array(buffer, nearest, (to, ref) => to.quoted(ref.id));
  resultId(buffer, epoch, partition, why.match);
  text(buffer, breakVersion.reason);
  resultId(buffer, epoch, partition, resolvedBy);
  buffer.endRow();
}

/** A finding as a row of the table `findings`. */
export function writeFindingRow(buffer: RowBuffer, epoch: number, partition: number, finding: Finding): void {
  position(buffer, epoch, partition, finding.sequence, finding.n, finding.logTime);
  text(buffer, finding.kind);
  text(buffer, finding.source);
  text(buffer, finding.recordId);
  text(buffer, finding.account);
  text(buffer, finding.currency);
  integer(buffer, finding.amount);
  text(buffer, finding.message);
  buffer.endRow();
}

/** A command's answer as a row of the table `commands`. */
export function writeCommandRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  answer: CommandAnswer,
): void {
  position(buffer, epoch, partition, answer.sequence, answer.n, answer.logTime);
  text(buffer, answer.commandId);
  text(buffer, answer.kind);
  integer(buffer, answer.accepted ? 1 : 0);
  text(buffer, answer.reason);
  text(buffer, answer.by);
  text(buffer, answer.why);
  buffer.endRow();
}

/** Balances that a source states as a row of the table `balances`. */
export function writeBalanceRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  sequence: number,
  logTime: number,
  balance: ReportedBalance,
): void {
  position(buffer, epoch, partition, sequence, 0, logTime);
  text(buffer, balance.source);
  text(buffer, balance.account);
  text(buffer, balance.currency);
  text(buffer, balance.name);
  integer(buffer, balance.page);
  buffer.tab();
  buffer.date(balance.day);
  integerOrNone(buffer, balance.opening ?? NaN);
  integer(buffer, balance.closing);
  buffer.endRow();
}

/** Rules that are in force from a message on as a row of the table `rules`. */
export function writeRulesRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  sequence: number,
  logTime: number,
  rules: { readonly hash: string; readonly json: string },
): void {
  position(buffer, epoch, partition, sequence, 0, logTime);
  text(buffer, rules.hash);
  text(buffer, rules.json);
  buffer.endRow();
}

/** A dead letter as a row of the table `dead_letters`. A place in its input that is no whole number is stored as 0. */
export function writeDeadLetterRow(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  sequence: number,
  n: number,
  logTime: number,
  deadLetter: DeadLetter,
): void {
  const { origin } = deadLetter;
  position(buffer, epoch, partition, sequence, n, logTime);
  text(buffer, deadLetter.source);
  text(buffer, deadLetter.code);
  text(buffer, deadLetter.reason);
  text(buffer, origin.file ?? '');
  integer(buffer, whole(origin.line));
  integer(buffer, whole(origin.offset));
  integer(buffer, whole(origin.ordinal));
  text(buffer, deadLetter.payload);
  buffer.endRow();
}

function position(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  sequence: number,
  n: number,
  logTime: number,
): void {
  buffer.integer(epoch);
  integer(buffer, partition);
  integer(buffer, sequence);
  integer(buffer, n);
  buffer.tab();
  buffer.time(logTime);
}

function integer(buffer: RowBuffer, value: number): void {
  buffer.tab();
  buffer.integer(value);
}

/** NaN stands for none. */
function integerOrNone(buffer: RowBuffer, value: number): void {
  buffer.tab();
  if (Number.isNaN(value)) buffer.none();
  else buffer.integer(value);
}

function text(buffer: RowBuffer, value: string): void {
  buffer.tab();
  buffer.text(value);
}

/** A result by its first version's position; empty where there is none. */
function resultId(
  buffer: RowBuffer,
  epoch: number,
  partition: number,
  place: { readonly sequence: number; readonly n: number } | undefined,
): void {
  text(buffer, place === undefined ? '' : formatPosition(epoch, partition, place.sequence, place.n));
}

function money(buffer: RowBuffer, currency: string): void {
  text(buffer, currency);
  integer(buffer, exponentOf(currency));
}

/** The columns of a break's members: side, source, id, sequence, ordinal. */
function members(buffer: RowBuffer, refs: readonly (RecordRef & { readonly side: Side })[]): void {
  array(buffer, refs, (to, ref) => to.quoted(ref.side));
  array(buffer, refs, (to, ref) => to.quoted(ref.source));
  array(buffer, refs, (to, ref) => to.quoted(ref.id));
  array(buffer, refs, (to, ref) => to.integer(ref.sequence));
  array(buffer, refs, (to, ref) => to.integer(ref.ordinal));
}

function array<T>(buffer: RowBuffer, items: readonly T[], write: (to: RowBuffer, item: T) => void): void {
  buffer.tab();
  buffer.byte(OPEN_ARRAY);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) buffer.byte(COMMA);
    write(buffer, items[i]!);
  }
  buffer.byte(CLOSE_ARRAY);
}

function quoted(to: RowBuffer, value: string): void {
  to.quoted(value);
}

function whole(value: number | undefined): number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
