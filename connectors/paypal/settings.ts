import { z } from 'zod';
import { RECORD_KINDS, durationSchema, parseDuration } from '../../engine/domain/index.ts';
import type { RecordKind } from '../../engine/domain/index.ts';
import { checkAccounts, httpSettings, liveSettings, secretSetting } from '../contract/index.ts';
import type { LiveSettings, Secret } from '../contract/index.ts';
import { pemCertificates } from './certificate-chain.ts';

/** Durations are milliseconds. */
export interface PaypalSettings extends LiveSettings {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly webhookIds?: readonly string[] | undefined;
  readonly merchantId?: string | undefined;
  readonly tolerance: number;
  readonly futureTolerance: number;
  readonly certificateNames: readonly string[];
  readonly trustedCertificates?: string | undefined;
  readonly history: number;
  readonly overlap: number;
  readonly kinds: { readonly [eventCode: string]: RecordKind };
  readonly amends: 'version';
}

/** Kinds of records by T-code (`T0006`) or by group of them (`T00`), for codes that mean something else to a merchant. */
export const kindsSetting: z.ZodType<PaypalSettings['kinds']> = z
  .record(
    z.string().regex(/^T\d{2}(\d{2})?$/, 'wants T-codes such as T0006, or groups such as T00'),
    z.enum(RECORD_KINDS),
  )
  .prefault({});

const webhookId = z.string().regex(/^\w{1,64}$/, 'wants the id of a webhook, as the dashboard shows it');

/** PayPal promises no more than that what happened is listed within three hours. */
const LISTING_LAG = '3h';

export const paypalSettings: z.ZodType<PaypalSettings> = z
  .strictObject({
    ...liveSettings,
    /**
     * The sandbox is `https://api-m.sandbox.paypal.com`. PayPal publishes no limits; these are careful. Certificates have
     * one of their own, because anyone may post a delivery that names one. A 429 that does not say how long it lasts is
     * taken for 30 s, as PayPal's own sample does.
     */
    http: httpSettings({
      routes: ['https://api-m.paypal.com'],
      rateLimits: {
        all: { perSecond: 25, burst: 25 },
        default: { perSecond: 10, burst: 10 },
        certificates: { perSecond: 2, burst: 10 },
      },
      unstatedRetryAfter: '30s',
    }).prefault({}),
    /** Webhooks tell of captures, refunds and disputes; everything else comes by polls alone, which hurry in vain for it. */
    poll: liveSettings.poll.unwrap().prefault({ interval: '15m', minInterval: '5m' }),
    /** Searches bring what no webhook tells of up to three hours late. */
    outOfOrder: durationSchema.prefault('4h'),
    /** Of the REST app, which needs the permission for transaction search. */
    clientId: z.string().min(1).max(256),
    clientSecret: secretSetting,
    /** Id of the webhook, which its signatures are made over; or two while one replaces the other. None: polls only. */
    webhookIds: z
      .union([webhookId.transform((id) => [id]), z.array(webhookId).min(1).max(2)], {
        error: 'wants the id of a webhook, or a list of two while one replaces the other',
      })
      .optional(),
    /** PayPal's id of the account that is read. Events about another are passed over, and `accounts` looks it up. */
    merchantId: z
      .string()
      .regex(/^\w{1,24}$/, 'wants a merchant id')
      .optional(),
    /** How old a webhook may be. PayPal goes on sending for three days, and does not say that it signs anew each time. */
    tolerance: duration('1m', '30d').prefault('4d'),
    /** How far a webhook may be ahead of our clock. */
    futureTolerance: duration('0s', '1h').prefault('5m'),
    /** Whom a signature's certificate has to belong to. */
    certificateNames: z
      .array(z.string().regex(/^[a-z0-9.-]{1,253}$/, 'wants a host name in lower case'))
      .min(1)
      .max(8)
      .prefault(['messageverificationcerts.paypal.com', 'messageverificationcerts.sandbox.paypal.com']),
    /** Certificates (PEM) of which one has to stand at the end of the chain. Without them those that Node.js trusts. */
    trustedCertificates: z
      .string()
      .max(262_144)
      .refine(isPem, { error: 'wants certificates in PEM, such as ${file:/etc/paypal-issuer.pem}' })
      .optional(),
    /** How far back the first poll begins. PayPal lists three years. */
    history: duration('0s', '1095d').prefault('30d'),
    /** How much of what it has searched each poll searches again: longer than listing lags. */
    overlap: duration(LISTING_LAG, '30d').prefault('4h'),
    kinds: kindsSetting,
    /** What is pending is booked or comes to nothing later: records come again with a higher version. */
    amends: z.literal('version').prefault('version'),
  })
  .superRefine(checkAccounts);

function isPem(text: string): boolean {
  try {
    return pemCertificates(text).length > 0;
  } catch {
    return false;
  }
}

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}
