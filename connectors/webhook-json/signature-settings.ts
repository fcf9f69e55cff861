import { z } from 'zod';
import { durationSchema, parseDuration } from '../../engine/domain/index.ts';
import { payloadSetting } from './payload-template.ts';
import type { PayloadPiece } from './payload-template.ts';

/** When a delivery was signed. Durations are milliseconds. */
export interface TimestampSettings {
  readonly key?: string | undefined;
  readonly header?: string | undefined;
  readonly unit: 's' | 'ms' | 'iso';
  readonly tolerance: number;
  readonly futureTolerance: number;
}

/** How a provider signs what it sends. */
export interface SignatureSettings {
  readonly header: string;
  readonly algorithm: 'sha256' | 'sha512' | 'sha1';
  readonly encoding: 'hex' | 'base64';
  readonly key?: string | undefined;
  readonly prefix: string;
  readonly separator?: string | undefined;
  readonly payload: readonly PayloadPiece[];
  readonly timestamp?: TimestampSettings | undefined;
  readonly secretEncoding: 'text' | 'hex' | 'base64';
  readonly secretPrefix: string;
}

/** The name of a header, in lower case as deliveries have it. */
export const headerSetting = z
  .string()
  .regex(/^[\w-]{1,100}$/, 'wants the name of a header, such as x-signature')
  .transform((name) => name.toLowerCase());

const key = z.string().regex(/^[\w.-]{1,40}$/, 'wants the name before a "=", such as v1');

const timestampSetting: z.ZodType<TimestampSettings> = z
  .strictObject({
    /** Its name in the signature's header: `t` of `t=…,v1=…`. */
    key: key.optional(),
    /** A header of its own. */
    header: headerSetting.optional(),
    /** Unix seconds, Unix milliseconds, or ISO 8601 with an offset. */
    unit: z.enum(['s', 'ms', 'iso']).prefault('s'),
    /** How old a signature may be. */
    tolerance: duration('1s', '7d').prefault('5m'),
    /** How far it may be ahead of our clock. */
    futureTolerance: duration('0s', '1h').prefault('1m'),
  })
  .refine((timestamp) => (timestamp.key === undefined) !== (timestamp.header === undefined), {
    error: 'a timestamp has a key in the header of the signature, or a header of its own: set one of them',
  });

/** The setting `signature`. */
export const signatureSetting: z.ZodType<SignatureSettings> = z
  .strictObject({
    /** The header that holds the signature. */
    header: headerSetting,
    /** SHA-1 only for providers that have nothing better. */
    algorithm: z.enum(['sha256', 'sha512', 'sha1']).prefault('sha256'),
    /** How the signature is written; `hex` in lower case. */
    encoding: z.enum(['hex', 'base64']).prefault('hex'),
    /** Its name where the header has the form `t=…,v1=…`. It may stand there several times: one has to be right. */
    key: key.optional(),
    /** What stands right before each signature, such as `sha256=`; what begins otherwise is passed over. */
    prefix: z.string().max(40).prefault(''),
    /** What parts several signatures in the header. Without it: a comma where there is a `key`, else there is only one. */
    separator: z
      .string()
      .regex(/^[ ,;|&]$/, 'wants one of , ; | & or a blank')
      .optional(),
    /** What is signed: text with `{body}`, `{timestamp}` and `{header.<name>}` in it. */
    payload: payloadSetting.prefault('{body}'),
    /** Without it no delivery is ever stale. */
    timestamp: timestampSetting.optional(),
    /** How the key of the HMAC is written. */
    secretEncoding: z.enum(['text', 'hex', 'base64']).prefault('text'),
    /** What stands before the key in the secret and is no part of it, such as `whsec_` of Standard Webhooks. */
    secretPrefix: z.string().max(40).prefault(''),
  })
  .superRefine(({ key: name, payload, timestamp }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const isSigned = payload.some(({ type }) => type === 'timestamp');
    if (isSigned && timestamp === undefined) {
      refuse('timestamp', 'the payload has a {timestamp}: say which key or header holds it');
    }
    if (!isSigned && timestamp !== undefined) {
      refuse(
        'timestamp',
        'no {timestamp} is in the payload: one that is not signed proves nothing; leave it out',
      );
    }
    if (timestamp?.key !== undefined && name === undefined) {
      refuse('key', 'the timestamp has a key in the header, so that the signature needs one too');
    }
    if (timestamp?.key !== undefined && timestamp.key === name) {
      refuse('key', 'signature and timestamp have the same key');
    }
  });

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}
