import { z } from 'zod';
import { checkAccounts, pushSettings } from '../contract/index.ts';
import type { CommonSettings } from '../contract/index.ts';
import { checkJsonMapping, fieldPaths, jsonMappingSettings, mappingSettings } from '../mapping/index.ts';
import type { JsonMappingSettings, MappingSettings } from '../mapping/index.ts';

interface PlainSettings extends CommonSettings, Pick<MappingSettings, 'kind' | 'currency'> {
  readonly fields?: undefined;
}

interface MappedSettings extends CommonSettings, JsonMappingSettings {}

/** With `fields`, what is posted has names and conventions of its own; without, it is as the API describes records. */
export type HttpJsonSettings = PlainSettings | MappedSettings;

const plain: z.ZodType<PlainSettings> = z
  .strictObject({ ...pushSettings, kind: mappingSettings.kind, currency: mappingSettings.currency })
  .superRefine(checkAccounts);

const mapped: z.ZodType<MappedSettings> = z
  .strictObject({
    ...pushSettings,
    /** Paths by field, where what is posted has other names than records have. */
    fields: fieldPaths,
    ...jsonMappingSettings,
  })
  .superRefine(checkAccounts)
  .superRefine((settings, context) => {
    checkJsonMapping(settings, ['id', 'amount', 'time'], context);
  });

/**
 * A union would say of neither what is wrong with it: which one is meant is told by `fields`. What every source has is named
 * here, because a configuration asks a schema which of these it takes, and gives it no others.
 */
export const httpJsonSettings: z.ZodType<HttpJsonSettings> = z
  .looseObject(Object.fromEntries(Object.keys(pushSettings).map((name) => [name, z.unknown().optional()])))
  .transform((written, context): HttpJsonSettings => {
    const result = ('fields' in written ? mapped : plain).safeParse(written);
    if (result.success) return result.data;
    context.issues.push(...(result.error.issues as never[]));
    return z.NEVER;
  });
