import { z } from 'zod';
import {
  CounterfoilError,
  DEFAULT_IDLE_TIMEOUT_MS,
  Zone,
  durationSchema,
  parseDuration,
} from '../../engine/domain/index.ts';
import { httpSettings } from '../http/settings.ts';
import type { HttpSettings } from '../http/settings.ts';

export { httpSettings };
export type { HttpSettings };

const accountName = z
  .string()
  .min(1, 'wants the name of an account')
  .max(128, 'wants at most 128 characters');

/** An IANA time zone. */
export const zoneSetting: z.ZodType<string> = z
  .string()
  .refine(isZone, { error: 'wants an IANA time zone such as Asia/Dubai' });

function isZone(name: string): boolean {
  try {
    new Zone(name);
    return true;
  } catch {
    return false;
  }
}

const common = {
  /** Zone of dates, and of date-times that carry no offset. */
  zone: zoneSetting.prefault('UTC'),
  /** The settlement account of every record of this source. */
  account: accountName.optional(),
  /** From the identifiers the provider uses (IBAN, MID, outlet) to settlement accounts; another one is a dead letter. */
  accounts: z.record(z.string().min(1).max(128), accountName).optional(),
  /** How far behind its latest record the source may still bring earlier ones. */
  outOfOrder: durationSchema.prefault('0s'),
  /** After this long without a record the source no longer holds the watermark back. */
  idleTimeout: durationSchema
    .refine((ms) => ms >= 100 && ms <= parseDuration('366d'), {
      error: 'wants a duration from 100ms to 366d',
    })
    .prefault(`${DEFAULT_IDLE_TIMEOUT_MS}ms`),
};

/** Settings that every source has. Durations are milliseconds. */
export interface CommonSettings {
  readonly zone: string;
  readonly account?: string | undefined;
  readonly accounts?: { readonly [identifier: string]: string } | undefined;
  readonly outOfOrder: number;
  readonly idleTimeout: number;
  readonly onIdReuse: 'accept' | 'reject';
  /** Set by connectors whose records come again, with a higher version, when more of them is known. */
  readonly amends?: 'version' | undefined;
}

/** Settings that every source of files has. */
export interface FileSettings extends CommonSettings {
  readonly path: string;
  readonly copies: 'skip' | 'read';
  /** Set by connectors that read growing files, for sources whose files are complete when they come. */
  readonly whole?: boolean | undefined;
}

/** Spread into the schema of a connector that reads files. */
export const fileSettings = {
  ...common,
  /** A file, a folder, or a file name with `*` in it. Relative paths start from the configuration file. */
  path: z.string().min(1, 'wants the path of a file, a folder, or a pattern such as in/*.csv'),
  /** Other content under a seen id. Files do repeat ids, so that it becomes a record of its own, with a finding. */
  onIdReuse: z.enum(['accept', 'reject']).prefault('accept'),
  /** A file whose every byte was read before, under this name or another: passed over, or read as any other. */
  copies: z.enum(['skip', 'read']).prefault('skip'),
};

/** Spread into the schema of a connector that payloads are pushed to. */
export const pushSettings = {
  ...common,
  /** Other content under a seen id. A sender that means another record gives it another id, so that it is refused. */
  onIdReuse: z.enum(['accept', 'reject']).prefault('reject'),
};

/** Settings that every source has whose provider is called, by webhooks or polls. */
export interface LiveSettings extends CommonSettings {
  readonly http: HttpSettings;
  readonly poll: { readonly interval: number; readonly minInterval: number };
  readonly webhookGrace: number;
}

/**
 * Spread into the schema of a connector that talks with its provider. One that knows its provider's addresses and limits
 * says so after it: `{ ...liveSettings, http: httpSettings({ routes: ['https://api.example.com'] }) }`.
 */
export const liveSettings = {
  ...pushSettings,
  /** How the provider is called. */
  http: httpSettings(),
  /** How often the provider is asked for what no webhook brought. */
  poll: z
    .strictObject({
      /** From one round to the next while webhooks bring everything. */
      interval: durationSchema.prefault('5m'),
      /** The same while webhooks are missed, and the least to wait after a failure. */
      minInterval: durationSchema.prefault('15s'),
    })
    .refine(({ interval, minInterval }) => minInterval > 0 && minInterval <= interval, {
      error: 'minInterval is more than nothing and at most interval',
    })
    .prefault({}),
  /** How long a webhook may take before what polling finds counts as missed. */
  webhookGrace: durationSchema.prefault('5m'),
};

/** For the schema's `superRefine`: settings that are fine alone and not together. */
export function checkAccounts(
  settings: Pick<CommonSettings, 'account' | 'accounts'>,
  context: z.RefinementCtx,
): void {
  if (settings.account !== undefined && settings.accounts !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['accounts'],
      message: 'a source has one account for all its records, or a map from identifiers; leave one out',
    });
  }
}

/** What zod found wrong with a source's settings, as one error of one line. */
export function settingsError(source: string, error: z.ZodError): CounterfoilError {
  const issues = error.issues.map((issue) => {
    const at = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
    return `${at}${issue.message.replaceAll(/\s*\n\s*/g, ' ')}`;
  });
  return new CounterfoilError('invalidConfig', `source "${source}": ${issues.join('; ')}`, { cause: error });
}
