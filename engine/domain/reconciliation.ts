import { z } from 'zod';
import { calendarsSchema, expressionOf, keySchema, type FieldExpression } from './expressions.ts';
import type { Calendar } from './calendars.ts';
import { notOfOneSide } from './contra.ts';
import { exchangeSchema, type Rates } from './exchange.ts';
import type { FeeContract } from './fees.ts';
import { DATE_FIELDS, keyFieldSchema, nameSchema, type KeyField } from './fields.ts';
import { filterSchema } from './filters.ts';
import { currencySchema, daySpanSchema, decimalSchema, durationSchema, type DaySpan } from './scalars.ts';

/** Values that mean "no reference" and are therefore never indexed. */
const DEFAULT_NULL_VALUES: readonly string[] = ['NONREF', 'N/A'];

const toleranceShape = {
  /** Major units of the right side's currency; a map is per currency. Rounded down to the minor unit. */
  amount: z.union([decimalSchema, z.record(currencySchema, decimalSchema)]).optional(),
  /** Of |Σleft|, after conversion where the rule has `fx`; rounded down to the minor unit. */
  percent: decimalSchema.optional(),
};

/** How far a match's sums may lie apart. Where amount and percent both stand, both must hold. */
const toleranceSchema = z.strictObject({
  ...toleranceShape,
  /** Instead, where |Σright| < |Σleft|. */
  short: z.strictObject(toleranceShape).optional(),
  /** Instead, where |Σright| ≥ |Σleft|. */
  over: z.strictObject(toleranceShape).optional(),
});

/** How many records of each side a match ties. `contra` ties records of one side whose sum is 0. */
export const CARDINALITIES = ['1:1', '1:N', 'N:1', 'N:M', 'contra'] as const;
export type Cardinality = (typeof CARDINALITIES)[number];

/** When a group of records with one key is whole. */
export const COMPLETIONS = ['onWindowEnd', 'onSignal', 'onCutoff', 'onSum'] as const;
export type Completion = (typeof COMPLETIONS)[number];

/**
 * What a rule compares of a record: its amount, fee, net (amount − fee − tax), original (presentment) amount, or
 * expectedNet: the amount less the fee and tax that the side's fee contract says.
 */
export const COMPARED = ['amount', 'fee', 'net', 'original', 'expectedNet'] as const;
export type Compared = (typeof COMPARED)[number];

const compareSchema = z.union([
  z.enum(COMPARED).transform((both) => ({ left: both, right: both })),
  z.strictObject({ left: z.enum(COMPARED).prefault('amount'), right: z.enum(COMPARED).prefault('amount') }),
]);

/** Dates of a pair that must lie near each other, inside the window. */
const dateConditionSchema = z.strictObject({
  left: z.enum(DATE_FIELDS),
  right: z.enum(DATE_FIELDS),
  /** How long before the left date the right one may be. */
  before: daySpanSchema.prefault('0d'),
  /** How long after it. */
  after: daySpanSchema.prefault('0d'),
  /** Calendars that business days are counted by. */
  calendar: calendarsSchema.prefault([]),
});

export interface DateCondition {
  readonly left: (typeof DATE_FIELDS)[number];
  readonly right: (typeof DATE_FIELDS)[number];
  readonly before: DaySpan;
  readonly after: DaySpan;
  readonly calendar: readonly string[];
}

