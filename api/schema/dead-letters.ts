import { z } from '@hono/zod-openapi';
import { DEAD_LETTER_STATES } from '../../engine/domain/index.ts';
import type { DeadLetterView } from '../../engine/domain/index.ts';
import { moment, pageQuery, resultId, textFilter } from './common.ts';

export const deadLetterExample = {
  position: '1-65535-17-0',
  source: 'bank',
  code: 'invalidAmount',
  reason: 'amount "12,30" is not a decimal number such as 12.30 or -12.30',
  file: 'bank.csv',
  line: 17,
  payload: 'b17,store-dubai,ORD-17,"12,30",AED,2026-11-21,bank',
  state: 'open' as const,
  logTime: '2026-11-21T16:00:00.000Z',
} satisfies DeadLetterView;

export const deadLetterSchema = z
  .object({
    position: resultId,
    source: z.string(),
    code: z.string(),
    reason: z.string(),
    file: z.string().optional(),
    line: z.int().optional(),
    payload: z.string().openapi({ description: 'The input as it came, card numbers masked' }),
    state: z
      .enum(DEAD_LETTER_STATES)
      .openapi({ description: '`replayed` once it was read again and refused no more' }),
    logTime: moment,
  })
  .openapi('DeadLetter', { description: 'Input that could not become a record, with its reason' });

export const deadLetterQuery = z.strictObject({
  ...pageQuery,
  source: textFilter('Name of the source', 'bank'),
  file: textFilter('Name of the file, as its dead letters say it', 'bank.csv'),
  state: z.enum(DEAD_LETTER_STATES).optional(),
});

export const replayExample = { by: 'amal', why: 'the bank wrote a comma', payload: 'id,amount\nb17,12.30\n' };

export const replayBody = z
  .strictObject({
    by: z.string().min(1).max(256).openapi({ description: 'Who reads it again' }),
    why: z.string().min(1).max(1000).optional(),
    payload: z.string().min(1).optional().openapi({
      description:
        'The input as it should have been; by default what is there now. Of a file its whole content, else the payload',
    }),
  })
  .openapi('Replay');

export const replayAnswerExample = { state: 'replayed' as const, records: 1, refused: [], others: 0 };

export const replayAnswer = z
  .object({
    state: z.enum(DEAD_LETTER_STATES),
    records: z.int().openapi({
      description: 'Records that the log holds now; what it held before changes nothing and is among them',
    }),
    others: z.int().openapi({
      description: 'Further dead letters of the same file that are refused no more, and `replayed` with it',
    }),
    refused: z
      .array(z.object({ line: z.int().optional(), code: z.string(), reason: z.string() }))
      .readonly()
      .openapi({ description: 'What cannot become a record now, the first 100' }),
  })
  .openapi('ReplayAnswer');
