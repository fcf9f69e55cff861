import { RE2JS } from 're2js';
import { z } from 'zod';

/** A column: its header, or its number from 1. */
export type ColumnRef = string | number;

/** What a row is told by: what stands in one of its columns. */
export interface RowTest {
  readonly column: ColumnRef;
  readonly is?: readonly string[] | undefined;
  readonly matches?: RE2JS | undefined;
}

/** What a trailer may state the sum of; of several that do not agree, a finding's amount is the first one's. */
export const TOTALS = ['net', 'amount', 'adds', 'subtracts', 'unsigned', 'fee', 'tax'] as const;
export type Total = (typeof TOTALS)[number];

/** The rows that end a file, and what the one that states something says where. */
export interface TrailerSettings {
  readonly where?: RowTest | undefined;
  readonly rows?: number | undefined;
  readonly count?: ColumnRef | undefined;
  readonly currency?: ColumnRef | undefined;
  readonly totals: { readonly [total in Total]?: ColumnRef | undefined };
}

const column = z.union([z.string().min(1), z.int().min(1).max(10_000)], {
  error: 'wants the header of a column, or its number from 1',
});

/** A regular expression of RE2, which takes time linear in the text. */
const expression = z
  .string()
  .min(1)
  .max(256)
  .transform((text, context): RE2JS => {
    try {
      const compiled = RE2JS.compile(text);
      if (compiled.programSize() <= 500) return compiled;
    } catch {
      // Said below.
    }
    context.addIssue({
      code: 'custom',
      message: 'wants a regular expression such as ^Total, without look-around and back references',
    });
    return z.NEVER;
  });

const texts = z.union([
  z
    .string()
    .max(256)
    .transform((text) => [text]),
  z.array(z.string().max(256)).min(1).max(100),
]);

/** `{ column: 1, is: [TOTAL] }` or `{ column: Type, matches: "^Total" }`; without `column` the first. */
export const rowTest: z.ZodType<RowTest> = z
  .strictObject({ column: column.prefault(1), is: texts.optional(), matches: expression.optional() })
  .refine(({ is, matches }) => (is === undefined) !== (matches === undefined), {
    error: 'a row is told by one of is and matches',
  });

const totals = z.strictObject(
  Object.fromEntries(TOTALS.map((name) => [name, column.optional()])) as {
    [total in Total]: z.ZodOptional<typeof column>;
  },
);

export const trailerSetting: z.ZodType<TrailerSettings> = z
  .strictObject({
    /** What tells it from other rows. */
    where: rowTest.optional(),
    /** In place of `where`: so many rows at the end. The first of them states what `count` and `totals` speak of. */
    rows: z.int().min(1).max(100).optional(),
    /** The column that states how many rows there are, but for header and trailer. */
    count: column.optional(),
    /** The column that states the totals' currency; needed where rows have several. */
    currency: column.optional(),
    /**
     * The columns that state sums: of `amount`, `fee`, `tax`, `net`, each signed as in its rows; of what `adds` and what
     * `subtracts`; of amounts `unsigned`.
     */
    totals: totals.prefault({}),
  })
  .refine(({ where, rows }) => (where === undefined) !== (rows === undefined), {
    error: 'a trailer is told by one of where and rows',
  });

/** The most characters of a cell that an expression looks at. */
const MAX_TEXT = 512;

/** Whether a row's cell passes. */
export function passes(test: Pick<RowTest, 'is' | 'matches'>, cell: string | undefined): boolean {
  if (cell === undefined) return false;
  if (test.is !== undefined) return test.is.includes(cell);
  return test.matches!.matcher(cell.slice(0, MAX_TEXT)).find();
}
