import { z } from 'zod';
import { filterSchema } from './filters.ts';
import { decimalSchema } from './scalars.ts';

const priceShape = {
  /** Of the record's amount. */
  percent: decimalSchema.optional(),
  /** Major units, for each record. */
  fixed: decimalSchema.optional(),
};

const feeLineSchema = z.strictObject({
  /** Which records this line prices; the first line that fits does. */
  where: filterSchema.optional(),
  ...priceShape,
  min: decimalSchema.optional(),
  max: decimalSchema.optional(),
  /** Prices by one record's amount: the first tier whose `upTo` (major units, inclusive) is not below it. */
  tiers: z
    .array(z.strictObject({ upTo: decimalSchema.optional(), ...priceShape }))
    .min(1)
    .max(32)
    .optional(),
});

/** What a provider has agreed to charge. */
export const feeContractSchema = z.strictObject({
  lines: z.array(feeLineSchema).min(1, 'a contract needs at least one line').max(64),
  /** Percent of the rounded fee: VAT. */
  tax: decimalSchema.optional(),
  /** Whether each record's fee is rounded, or the sum of a group's. Half away from zero. */
  round: z.enum(['perRecord', 'perGroup']).prefault('perRecord'),
  /** What comes back with a refund: nothing, the percentage of what was refunded, or all that the line says. */
  refundReturnsFee: z.enum(['none', 'proportional', 'full']).prefault('none'),
});

export type FeeContract = z.output<typeof feeContractSchema>;
export type FeeLine = z.output<typeof feeLineSchema>;
