import { z } from 'zod';
import { Zone, nameSchema, parseRecordTime } from '../../../../engine/domain/index.ts';

/** A record as a command of a file names it: its id, with its source where several of the side could have it. */
const recordSchema = z.union(
  [
    z.string().min(1),
    z.number().transform(String),
    z.strictObject({ source: nameSchema, id: z.union([z.string().min(1), z.number().transform(String)]) }),
  ],
  { error: 'wants an id, or {source: …, id: …}' },
);

/** A moment with its offset: what people do has no zone of a source. */
const momentSchema = z.string().transform((text, context) => {
  try {
    if (!/(Z|[+-]\d{2}:?\d{2})$/i.test(text.trim())) throw new Error('it says no offset');
    return parseRecordTime(text.trim(), new Zone('UTC')).time;
  } catch {
    context.addIssue({ code: 'custom', message: 'wants a moment such as 2026-11-25T09:00:00+04:00' });
    return z.NEVER;
  }
});

const records = z.array(recordSchema).max(10_000);

/** A command as the file command takes it: what the engine's commands say, in terms of sources and ids. */
export const fileCommandSchema = z
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
  .superRefine((command, context) => {
    if (command.left.length + command.right.length === 0)
      context.addIssue({
        code: 'custom',
        path: ['left'],
        message: 'wants at least one record, left or right',
      });
    if (command.kind === 'assignReason' && command.reason === undefined)
      context.addIssue({ code: 'custom', path: ['reason'], message: 'wants the reason to assign' });
    if (command.kind !== 'assignReason' && command.reason !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['reason'],
        message: `${command.kind} takes no reason: say it in why`,
      });
  });

export type FileCommand = z.output<typeof fileCommandSchema>;
/** A record as a command of a file names it. */
export type NamedRecord = FileCommand['left'][number];
