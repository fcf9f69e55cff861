import { z } from '@hono/zod-openapi';
import { BREAK_KINDS } from '../../engine/domain/index.ts';
import type { Summary } from '../summary.ts';
import { decimal, moment, textFilter } from './common.ts';

const count = z.int().nonnegative();
const breaksByKind = z
  .partialRecord(z.enum(BREAK_KINDS), count)
  .readonly()
  .openapi({ description: 'Open breaks by kind' });
const rate = z.number().min(0).max(1).nullable();
const milliseconds = z.number().nonnegative().nullable();

const sideSchema = z
  .object({
    records: count,
    amount: decimal,
    matched: count,
    matchedAmount: decimal,
    pending: count.openapi({ description: 'Inside the window or its grace: not an exception' }),
    pendingAmount: decimal,
    broken: count.openapi({ description: 'In a break now' }),
    brokenAmount: decimal,
    late: count.openapi({ description: 'Came after their own window' }),
  })
  .openapi('SideFigures', {
    description:
      'One side; amounts are signed. Of a record that is matched in part, what is left over counts as pending or broken',
  });

const reconciliationSchema = z
  .object({
    reconciliation: z.string(),
    currency: z.string(),
    matches: count,
    difference: decimal.openapi({ description: 'Σ of the differences that tolerances let pass' }),
    matchRate: z.object({ count: rate, amount: rate }).openapi({
      description:
        'Matched of what is decided (matched or broken), by records and by amount; null while nothing is',
    }),
    sides: z.object({ left: sideSchema, right: sideSchema }),
    openBreaks: count,
    breaks: breaksByKind,
    healed: count.openapi({ description: 'Breaks that a later match resolved' }),
    lag: z.object({ p50Ms: milliseconds, p90Ms: milliseconds, p99Ms: milliseconds }).openapi({
      description: 'Event time between the legs of matches, from a histogram that is right to a fifth',
    }),
    ageing: z
      .array(z.object({ fromDays: count, toDays: count.nullable(), breaks: count, amount: decimal }))
      .readonly()
      .openapi({
        description:
          'Open breaks by whole UTC days since they were due, relative to `at`; amounts without sign',
      }),
  })
  .openapi('ReconciliationFigures');

export const summarySchema = z
  .object({
    at: moment.nullable().openapi({
      description: 'Latest log time of any partition; null before any has spoken',
    }),
    totals: z.object({
      records: count,
      duplicates: count,
      unrouted: count.openapi({ description: 'Records that no side of a reconciliation selects' }),
      findings: count,
      deadLetters: count.openapi({
        description: 'Records that the engine refused; those of connectors are in /v1/dead-letters only',
      }),
      open: count.openapi({ description: 'Records in memory: pending and broken' }),
      matches: count,
      openBreaks: count,
      breaks: breaksByKind,
      healed: count,
    }),
    reconciliations: z.array(reconciliationSchema).readonly(),
    partitions: z
      .array(
        z.object({
          partition: count,
          sequence: count.openapi({ description: 'Sequence of the last log message applied' }),
          logTime: moment,
          watermark: moment.nullable(),
          records: count,
          open: count,
        }),
      )
      .readonly(),
  })
  .openapi('Summary');

export const summaryQuery = z.strictObject({
  reconciliation: textFilter('Only this reconciliation; totals stay those of everything', 'gateway-to-bank'),
  currency: textFilter('Only this currency; totals stay those of everything', 'AED'),
});

const sideExample = {
  records: 120,
  amount: '24310.50',
  matched: 112,
  matchedAmount: '22990.50',
  pending: 5,
  pendingAmount: '910.00',
  broken: 3,
  brokenAmount: '410.00',
  late: 2,
};

export const summaryExample: Summary = {
  at: '2026-11-22T10:00:00.000Z',
  totals: {
    records: 240,
    duplicates: 1,
    unrouted: 0,
    findings: 1,
    deadLetters: 0,
    open: 13,
    matches: 112,
    openBreaks: 3,
    breaks: { unmatched: 2, amount: 1 },
    healed: 1,
  },
  reconciliations: [
    {
      reconciliation: 'gateway-to-bank',
      currency: 'AED',
      matches: 112,
      difference: '0.35',
      matchRate: { count: 0.98, amount: 0.98 },
      sides: { left: sideExample, right: sideExample },
      openBreaks: 3,
      breaks: { unmatched: 2, amount: 1 },
      healed: 1,
      lag: { p50Ms: 71_993_000, p90Ms: 85_615_000, p99Ms: 101_814_000 },
      ageing: [
        { fromDays: 0, toDays: 1, breaks: 2, amount: '310.00' },
        { fromDays: 1, toDays: 2, breaks: 1, amount: '100.00' },
        { fromDays: 2, toDays: 7, breaks: 0, amount: '0.00' },
        { fromDays: 7, toDays: 30, breaks: 0, amount: '0.00' },
        { fromDays: 30, toDays: null, breaks: 0, amount: '0.00' },
      ],
    },
  ],
  partitions: [
    {
      partition: 3,
      sequence: 4801,
      logTime: '2026-11-22T10:00:00.000Z',
      watermark: '2026-11-22T09:59:58.000Z',
      records: 240,
      open: 13,
    },
  ],
};
