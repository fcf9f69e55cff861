import { z } from 'zod';
import { parseDuration } from './time.ts';

/** Plain fields of a record that a rule's key may name. `reference` is short for `references.reference`. */
const KEY_FIELDS = [
  'id',
  'account',
  'currency',
  'kind',
  'status',
  'amount',
  'fee',
  'tax',
  'net',
  'time',
  'bookingDate',
  'valueDate',
  'availableOn',
  'link',
] as const;

export type PlainKeyField = (typeof KEY_FIELDS)[number];

/** A key as rules are compiled: a plain field, or a reference or attribute by name. */
export type KeyField = PlainKeyField | `references.${string}` | `attributes.${string}`;

/** Values that mean "no reference" and are therefore never indexed. */
const DEFAULT_NULL_VALUES: readonly string[] = ['NONREF', 'N/A'];

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A name of a source, reconciliation, rule or pool: letters, digits, dot, dash, underscore; at most 64. */
export const nameSchema: z.ZodType<string> = z
  .string()
  .regex(NAME, 'a name is 1 to 64 letters, digits, ".", "-" or "_", and starts with a letter or digit');

/** A duration such as `1h`, read as milliseconds. */
export const durationSchema: z.ZodType<number, string> = z.string().transform((text, context) => {
  try {
    return parseDuration(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** A key field as written in a rule: `reference`, `references.invoice`, `currency`, `attributes.batch`. */
export const keyFieldSchema: z.ZodType<KeyField, string> = z.string().transform((text, context): KeyField => {
  if ((KEY_FIELDS as readonly string[]).includes(text)) return text as PlainKeyField;
  if (text === 'reference') return 'references.reference';
  if (/^(references|attributes)\.[^\s.][^\s]{0,63}$/.test(text)) return text as KeyField;
  context.addIssue({
    code: 'custom',
    message: `"${text.slice(0, 80)}" is not a field of a record; use reference, references.<name>, attributes.<name>, or one of ${KEY_FIELDS.join(', ')}`,
  });
  return z.NEVER;
});

const decimalSchema = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,9})?$/, 'a tolerance is a decimal ≥ 0 in major units, in quotes, such as "0.50"');

/** How a pair of records may differ. `amount` is in major units of the records' currency; a map is per currency. */
const toleranceSchema = z.strictObject({
  amount: z.union([decimalSchema, z.record(z.string().regex(/^[A-Z]{3}$/), decimalSchema)]).optional(),
});

/** One way to tie a left record to a right one. Rules are tried in order; the first that finds a partner matches. */
const ruleSchema = z.strictObject({
  name: nameSchema,
  keys: z.array(keyFieldSchema).min(1, 'a rule needs at least one key').max(8),
  tolerance: toleranceSchema.prefault({}),
});

const sideSchema = z.strictObject({
  sources: z.array(nameSchema).min(1, 'a side needs at least one source').max(64),
  /** Where a record is consumed once. By default each side of each reconciliation is a pool of its own. */
  pool: nameSchema.optional(),
});

/** How far apart the records of a match may be. Right joins left iff left − before ≤ right ≤ left + after. */
const windowSchema = z.strictObject({
  before: durationSchema.prefault('0s'),
  after: durationSchema.prefault('0s'),
  /** How long after the window's end a record still waits for late arrivals before it breaks. */
  grace: durationSchema.prefault('0s'),
});

/** The longest retain and window: beyond it dates leave the range of the timing wheel. */
const MAX_DURATION_MS: number = 366 * 86_400_000;

export const reconciliationSchema = z
  .strictObject({
    name: nameSchema,
    left: sideSchema,
    right: sideSchema,
    window: windowSchema,
    /** How long, in event time after its break, a record can still be matched by a late counterpart. */
    retain: durationSchema.prefault('30d'),
    rules: z.array(ruleSchema).min(1, 'a reconciliation needs at least one rule').max(16),
    /** Reference values that mean "none": a key with one of them is not indexed. */
    nullValues: z
      .array(z.string())
      .max(64)
      .prefault([...DEFAULT_NULL_VALUES]),
  })
  .superRefine((reconciliation, context) => {
    const seen = new Set<string>();
    for (const [i, rule] of reconciliation.rules.entries()) {
      if (seen.has(rule.name)) {
        context.addIssue({
          code: 'custom',
          path: ['rules', i, 'name'],
          message: `rule "${rule.name}" is defined twice`,
        });
      }
      seen.add(rule.name);
    }
    for (const source of reconciliation.left.sources) {
      if (reconciliation.right.sources.includes(source)) {
        context.addIssue({
          code: 'custom',
          path: ['right', 'sources'],
          message: `source "${source}" is on both sides; a record cannot match itself`,
        });
      }
    }
    for (const [name, ms] of Object.entries({ ...reconciliation.window, retain: reconciliation.retain })) {
      if (ms > MAX_DURATION_MS) {
        context.addIssue({ code: 'custom', path: [name], message: `${name} is longer than 366 days` });
      }
    }
  });

/** A definition: a left side, a right side, a window, ordered rules. Durations are milliseconds. */
export type Reconciliation = z.output<typeof reconciliationSchema>;
export type Rule = z.output<typeof ruleSchema>;
export type Side = 'left' | 'right';

/** What the kernel needs to know of a source. Durations are milliseconds of event or log time. */
export interface SourceRule {
  readonly name: string;
  /** How far behind its latest record a source may still bring earlier ones. */
  readonly outOfOrder: number;
  /** After this much log time without a record or progress the source no longer holds the watermark back. */
  readonly idleTimeout: number;
  /** Other content under a seen id: a record of its own with a finding, or a dead letter. */
  readonly onIdReuse: 'accept' | 'reject';
}

/** The content of a `rules` message: everything the kernel is configured by. It travels through the log as JSON. */
export interface RuleSet {
  readonly reconciliations: readonly Reconciliation[];
  readonly sources: readonly SourceRule[];
  /** The fields that choose a record's partition. */
  readonly partitionBy: readonly KeyField[];
  /** A record further than this beyond log time does not move the watermark, in milliseconds. */
  readonly maxAhead: number;
  /** How long a record's identity is remembered, in milliseconds of log time; null remembers everything. */
  readonly seenHorizon: number | null;
  /** A readable stop, never an eviction: the most open records in one partition. */
  readonly maxOpenRecords: number;
}

export const DEFAULT_MAX_AHEAD_MS: number = 2 * 86_400_000;
export const DEFAULT_SEEN_HORIZON_MS: number = 7 * 86_400_000;
export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
