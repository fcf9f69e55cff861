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
  maxAge: durationSchema.refine((ms) => ms <= 366 * DAY_MS, 'maxAge is longer than 366 days').prefault('4d'),
});

export type Exchange = z.output<typeof exchangeSchema>;
