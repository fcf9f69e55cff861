import { z } from '@hono/zod-openapi';
import type { SuggestionsView } from '../suggest/answer.ts';
import { decimal, moment, resultId } from './common.ts';

const suggested = z.object({
  source: z.string(),
  id: z.string(),
  position: resultId,
  amount: decimal,
  currency: z.string(),
  time: moment,
});

export const suggestionsSchema = z
  .object({
    breakId: resultId,
    side: z.enum(['left', 'right']).openapi({ description: 'The side that records are suggested of' }),
    suggestions: z
      .array(
        z.object({
          record: suggested,
          score: z.number().min(0).max(1).openapi({ description: 'Which is likelier, not how likely' }),
          rule: z.string().openapi({ description: 'The rule by which it comes nearest' }),
          difference: decimal
            .optional()
            .openapi({ description: 'Σleft − Σright if it were the counterpart; absent across currencies' }),
          reasons: z.array(z.string()).readonly(),
        }),
      )
      .readonly()
      .openapi({ description: 'Open records, likeliest first' }),
    sum: z
      .object({
        records: z.array(suggested).readonly(),
        difference: decimal,
        unique: z.boolean().openapi({
          description:
            'No other of the records searched sum up; never said of a search that was not finished',
        }),
      })
      .optional()
      .openapi({ description: 'Several open records that sum to what is missing' }),
    searched: z.object({ candidates: z.int(), steps: z.int(), exhausted: z.boolean() }).openapi({
      description:
        'How many records were searched for a sum (at most 40), and whether the budget ended the search',
    }),
  })
  .openapi('Suggestions', { description: 'What might be meant; nothing is matched by it' });

export const suggestionsExample = {
  breakId: '1-3-4801-2',
  side: 'right',
  suggestions: [
    {
      record: {
        source: 'bank',
        id: 'b4',
        position: '1-3-4721-0',
        amount: '930.00',
        currency: 'AED',
        time: '2026-11-23T00:00:00.000Z',
      },
      score: 0.91,
      rule: 'by-reference',
      difference: '7.00',
      reasons: ['reference is K1', 'the amounts differ by 7.00 AED', '6h later'],
    },
  ],
  searched: { candidates: 3, steps: 9, exhausted: false },
} satisfies SuggestionsView;
