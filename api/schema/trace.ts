import { z } from '@hono/zod-openapi';
import { RECORD_KINDS } from '../../engine/domain/index.ts';
import type { Trace } from '../trace/trace.ts';
import { day, decimal, moment, resultId } from './common.ts';
import { recordExample, recordSchema } from './records.ts';
import { breakSchema } from './results.ts';

const when = z.union([moment, day]);

const traceMatch = z.object({
  matchId: resultId,
  reconciliation: z.string(),
  rule: z.string(),
  difference: decimal,
  currency: z.string(),
  left: z.int(),
  right: z.int(),
  logTime: moment,
});

export const traceSchema = z
  .object({
    record: recordSchema,
    inBank: z
      .object({ answer: z.enum(['yes', 'no']), line: z.string() })
      .openapi({ description: 'Whether matches lead from the record to a record of a bank, in one line' }),
    hops: z
      .array(
        z.object({
          depth: z.int(),
          record: recordSchema,
          from: resultId.optional().openapi({ description: 'Position of the record that led here' }),
          by: z.enum(['link', 'match']).optional(),
          match: traceMatch.optional(),
          allocated: decimal.optional(),
        }),
      )
      .readonly()
      .openapi({ description: 'Every record found, nearest first, the one asked for among them' }),
    chains: z
      .array(
        z.object({
          source: z.string(),
          currency: z.string(),
          records: z
            .array(
              z.object({
                position: resultId,
                id: z.string(),
                kind: z.enum(RECORD_KINDS),
                time: when,
                net: decimal,
              }),
            )
            .readonly(),
          net: decimal,
        }),
      )
      .readonly()
      .openapi({
        description:
          'Records that links tie together and what they come to, that of the record asked for first',
      }),
    breaks: z.array(breakSchema).readonly().openapi({ description: 'Open breaks of the records found' }),
    truncated: z.boolean().openapi({ description: 'There is more than a trace follows' }),
  })
  .openapi('Trace', { description: "Where a record's money went" });

const payout = {
  ...recordExample,
  position: '1-3-4715-0',
  id: 'po_7',
  kind: 'payout' as const,
  amount: '-195.27',
  fee: '0.00',
  tax: '0.00',
  net: '-195.27',
  references: { reference: 'po_7' },
};

export const traceExample = {
  record: recordExample,
  inBank: {
    answer: 'no',
    line: 'no: gateway pay_1042 (200.00 AED) is matched as far as gateway po_7 (-195.27 AED), which is not matched any further yet',
  },
  hops: [
    { depth: 0, record: recordExample },
    {
      depth: 1,
      record: payout,
      from: recordExample.position,
      by: 'match',
      match: {
        matchId: '1-3-4715-1',
        reconciliation: 'charges-to-payouts',
        rule: 'by-payout',
        difference: '0.00',
        currency: 'AED',
        left: 1,
        right: 1,
        logTime: '2026-11-21T16:00:00.000Z',
      },
      allocated: '-195.27',
    },
  ],
  chains: [
    {
      source: 'gateway',
      currency: 'AED',
      records: [
        {
          position: recordExample.position,
          id: recordExample.id,
          kind: 'charge',
          time: recordExample.time,
          net: '195.27',
        },
      ],
      net: '195.27',
    },
  ],
  breaks: [],
  truncated: false,
} satisfies Trace;