/** One way to tie left records to right ones. Rules are tried in order; the first that finds a partner matches. */
const ruleSchema = z
  .strictObject({
    name: nameSchema,
    keys: z
      .array(keySchema, { error: 'wants a list of keys, such as [reference]' })
      .min(1, 'a rule needs at least one key')
      .max(8),
    tolerance: toleranceSchema.prefault({}),
    /** 1:1 where absent. */
    cardinality: z.enum(CARDINALITIES).optional(),
    /** The side of a `contra` rule. */
    side: z.enum(['left', 'right']).optional(),
    /** Which of a side's records this rule is for. */
    where: z.strictObject({ left: filterSchema.optional(), right: filterSchema.optional() }).optional(),
    /** Amount against amount where absent. */
    compare: compareSchema.optional(),
    dates: z.array(dateConditionSchema).max(4).optional(),
    /** The rule is tried only when the watermark has passed the record's anchor by this much. */
    hold: durationSchema.optional(),
    /** Only if at the end of the hold each has exactly the other as candidate. */
    unique: z.boolean().optional(),
    /** onWindowEnd where absent. */
    complete: z.enum(COMPLETIONS).optional(),
    /** What fits is matched at once and the rest stays open. */
    partial: z.boolean().optional(),
    fx: exchangeSchema.optional(),
  })
  .superRefine((rule, context) => {
    const issue = (path: PropertyKey | PropertyKey[], message: string): void =>
      context.addIssue({
        code: 'custom',
        path: Array.isArray(path) ? path : [path],
        message: `rule "${rule.name}": ${message}`,
      });
    const cardinality = rule.cardinality ?? '1:1';
    const isGroup = cardinality === '1:N' || cardinality === 'N:1' || cardinality === 'N:M';
    if (cardinality === 'contra' && rule.side === undefined)
      issue('side', 'a contra rule says which side it is for: left or right');
    if (cardinality !== 'contra' && rule.side !== undefined)
      issue('side', `only a contra rule has a side; this one is ${cardinality}`);
    if (!isGroup && rule.complete !== undefined)
      issue('complete', `only 1:N, N:1 and N:M gather groups; this rule is ${cardinality}`);
    if (rule.partial === true && !isGroup)
      issue('partial', `only 1:N, N:1 and N:M match in parts; this rule is ${cardinality}`);
    if (rule.partial === true && rule.complete !== undefined)
      issue('complete', 'a partial rule matches what fits as it comes; leave complete out');
    if (rule.partial === true && rule.fx !== undefined)
      issue('fx', 'a partial rule cannot convert currencies');
    if (cardinality !== '1:1' && rule.hold !== undefined)
      issue('hold', 'only 1:1 rules have a hold; a group waits by complete');
    if (rule.unique === true && rule.hold === undefined)
      issue('unique', 'unique needs a hold, after which candidates are counted, such as hold: 1h');
    if (cardinality !== '1:1' && (rule.dates?.length ?? 0) > 0)
      issue(
        'dates',
        'date conditions compare pairs; a group is told by its key (settleDate derives one from a date)',
      );
    if (cardinality === 'contra' && rule.fx !== undefined) issue('fx', 'a contra rule has one currency');
    const expressions = rule.keys.flatMap((key) => [
      ['left', expressionOf(key, 'left')] as const,
      ['right', expressionOf(key, 'right')] as const,
    ]);
    const several = expressions.filter(([, each]) => capturesAll(each));
    const one = cardinality === '1:N' ? 'left' : cardinality === 'N:1' ? 'right' : undefined;
    if (several.length > 1 || several.some(([side]) => side !== one))
      issue(
        'keys',
        'captureAll stands once in a rule, on the one side of 1:N or N:1: its record names several of the other',
      );
    for (const [, each] of several) {
      if (typeof each === 'object' && 'normalise' in each) {
        const steps = each.normalise.filter(
          (step) => typeof step === 'object' && ('captureAll' in step || 'capture' in step),
        );
        if (steps.length > 1)
          issue(
            'keys',
            steps.every((step) => typeof step === 'object' && 'captureAll' in step)
              ? 'captureAll stands once in the steps of a key'
              : 'captureAll does not go together with capture',
          );
      }
    }
    if (
      rule.complete === 'onCutoff' &&
      !expressions.some(([, each]) => typeof each === 'object' && 'settleDate' in each)
    )
      issue('complete', 'onCutoff needs a settleDate key, which says when the cut-off is');
    if (rule.fx !== undefined && rule.fx.from === rule.fx.to)
      issue('fx', 'from and to are the same currency; leave fx out');
    if (rule.fx !== undefined && rule.keys.includes('currency'))
      issue('keys', 'a rule with fx ties two currencies: take currency out of its keys');
    if (cardinality === 'contra' && rule.compare !== undefined)
      issue('compare', 'a contra rule compares amounts');
    if (cardinality === 'contra' && rule.side !== undefined)
      for (const [path, message] of notOfOneSide(rule, rule.side)) issue(path, message);
  });

/** Whether one record may have several keys by this expression. */
export function capturesAll(expression: FieldExpression): boolean {
  return (
    typeof expression === 'object' &&
    'normalise' in expression &&
    expression.normalise.some((step) => typeof step === 'object' && 'captureAll' in step)
  );
}

