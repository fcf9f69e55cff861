import { z } from '@hono/zod-openapi';
import {
  BREAK_KINDS,
  BREAK_STATES,
  CARDINALITIES,
  COMPLETIONS,
  FINDING_KINDS,
  SHOWN_PARTS,
  WHY_CONDITIONS,
} from '../../engine/domain/index.ts';
import type { BreakView, FindingView, MatchView } from '../../engine/domain/index.ts';
import { decimal, moment, pageQuery, resultId, textFilter, timeFilter } from './common.ts';
import { recordSchema } from './records.ts';

const side = z.enum(['left', 'right']);
const recordPosition = resultId.openapi({ description: 'Position of the record in the log' });

export const matchExample = {
  matchId: '1-3-4720-0',
  version: 1,
  state: 'matched',
  reconciliation: 'gateway-to-bank',
  rule: 'by-reference',
  fields: ['reference', 'currency', 'amount ± 0.50'],
  account: 'store-dubai',
  currency: 'AED',
  difference: '0.12',
  causes: { tolerance: '0.12' },
  lagMs: 81_000_000,
  legs: [
    { side: 'left', source: 'gateway', id: 'pay_1042', record: '1-3-4711-0', allocated: '200.00' },
    { side: 'right', source: 'bank', id: 'b9', record: '1-3-4720-0', allocated: '199.88' },
  ],
  logTime: '2026-11-21T16:00:00.000Z',
} satisfies MatchView;

export const legSchema = z
  .object({
    side,
    source: z.string(),
    id: z.string(),
    record: recordPosition,
    allocated: decimal.openapi({ description: 'The part of its amount that the match takes' }),
    currency: z
      .string()
      .optional()
      .openapi({ description: "Where it is not the match's: a left leg that the rule converts" }),
  })
  .openapi('Leg');

export const memberSchema = z
  .object({
    side,
    source: z.string(),
    id: z.string(),
    record: recordPosition,
    amount: decimal,
    currency: z.string().optional().openapi({ description: "Where it is not the break's" }),
  })
  .openapi('BreakMember');

export const matchSchema = z
  .object({
    matchId: resultId,
    version: z.int(),
    state: z
      .enum(['matched', 'unmatched'])
      .openapi({ description: '`unmatched` once a command has undone it; the legs are those it had' }),
    reconciliation: z.string(),
    rule: z.string().openapi({
      description: 'The rule that spoke, or `match` or `adjust` where a command tied the records',
    }),
    fields: z
      .array(z.string())
      .readonly()
      .openapi({ description: 'What decided: the keys of the rule, then what was compared' }),
    account: z.string(),
    currency: z.string(),
    difference: decimal.openapi({
      description: 'Σleft − Σright of what the rule compares: what the tolerance was asked to cover',
    }),
    causes: z.record(z.string(), decimal).readonly().openapi({
      description:
        'Why Σleft − Σright of the amounts is not 0, by cause: fee, tax, fx, tolerance, adjustment',
    }),
    rate: z.string().optional().openapi({ description: 'The rate that converted the left sum' }),
    lagMs: z.number().openapi({ description: 'Latest minus earliest event time among the legs' }),
    legs: z
      .array(legSchema)
      .readonly()
      .openapi({ description: `At most the first ${SHOWN_PARTS}; all at /v1/matches/{id}/legs` }),
    moreLegs: z.int().optional().openapi({ description: 'How many legs are not shown here' }),
    logTime: moment,
  })
  .openapi('Match', { description: 'Records tied together by a rule, or by a command' });

export const breakExample = {
  breakId: '1-3-4801-2',
  version: 1,
  state: 'open',
  reconciliation: 'gateway-to-bank',
  kind: 'amount',
  account: 'store-dubai',
  currency: 'AED',
  amount: '7.00',
  dueTime: '2026-11-23T17:30:00.000Z',
  members: [
    { side: 'left', source: 'gateway', id: 'pay_1043', record: '1-3-4712-0', amount: '937.00' },
    { side: 'right', source: 'bank', id: 'b4', record: '1-3-4721-0', amount: '930.00' },
  ],
  why: { rule: 'by-reference', condition: 'amount', difference: '7.00', tolerance: '0.50' },
  reason: 'bank charges',
  logTime: '2026-11-23T17:30:02.000Z',
} satisfies BreakView;

