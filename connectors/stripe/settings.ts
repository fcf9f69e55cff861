import { z } from 'zod';
import { durationSchema, parseDuration } from '../../engine/domain/index.ts';
import {
  checkAccounts,
  httpSettings,
  isFieldName,
  liveSettings,
  secretSetting,
  secretsSetting,
} from '../contract/index.ts';
import type { LiveSettings, Secret } from '../contract/index.ts';

/** Durations are milliseconds. */
export interface StripeSettings extends LiveSettings {
  readonly apiKey: Secret;
  readonly webhookSecrets?: readonly Secret[] | undefined;
  readonly stripeAccount?: string | undefined;
  readonly tolerance: number;
  readonly futureTolerance: number;
  readonly history: number;
  readonly overlap: number;
  readonly metadata: { readonly [reference: string]: string };
  readonly minorUnits: { readonly [currency: string]: number };
  readonly amends: 'version';
}

export const stripeSettings: z.ZodType<StripeSettings> = z
  .strictObject({
    ...liveSettings,
    /** Stripe's limits in live mode: 100 calls a second, 25 to one endpoint. A sandbox has 25 in all. */
    http: httpSettings({
      routes: ['https://api.stripe.com'],
      rateLimits: { all: { perSecond: 100, burst: 100 }, default: { perSecond: 25, burst: 25 } },
    }).prefault({}),
    /** Secret or restricted key (`sk_…`, `rk_…`) that may read balance transactions, charges, payouts and events. */
    apiKey: secretSetting,
    /** Signing secret of the webhook endpoint (`whsec_…`), or two while one replaces the other. None: polls only. */
    webhookSecrets: secretsSetting.optional(),
    /** The connected account (`acct_…`) whose balance is read, where the key is a platform's. It is also what `accounts` looks up. */
    stripeAccount: z
      .string()
      .regex(/^acct_\w{1,64}$/, 'wants the id of an account, acct_…')
      .optional(),
    /** How old a webhook's signature may be. */
    tolerance: duration('1s', '7d').prefault('5m'),
    /** How far a webhook's signature may be ahead of our clock. */
    futureTolerance: duration('0s', '1h').prefault('1m'),
    /** How far back the first poll begins. */
    history: duration('0s', '3660d').prefault('30d'),
    /** How much of what it has seen each poll looks at again: longer than lists ever lag. */
    overlap: duration('0s', '7d').prefault('10m'),
    /** Names of references, and the metadata of charges and refunds that they come from: `{ order: order_id }`. */
    metadata: z
      .record(
        z.string().refine(isFieldName, { error: 'wants a name of at most 64 characters without blanks' }),
        z.string().min(1).max(40),
      )
      .prefault({ order: 'order_id' }),
    /** Digits of Stripe's integers by currency, where they are not as documented: `{ UGX: 0 }`. */
    minorUnits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).prefault({}),
    /** Membership of payouts and trace ids become known later: records come again with a higher version. */
    amends: z.literal('version').prefault('version'),
  })
  .superRefine(checkAccounts);

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}
