import { z } from 'zod';
import { durationSchema, parseDuration } from '../../engine/domain/index.ts';
import {
  checkAccounts,
  httpSettings,
  liveSettings,
  secretSetting,
  secretsSetting,
} from '../contract/index.ts';
import type { LiveSettings, Secret } from '../contract/index.ts';

/** What a capture, refund or payment in some state is taken for. */
export type StateMeaning = 'pending' | 'booked' | 'void';

/** Durations are milliseconds. */
export interface NgeniusSettings extends LiveSettings {
  readonly apiKey: Secret;
  readonly realm?: string | undefined;
  readonly outlets: readonly string[];
  readonly webhookHeader?: { readonly name: string; readonly value: readonly Secret[] } | undefined;
  readonly readWithin: number;
  readonly ordersFile?: string | undefined;
  readonly watch: number;
  readonly maxWatched: number;
  readonly states: { readonly [state: string]: StateMeaning };
  readonly capturedWithoutCapture: 'refuse' | 'charge';
  readonly walletField?: string | undefined;
  readonly amends: 'version';
}

/** The shape of references, which become part of an address. */
export const REFERENCE = /^[\w-]{1,64}$/;

export const ngeniusSettings: z.ZodType<NgeniusSettings> = z
  .strictObject({
    ...liveSettings,
    /** The sandbox is `https://api-gateway.sandbox.ngenius-payments.com`; Saudi Arabia has an address of its own. */
    http: httpSettings({ routes: ['https://api-gateway.ngenius-payments.com'] }).prefault({}),
    /** API key of a service account, as the portal shows it. */
    apiKey: secretSetting,
    /** The realm to ask for tokens of, where the provider named one. */
    realm: z.string().min(1).max(64).optional(),
    /** References of the outlets whose orders are read. Webhooks about other outlets give nothing. */
    outlets: z.array(reference('an outlet')).min(1, 'wants at least one outlet').max(100),
    /** The header that the portal was told to send with webhooks. Without it anyone may hint at an order. */
    webhookHeader: z
      .strictObject({
        name: z
          .string()
          .regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'wants the name of a header')
          .transform((name) => name.toLowerCase()),
        value: secretsSetting,
      })
      .optional(),
    /** How long reading the order may take that a webhook is about, because the answer has to be there within 15 s. */
    readWithin: duration('100ms', '14s').prefault('8s'),
    /**
     * File to which references of orders are appended, one a line, so that orders are known that no webhook tells of. A
     * relative path starts from the working directory.
     */
    ordersFile: z.string().min(1).max(4096).optional(),
    /** How long after its last change an order is still looked at. */
    watch: duration('1h', '180d').prefault('30d'),
    /** The most orders that are looked at. */
    maxWatched: z.int().min(1).max(20_000).prefault(10_000),
    /** What states mean that are not known here: `{ PROCESSED: booked }`. */
    states: z
      .record(z.string().regex(/^[A-Z0-9_]{1,64}$/), z.enum(['pending', 'booked', 'void']))
      .prefault({}),
    /** A payment that is CAPTURED and has no capture: a dead letter, or a charge under the payment's own id. */
    capturedWithoutCapture: z.enum(['refuse', 'charge']).prefault('refuse'),
    /** Where a payment names the wallet that was used, such as `paymentMethod.wallet`: no document does. */
    walletField: z
      .string()
      .regex(/^\w{1,64}(?:\.\w{1,64}){0,7}$/, 'wants names with points between them')
      .optional(),
    /** What is pending becomes booked or void later: records come again with a higher version. */
    amends: z.literal('version').prefault('version'),
  })
  .superRefine(checkAccounts);

function reference(what: string): z.ZodType<string> {
  return z.string().regex(REFERENCE, `wants the reference of ${what}: letters, digits and dashes`);
}

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}
