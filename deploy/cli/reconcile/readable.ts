import { styleText } from 'node:util';
import type { BreakKind, ReconciliationSummary, Side, SideSummary } from '../../../engine/domain/index.ts';
import { count } from './progress.ts';
import { decimal } from './result-lines.ts';
import type { Outcome } from './run.ts';

type Style = (name: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

const SIDES: readonly Side[] = ['left', 'right'];

/** Whether text on `stream` may be coloured. */
export function mayColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** The result of a run for a person, with a line break at the end. */
export function readableSummary(outcome: Outcome, colour: boolean): string {
  const style: Style = (name, text) => (colour ? styleText(name, text) : text);
  const { totals, summary, results } = outcome;
  const lines: string[] = [];
  for (const part of summary.reconciliations) {
    lines.push(
      style('bold', `${part.reconciliation}  ${part.currency}`),
      ...table(part),
      ...breaks(part, style),
      '',
    );
  }
  const broken = Object.values(totals.breaks).reduce((sum, n) => sum + n, 0);
  const facts: [number, one: string, many: string][] = [
    [totals.records, 'record', 'records'],
    [totals.matches, 'match', 'matches'],
    [broken, 'break', 'breaks'],
    [totals.duplicates, 'duplicate', 'duplicates'],
    [totals.unrouted, 'unrouted', 'unrouted'],
    [totals.findings, 'finding', 'findings'],
    [totals.deadLetters, 'dead letter', 'dead letters'],
  ];
  if (totals.commands !== undefined) {
    const { accepted, refused } = totals.commands;
    facts.push([accepted, 'command accepted', 'commands accepted'], [refused, 'refused', 'refused']);
  }
  const shown = facts.map(([n, one, many]) => `${count(n)} ${n === 1 ? one : many}`).join(', ');
  lines.push(
    `${style(broken === 0 && totals.deadLetters === 0 ? 'green' : 'bold', shown)}  ${style('dim', `${(totals.elapsedMs / 1000).toFixed(1)} s`)}`,
  );
  const letters = results.firstDeadLetters.map(({ file, line, source, code, reason }) => {
    const place = file === undefined ? source : line === undefined ? file : `${file}:${line}`;
    return `  ${place}  ${code}: ${reason}`;
  });
  lines.push(...listed('dead letters', letters, totals.deadLetters, style('red', 'dead letters')));
  const refusals = results.firstRefusals.map((text) => `  ${text}`);
  lines.push(
    ...listed('refused commands', refusals, results.refusedCommands, style('red', 'refused commands')),
  );
  const findings = results.firstFindings.map((text) => `  ${text}`);
  lines.push(...listed('findings', findings, totals.findings, style('yellow', 'findings')));
  return `${lines.join('\n')}\n`;
}

function* listed(what: string, first: readonly string[], total: number, title: string): Generator<string> {
  if (total === 0) return;
  yield '';
  yield title;
  yield* first;
  if (total > first.length)
    yield `  and ${count(total - first.length)} more ${what}: --out FILE lists them all`;
}

/** One row per fact, one column per side, numbers aligned to the right. */
function table(part: ReconciliationSummary): string[] {
  const { currency } = part;
  const rows: [string, ...string[]][] = [
    ['', ...SIDES],
    ['records', ...each(part, (side) => count(side.records))],
    ['matched', ...each(part, (side) => count(side.matched))],
    ['match rate', ...each(part, (side) => percent(side.matched, side.records))],
    ['amount', ...each(part, (side) => money(side.amount, currency))],
    ['matched amount', ...each(part, (side) => money(side.matchedAmount, currency))],
    ['broken', ...each(part, (side) => count(side.broken))],
    ['broken amount', ...each(part, (side) => money(side.brokenAmount, currency))],
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('   ')}`.trimEnd(),
  );
}

function* breaks(part: ReconciliationSummary, style: Style): Generator<string> {
  yield `  ${count(part.matches)} ${part.matches === 1 ? 'match' : 'matches'}, difference ${money(part.difference, part.currency)}`;
  const kinds = (Object.entries(part.breaks) as [BreakKind, number][]).filter(([, n]) => n > 0);
  if (kinds.length === 0) yield `  ${style('green', 'no breaks')}`;
  else yield `  ${style('red', 'breaks')} ${kinds.map(([kind, n]) => `${kind} ${count(n)}`).join(', ')}`;
}

function each(part: ReconciliationSummary, cell: (side: SideSummary) => string): string[] {
  return SIDES.map((side) => cell(part.sides[side]));
}

function percent(part: number, whole: number): string {
  // Rounded down: 100 % is said only when it is all of them.
  return whole === 0 ? '–' : `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
}

function money(minor: number, currency: string): string {
  return decimal(minor, currency).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
}
