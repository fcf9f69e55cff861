import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ratesSchema } from '../domain/index.ts';
import type { Rates } from '../domain/index.ts';

/** The largest table of rates, in bytes. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Problems of one file that are told; the rest would be their echo. */
const MAX_PROBLEMS = 20;

const COLUMNS = ['date', 'from', 'to', 'rate'] as const;
type Column = (typeof COLUMNS)[number];

/** Rates, or what is wrong: one line each. */
export type RatesRead = { readonly rates: Rates } | { readonly problems: readonly string[] };

/**
 * Reads a table of rates: comma-separated, with a heading of date, from, to and rate in any order.
 * @param path relative to `directory`
 */
export function readRatesFile(path: string, directory: string): RatesRead {
  const whole = resolve(directory, path);
  try {
    const { size } = statSync(whole);
    if (size > MAX_BYTES)
      return wrong(`${path} has ${size} bytes; a table of rates has at most ${MAX_BYTES}`);
    return parseRates(readFileSync(whole, 'utf8'), path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ENOENT') return wrong(`${path} does not exist; create it, or correct the path`);
    return wrong(
      code === 'EISDIR' ? `${path} is a directory; name the file in it` : `${path} cannot be read (${code})`,
    );
  }
}

/** @param name what problems call the text: `rates.csv:3: …` */
function parseRates(text: string, name: string): RatesRead {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const heading = cellsOf(lines[0] ?? '').map((cell) => cell.toLowerCase());
  const columns = COLUMNS.map((column) => heading.indexOf(column));
  const missing = COLUMNS.filter((_, i) => columns[i]! < 0);
  if (missing.length > 0) {
    return wrong(
      `${name}:1: the heading has no ${missing.join(', ')}; it names the columns date, from, to and rate, with commas`,
    );
  }
  const problems: string[] = [];
  const rates: { [column in Column]: string }[] = [];
  const lineOf = new Map<string, number>();
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '') continue;
    const problem = addRow(cellsOf(line), columns, heading.length, i + 1, rates, lineOf);
    if (problem === undefined) continue;
    problems.push(`${name}:${i + 1}: ${problem}`);
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (problems.length > 0) return { problems };
  const checked = ratesSchema.safeParse(rates);
  return checked.success ? { rates: checked.data } : wrong(`${name}: ${checked.error.issues[0]!.message}`);
}

/** Adds one row. @returns what is wrong with it, if anything */
function addRow(
  cells: readonly string[],
  columns: readonly number[],
  width: number,
  line: number,
  rates: { [column in Column]: string }[],
  lineOf: Map<string, number>,
): string | undefined {
  if (cells.length !== width) return `has ${cells.length} columns and the heading ${width}`;
  const [date, from, to, rate] = columns.map((column) => cells[column]!) as [string, string, string, string];
  const row = { date, from, to, rate };
  const checked = ratesSchema.element.safeParse(row);
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    const column = issue.path[0] as Column;
    return `${column} ${JSON.stringify(row[column].slice(0, 40))}: ${issue.message.replace(/^wants a rate in quotes.*/, 'wants a decimal such as 3.6725')}`;
  }
  const key = `${date} ${from} ${to}`;
  const earlier = lineOf.get(key);
  if (earlier !== undefined)
    return `a rate of ${from} in ${to} on ${date} stands on line ${earlier} already; keep one`;
  lineOf.set(key, line);
  rates.push(row);
  return undefined;
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
}

function wrong(problem: string): RatesRead {
  return { problems: [problem] };
}
