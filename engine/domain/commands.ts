import { z } from 'zod';
import { MAX_PUBLISHED_RATES, ratesSchema } from './exchange.ts';
import { nameSchema } from './fields.ts';
import { RECORD_KINDS, RECORD_STATUSES } from './record.ts';

/** The kinds of command, a closed set. */
export const COMMAND_KINDS = [
  'match',
  'unmatch',
  'writeOff',
  'adjust',
  'reopen',
  'assignReason',
  'rules',
  'rates',
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

const minor = z.int();
const day = z.int();
const texts = z.record(z.string(), z.string());

/** A record as a command carries it, whole: one that has left the kernel's memory has to come back from somewhere. */
const carriedRecordSchema = z.strictObject({
  source: nameSchema,
  id: z.string().min(1),
  /** Where the record lies in the log. */
  sequence: z.int().min(0),
  ordinal: z.int().min(0),
  version: z.int().optional(),
  account: z.string(),
  kind: z.enum(RECORD_KINDS),
  status: z.enum(RECORD_STATUSES),
  currency: z.string(),
  amount: minor,
  fee: minor,
  tax: minor,
  time: z.number(),
  precision: z.enum(['instant', 'day']),
  offsetMinutes: z.int(),
  bookingDate: day.optional(),
  valueDate: day.optional(),
  availableOn: day.optional(),
  references: texts,
  link: z.string().optional(),
  original: z.strictObject({ amount: minor, currency: z.string() }).optional(),
  groupCount: z.int().optional(),
  groupTotal: minor.optional(),
  attributes: texts,
});
export type CarriedRecord = z.output<typeof carriedRecordSchema>;

/** A record by its identity and its place in the log, which finds it without searching. */
const pointerSchema = z.strictObject({
  source: nameSchema,
  id: z.string().min(1),
  sequence: z.int().min(0),
  ordinal: z.int().min(0),
});
export type RecordPointer = z.output<typeof pointerSchema>;

/** How the reason begins by which a command is refused where a record of it is not, or no longer, to be matched. */
export function notUnmatched({ source, id }: Pick<RecordPointer, 'source' | 'id'>): string {
  return `record "${id}" of source "${source}" is not unmatched`;
}

/** A result by the position of its first version. */
const positionSchema = z.strictObject({ sequence: z.int().min(0), n: z.int().min(0) });

const common = {
  /** Chosen by who asks: a command with an id that was answered before is a repeat and is ignored. */
  id: z.string().min(1).max(128),
  /** Who wants it. */
  by: z.string().min(1).max(256),
  /** Why, in their words. */
  why: z.string().min(1).max(2000),
};
const MAX_RECORDS = 10_000;
const pointers = z.array(pointerSchema).min(1).max(MAX_RECORDS);

/** A command of a person or machine, as it travels through the log in JSON. Amounts are minor units. */
export const commandSchema = z.discriminatedUnion('kind', [
  /** Ties open records of both sides whose sums agree within the tolerance of the reconciliation's first rule. */
  z.strictObject({ ...common, kind: z.literal('match'), reconciliation: nameSchema, records: pointers }),
  /** The same whatever the difference, which is then the cause `adjustment`. */
  z.strictObject({ ...common, kind: z.literal('adjust'), reconciliation: nameSchema, records: pointers }),
  /** Undoes a match: its legs are open again, and these legs together are barred from matching. */
  z.strictObject({
    ...common,
    kind: z.literal('unmatch'),
    reconciliation: nameSchema,
    match: positionSchema,
    /** Version of the match that is undone. */
    version: z.int().min(1),
    rule: z.string(),
    records: z
      .array(z.strictObject({ side: z.enum(['left', 'right']), record: carriedRecordSchema }))
      .min(1)
      .max(MAX_RECORDS),
  }),
  /** Closes open records without a counterpart. */
  z.strictObject({ ...common, kind: z.literal('writeOff'), reconciliation: nameSchema, records: pointers }),
  /** Takes a bar away (`match`), or brings written-off records back (`records`). */
  z.strictObject({
    ...common,
    kind: z.literal('reopen'),
    reconciliation: nameSchema,
    match: positionSchema.optional(),
    records: z
      .array(z.strictObject({ side: z.enum(['left', 'right']), record: carriedRecordSchema }))
      .min(1)
      .max(MAX_RECORDS)
      .optional(),
  }),
  /** Says why something broke. */
  z.strictObject({
    ...common,
    kind: z.literal('assignReason'),
    break: positionSchema,
    /** One of the break's members in memory. */
    record: pointerSchema,
    reconciliation: nameSchema,
    reason: z.string().min(1).max(200),
  }),
  /** New rules, calendars or rates: a RuleSet as JSON and its hash. */
  z.strictObject({ ...common, kind: z.literal('rules'), json: z.string(), hash: z.string() }),
  /** Rates that were published for a table: they come to those published before, or in the place of one of their day. */
  z.strictObject({
    ...common,
    kind: z.literal('rates'),
    table: nameSchema,
    rates: ratesSchema.min(1).max(MAX_PUBLISHED_RATES),
  }),
]);
export type Command = z.output<typeof commandSchema>;
