import { z } from 'zod';
import { checkAccounts, fileSettings, recordField } from '../contract/index.ts';
import type { FileSettings, RecordField } from '../contract/index.ts';
import { JOINED_BY, checkMapping, directionWords, fieldName, mappingSettings } from '../mapping/index.ts';
import type { DirectionWords, MappingSettings } from '../mapping/index.ts';
import { rowTest, trailerSetting } from './row-settings.ts';
import type { ColumnRef, RowTest, TrailerSettings } from './row-settings.ts';

/** By field: a column, or those whose texts are joined. */
type ColumnsByField = { readonly [field: string]: ColumnRef | readonly ColumnRef[] };

export interface CsvSettings extends FileSettings, MappingSettings {
  /** For a file without header it may be a list in order. */
  readonly columns: ColumnsByField | readonly (RecordField | undefined)[];
  readonly direction?: (DirectionWords & { readonly column: ColumnRef }) | undefined;
  readonly sides?: { readonly adds: ColumnRef; readonly subtracts: ColumnRef } | undefined;
  readonly skip: number;
  readonly ignore: readonly RowTest[];
  readonly trailer?: TrailerSettings | undefined;
  readonly header: boolean;
  readonly delimiter?: string | undefined;
  readonly encoding: 'utf-8' | 'latin1';
}

const columnOf = z.union([
  z.string().min(1, 'wants the header of a column'),
  z.int('wants the number of a column, from 1').min(1).max(10_000),
]);

const mapping = z.record(fieldName, z.union([columnOf, z.array(columnOf).min(2).max(8)]));

/** A name for each column in order; `-` or nothing for a column that is not read. */
const list = z
  .array(z.union([z.literal('').transform(() => '-'), z.literal('-'), fieldName]))
  .min(1)
  .max(10_000)
  .transform((names) => names.map((name) => recordField(name)));

export const csvSettings: z.ZodType<CsvSettings> = z
  .strictObject({
    ...fileSettings,
    ...mappingSettings,
    /** Headers of the columns that are not called as the field: `{ id: [Batch, Line], amount: "Gross" }`. */
    columns: z.union([mapping, list]).prefault({}),
    /** Where amounts have no sign: the column that says whether one adds to the balance or takes away. */
    direction: z.strictObject({ column: columnOf, ...directionWords }).optional(),
    /** In place of a column of amounts: that of what adds to the balance, and that of what takes away. */
    sides: z.strictObject({ adds: columnOf, subtracts: columnOf }).optional(),
    /** Lines before the header, or before the first row. */
    skip: z.int().min(0).max(10_000).prefault(0),
    /** Rows that are no movements of money: `{ column: Status, is: [Declined] }`. */
    ignore: z.array(rowTest).max(20).prefault([]),
    /** The row that ends a file and says what is in it. */
    trailer: trailerSetting.optional(),
    /** Read a file when nobody writes it any more, and not while it grows. So is every file that has a trailer. */
    whole: z.boolean().prefault(false),
    /** Whether the first line names the columns. Without one, `columns` is by number or a list. */
    header: z.boolean().prefault(true),
    /** What parts the fields. Without it, whichever of comma, semicolon, tab and bar the first line has most of. */
    delimiter: z
      .string()
      .refine((text) => /^[\t !#-~]$/.test(text), {
        error: 'wants one character such as "," or ";" ("\\t" for a tab)',
      })
      .optional(),
    encoding: z.enum(['utf-8', 'latin1']).prefault('utf-8'),
  })
  .superRefine(checkAccounts)
  .superRefine(checkTogether)
  .transform((settings) => ({ ...settings, whole: settings.whole || settings.trailer !== undefined }));

function checkTogether(settings: CsvSettings, context: z.RefinementCtx): void {
  const refuse = (setting: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [setting], message });
  const { header, columns } = settings;
  const isList = Array.isArray(columns);
  const byField = isList ? [] : Object.entries(columns);
  for (const [name, column] of byField) {
    if (Array.isArray(column) && JOINED_BY[name] === undefined) {
      refuse('columns', `${name} has several columns; only those of an id or a time are joined`);
    }
  }
  const fields = isList
    ? (columns as readonly (RecordField | undefined)[]).filter((field) => field !== undefined)
    : byField.map(([name]) => recordField(name)!);
  checkMapping(settings, fields, refuse);
  if (header) {
    if (isList) {
      refuse(
        'columns',
        'a list names the columns of a file without header; set header: false, or map fields to headers',
      );
    }
    return;
  }
  const isNamed = (column: ColumnRef | readonly ColumnRef[] | undefined): boolean =>
    Array.isArray(column) ? column.some(isNamed) : typeof column === 'string';
  if ((!isList && byField.length === 0) || byField.some(([, column]) => isNamed(column))) {
    refuse(
      'columns',
      'a file without header needs columns by number ({ id: 1, amount: 4 }) or as a list ([id, "-", amount])',
    );
  }
  for (const [setting, named] of [
    ['direction', [settings.direction?.column]],
    ['sides', Object.values(settings.sides ?? {})],
    ['ignore', settings.ignore.map(({ column }) => column)],
    ['trailer', columnsOf(settings.trailer)],
  ] as const) {
    if (named.some(isNamed)) refuse(setting, 'a file without header has columns by number');
  }
}

function columnsOf(trailer: TrailerSettings | undefined): (ColumnRef | undefined)[] {
  if (trailer === undefined) return [];
  const { where, count, currency, totals } = trailer;
  return [where?.column, count, currency, ...Object.values(totals)];
}