export const breakSchema = z
  .object({
    breakId: resultId,
    version: z.int(),
    state: z.enum(BREAK_STATES).openapi({
      description: '`resolved` by a later match, `writtenOff` by a command',
    }),
    reconciliation: z.string(),
    kind: z.enum(BREAK_KINDS),
    account: z.string(),
    currency: z.string(),
    amount: decimal,
    dueTime: moment.openapi({ description: 'Event time at which the record was due' }),
    members: z
      .array(memberSchema)
      .readonly()
      .openapi({ description: `At most the first ${SHOWN_PARTS}; all at /v1/breaks/{id}/members` }),
    moreMembers: z.int().optional().openapi({ description: 'How many members are not shown here' }),
    why: z.object({
      rule: z.string().openapi({ description: 'The rule that came nearest' }),
      condition: z.enum(WHY_CONDITIONS).openapi({ description: 'What failed' }),
      difference: decimal.optional(),
      tolerance: decimal.optional(),
      timeDifferenceMs: z
        .number()
        .optional()
        .openapi({ description: 'How far outside the window or the date condition' }),
      records: z
        .array(z.object({ source: z.string(), id: z.string() }))
        .readonly()
        .optional()
        .openapi({ description: 'The nearest records that are no members, best first' }),
      match: resultId.optional().openapi({ description: 'The match that it is about' }),
    }),
    reason: z.string().optional().openapi({ description: 'Why people say it broke' }),
    resolvedBy: resultId.optional().openapi({ description: 'The match that resolved it' }),
    logTime: moment,
  })
  .openapi('Break', { description: 'What did not tie out, once, after its window' });

export const findingExample = {
  position: '1-3-4711-1',
  kind: 'idReused',
  source: 'gateway',
  recordId: 'pay_1042',
  account: 'store-dubai',
  currency: 'AED',
  amount: '-40.00',
  message: 'id pay_1042 was used before with other content; both are records',
  logTime: '2026-11-20T17:30:01.250Z',
} satisfies FindingView;

export const findingSchema = z
  .object({
    position: resultId,
    kind: z.enum(FINDING_KINDS),
    source: z.string(),
    recordId: z.string().openapi({ description: 'Empty when it is about the source' }),
    account: z.string(),
    currency: z.string(),
    amount: z.string().openapi({ description: 'Decimal in major units' }),
    message: z.string(),
    logTime: moment,
  })
  .openapi('Finding', {
    description: 'Something to know about a match, a record or a source; never a break',
  });

export const ruleExample = {
  name: 'by-reference',
  cardinality: '1:1' as const,
  keys: ['reference'],
  fields: ['reference', 'currency', 'amount ± 0.50'],
  tolerance: { amount: '0.50' },
  window: { beforeMs: 3_600_000, afterMs: 259_200_000, graceMs: 0 },
};

const limitsSchema = z.object({
  amount: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  percent: z.string().optional(),
});

/** The definition of the rule that spoke, as it is in force now. */
const ruleSchema = z
  .object({
    name: z.string(),
    cardinality: z.enum(CARDINALITIES),
    keys: z.array(z.string()).readonly(),
    fields: z
      .array(z.string())
      .readonly()
      .openapi({ description: 'The keys and what is compared, as matches by this rule say it' }),
    tolerance: limitsSchema.extend({ short: limitsSchema.optional(), over: limitsSchema.optional() }),
    complete: z.enum(COMPLETIONS).optional(),
    partial: z.literal(true).optional(),
    holdMs: z.int().optional(),
    unique: z.literal(true).optional(),
    window: z.object({ beforeMs: z.int(), afterMs: z.int(), graceMs: z.int() }),
  })
  .openapi('RuleInForce', {
    description:
      'The definition in force now of the rule that spoke; absent if no rule has its name any more',
  });

export const matchDetailSchema = z
  .object({ match: matchSchema, records: z.array(recordSchema).readonly(), rule: ruleSchema.optional() })
  .openapi('MatchDetail');

export const breakDetailSchema = z
  .object({ break: breakSchema, records: z.array(recordSchema).readonly(), rule: ruleSchema.optional() })
  .openapi('BreakDetail');

const resultFilters = {
  reconciliation: textFilter('Name of the reconciliation', 'gateway-to-bank'),
  account: textFilter('Settlement account', 'store-dubai'),
  currency: textFilter('ISO 4217', 'AED'),
  from: timeFilter('Earliest log time, inclusive'),
  to: timeFilter('Latest log time, exclusive'),
};

export const matchQuery = z.strictObject({
  ...pageQuery,
  ...resultFilters,
  rule: textFilter('Name of the rule', 'by-reference'),
  recordId: textFilter('A leg has this record id', 'pay_1042'),
});

export const breakQuery = z.strictObject({
  ...pageQuery,
  ...resultFilters,
  kind: z.enum(BREAK_KINDS).optional(),
  state: z.enum(BREAK_STATES).optional(),
  recordId: textFilter('A member has this record id', 'pay_1042'),
});

export const findingQuery = z.strictObject({
  ...pageQuery,
  kind: z.enum(FINDING_KINDS).optional(),
  source: textFilter('Name of the source', 'bank'),
});
