import { z } from '@hono/zod-openapi';
import { MATCH_CAUSES } from '../../engine/domain/index.ts';
import type { FeeVarianceView } from '../statement/fees.ts';
import type { Statement } from '../statement/statement.ts';
import { decimal, resultId, textFilter } from './common.ts';

const count = z.int().nonnegative();
const counted = z.object({ records: count, amount: decimal });
const bothSides = z.object({ left: counted, right: counted });

const figuresSchema = z
  .object({
    left: counted,
    right: counted,
    difference: decimal.openapi({ description: 'Σleft − Σright, after negation' }),
    matches: count,
    causes: z
      .record(z.enum(MATCH_CAUSES), decimal)
      .openapi({ description: 'Σ of the differences of matches, by cause' }),
    writtenOff: bothSides,
    converted: z.object({ out: decimal, in: decimal }).openapi({
      description:
        'Left legs converted into another currency, and what left legs of another one were converted into',
    }),
    otherwise: decimal.openapi({
      description: 'Σleft − Σright of what rules match by a fee or an original amount',
    }),
    open: bothSides.openapi({ description: 'Neither matched nor written off: pending + broken' }),
    pending: bothSides.openapi({ description: 'Not due yet: may still match inside its window or grace' }),
    broken: bothSides.openapi({ description: 'In an open break' }),
    residual: decimal.openapi({
      description:
        'difference − causes − written off (left − right) − converted (out − in) − otherwise − open (left − right): 0 where the books are whole',
    }),
  })
  .openapi('StatementFigures');

export const statementSchema = z
  .object({
    balanced: z.boolean().openapi({ description: 'Every residual is 0, and nothing odd was found' }),
    empty: z.boolean().openapi({
      description:
        'The log has nothing of these reconciliations in the period or before it: nothing was looked at',
    }),
    parts: z
      .array(
        z.object({
          reconciliations: z
            .array(z.string())
            .readonly()
            .openapi({ description: 'Those that share pools stand together' }),
          currency: z.string(),
          opening: figuresSchema.optional(),
          closing: figuresSchema,
          arrivals: z
            .array(
              z.object({
                side: z.enum(['left', 'right']),
                of: z.enum(['day', 'before', 'after']).openapi({
                  description: 'Of the days asked for, of earlier ones (prior-day arrivals), of later ones',
                }),
                records: count,
                amount: decimal,
              }),
            )
            .readonly()
            .optional(),
          oddities: z
            .array(
              z.object({
                kind: z.enum(['causes', 'allocated', 'missing']),
                amount: decimal,
                matchId: resultId.optional(),
                source: z.string().optional(),
                id: z.string().optional(),
                position: resultId.optional(),
              }),
            )
            .readonly()
            .openapi({
              description: 'The matches and records that a residual comes from, the largest first',
            }),
        }),
      )
      .readonly(),
    balances: z
      .array(
        z.object({
          source: z.string(),
          account: z.string(),
          currency: z.string(),
          statements: count.openapi({ description: 'Bank statements, or what else it states balances with' }),
          opening: decimal.optional().openapi({ description: 'What the first of them opens with' }),
          closing: decimal.optional().openapi({ description: 'What the last of them closes with' }),
          records: count,
          amount: decimal.openapi({ description: 'Σ of the booked records' }),
          off: count.openapi({
            description:
              'Statements that do not add up, or that do not begin where the one before them ended',
          }),
          residual: decimal.openapi({ description: 'Opening + Σ records − closing' }),
          messages: z
            .array(z.string())
            .readonly()
            .openapi({ description: 'The first five things wrong: which statement, and by how much' }),
        }),
      )
      .readonly()
      .openapi({ description: 'Sources that report balances, or whose balances were found wrong' }),
  })
  .openapi('Statement', { description: 'The books of reconciliations' });

const period = 'A date, or ISO 8601, or epoch milliseconds';
export const statementQuery = z.strictObject({
  reconciliation: textFilter('Only the set that this reconciliation is in', 'gateway-to-bank'),
  day: textFilter('What one day of the log brought', '2026-11-20'),
  from: textFilter(`Beginning of the stretch, inclusive. ${period}`, '2026-11-01'),
  to: textFilter(`End of the stretch, exclusive. ${period}`, '2026-12-01'),
  asOf: textFilter('Everything before a moment, or through a position of the log', '2026-11-20T12:00:00Z'),
  zone: z
    .string()
    .max(64)
    .default('UTC')
    .openapi({ description: 'The time zone of days', example: 'Asia/Dubai' }),
});

const figures = {
  left: { records: 120, amount: '24310.50' },
  right: { records: 118, amount: '23480.15' },
  difference: '830.35',
  matches: 112,
  causes: { fee: '0.00', tax: '0.00', fx: '0.00', tolerance: '0.35', adjustment: '0.00' },
  writtenOff: { left: { records: 1, amount: '30.00' }, right: { records: 0, amount: '0.00' } },
  converted: { out: '0.00', in: '0.00' },
  otherwise: '0.00',
  open: { left: { records: 7, amount: '1320.00' }, right: { records: 6, amount: '520.00' } },
  pending: { left: { records: 5, amount: '1080.00' }, right: { records: 4, amount: '395.00' } },
  broken: { left: { records: 2, amount: '240.00' }, right: { records: 2, amount: '125.00' } },
  residual: '0.00',
};

export const statementExample = {
  balanced: true,
  empty: false,
  parts: [{ reconciliations: ['gateway-to-bank'], currency: 'AED', closing: figures, oddities: [] }],
  balances: [
    {
      source: 'bank',
      account: 'store-dubai',
      currency: 'AED',
      statements: 4,
      opening: '10000.00',
      closing: '33480.15',
      records: 118,
      amount: '23480.15',
      off: 0,
      residual: '0.00',
      messages: [],
    },
  ],
} satisfies Statement;

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'wants a month such as 2026-11');

export const feesQuery = z.strictObject({
  source: textFilter('Name of the source', 'gateway'),
  from: month.optional().openapi({ description: 'First month', example: '2026-01' }),
  to: month.optional().openapi({ description: 'Last month', example: '2026-12' }),
});

export const feeVarianceExample = {
  month: '2026-11',
  source: 'gateway',
  account: 'store-dubai',
  currency: 'AED',
  kind: 'fee',
  records: 14,
  over: '21.35',
  under: '-1.10',
  net: '20.25',
} satisfies FeeVarianceView;

export const feeVariancesSchema = z
  .object({
    items: z
      .array(
        z.object({
          month: month.openapi({ description: "By the records' own local dates" }),
          source: z.string(),
          account: z.string(),
          currency: z.string(),
          kind: z.enum(['fee', 'tax']),
          records: count.openapi({ description: 'Records whose fee or tax is not what the contract says' }),
          over: decimal.openapi({ description: 'Charged too much' }),
          under: decimal.openapi({ description: 'Charged too little' }),
          net: decimal,
        }),
      )
      .readonly(),
    records: count.openapi({
      description:
        'Records that report a fee or tax and are of a side with a contract, as the rules in force have it: what was looked at',
    }),
  })
  .openapi('FeeVariances', { description: 'What providers charged beside their contracts, by month' });
