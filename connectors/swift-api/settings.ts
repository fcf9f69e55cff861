import { z } from 'zod';
import { durationSchema, parseDuration } from '../../engine/domain/index.ts';
import { checkAccounts, liveSettings, secretSetting } from '../contract/index.ts';
import type { LiveSettings, Secret } from '../contract/index.ts';
import { READERS, READER_NAMES } from './readers.ts';
import type { ReaderName } from './readers.ts';

/** Where things stand in what the bank's API is asked and answers. Paths into JSON are names with points between them. */
export interface ListSettings {
  readonly path: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly page: string;
  readonly times: 'instant' | 'day';
  readonly items: string;
  readonly next: string;
  readonly id: string;
  readonly format: string;
  readonly available: string;
  readonly content?: string | undefined;
}

export interface ContentSettings {
  readonly path: string;
  readonly accept: string;
  readonly field?: string | undefined;
  readonly encoding: 'text' | 'base64';
}

/** Durations are milliseconds. */
export interface SwiftApiSettings extends LiveSettings {
  readonly consumerKey: Secret;
  readonly consumerSecret: Secret;
  readonly certificate: Secret;
  readonly privateKey: Secret;
  readonly subject?: string | undefined;
  readonly scope: string;
  readonly tokenPath: string;
  readonly audience?: string | undefined;
  readonly clockSkew: number;
  /** What is read, with the settings that the connector of that name reads files with. */
  readonly formats: { readonly [reader in ReaderName]?: { readonly [setting: string]: unknown } };
  readonly formatNames: { readonly [word: string]: ReaderName };
  readonly list: ListSettings;
  readonly content: ContentSettings;
  readonly history: number;
  readonly window: number;
  readonly overlap: number;
  readonly giveUp: number;
}

const apiPath = z
  .string()
  .regex(/^\/[\w\-./~%{}]{0,500}$/, 'wants a path such as /statements, without a query');
const jsonPath = z
  .string()
  .regex(/^[\w@-]{1,64}(?:\.[\w@-]{1,64}){0,7}$/, 'wants names with points between them');
const parameter = z.string().regex(/^[\w.~-]{1,64}$/, 'wants the name of a query parameter');

export const swiftApiSettings: z.ZodType<SwiftApiSettings> = z
  .strictObject({
    ...liveSettings,
    /** Of the application, as the developer portal shows them. */
    consumerKey: secretSetting,
    consumerSecret: secretSetting,
    /** PEM: the certificate that assertions are signed with, and those above it where the bank wants them too. */
    certificate: secretSetting,
    /** PEM: the RSA key of the first certificate, without a passphrase. */
    privateKey: secretSetting,
    /** The certificate's distinguished name as it is registered, where it is not written as RFC 4514 has it. */
    subject: z.string().min(1).max(1024).optional(),
    /** What the token is for: the portal lists the scopes of each API. */
    scope: z.string().min(1).max(1024).prefault('swift.alliancecloud.api'),
    tokenPath: apiPath.prefault('/oauth2/v1/token'),
    /** Whom the assertion is made out to. Without it the first route and the token's path, without the scheme. */
    audience: z.string().min(1).max(1024).optional(),
    /** How far the provider's clock may be behind ours: assertions are dated back by it. */
    clockSkew: duration('0s', '10m').prefault('1m'),
    /**
     * Which of what is listed is read, and with which settings of the connector of that name:
     * `{ mt940: { time: bookingDate } }`. Others are passed over.
     */
    formats: z
      .partialRecord(z.enum(READER_NAMES), z.record(z.string(), z.unknown()))
      .refine((formats) => Object.keys(formats).length > 0, { error: 'wants at least one format' })
      .superRefine(checkFormats),
    /** What the bank calls formats, where a name does not have 940, 942, 103 or camt in it: `{ EOD: mt940 }`. */
    formatNames: z.record(z.string().min(1).max(64), z.enum(READER_NAMES)).prefault({}),
    /** How statements are listed. */
    list: z
      .strictObject({
        path: apiPath.prefault('/statements'),
        /** Query parameters: since when, until when (left out where it is an empty text), and the page. */
        from: parameter.prefault('from'),
        to: z.union([parameter, z.literal('')]).prefault('to'),
        page: parameter.prefault('page'),
        /** How the first two are written: `2026-11-22T10:00:00Z`, or `2026-11-22`. */
        times: z.enum(['instant', 'day']).prefault('instant'),
        /** In the answer: the list (an empty text where the answer is one), and what the next page is asked by. */
        items: z.union([jsonPath, z.literal('')]).prefault('statements'),
        next: jsonPath.prefault('next'),
        /** In each item: its id, its format, and when it was made available. */
        id: jsonPath.prefault('id'),
        format: jsonPath.prefault('format'),
        available: jsonPath.prefault('availableAt'),
        /** Where items hold the statement itself, written as `content.encoding` says; then none is fetched. */
        content: jsonPath.optional(),
      })
      .prefault({}),
    /** How a statement is fetched. */
    content: z
      .strictObject({
        path: apiPath
          .refine((path) => path.includes('{id}'), { error: 'wants a path with {id} in it' })
          .prefault('/statements/{id}/content'),
        accept: z.string().min(1).max(256).prefault('text/plain, application/xml'),
        /** Where the answer is JSON: the path of the content in it, and how it is written there. */
        field: jsonPath.optional(),
        encoding: z.enum(['text', 'base64']).prefault('text'),
      })
      .prefault({}),
    /** How far back the first poll begins. */
    history: duration('1h', '3660d').prefault('30d'),
    /** How much is listed at a time: the cursor moves when all of it is in the log. */
    window: duration('1h', '366d').prefault('7d'),
    /** How much of what was seen each poll lists again, because statements show up late. */
    overlap: duration('1m', '31d').prefault('1d'),
    /** How long a statement that is listed and cannot be had is asked for, before it is a dead letter. */
    giveUp: duration('1m', '31d').prefault('1d'),
  })
  .superRefine(checkAccounts);

/** Settings that are the source's own, and not those of a format. */
const OF_SOURCE = ['path', 'zone', 'account', 'accounts', 'outOfOrder', 'idleTimeout', 'onIdReuse', 'copies'];

function checkFormats(
  formats: SwiftApiSettings['formats'],
  context: z.core.$RefinementCtx<SwiftApiSettings['formats']>,
): void {
  for (const name of READER_NAMES) {
    const written = formats[name];
    if (written === undefined) continue;
    const own = Object.keys(written).filter((setting) => OF_SOURCE.includes(setting));
    if (own.length > 0) {
      context.addIssue({
        code: 'custom',
        path: [name, own[0]!],
        message: 'is a setting of the whole source',
      });
      continue;
    }
    const result = READERS[name].settings.safeParse({ ...written, path: '-' });
    for (const { path, message } of result.error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: [name, ...path], message });
    }
  }
}

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}
