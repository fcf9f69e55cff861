import { CounterfoilError } from '../../engine/domain/index.ts';
import { RAW_FIELDS, recordField } from '../contract/index.ts';
import type { RawField, RawRecord, RecordField } from '../contract/index.ts';
import type { CsvSettings } from './settings.ts';

/** Which column holds what. Indexes are 0-based. */
export interface ColumnPlan {
  /** How many columns each row has. */
  readonly count: number;
  /** −1 where no column holds the field. */
  readonly columnOf: { readonly [field in RawField]: number };
  readonly references: readonly (readonly [name: string, column: number])[];
  readonly attributes: readonly (readonly [name: string, column: number])[];
  /** Headers that hold nothing a record has. */
  readonly ignored: readonly string[];
}

/**
 * Finds the columns.
 * @param firstRow the header, or the first row of a file without one
 * @param file what error lines call the file
 * @throws CounterfoilError `invalidConfig` naming the columns that were looked for and those that were found
 */
export function planColumns(firstRow: readonly string[], file: string, settings: CsvSettings): ColumnPlan {
  const columns = settings.header
    ? byHeader(firstRow, file, settings)
    : byNumber(firstRow.length, file, settings);
  const plan = {
    count: firstRow.length,
    columnOf: Object.fromEntries(RAW_FIELDS.map((field) => [field, -1])) as { [field in RawField]: number },
    references: [] as [string, number][],
    attributes: [] as [string, number][],
  };
  for (const [field, column] of columns) {
    if (field.startsWith('references.')) plan.references.push([field.slice(11), column]);
    else if (field.startsWith('attributes.')) plan.attributes.push([field.slice(11), column]);
    else plan.columnOf[field as RawField] = column;
  }
  const missing = (['amount', 'currency', 'time'] as const).filter(
    (field) => !columns.has(field) && (field !== 'currency' || settings.currency === undefined),
  );
  if (missing.length > 0) {
    const wanted = missing.map((field) => {
      const header = (settings.columns as { readonly [field: string]: unknown })[field];
      return typeof header === 'string' ? `"${header}" (${field})` : `"${field}"`;
    });
    throw new CounterfoilError(
      'invalidConfig',
      `${file}: no column ${wanted.join(', ')}; found ${describe(firstRow, settings)}; map them in the source's columns${missing.includes('currency') ? ', or set its currency' : ''}`,
    );
  }
  const used = new Set(columns.values());
  return {
    ...plan,
    ignored: settings.header ? firstRow.filter((_, column) => !used.has(column)) : [],
  };
}

function describe(firstRow: readonly string[], settings: CsvSettings): string {
  if (!settings.header) return `${firstRow.length} columns`;
  const names = firstRow.slice(0, 40).map((name) => name.slice(0, 60));
  return firstRow.length > 40 ? `${names.join(', ')}, …` : names.join(', ');
}

function byHeader(
  header: readonly string[],
  file: string,
  settings: CsvSettings,
): ReadonlyMap<RecordField, number> {
  const columns = new Map<RecordField, number>();
  const mapped = Object.entries(settings.columns as { readonly [field: string]: string | number });
  const taken = new Set<number>();
  for (const [name, wanted] of mapped) {
    const column = typeof wanted === 'number' ? wanted - 1 : onlyOne(header, wanted, file);
    if (column === undefined || column >= header.length) {
      throw new CounterfoilError(
        'invalidConfig',
        `${file}: no column ${typeof wanted === 'number' ? wanted : `"${wanted}"`} for ${name}; found ${describe(header, settings)}; correct the source's columns`,
      );
    }
    columns.set(recordField(name)!, column);
    taken.add(column);
  }
  for (const [column, name] of header.entries()) {
    const field = recordField(name);
    if (field === undefined || taken.has(column) || columns.has(field)) continue;
    onlyOne(header, name, file);
    columns.set(field, column);
  }
  return columns;
}

/** The column of that header, if there is one. @throws CounterfoilError `invalidConfig` when there are several */
function onlyOne(header: readonly string[], name: string, file: string): number | undefined {
  const first = header.indexOf(name);
  if (first < 0) return undefined;
  const again = header.indexOf(name, first + 1);
  if (again < 0) return first;
  throw new CounterfoilError(
    'invalidConfig',
    `${file}: columns ${first + 1} and ${again + 1} are both called "${name.slice(0, 60)}"; rename one, or map the field by column number`,
  );
}

function byNumber(count: number, file: string, settings: CsvSettings): ReadonlyMap<RecordField, number> {
  const columns = new Map<RecordField, number>();
  if (Array.isArray(settings.columns)) {
    const names = settings.columns as readonly (RecordField | undefined)[];
    for (const [column, field] of names.entries()) if (field !== undefined) columns.set(field, column);
  } else {
    for (const [name, column] of Object.entries(settings.columns)) {
      columns.set(recordField(name)!, Number(column) - 1);
    }
  }
  const furthest = Math.max(...columns.values());
  if (furthest >= count) {
    throw new CounterfoilError(
      'invalidConfig',
      `${file}: the source's columns go up to ${furthest + 1}, but the first line has ${count}; correct the columns or the delimiter`,
    );
  }
  return columns;
}

/** A row's texts by field. `place` is the id where no column holds one. */
export function toRaw(plan: ColumnPlan, row: readonly string[], place: string): RawRecord {
  const references: { [name: string]: string } = {};
  for (const [name, column] of plan.references) references[name] = row[column]!;
  const attributes: { [name: string]: string } = {};
  for (const [name, column] of plan.attributes) attributes[name] = row[column]!;
  const at = plan.columnOf;
  return {
    id: at.id < 0 ? place : row[at.id]!,
    version: cell(row, at.version),
    account: cell(row, at.account),
    kind: cell(row, at.kind),
    status: cell(row, at.status),
    currency: cell(row, at.currency),
    amount: cell(row, at.amount),
    fee: cell(row, at.fee),
    tax: cell(row, at.tax),
    net: cell(row, at.net),
    time: cell(row, at.time),
    bookingDate: cell(row, at.bookingDate),
    valueDate: cell(row, at.valueDate),
    availableOn: cell(row, at.availableOn),
    references,
    link: cell(row, at.link),
    originalAmount: cell(row, at.originalAmount),
    originalCurrency: cell(row, at.originalCurrency),
    groupCount: cell(row, at.groupCount),
    groupTotal: cell(row, at.groupTotal),
    attributes,
  };
}

function cell(row: readonly string[], column: number): string | undefined {
  return column < 0 ? undefined : row[column];
}
