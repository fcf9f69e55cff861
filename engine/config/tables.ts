import { z } from 'zod';
import { calendarSchema, feeContractSchema, nameSchema, ratesSchema } from '../domain/index.ts';
import type { Calendar, FeeContract, Rates, RatesSource } from '../domain/index.ts';
import { readRatesFile } from './rates-file.ts';
import { ratesSourceSchema } from './rates-source.ts';

/** The most calendars, contracts, or tables of rates. */
const MAX_TABLES = 100;

/** What rules refer to by name: calendars, fee contracts, tables of rates. */
export interface Tables {
  readonly calendars: { readonly [name: string]: Calendar };
  readonly feeContracts: { readonly [name: string]: FeeContract };
  readonly rates: { readonly [name: string]: Rates };
  /** Of the tables that are published while the engine runs: where. Each is in `rates` too, with what it begins with. */
  readonly ratesSources: { readonly [name: string]: RatesSource };
}

/** A table of rates as it is written: what it holds, and where more is published. */
interface WrittenRates {
  readonly rates: Rates;
  readonly source: RatesSource | undefined;
}

/** The tables and the sources of the section `rates`. */
export function splitRates(written: {
  readonly [name: string]: WrittenRates;
}): Pick<Tables, 'rates' | 'ratesSources'> {
  const rates: { [name: string]: Rates } = {};
  const ratesSources: { [name: string]: RatesSource } = {};
  for (const [name, table] of Object.entries(written)) {
    rates[name] = table.rates;
    if (table.source !== undefined) ratesSources[name] = table.source;
  }
  return { rates, ratesSources };
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

/**
 * `{path: rates.csv}`, which is read here and now, or `{values: [{date, from, to, rate}, …]}`; either may have a
 * `source` beside it, which may also stand alone.
 */
function ratesTableSchema(directory: string): z.ZodType<WrittenRates> {
  return z
    .strictObject({
      path: z.string().min(1, 'wants a path').optional(),
      values: ratesSchema.optional(),
      source: ratesSourceSchema.optional(),
    })
    .transform((written, context): WrittenRates => {
      const refuse = (message: string, at: string[] = []): never => {
        context.addIssue({ code: 'custom', path: at, message });
        return z.NEVER;
      };
      const { path, values, source } = written;
      if (path !== undefined && values !== undefined)
        return refuse('a table of rates has either a path, of a file, or values');
      if (path === undefined && values === undefined && source === undefined)
        return refuse('a table of rates has a path, of a file, or values, or a source');
      if (path === undefined) {
        const rates = values ?? [];
        const twice = firstRepeated(rates);
        if (twice < 0) return { rates, source };
        const { date, from, to } = rates[twice]!;
        context.addIssue({
          code: 'custom',
          path: ['values', twice],
          message: `a rate of ${from} in ${to} on ${date} stands in the table already; keep one`,
        });
        return z.NEVER;
      }
      const read = readRatesFile(path, directory);
      if ('rates' in read) return { rates: read.rates, source };
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