const sideSchema = z.strictObject({
  sources: z.array(nameSchema).min(1, 'a side needs at least one source').max(64),
  /** Where a record is consumed once. By default each side of each reconciliation is a pool of its own. */
  pool: nameSchema.optional(),
  /** Which records of the sources; all where absent. */
  where: filterSchema.optional(),
  /** The date that windows are measured by; `time` where absent, and where a record lacks it. */
  at: z.enum(DATE_FIELDS).optional(),
  /** Amounts count with the other sign: payouts that leave a provider against credits that reach a bank. */
  negate: z.boolean().optional(),
  /** The fee contract of this side's records, by name. */
  fees: nameSchema.optional(),
  /** Fields by which a later record is a twin of an earlier one: left unmatched it breaks as `duplicate`. */
  duplicates: z.array(keyFieldSchema).min(1).max(8).optional(),
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
const TOO_LONG = 'wants a duration of at most 366d';

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
    const issue = (path: PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const seen = new Set<string>();
    for (const [i, rule] of reconciliation.rules.entries()) {
      if (seen.has(rule.name)) issue(['rules', i, 'name'], `rule "${rule.name}" is defined twice`);
      seen.add(rule.name);
      for (const side of ['left', 'right'] as const) {
        if (rule.compare?.[side] === 'expectedNet' && reconciliation[side].fees === undefined)
          issue(
            ['rules', i, 'compare'],
            `rule "${rule.name}" compares expectedNet, but the ${side} side names no fee contract; set ${side}.fees`,
          );
      }
    }
    if (reconciliation.rules.every((rule) => rule.cardinality === 'contra'))
      issue(['rules'], 'at least one rule must tie the two sides; all of these are contra');
    if (reconciliation.left.pool !== undefined && reconciliation.left.pool === reconciliation.right.pool)
      issue(
        ['right', 'pool'],
        `pool "${reconciliation.left.pool}" is that of both sides; a record cannot match itself`,
      );
    for (const source of reconciliation.left.sources) {
      if (
        reconciliation.right.sources.includes(source) &&
        (reconciliation.left.where === undefined || reconciliation.right.where === undefined)
      )
        issue(
          ['right', 'sources'],
          `source "${source}" is on both sides; a record cannot match itself (give both sides a where, so that each has its own records)`,
        );
    }
    const { window, retain } = reconciliation;
    for (const [name, ms] of Object.entries(window)) {
      if (ms > MAX_DURATION_MS) issue(['window', name], TOO_LONG);
    }
    if (retain > MAX_DURATION_MS) issue(['retain'], TOO_LONG);
  });

/** A definition: a left side, a right side, a window, ordered rules. Durations are milliseconds. */
export type Reconciliation = z.output<typeof reconciliationSchema>;
export type ReconciliationSide = z.output<typeof sideSchema>;

/** The pool of a side: its own unless it names one. */
export function poolOf(definition: Reconciliation, side: Side): string {
  return definition[side].pool ?? `${definition.name}.${side}`;
}
export type Rule = z.output<typeof ruleSchema>;
export type Tolerance = z.output<typeof toleranceSchema>;
export type Side = 'left' | 'right';

/** When a source is expected to speak, so that its silence is a finding. */
export interface SourceDue {
  /** Open days between two times at which it is due: 1 is every open day. */
  readonly everyDays: number;
  /** Minutes after midnight in `zone`. */
  readonly by: number;
  readonly zone: string;
  readonly calendar: readonly string[];
  /** How long, in log time after it was due, an overdue source holds the watermark back; milliseconds. */
  readonly maxHold: number;
}

/** What the kernel needs to know of a source. Durations are milliseconds of event or log time. */
export interface SourceRule {
  readonly name: string;
  /** How far behind its latest record a source may still bring earlier ones. */
  readonly outOfOrder: number;
  /** After this much log time without a record or progress the source no longer holds the watermark back. */
  readonly idleTimeout: number;
  /** Other content under a seen id: a record of its own with a finding, or a dead letter. */
  readonly onIdReuse: 'accept' | 'reject';
  /** `version`: other content under a seen id with a higher version is an amendment; onIdReuse does not apply then. */
  readonly amends?: 'version' | undefined;
  /** Interim records, of these sources, that a record of this one with equal keys takes the place of. */
  readonly supersedes?:
    { readonly sources: readonly string[]; readonly keys: readonly KeyField[] } | undefined;
  readonly due?: SourceDue | undefined;
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
  /** By name; DEFAULT_CALENDARS are there without being written. */
  readonly calendars?: { readonly [name: string]: Calendar } | undefined;
  readonly feeContracts?: { readonly [name: string]: FeeContract } | undefined;
  readonly rates?: { readonly [table: string]: Rates } | undefined;
  /** Names of the tables of rates that have a source: what was published for them counts, and before `rates`. */
  readonly publishedTables?: readonly string[] | undefined;
  /** What `rates` commands have published, by table. Rules that come later take it over from those in force. */
  readonly publishedRates?: { readonly [table: string]: Rates } | undefined;
}

export const DEFAULT_MAX_AHEAD_MS: number = 2 * 86_400_000;
export const DEFAULT_SEEN_HORIZON_MS: number = 7 * 86_400_000;
export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
