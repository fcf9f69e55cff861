import { parse } from 'csv-parse/sync';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { RatesSource } from '../../engine/domain/index.ts';
import { parseExactJson } from '../contract/index.ts';

/** A row longer than this is none: a quote that is never closed must not gather the rest of the text. */
const MAX_ROW_CHARACTERS = 65_536;

/** One row of what a source says. */
export interface Row {
  /** `line 3`, `row 3`. */
  readonly place: string;
  /** The text of a column; undefined where the row has none, or something that is no text or number. */
  cell(column: string): string | undefined;
  /** The columns whose names are currencies, in the wide layout. */
  currencies(): Iterable<readonly [currency: string, text: string | undefined]>;
}

/** What a currency's name looks like. */
export const CURRENCY: RegExp = /^[A-Z]{3}$/;

/**
 * Parts a text into rows.
 * @throws CounterfoilError `malformedRow` where it is not the format, or lacks a column that is asked for
 */
export function rowsOf(text: string, source: RatesSource): Iterable<Row> {
  return source.format === 'json' ? jsonRows(text, source) : csvRows(text, source);
}

function* csvRows(text: string, source: RatesSource): Generator<Row> {
  const records = partCsv(text, source.delimiter);
  const heading = (records[0]?.record ?? []).map((name) => name.trim());
  const columnOf = new Map(heading.map((name, column) => [name, column]));
  const wanted = wantedColumns(source);
  const missing = wanted.filter((name) => !columnOf.has(name));
  if (missing.length > 0) {
    const found = heading.slice(0, 20).map((name) => name.slice(0, 40));
    throw unreadable(`no column ${missing.map((name) => `"${name}"`).join(', ')}; found ${found.join(', ')}`);
  }
  const twice = wanted.find((name) => heading.indexOf(name) !== heading.lastIndexOf(name));
  if (twice !== undefined)
    throw unreadable(`column "${twice}" stands there twice; which one counts cannot be told`);
  const currencies = heading.flatMap((name, column) =>
    CURRENCY.test(name) ? [[name, column] as const] : [],
  );
  for (const { record, line } of records.slice(1)) {
    yield {
      place: `line ${line}`,
      cell: (name) => record[columnOf.get(name) ?? -1]?.trim(),
      *currencies() {
        for (const [name, column] of currencies) yield [name, record[column]?.trim()];
      },
    };
  }
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

function partCsv(text: string, delimiter: string): readonly CsvRecord[] {
  try {
    const parted = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARACTERS,
    }) as unknown as readonly { record: string[]; info: { lines: number } }[];
    return parted.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    throw unreadable(`it is no CSV: ${(error as Error).message}`);
  }
}

/** The columns of a CSV without which no row says a rate. */
function wantedColumns({ layout, columns, from, to }: RatesSource): string[] {
  if (layout === 'wide') return [columns.date];
  return [
    columns.date,
    ...(from === undefined ? [columns.from] : []),
    ...(to === undefined ? [columns.to] : []),
    columns.rate!,
  ];
}

function* jsonRows(text: string, source: RatesSource): Generator<Row> {
  let document: unknown;
  try {
    document = parseExactJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw unreadable(`it is no JSON: ${(error as Error).message}`);
  }
  const items = source.items === undefined ? document : memberOf(document, source.items);
  // A document about one day is often not a list but its one row.
  const rows: readonly unknown[] = Array.isArray(items) ? items : isObject(items) ? [items] : [];
  if (!Array.isArray(items) && rows.length === 0) {
    const where = source.items === undefined ? 'the document' : `"${source.items}"`;
    throw unreadable(`${where} is neither a list of rows nor a row`);
  }
  for (const [i, row] of rows.entries()) {
    yield {
      place: `row ${i + 1}`,
      cell: (name) => textOf(memberOf(row, name)),
      *currencies() {
        const { rate } = source.columns;
        const holder = rate === undefined ? row : memberOf(row, rate);
        if (!isObject(holder)) return;
        for (const [name, value] of Object.entries(holder))
          if (CURRENCY.test(name)) yield [name, textOf(value)];
      },
    };
  }
}

/** What stands under names with dots between them. */
function memberOf(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}

function unreadable(message: string): CounterfoilError {
  return new CounterfoilError('malformedRow', message.replaceAll(/\s+/g, ' ').slice(0, 500));
}
