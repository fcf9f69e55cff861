import { z } from '@hono/zod-openapi';
import { COMMAND_KINDS, nameSchema } from '../../engine/domain/index.ts';
import type { CommandView } from '../../engine/domain/index.ts';
import { moment, pageQuery, resultId, textFilter, timeFilter } from './common.ts';

export const commandExample = {
  id: 'c-20261123-1',
  position: '1-3-4830-0',
  kind: 'writeOff',
  accepted: true,
  reason: 'wrote off 1 record',
  by: 'ana',
  why: 'below the limit for write-offs',
  logTime: '2026-11-23T18:00:00.000Z',
} satisfies CommandView;

export const commandSchema = z
  .object({
    id: z.string(),
    position: resultId.openapi({ description: 'Place of the answer in the log' }),
    kind: z.enum(COMMAND_KINDS),
    accepted: z.boolean(),
    reason: z.string().openapi({ description: 'Why it was refused, or what it did' }),
    by: z.string(),
    why: z.string(),
    logTime: moment,
  })
  .openapi('CommandAnswer', { description: 'What a partition answered to a command' });

export const commandQuery = z.strictObject({
  ...pageQuery,
  kind: z.enum(COMMAND_KINDS).optional(),
  by: textFilter('Who asked', 'ana'),
  accepted: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({ type: 'boolean', description: 'Only those that were accepted, or refused' }),
  from: timeFilter('Earliest log time, inclusive'),
  to: timeFilter('Latest log time, exclusive'),
});

/** What a command id may be; it stands in a path. */
export const commandId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, {
    message: 'a command id is 1 to 128 letters, digits, ".", "_", ":" or "-"',
  })
  .openapi({ example: 'c-20261123-1' });

const name = (description: string, example: string) =>
  z
    .string()
    .refine((text) => nameSchema.safeParse(text).success, { message: 'is no name' })
    .openapi({ description, example });

const common = {
  id: commandId.optional().openapi({
    description: 'Chosen by you, so that a repeat of the same command changes nothing; made where absent',
  }),
  by: z.string().min(1).max(256).openapi({ description: 'Who wants it', example: 'ana' }),
  why: z.string().min(1).max(2000).openapi({ description: 'Why, in their words' }),
};

const recordPointer = z
  .union([
    z.strictObject({
      source: name('Its source', 'gateway'),
      id: z.string().min(1).max(512),
      position: resultId
        .optional()
        .openapi({ description: 'Which of several records with this id, where an id was used again' }),
    }),
    z.strictObject({ position: resultId }),
  ])
  .openapi('RecordPointer', { description: 'A record by source and id, or by its position in the log' });

const MAX_RECORDS = 10_000;
const records = z.array(recordPointer).min(1).max(MAX_RECORDS).readonly();
const reconciliation = name('The reconciliation that it is about', 'gateway-to-bank');
const matchOf = resultId.openapi({ description: 'Identifier of the match' });
const breakOf = resultId.openapi({ description: 'Identifier of the break' });

/** A command as it is posted. */
export const commandInput = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('match'), reconciliation, records }),
    z.strictObject({ ...common, kind: z.literal('adjust'), reconciliation, records }),
    z.strictObject({ ...common, kind: z.literal('unmatch'), match: matchOf }),
    z.strictObject({ ...common, kind: z.literal('writeOff'), reconciliation, records }),
    z.strictObject({
      ...common,
      kind: z.literal('reopen'),
      match: matchOf.optional(),
      break: breakOf.optional(),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('assignReason'),
      break: breakOf,
      record: recordPointer.optional(),
      reason: z.string().min(1).max(200).openapi({ example: 'bank charges' }),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('rules'),
      rules: z
        .record(z.string(), z.unknown())
        .openapi({ description: 'A whole rule set, as `counterfoil command rules` sends it' }),
    }),
  ])
  .openapi('Command', {
    description:
      'match: ties open records whose sums agree. adjust: ties them whatever the difference. unmatch: undoes a match. ' +
      'writeOff: closes open records. reopen: lets the records of an undone match (`match`) match each other again, ' +
      'or brings written-off records (`break`) back. assignReason: says why something broke. rules: new rules, ' +
      'calendars and rates, for every partition.',
  });
export type CommandInput = z.output<typeof commandInput>;
export type RecordPointerInput = z.output<typeof recordPointer>;

const whose = { by: 'ana', why: 'the bank split the credit; seen on the statement' };
const pointers = [
  { source: 'gateway', id: 'pay_1043' },
  { source: 'bank', id: 'b4', position: '1-3-4721-0' },
];

/** One of each kind. */
export const commandInputExamples = {
  match: { ...whose, kind: 'match', reconciliation: 'gateway-to-bank', records: pointers },
  adjust: {
    ...whose,
    id: 'c-20261123-2',
    kind: 'adjust',
    reconciliation: 'gateway-to-bank',
    records: pointers,
  },
  unmatch: { ...whose, kind: 'unmatch', match: '1-3-4720-0' },
  writeOff: {
    ...whose,
    kind: 'writeOff',
    reconciliation: 'gateway-to-bank',
    records: [{ position: '1-3-4712-0' }],
  },
  reopen: { ...whose, kind: 'reopen', match: '1-3-4720-0' },
  assignReason: { ...whose, kind: 'assignReason', break: '1-3-4801-2', reason: 'bank charges' },
} satisfies { readonly [kind: string]: z.input<typeof commandInput> };

export const commandOutcomeExample = {
  id: commandExample.id,
  state: 'accepted' as const,
  answers: [commandExample],
};

export const commandOutcomeSchema = z
  .object({
    id: z.string(),
    state: z.enum(['accepted', 'refused', 'waiting']).openapi({
      description: '`refused` where any partition refused; `waiting` while one has not answered yet',
    }),
    answers: z.array(commandSchema).readonly().openapi({
      description: 'One, or one of each partition for `rules`',
    }),
  })
  .openapi('CommandOutcome', { description: 'What became of a command' });
