import { z } from 'zod';
import { keyFieldSchema, nameSchema } from './fields.ts';
import { currencySchema, daySchema, durationSchema } from './scalars.ts';
import { DAY_MS } from './time.ts';

const rateSchema = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/, 'wants a rate in quotes, such as "3.6725"')
  .refine((text) => Number(text) > 0, 'a rate is more than 0');

/** Rates as published: how many units of `to` one unit of `from` is worth, from `date` on. */
export const ratesSchema = z
  .array(z.strictObject({ from: currencySchema, to: currencySchema, date: daySchema, rate: rateSchema }))
  .max(200_000);

export type Rates = z.output<typeof ratesSchema>;

/** The most rates that one table keeps of what its source has published: the newest by date. */
export const MAX_PUBLISHED_RATES = 10_000;

/** Rates over others: one a pair and day, the later given; by day, then by currencies. */
export function mergeRates(rates: Rates, over: Rates): Rates {
  const merged = new Map<string, Rates[number]>();
  for (const rate of [...rates, ...over]) merged.set(`${rate.date} ${rate.from} ${rate.to}`, rate);
  return [...merged].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, rate]) => rate);
}

/** Where the rates of a table are published while the engine runs, and how its text is read. */
export interface RatesSource {
  /** An address to fetch; else `path`. */
  readonly url: string | undefined;
  /** A file, as configured. */
  readonly path: string | undefined;
  /** Sent with each request. They may hold secrets: never to be shown. */
  readonly headers: { readonly [name: string]: string };
  /** From one look to the next, in milliseconds. */
  readonly every: number;
  /** How long one fetch may take, in milliseconds. */
  readonly timeout: number;
  readonly format: 'csv' | 'json';
  /** `long`: a row is a rate. `wide`: a row is a date, and its columns are named by currencies. */
  readonly layout: 'long' | 'wide';
  /** What stands between the columns of a CSV. */
  readonly delimiter: string;
  /** JSON: the member, by names with dots, that holds the rows; the whole document where undefined. */
  readonly items: string | undefined;
  /** Names of the columns; in JSON of members, with dots. In the wide layout `rate` is the member that holds them. */
  readonly columns: {
    readonly date: string;
    readonly from: string;
    readonly to: string;
    readonly rate: string | undefined;
  };
  /** The one currency of that kind, where no column says it. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** How a rule compares amounts of two currencies: the left sum is converted once, at the left anchor's local date. */
export const exchangeSchema = z.strictObject({
  /** Currency of the left side's records. */
  from: currencySchema,
  /** Currency of the right side's records. */
  to: currencySchema,
  rate: z.union([
    /** A field of the record, of the side named, that states the rate. */
    z.strictObject({ side: z.enum(['left', 'right']), field: keyFieldSchema }),
    /** A table of `rates`. */
    z.strictObject({ table: nameSchema }),
  ]),
  /** How old the last published rate may be. */
  maxAge: durationSchema
    .refine((ms) => ms <= 366 * DAY_MS, 'wants a duration of at most 366d')
    .prefault('4d'),
});

export type Exchange = z.output<typeof exchangeSchema>;
