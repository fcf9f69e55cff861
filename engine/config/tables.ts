import { z } from 'zod';
import { calendarSchema, feeContractSchema, nameSchema, ratesSchema } from '../domain/index.ts';
import type { Calendar, FeeContract, Rates } from '../domain/index.ts';
import { readRatesFile } from './rates-file.ts';

/** The most calendars, contracts, or tables of rates. */
const MAX_TABLES = 100;

/** What rules refer to by name: calendars, fee contracts, tables of rates. */
export interface Tables {
  readonly calendars: { readonly [name: string]: Calendar };
  readonly feeContracts: { readonly [name: string]: FeeContract };
  readonly rates: { readonly [name: string]: Rates };
}

function named<T>(schema: z.ZodType<T>, what: string): z.ZodType<{ [name: string]: T }> {
  return z
    .record(nameSchema, schema)
    .refine((all) => Object.keys(all).length <= MAX_TABLES, `at most ${MAX_TABLES} ${what}`);
}

/**
 * The sections of a configuration that hold tables.
 * @param directory where relative paths of rates files start from
 */
export function tableSections(directory: string) {
  return {
    calendars: named(calendarSchema, 'calendars').prefault({}),
    feeContracts: named(feeContractSchema, 'fee contracts').prefault({}),
    rates: named(ratesTableSchema(directory), 'tables of rates').prefault({}),
  };
}

/** `{path: rates.csv}`, which is read here and now, or `{values: [{date, from, to, rate}, …]}`. */
function ratesTableSchema(directory: string): z.ZodType<Rates> {
  return z
    .strictObject({ path: z.string().min(1, 'wants a path').optional(), values: ratesSchema.optional() })
    .transform((written, context): Rates => {
      const refuse = (message: string, at: string[] = []): never => {
        context.addIssue({ code: 'custom', path: at, message });
        return z.NEVER;
      };
      const { path, values } = written;
      if ((path === undefined) === (values === undefined))
        return refuse('a table of rates has either a path, of a file, or values');
      if (values !== undefined) {
        const twice = firstRepeated(values);
        if (twice < 0) return values;
        const { date, from, to } = values[twice]!;
        context.addIssue({
          code: 'custom',
          path: ['values', twice],
          message: `a rate of ${from} in ${to} on ${date} stands in the table already; keep one`,
        });
        return z.NEVER;
      }
      const read = readRatesFile(path!, directory);
      if ('rates' in read) return read.rates;
      for (const problem of read.problems)
        context.addIssue({ code: 'custom', path: ['path'], message: problem });
      return z.NEVER;
    });
}

/** Index of the first rate whose pair and date have one already; −1 where all differ. */
function firstRepeated(values: Rates): number {
  const seen = new Set<string>();
  return values.findIndex(({ date, from, to }) => seen.size === seen.add(`${date} ${from} ${to}`).size);
}
