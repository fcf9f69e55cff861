import { z } from '@hono/zod-openapi';
import { RECORD_KINDS, RECORD_STATUSES } from '../../engine/domain/index.ts';
import type { RecordView } from '../../engine/domain/index.ts';
import { day, decimal, moment, pageQuery, resultId, textFilter, timeFilter } from './common.ts';

const names = z.record(z.string(), z.string()).readonly();

export const recordExample = {
  position: '1-3-4711-0',
  source: 'gateway',
  id: 'pay_1042',
  account: 'store-dubai',
  kind: 'charge',
  status: 'booked',
  currency: 'AED',
  amount: '200.00',
  fee: '4.50',
  tax: '0.23',
  net: '195.27',
  time: '2026-11-20T17:30:00.000Z',
  valueDate: '2026-11-21',
  references: { reference: 'ORD-1042' },
  attributes: { scheme: 'visa' },
  logTime: '2026-11-20T17:30:01.250Z',
} satisfies RecordView;

export const recordSchema = z
  .object({
    position: resultId.openapi({ description: 'Place in the log: epoch-partition-sequence-n' }),
    source: z.string(),
    id: z.string(),
    version: z.int().optional(),
    account: z.string(),
    kind: z.enum(RECORD_KINDS),
    status: z.enum(RECORD_STATUSES),
    currency: z.string().openapi({ description: 'ISO 4217' }),
    amount: decimal.openapi({
      description: 'Decimal in major units, signed as the balance that the source reports changes',
    }),
    fee: decimal,
    tax: decimal,
    net: decimal,
    time: z.union([moment, day]).openapi({ description: 'A date alone where the source gave no time' }),
    bookingDate: day.optional(),
    valueDate: day.optional(),
    availableOn: day.optional(),
    references: names,
    attributes: names,
    link: z.string().optional(),
    original: z.object({ amount: decimal, currency: z.string() }).optional(),
    groupCount: z.int().optional().openapi({ description: 'How many members its group has' }),
    groupTotal: decimal.optional().openapi({ description: 'The sum of its group' }),
    logTime: moment.openapi({ description: 'When the log took it' }),
  })
  .openapi('Record', { description: 'One movement of money as one source reports it' });

export const recordQuery = z.strictObject({
  ...pageQuery,
  source: textFilter('Name of the source', 'gateway'),
  id: textFilter('Identity within the source', 'pay_1042'),
  account: textFilter('Settlement account', 'store-dubai'),
  kind: z.enum(RECORD_KINDS).optional(),
  currency: textFilter('ISO 4217', 'AED'),
  reference: textFilter('A value that any reference of the record has', 'ORD-1042'),
  from: timeFilter('Earliest event time, inclusive'),
  to: timeFilter('Latest event time, exclusive'),
});

const decimalInput = z.string().openapi({
  description: 'Decimal in major units as text; digits beyond the minor unit are refused, never rounded',
  example: '200.00',
});

/** How a posted record looks. */
export const recordInput = z
  .strictObject({
    id: z
      .string()
      .openapi({ description: 'Identity within the source: the same id again is the same record' }),
    version: z.int().nonnegative().optional(),
    account: z
      .string()
      .optional()
      .openapi({ description: "Settlement account, or an identifier of the source's accounts map" }),
    kind: z.enum(RECORD_KINDS).optional().openapi({ description: "Default: the source's" }),
    status: z.enum(RECORD_STATUSES).optional(),
    currency: z.string().optional().openapi({ description: "ISO 4217; default: the source's" }),
    amount: decimalInput,
    fee: decimalInput.optional(),
    tax: decimalInput.optional(),
    net: decimalInput.optional().openapi({ description: 'Checked: amount − fee − tax' }),
    time: z.union([z.string(), z.int()]).openapi({ description: 'ISO 8601 or epoch milliseconds' }),
    bookingDate: day.optional(),
    valueDate: day.optional(),
    availableOn: day.optional(),
    reference: z.string().optional().openapi({ description: 'Short for references.reference' }),
    references: names.optional(),
    attributes: names.optional(),
    link: z
      .string()
      .optional()
      .openapi({ description: 'Id of the record that this one refunds, reverses or disputes' }),
    original: z.strictObject({ amount: decimalInput, currency: z.string() }).optional(),
    groupCount: z.int().nonnegative().optional(),
    groupTotal: decimalInput.optional(),
  })
  .openapi({ description: 'One record as it is posted' });

export const postExample = {
  source: 'gateway',
  records: [
    {
      id: 'pay_1042',
      account: 'store-dubai',
      kind: 'charge',
      currency: 'AED',
      amount: '200.00',
      fee: '4.50',
      tax: '0.23',
      time: '2026-11-20T21:30:00+04:00',
      references: { reference: 'ORD-1042' },
    },
  ],
};

/**
 * What a POST must have before its records are looked at one by one. The document shows them as RecordInput, but one
 * bad record must not refuse the others.
 */
export const postBody = z
  .strictObject({
    source: z.string().min(1).max(64).openapi({ description: 'A configured source that takes posts' }),
    records: z
      .array(z.unknown())
      .min(1, 'a post needs at least one record')
      .openapi({ type: 'array', items: { $ref: '#/components/schemas/RecordInput' } }),
  })
  .openapi('RecordsPost');

export const postAnswerExample = {
  accepted: 1,
  deadLetters: [
    {
      index: 1,
      code: 'invalidAmount',
      reason: 'amount "12,30" is not a decimal number such as 12.30 or -12.30',
    },
  ],
};

const refusedInputs = z
  .array(z.object({ index: z.int(), code: z.string(), reason: z.string() }))
  .readonly()
  .openapi({
    description: 'Inputs that could not become records, by place in the array; they are kept as dead letters',
  });

export const postAnswer = z
  .object({
    accepted: z.int().openapi({
      description: 'Records that the log holds now; repeats are among them and change nothing later',
    }),
    deadLetters: refusedInputs,
  })
  .openapi('RecordsAccepted');
