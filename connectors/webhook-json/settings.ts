import { z } from 'zod';
import { checkAccounts, pushSettings, secretsSetting } from '../contract/index.ts';
import type { CommonSettings, Secret } from '../contract/index.ts';
import { checkJsonMapping, fieldPaths, jsonMappingSettings, pathSetting } from '../mapping/index.ts';
import type { JsonMappingSettings, JsonPath } from '../mapping/index.ts';
import { headerSetting, signatureSetting } from './signature-settings.ts';
import type { SignatureSettings } from './signature-settings.ts';

export interface WebhookJsonSettings extends CommonSettings, JsonMappingSettings {
  readonly secrets: readonly Secret[];
  readonly signature?: SignatureSettings | undefined;
  readonly secretHeader?: { readonly header: string; readonly prefix: string } | undefined;
  readonly eventId?: JsonPath | undefined;
  readonly eventType?: JsonPath | undefined;
  readonly ignore: readonly string[];
  readonly records?: JsonPath | undefined;
}

export const webhookJsonSettings: z.ZodType<WebhookJsonSettings> = z
  .strictObject({
    ...pushSettings,
    /** What deliveries are signed with, or two while one replaces the other. */
    secrets: secretsSetting,
    /** How deliveries are signed. */
    signature: signatureSetting.optional(),
    /**
     * In place of a signature, a header that holds the secret itself, after `prefix` (`Bearer `). Weak: whoever sees one
     * delivery can send others, and no body is proven. Only for providers that do not sign.
     */
    secretHeader: z
      .strictObject({ header: headerSetting, prefix: z.string().max(40).prefault('') })
      .optional(),
    /** Where an id stands that each event has for itself: a repeat is answered without being read again. */
    eventId: pathSetting.optional(),
    /** Where an event says what it is. */
    eventType: pathSetting.optional(),
    /** Types of events that tell of no money: `ping`, or with a star at their end `customer.*`. */
    ignore: z
      .array(z.string().regex(/^[^*]+\*?$/, 'wants a type, or its beginning and a star at the end'))
      .max(1000)
      .prefault([]),
    /** Where the records stand: an object, or a list of them. Without it the body itself. */
    records: pathSetting.optional(),
    /** Paths by field. */
    fields: fieldPaths,
    ...jsonMappingSettings,
    /** Records come again, with other content and a higher `version`. */
    amends: z.literal('version').optional(),
  })
  .superRefine(checkAccounts)
  .superRefine((settings, context) => {
    checkJsonMapping(settings, ['id', 'amount', 'time'], context);
    checkTogether(settings, context);
  });

function checkTogether(settings: WebhookJsonSettings, context: z.RefinementCtx): void {
  const { signature, secretHeader, secrets } = settings;
  const refuse = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if ((signature === undefined) === (secretHeader === undefined)) {
    refuse('signature', 'say how a sender is proven: by signature, or else by secretHeader');
  }
  if (signature !== undefined && secrets.some((secret) => keyOf(secret, signature) === undefined)) {
    refuse(
      'secrets',
      `one is no key: it has not the secretPrefix, or what follows is no ${signature.secretEncoding}`,
    );
  }
  if (settings.ignore.length > 0 && settings.eventType === undefined) {
    refuse('ignore', 'types are ignored by eventType: say where it stands');
  }
  if (settings.amends !== undefined && !settings.fields.has('version')) {
    refuse('amends', 'no path for version; map it in fields');
  }
}

/** The key of the HMAC that a secret holds; undefined where it holds none. */
export function keyOf(
  secret: Secret,
  { secretEncoding, secretPrefix }: Pick<SignatureSettings, 'secretEncoding' | 'secretPrefix'>,
): Buffer | undefined {
  const value = secret.reveal();
  if (!value.startsWith(secretPrefix)) return undefined;
  const text = value.slice(secretPrefix.length);
  const isWritten =
    secretEncoding === 'text' ||
    (secretEncoding === 'hex' ? /^(?:[\da-fA-F]{2})+$/.test(text) : /^[A-Za-z\d+/]+={0,2}$/.test(text));
  if (text === '' || !isWritten) return undefined;
  return Buffer.from(text, secretEncoding === 'text' ? 'utf8' : secretEncoding);
}
