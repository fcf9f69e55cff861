import { z } from 'zod';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';

export interface Mt940Settings extends FileSettings {
  readonly time: 'valueDate' | 'bookingDate';
}

const lineSettings = {
  ...fileSettings,
  /**
   * Which date a line's record stands at; the other one is kept too. A bank that values lines days ahead is better
   * taken by `bookingDate`: its records then never run ahead of what the bank has reported.
   */
  time: z.enum(['valueDate', 'bookingDate']).prefault('valueDate'),
  /** Other content under a seen id is refused: a statement that comes again says the same, or one of both is wrong. */
  onIdReuse: z.enum(['accept', 'reject']).prefault('reject'),
};

export const mt940Settings: z.ZodType<Mt940Settings> = z
  .strictObject(lineSettings)
  .superRefine(checkAccounts);

export const mt942Settings: z.ZodType<Mt940Settings> = z
  .strictObject(lineSettings)
  .superRefine(checkAccounts);
