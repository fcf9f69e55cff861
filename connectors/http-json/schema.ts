import { z } from 'zod';
import { RECORD_KINDS, RECORD_STATUSES } from '../../engine/domain/index.ts';
import { MAX_ATTRIBUTE, MAX_ID, MAX_REFERENCE, isFieldName } from '../contract/index.ts';

const amount = z
  .string()
  .max(40)
  .describe('Decimal in major units, as text: "-12.30". Digits beyond the currency’s exponent are refused.');

const day = z.string().max(40).describe('A date: 2026-11-22.');

function texts(most: number) {
  const name = z
    .string()
    .refine(isFieldName, { error: 'wants a name of at most 64 characters without blanks' });
  return z.record(name, z.string().max(most));
}

/**
 * One record as it is posted. Only the shape is checked here; what amounts, times and currencies say is read by the
 * same rules as everywhere, and a record that breaks them is a dead letter of its own.
 */
export const postedRecordSchema = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(MAX_ID)
      .describe('Identity within the source. The same id again is the same record.'),
    version: z.int().min(0).max(999_999_999).optional(),
    account: z
      .string()
      .max(128)
      .optional()
      .describe('Settlement account, or an identifier of the source’s accounts map.'),
    kind: z.enum(RECORD_KINDS).optional(),
    status: z.enum(RECORD_STATUSES).optional(),
    currency: z.string().max(3).optional().describe('ISO 4217 code.'),
    amount: amount.describe(
      'Signed as the balance that the source reports changes, major units, as text: "-12.30".',
    ),
    fee: amount.optional(),
    tax: amount.optional(),
    net: amount.optional().describe('amount − fee − tax; refused when it is not.'),
    time: z
      .union([z.string().max(40), z.int().min(100_000_000_000).max(9_999_999_999_999)])
      .describe('ISO 8601, or epoch milliseconds. A date alone has day precision.'),
    bookingDate: day.optional(),
    valueDate: day.optional(),
    availableOn: day.optional(),
    reference: z.string().max(MAX_REFERENCE).optional().describe('Short for references.reference.'),
    references: texts(MAX_REFERENCE).optional(),
    link: z
      .string()
      .max(MAX_ID)
      .optional()
      .describe('Id of the record that this one refunds, reverses or disputes.'),
    original: z
      .strictObject({ amount, currency: z.string().max(3) })
      .optional()
      .describe('What the payer saw, where it differs.'),
    groupCount: z.int().min(0).max(999_999_999).optional(),
    groupTotal: amount.optional(),
    attributes: texts(MAX_ATTRIBUTE).optional(),
  })
  .describe('A record: one movement of money.');

export type PostedRecord = z.output<typeof postedRecordSchema>;
