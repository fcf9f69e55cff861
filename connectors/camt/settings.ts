import { z } from 'zod';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';
import { MESSAGE_NAMES } from './shape.ts';
import type { MessageName } from './shape.ts';

/** Statuses of entries: booked, pending, announced for a later day, and told for information only. */
export const ENTRY_STATUSES = ['BOOK', 'PDNG', 'FUTR', 'INFO'] as const;
export type EntryStatus = (typeof ENTRY_STATUSES)[number];

export interface CamtSettings extends FileSettings {
  readonly messages: readonly MessageName[];
  readonly statuses: readonly EntryStatus[];
  readonly time: 'valueDate' | 'bookingDate';
  readonly ids: 'statement' | 'bankReference';
  readonly reversals: 'booked' | 'original';
}

export const camtSettings: z.ZodType<CamtSettings> = z
  .strictObject({
    ...fileSettings,
    /** Other content under a seen id is refused: a statement that comes again says the same, or one of both is wrong. */
    onIdReuse: z.enum(['accept', 'reject']).prefault('reject'),
    /** Which messages are read: reports (052), statements (053), notifications (054). Files of others are passed over. */
    messages: z
      .array(z.enum(MESSAGE_NAMES))
      .min(1)
      .prefault([...MESSAGE_NAMES]),
    /** Entries of which status are read. BOOK is booked; the others become records of status `pending`. */
    statuses: z.array(z.enum(ENTRY_STATUSES)).min(1).prefault(['BOOK', 'PDNG', 'FUTR']),
    /** Which date an entry's record stands at; the other one is kept too, and stands in where this one is missing. */
    time: z.enum(['valueDate', 'bookingDate']).prefault('valueDate'),
    /**
     * What an entry is known by: its statement and its number there, or the bank's reference (`AcctSvcrRef`). The
     * second is for banks that repeat entries in one report after the other, and only where no reference of theirs
     * stands for two payments.
     */
    ids: z.enum(['statement', 'bankReference']).prefault('statement'),
    /**
     * What `CdtDbtInd` means in a reversal (`RvslInd`): by the standard how the balance changes (`booked`); some banks
     * repeat what the entry that is reversed did (`original`).
     */
    reversals: z.enum(['booked', 'original']).prefault('booked'),
  })
  .superRefine(checkAccounts);
