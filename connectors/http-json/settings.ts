import { z } from 'zod';
import { RECORD_KINDS } from '../../engine/domain/index.ts';
import { checkAccounts, pushSettings } from '../contract/index.ts';
import type { CommonSettings } from '../contract/index.ts';

export interface HttpJsonSettings extends CommonSettings {
  readonly kind: (typeof RECORD_KINDS)[number];
  readonly currency?: string | undefined;
}

export const httpJsonSettings: z.ZodType<HttpJsonSettings> = z
  .strictObject({
    ...pushSettings,
    /** The kind of every record that does not say its own. */
    kind: z.enum(RECORD_KINDS).prefault('ledger'),
    /** The currency of every record that does not say its own. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'wants a currency code such as AED')
      .optional(),
  })
  .superRefine(checkAccounts);
