import { z } from 'zod';
import { DATE_FIELDS, keyFieldSchema, nameSchema, type KeyField } from './fields.ts';
import { daySpanSchema, timeOfDaySchema, zoneSchema, type DaySpan } from './scalars.ts';

const MAX_AFFIX = 256;
const MAX_PATTERN = 512;
const affix = z.int().min(1).max(MAX_AFFIX);
const pattern = z
  .string()
  .min(1, 'wants a regular expression with one group')
  .max(MAX_PATTERN, `a regular expression has at most ${MAX_PATTERN} characters`);

const normaliserSchema = z.union(
  [
    z.enum(['trim', 'upper', 'lower', 'digits', 'stripLeadingZeros']),
    /** The first n characters. */
    z.strictObject({ prefix: affix }),
    /** The last n characters. */
    z.strictObject({ suffix: affix }),
    /** The first group of the first place where the expression fits. */
    z.strictObject({ capture: pattern }),
    /** The first group of every place where it fits: several keys in one text. */
    z.strictObject({ captureAll: pattern }),
  ],
  {
    error:
      'wants trim, upper, lower, digits, stripLeadingZeros, {prefix: n}, {suffix: n}, {capture: "…"} or {captureAll: "…"}',
  },
);

/** One step that makes texts comparable which sources write differently. Steps apply in their written order. */
export type Normaliser = z.output<typeof normaliserSchema>;

const calendarsSchema = z.union([nameSchema.transform((name) => [name]), z.array(nameSchema).max(8)]);

/** The day on which an acquirer's daily settlement arrives, derived from a record's time. */
export interface SettleDate {
  /** The date it is derived from. */
  readonly of: (typeof DATE_FIELDS)[number];
  /** Minutes after midnight in `zone`: from then on a record belongs to the next day's batch. */
  readonly cutoff: number;
  readonly zone: string;
  /** From the batch's day to the day of the money. */
  readonly lag: DaySpan;
  /** A day is open when it is open in all of these; none: every day is. */
  readonly calendar: readonly string[];
}

const settleDateSchema = z.strictObject({
  of: z.enum(DATE_FIELDS).prefault('time'),
  cutoff: timeOfDaySchema,
  zone: zoneSchema,
  lag: daySpanSchema.prefault('0d'),
  calendar: calendarsSchema.prefault([]),
});

/** What a key compares of one side's record. A field alone is its text as it is. */
export type FieldExpression =
  | KeyField
  | { readonly field: KeyField; readonly normalise: readonly Normaliser[] }
  | { readonly settleDate: SettleDate };

const expressionSchema: z.ZodType<FieldExpression> = z.union(
  [
    keyFieldSchema,
    z.strictObject({
      field: keyFieldSchema,
      normalise: z.array(normaliserSchema).min(1, 'wants at least one step, or the field alone').max(8),
    }),
    z.strictObject({ settleDate: settleDateSchema }),
  ],
  { error: 'wants a field, {field, normalise: […]} or {settleDate: {…}}' },
);

/** One part of a rule's key: the same field on both sides, or what each side compares. */
export type Key = KeyField | { readonly left: FieldExpression; readonly right: FieldExpression };

export const keySchema: z.ZodType<Key> = z.union(
  [
    z.strictObject({ left: expressionSchema, right: expressionSchema }),
    expressionSchema.transform((both): Key =>
      typeof both === 'string' ? both : { left: both, right: both },
    ),
  ],
  { error: 'wants a field, {field, normalise: […]}, {settleDate: {…}}, or {left: …, right: …} of these' },
);

/** What a key compares on a side. */
export function expressionOf(key: Key, side: 'left' | 'right'): FieldExpression {
  return typeof key === 'string' ? key : key[side];
}

export { calendarsSchema };
