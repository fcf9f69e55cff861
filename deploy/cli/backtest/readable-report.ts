import { styleText } from 'node:util';
import { exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import { count } from '../reconcile/progress.ts';
import type { Report } from './report.ts';

/** A backtest's result for a person, with a line break at the end. */
export function readableReport(report: Report, elapsedMs: number, colour: boolean): string {
  const style = (name: 'bold' | 'red' | 'green' | 'dim', text: string): string =>
    colour ? styleText(name, text) : text;
  const lines: string[] = [];
  for (const row of report.rows()) {
    const { matches, matchAmounts, breaks, breakAmounts, currency } = row;
    const money = (amount: bigint): string => grouped(formatMinor(amount, exponentOf(currency)));
    lines.push(
      style('bold', `${row.reconciliation}  ${currency}`),
      ...table([
        ['', 'same', 'gained', 'lost', 'changed', 'amount gained', 'amount lost'],
        [
          'matches',
          count(matches.same),
          count(matches.gained),
          count(matches.lost),
          count(matches.changed),
          money(matchAmounts.gained),
          money(matchAmounts.lost),
        ],
        [
          'breaks',
          count(breaks.same),
          count(breaks.gained),
          count(breaks.lost),
          '',
          money(breakAmounts.gained),
          money(breakAmounts.lost),
        ],
      ]),
      '',
    );
  }
  const { matched, unmatched } = report.people;
  if (matched.total > 0) {
    lines.push(
      `people matched ${count(matched.total)}: the old rules tie ${count(matched.byOld)} of them by themselves, the new ones ${count(matched.byNew)}`,
    );
  }
  if (unmatched.total > 0) {
    lines.push(
      `people undid ${count(unmatched.total)}: the old rules tie ${count(unmatched.byOld)} of them, the new ones ${count(unmatched.byNew)}`,
    );
  }
  const nothing = report.rows().every(({ matches, breaks }) => {
    const { gained, lost, changed } = matches;
    return gained + lost + changed + breaks.gained + breaks.lost === 0;
  });
  const verdict = nothing
    ? style('green', 'no difference')
    : report.lost > 0
      ? style('red', report.lost === 1 ? '1 match lost' : `${count(report.lost)} matches lost`)
      : style('green', 'no match lost');
  lines.push(
    `${verdict}, ${count(report.records)} records  ${style('dim', `${(elapsedMs / 1000).toFixed(1)} s`)}`,
  );
  return `${lines.join('\n')}\n`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('   ')}`.trimEnd(),
  );
}

function grouped(decimal: string): string {
  return decimal.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
}
