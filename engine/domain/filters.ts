import { z } from 'zod';
import { keyFieldSchema, noField, type KeyField } from './fields.ts';

export type FilterField = KeyField | 'source';

/**
 * One condition on one field; all that are given must hold. Texts are compared as keys write them (days as
 * 2026-11-22, kinds and statuses by name), amounts as decimals in major units, everything else that is compared by size
 * as a decimal too. A field that the record lacks meets no condition but `exists: false` and `notIn`.
 */
export interface Condition {
  readonly field: FilterField;
  readonly in?: readonly string[] | undefined;
  readonly notIn?: readonly string[] | undefined;
  readonly exists?: boolean | undefined;
  readonly gt?: string | undefined;
  readonly gte?: string | undefined;
  readonly lt?: string | undefined;
  readonly lte?: string | undefined;
}

/** Which records are meant: all conditions must hold. */
export type Filter = readonly Condition[];

const text = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value));
const texts = z.union([text.transform((value) => [value]), z.array(text).min(1).max(256)]);
const bound = z
  .union([z.string(), z.number()])
  .transform((value) => String(value))
  .pipe(
    z
      .string()
      .regex(/^(-?\d{1,15}(\.\d{1,9})?|\d{4}-\d{2}-\d{2})$/, 'wants a decimal or a date to compare with'),
  );

const comparisonSchema = z
  .strictObject({
    in: texts.optional(),
    notIn: texts.optional(),
    exists: z.boolean().optional(),
    gt: bound.optional(),
    gte: bound.optional(),
    lt: bound.optional(),
    lte: bound.optional(),
  })
  .refine(
    (given) => Object.keys(given).length > 0,
    'wants at least one of in, notIn, exists, gt, gte, lt, lte',
  );

const filterFieldSchema: z.ZodType<FilterField, string> = z.union([z.literal('source'), keyFieldSchema]);

/** `{kind: [charge, refund], status: booked, amount: {gt: "0"}, attributes.scheme: visa}`: all must hold. */
export const filterSchema: z.ZodType<Filter> = z
  .record(z.string(), z.union([texts, comparisonSchema]))
  .transform((written, context) => {
    const conditions: Condition[] = [];
    for (const [name, condition] of Object.entries(written)) {
      const field = filterFieldSchema.safeParse(name);
      if (!field.success) {
        context.addIssue({ code: 'custom', path: [name], message: noField(name, ['source']) });
        return z.NEVER;
      }
      conditions.push({ field: field.data, ...(Array.isArray(condition) ? { in: condition } : condition) });
    }
    return conditions;
  });
