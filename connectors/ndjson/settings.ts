import { z } from 'zod';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';
import { checkJsonMapping, fieldPaths, jsonMappingSettings } from '../mapping/index.ts';
import type { JsonMappingSettings } from '../mapping/index.ts';

export interface NdjsonSettings extends FileSettings, JsonMappingSettings {}

export const ndjsonSettings: z.ZodType<NdjsonSettings> = z
  .strictObject({
    ...fileSettings,
    /** Paths by field. Without one for `id`, it is file and line. */
    fields: fieldPaths,
    ...jsonMappingSettings,
    /** Read a file when nobody writes it any more, and not while it grows. */
    whole: z.boolean().prefault(false),
  })
  .superRefine(checkAccounts)
  .superRefine((settings, context) => {
    checkJsonMapping(settings, ['amount', 'time'], context);
  });
