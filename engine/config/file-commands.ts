import { z } from 'zod';
import { Zone, nameSchema, parseRecordTime } from '../domain/index.ts';

/** More commands than people give by hand. */
const MAX_COMMANDS = 100_000;

/** What the setting `commands` may be. */
export const WANTS_COMMANDS =
  'wants a list of commands, or the path of a .ndjson, .yaml or .json file that holds one';

/** A record as a command of a file names it: its id, with its source where several of the side could have it. */
const recordSchema = z.union(
  [
    z.string().min(1),
    z.number().transform(String),
    z.strictObject({ source: nameSchema, id: z.union([z.string().min(1), z.number().transform(String)]) }),
  ],
  { error: 'wants an id, or {source: …, id: …}' },
);

const MOMENT = 'wants a moment with its offset, such as 2026-11-25T09:00:00+04:00';

/** A moment with its offset: what people do has no zone of a source. */
const momentSchema = z.string({ error: MOMENT }).transform((text, context) => {
  try {
    if (!/(Z|[+-]\d{2}:?\d{2})$/i.test(text.trim())) throw new Error('it says no offset');
    return parseRecordTime(text.trim(), new Zone('UTC')).time;
  } catch {
    context.addIssue({ code: 'custom', message: MOMENT });
    return z.NEVER;
  }
});

const records = z.array(recordSchema).max(10_000);

/** A command as the file command takes it: what the engine's commands say, in terms of sources and ids. */
const fileCommandSchema = z
  .strictObject({
    /** Taken after the records of that time and before later ones. */
    at: momentSchema,
    by: z.string().min(1).max(256),
    why: z.string().min(1).max(2000),
    kind: z.enum(['match', 'unmatch', 'writeOff', 'adjust', 'reopen', 'assignReason']),
    reconciliation: nameSchema,
    /** For unmatch, and reopen of what was unmatched: exactly the legs of the match. */
    left: records.prefault([]),
    right: records.prefault([]),
    /** Of assignReason. */
    reason: z.string().min(1).max(200).optional(),
    /** What the answer calls it; its number in the file where absent. */
    id: z.string().min(1).max(128).optional(),
  })
  .superRefine(({ kind, left, right, reason }, context) => {
    const issue = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (left.length + right.length === 0)
      issue([], `${kind} is about no record; name at least one under left or right`);
    if (kind === 'assignReason' && reason === undefined) issue(['reason'], 'wants the reason to assign');
    if (kind !== 'assignReason' && reason !== undefined)
      issue(['reason'], `${kind} takes no reason: say it in why`);
  });

/** A checked command with what errors and answers call it. */
export interface FileCommand extends z.output<typeof fileCommandSchema> {
  readonly id: string;
}

/** A record as a command of a file names it. */
export type NamedRecord = FileCommand['left'][number];

/** Commands as written; each with its id, which no other has. */
export const fileCommandsSchema = z
  .array(fileCommandSchema, { error: WANTS_COMMANDS })
  .max(MAX_COMMANDS)
  .transform((written, context): readonly FileCommand[] => {
    const commands = written.map((command, i) => ({ ...command, id: command.id ?? `command-${i + 1}` }));
    const numbers = new Map<string, number>();
    for (const [i, { id }] of commands.entries()) {
      const earlier = numbers.get(id);
      if (earlier === undefined) numbers.set(id, i);
      else
        context.addIssue({
          code: 'custom',
          path: [i, 'id'],
          message: `two commands have the id "${id}" (the other is number ${earlier + 1}); give one another`,
        });
    }
    return commands;
  });
