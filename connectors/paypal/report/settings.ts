import { z } from 'zod';
import type { RecordKind } from '../../../engine/domain/index.ts';
import { checkAccounts, fileSettings } from '../../contract/index.ts';
import type { FileSettings } from '../../contract/index.ts';
import { kindsSetting } from '../settings.ts';

export interface PaypalReportSettings extends FileSettings {
  readonly delimiter: ',' | '\t';
  readonly time: 'initiation' | 'completion';
  readonly kinds: { readonly [eventCode: string]: RecordKind };
  readonly minorUnits: { readonly [currency: string]: number };
}

export const paypalReportSettings: z.ZodType<PaypalReportSettings> = z
  .strictObject({
    ...fileSettings,
    /** What parts the fields. */
    delimiter: z.enum([',', '\t']).prefault(','),
    /** Which of a transaction's two times is the record's. Searches have the first. */
    time: z.enum(['initiation', 'completion']).prefault('initiation'),
    kinds: kindsSetting,
    /** Digits of the report's integers by currency, where they are not as PayPal writes amounts: `{ HUF: 2 }`. */
    minorUnits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).prefault({}),
  })
  .superRefine(checkAccounts);
