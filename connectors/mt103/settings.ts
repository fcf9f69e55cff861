import { z } from 'zod';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';

/** Where money goes: to our account, or from it. */
export type Direction = 'incoming' | 'outgoing';

export interface Mt103Settings extends FileSettings {
  readonly direction: Direction | 'header';
}

export const mt103Settings: z.ZodType<Mt103Settings> = z
  .strictObject({
    ...fileSettings,
    /** Other content under a seen id is refused: a message that is sent again says the same. */
    onIdReuse: z.enum(['accept', 'reject']).prefault('reject'),
    /**
     * Whether the transfers are to our account or from it. By the header, one that came out of the network (`{2:O103`)
     * is incoming, one that went into it (`{2:I103`) outgoing; files without headers need it said.
     */
    direction: z.enum(['header', 'incoming', 'outgoing']).prefault('header'),
  })
  .superRefine(checkAccounts);
