import { z } from 'zod';
import { RECORD_KINDS } from '../../engine/domain/index.ts';
import { RECORD_FIELD_LIST, checkAccounts, fileSettings, recordField } from '../contract/index.ts';
import type { FileSettings, RecordField } from '../contract/index.ts';

/** Which columns hold which fields: by header or 1-based number, or for a file without header a list in order. */
type ColumnMapping = { readonly [field: string]: string | number } | readonly (RecordField | undefined)[];

export interface CsvSettings extends FileSettings {
  readonly columns: ColumnMapping;
  readonly header: boolean;
  readonly delimiter?: string | undefined;
  readonly encoding: 'utf-8' | 'latin1';
  readonly kind: (typeof RECORD_KINDS)[number];
  readonly currency?: string | undefined;
}

const fieldName = z.string().refine((name) => recordField(name) !== undefined, {
  error: `wants a field of a record: ${RECORD_FIELD_LIST}`,
});

const mapping = z.record(
  fieldName,
  z.union([
    z.string().min(1, 'wants the header of a column'),
    z.int('wants the number of a column, from 1').min(1).max(10_000),
  ]),
);

/** A name for each column in order; `-` or nothing for a column that is not read. */
const list = z
  .array(z.union([z.literal('').transform(() => '-'), z.literal('-'), fieldName]))
  .min(1)
  .max(10_000)
  .transform((names) => names.map((name) => recordField(name)));

export const csvSettings: z.ZodType<CsvSettings> = z
  .strictObject({
    ...fileSettings,
    /** Headers of the columns that are not called as the field: `{ id: "Txn ID", amount: "Gross" }`. */
    columns: z.union([mapping, list]).prefault({}),
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
    /** The kind of every record that does not say its own. */
    kind: z.enum(RECORD_KINDS).prefault('ledger'),
    /** The currency of every record that does not say its own. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'wants a currency code such as AED')
      .optional(),
  })
  .superRefine((settings, context) => {
    checkAccounts(settings, context);
    const isList = Array.isArray(settings.columns);
    if (settings.header && isList) {
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        message:
          'a list names the columns of a file without header; set header: false, or map fields to headers',
      });
    }
    if (settings.header || isList) return;
    const columns = Object.entries(settings.columns);
    if (columns.length === 0 || columns.some(([, column]) => typeof column !== 'number')) {
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        message:
          'a file without header needs columns by number ({ id: 1, amount: 4 }) or as a list ([id, "-", amount])',
      });
    }
  });
