import { CounterfoilError } from '../../engine/domain/index.ts';
import { RAW_FIELDS, recordField } from '../contract/index.ts';
import type { RawField, RawRecord, RecordField } from '../contract/index.ts';
import { JOINED_BY, joined } from '../mapping/index.ts';
import type { Stated } from '../mapping/index.ts';
import type { ColumnRef, Total } from './row-settings.ts';
import type { CsvSettings } from './settings.ts';

type Named = readonly (readonly [name: string, column: number])[];

/** Which column holds what. Indexes are 0-based; −1 where no column holds it. */
export interface ColumnPlan {
  /** How many columns each row has. */
  readonly count: number;
  readonly columnOf: { readonly [field in RawField]: number };
  /** Fields whose texts stand in several columns. */
  readonly joins: readonly (readonly [field: RawField, columns: readonly number[]])[];
  readonly references: Named;
  readonly attributes: Named;
  readonly direction: number;
  readonly adds: number;
  readonly subtracts: number;
  /** In the order of the source's `ignore`. */
  readonly ignore: readonly number[];
  readonly trailer: TrailerColumns;
  /** Headers that hold nothing a record has. */
  readonly ignored: readonly string[];
}

/** Where a trailer states what. */
export interface TrailerColumns {
  readonly where: number;
  readonly count: number;
  readonly currency: number;
  readonly totals: readonly (readonly [total: Total, column: number])[];
}

/**
 * Finds the columns.
 * @param firstRow the header, or the first row of a file without one
 * @param file what error lines call the file
 * @throws CounterfoilError `invalidConfig` naming the columns that were looked for and those that were found
 */
export function planColumns(firstRow: readonly string[], file: string, settings: CsvSettings): ColumnPlan {
  const finder = new Finder(firstRow, file, settings);
  const { direction, sides, trailer } = settings;
  const beside = {
    direction: finder.find(direction?.column, 'direction'),
    adds: finder.find(sides?.adds, 'sides'),
    subtracts: finder.find(sides?.subtracts, 'sides'),
    ignore: settings.ignore.map(({ column }) => finder.find(column, 'ignore')),
    // A trailer may have other columns than the rows before it.
    trailer: {
      where: finder.find(trailer?.where?.column, 'trailer', true),
      count: finder.find(trailer?.count, 'trailer', true),
      currency: finder.find(trailer?.currency, 'trailer', true),
      totals: Object.entries(trailer?.totals ?? {})
        .filter(([, column]) => column !== undefined)
        .map(([total, column]) => [total as Total, finder.find(column, 'trailer', true)] as const),
    },
  };
  const columns = settings.header ? finder.byHeader(sides !== undefined) : finder.byNumber();
  const plan = {
    count: firstRow.length,
    columnOf: Object.fromEntries(RAW_FIELDS.map((field) => [field, -1])) as { [field in RawField]: number },
    joins: [] as [RawField, readonly number[]][],
    references: [] as [string, number][],
    attributes: [] as [string, number][],
    ...beside,
  };
  for (const [field, [column = -1, ...further]] of columns) {
    if (field.startsWith('references.')) plan.references.push([field.slice(11), column]);
    else if (field.startsWith('attributes.')) plan.attributes.push([field.slice(11), column]);
    else plan.columnOf[field as RawField] = column;
    if (further.length > 0) plan.joins.push([field as RawField, [column, ...further]]);
  }
  checkNeeded(columns, firstRow, file, settings);
  return { ...plan, ignored: settings.header ? finder.unread() : [] };
}

/** @throws CounterfoilError `invalidConfig` where a field is missing that every record has */
function checkNeeded(
  columns: ReadonlyMap<RecordField, unknown>,
  firstRow: readonly string[],
  file: string,
  settings: CsvSettings,
): void {
  const { sides, currency, constants } = settings;
  const missing = (['amount', 'currency', 'time'] as const).filter((field) => {
    if (columns.has(field)) return false;
    if (field === 'amount') return sides === undefined;
    return field !== 'currency' || (currency === undefined && !constants.has('currency'));
  });
  if (missing.length === 0) return;
  const wanted = missing.map((field) => {
    const header = (settings.columns as { readonly [field: string]: unknown })[field];
    return typeof header === 'string' ? `"${header}" (${field})` : `"${field}"`;
  });
  throw new CounterfoilError(
    'invalidConfig',
    `${file}: no column ${wanted.join(', ')}; found ${describe(firstRow, settings)}; map them in the source's columns${missing.includes('currency') ? ', or set its currency' : ''}`,
  );
}

function describe(firstRow: readonly string[], settings: CsvSettings): string {
  if (!settings.header) return `${firstRow.length} columns`;
  const names = firstRow.slice(0, 40).map((name) => name.slice(0, 60));
  return firstRow.length > 40 ? `${names.join(', ')}, …` : names.join(', ');
}

