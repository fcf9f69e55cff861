import { z } from 'zod';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';

export interface Mt940Settings extends FileSettings {
  readonly time: 'valueDate' | 'bookingDate';
}

export const mt940Settings: z.ZodType<Mt940Settings> = z
  .strictObject({
    ...fileSettings,
    /**
     * Which date a line's record stands at; the other one is kept too. A bank that values lines days ahead is better
     * taken by `bookingDate`: its records then never run ahead of what the bank has reported.
     */
    time: z.enum(['valueDate', 'bookingDate']).prefault('valueDate'),
  })
  .superRefine(checkAccounts);