/** Finds columns by what a configuration calls them, and remembers which were found. */
class Finder {
  readonly #row: readonly string[];
  readonly #file: string;
  readonly #settings: CsvSettings;
  readonly #found = new Set<number>();

  constructor(row: readonly string[], file: string, settings: CsvSettings) {
    this.#row = row;
    this.#file = file;
    this.#settings = settings;
  }

  /** @param beyond whether it may lie beyond the row @returns −1 where nothing is looked for */
  find(wanted: ColumnRef | undefined, what: string, beyond = false): number {
    if (wanted === undefined) return -1;
    const column = typeof wanted === 'number' ? wanted - 1 : this.#onlyOne(wanted);
    if (column === undefined || (column >= this.#row.length && !beyond)) {
      throw new CounterfoilError(
        'invalidConfig',
        `${this.#file}: no column ${typeof wanted === 'number' ? wanted : `"${wanted}"`} for ${what}; found ${describe(this.#row, this.#settings)}; correct the source's columns`,
      );
    }
    this.#found.add(column);
    return column;
  }

  /** @param hasSides whether amounts stand elsewhere than under a header of that name */
  byHeader(hasSides: boolean): ReadonlyMap<RecordField, readonly number[]> {
    const { columns: mapped, constants } = this.#settings;
    const columns = new Map<RecordField, readonly number[]>();
    const beside = new Set(this.#found);
    this.#found.clear();
    for (const [name, wanted] of Object.entries(mapped as { [field: string]: ColumnRef | ColumnRef[] })) {
      columns.set(
        recordField(name)!,
        [wanted].flat().map((each) => this.find(each, name)),
      );
    }
    for (const [column, name] of this.#row.entries()) {
      const field = recordField(name);
      if (field === undefined || this.#found.has(column) || columns.has(field)) continue;
      if (constants.has(field) || (field === 'amount' && hasSides)) continue;
      this.#onlyOne(name);
      columns.set(field, [column]);
    }
    for (const column of [...beside, ...[...columns.values()].flat()]) this.#found.add(column);
    return columns;
  }

  byNumber(): ReadonlyMap<RecordField, readonly number[]> {
    const columns = new Map<RecordField, readonly number[]>();
    const mapped = this.#settings.columns;
    if (Array.isArray(mapped)) {
      const names = mapped as readonly (RecordField | undefined)[];
      for (const [column, field] of names.entries()) if (field !== undefined) columns.set(field, [column]);
    } else {
      for (const [name, wanted] of Object.entries(mapped as { [field: string]: ColumnRef | ColumnRef[] })) {
        columns.set(
          recordField(name)!,
          [wanted].flat().map((column) => Number(column) - 1),
        );
      }
    }
    const furthest = Math.max(...[...columns.values()].flat());
    if (furthest < this.#row.length) return columns;
    throw new CounterfoilError(
      'invalidConfig',
      `${this.#file}: the source's columns go up to ${furthest + 1}, but the first line has ${this.#row.length}; correct the columns or the delimiter`,
    );
  }

  /** Headers of columns that were not found by anything. */
  unread(): string[] {
    return this.#row.filter((_, column) => !this.#found.has(column));
  }

  /** The column of that header, if there is one. @throws CounterfoilError `invalidConfig` when there are several */
  #onlyOne(name: string): number | undefined {
    const first = this.#row.indexOf(name);
    if (first < 0) return undefined;
    const again = this.#row.indexOf(name, first + 1);
    if (again < 0) return first;
    throw new CounterfoilError(
      'invalidConfig',
      `${this.#file}: columns ${first + 1} and ${again + 1} are both called "${name.slice(0, 60)}"; rename one, or map the field by column number`,
    );
  }
}

/** A row's texts by field. `place` is the id where no column holds one. */
export function toRaw(plan: ColumnPlan, row: readonly string[], place: string): RawRecord {
  const references: { [name: string]: string } = {};
  for (const [name, column] of plan.references) references[name] = row[column]!;
  const attributes: { [name: string]: string } = {};
  for (const [name, column] of plan.attributes) attributes[name] = row[column]!;
  const at = plan.columnOf;
  const raw: RawRecord = {
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
  if (plan.joins.length === 0) return raw;
  for (const [field, columns] of plan.joins) {
    const text = joined(
      columns.map((column) => row[column]),
      JOINED_BY[field],
    );
    raw[field] = text ?? '';
  }
  return raw;
}

/** What a row says beside its fields. */
export function statedIn(plan: ColumnPlan, row: readonly string[]): Stated {
  return {
    direction: cell(row, plan.direction),
    adds: cell(row, plan.adds),
    subtracts: cell(row, plan.subtracts),
  };
}

function cell(row: readonly string[], column: number): string | undefined {
  return column < 0 ? undefined : row[column];
}
