import { z } from 'zod';
import { RECORD_KINDS, RECORD_STATUSES } from '../../engine/domain/index.ts';
import type { RecordKind, RecordStatus } from '../../engine/domain/index.ts';
import {
  RECORD_FIELD_LIST,
  checkAccounts,
  pushSettings,
  recordField,
  secretsSetting,
} from '../contract/index.ts';
import type { CommonSettings, RecordField, Secret } from '../contract/index.ts';
import { pathSetting } from './paths.ts';
import type { JsonPath } from './paths.ts';
import { headerSetting, signatureSetting } from './signature-settings.ts';
import type { SignatureSettings } from './signature-settings.ts';

/** Where amounts have no sign: what the provider calls those that add to the balance, and those that take away. */
export interface DirectionSettings {
  readonly path: JsonPath;
  readonly adds: readonly string[];
  readonly subtracts: readonly string[];
}

export interface WebhookJsonSettings extends CommonSettings {
  readonly secrets: readonly Secret[];
  readonly signature?: SignatureSettings | undefined;
  readonly secretHeader?: { readonly header: string; readonly prefix: string } | undefined;
  readonly eventId?: JsonPath | undefined;
  readonly eventType?: JsonPath | undefined;
  readonly ignore: readonly string[];
  readonly records?: JsonPath | undefined;
  /** By field; of several paths the texts are joined by colons. */
  readonly fields: ReadonlyMap<RecordField, readonly JsonPath[]>;
  readonly constants: ReadonlyMap<RecordField, string>;
  readonly amountIn: 'major' | 'minor';
  readonly minorUnits: { readonly [currency: string]: number };
  readonly direction?: DirectionSettings | undefined;
  readonly timeIn: 'iso' | 'ms' | 's';
  readonly kinds?: { readonly [text: string]: RecordKind } | undefined;
  readonly statuses?: { readonly [text: string]: RecordStatus } | undefined;
  readonly kind: RecordKind;
  readonly currency?: string | undefined;
}

const fieldName = z.string().refine((name) => recordField(name) !== undefined, {
  error: `wants a field of a record: ${RECORD_FIELD_LIST}`,
});

const fields = z
  .record(
    fieldName,
    z.union([pathSetting.transform((path) => [path]), z.array(pathSetting).min(1).max(8)], {
      error: 'wants a path such as data.amount, or a list of them',
    }),
  )
  .transform(byField);

const constants = z.record(fieldName, z.string().min(1).max(1024)).transform(byField);

const texts = z.array(z.string().min(1).max(256)).min(1).max(1000);

/** What differs from record to record, and cannot be one text for all. */
const OWN_FIELDS: readonly RecordField[] = ['id', 'amount', 'time'];

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
    /** Paths by field, from the record or with `$.` from the body: `{ id: data.id, time: "$.created" }`. */
    fields,
    /** Texts by field, that every record has: `{ attributes.gateway: acme }`. */
    constants: constants.prefault({}),
    /** Whether amounts are decimals (`12.30`) or integers of minor units (`1230`). */
    amountIn: z.enum(['major', 'minor']).prefault('major'),
    /** Digits of the provider's integers by currency, where they are not those of ISO 4217: `{ UGX: 0 }`. */
    minorUnits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).prefault({}),
    /** Only where amounts have no sign: what says whether one adds to the balance or takes away. */
    direction: z.strictObject({ path: pathSetting, adds: texts, subtracts: texts }).optional(),
    /** Whether `time` is ISO 8601 (or Unix milliseconds), or a number of Unix milliseconds or seconds. */
    timeIn: z.enum(['iso', 'ms', 's']).prefault('iso'),
    /** From the provider's words to kinds; another word is a dead letter. */
    kinds: z.record(z.string().min(1).max(256), z.enum(RECORD_KINDS)).optional(),
    /** From the provider's words to statuses; another word is a dead letter. */
    statuses: z.record(z.string().min(1).max(256), z.enum(RECORD_STATUSES)).optional(),
    /** The kind of every record that does not say its own. */
    kind: z.enum(RECORD_KINDS).prefault('ledger'),
    /** The currency of every record that does not say its own. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'wants a currency code such as AED')
      .optional(),
    /** Records come again, with other content and a higher `version`. */
    amends: z.literal('version').optional(),
  })
  .superRefine(checkAccounts)
  .superRefine(checkTogether);

function byField<T>(written: { readonly [field: string]: T }): ReadonlyMap<RecordField, T> {
  return new Map(Object.entries(written).map(([name, value]) => [recordField(name)!, value]));
}

function checkTogether(settings: WebhookJsonSettings, context: z.RefinementCtx): void {
  const { signature, secretHeader, secrets, direction } = settings;
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
  for (const field of OWN_FIELDS) {
    if (!settings.fields.has(field)) refuse('fields', `no path for ${field}; every record has one`);
    if (settings.constants.has(field)) refuse('constants', `${field} is each record's own`);
  }
  if (
    !settings.fields.has('currency') &&
    settings.currency === undefined &&
    !settings.constants.has('currency')
  ) {
    refuse('currency', 'no path for currency; map it in fields, or set the currency of all');
  }
  for (const [field, paths] of settings.fields) {
    if (settings.constants.has(field)) refuse('constants', `${field} has a path in fields; leave one out`);
    if (paths.length > 1 && field !== 'id')
      refuse('fields', `${field} has several paths; only an id is joined`);
  }
  if (settings.ignore.length > 0 && settings.eventType === undefined) {
    refuse('ignore', 'types are ignored by eventType: say where it stands');
  }
  if (settings.amends !== undefined && !settings.fields.has('version')) {
    refuse('amends', 'no path for version; map it in fields');
  }
  const both = direction?.adds.find((text) => direction.subtracts.includes(text));
  if (both !== undefined) refuse('direction', `"${both}" both adds and subtracts`);
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
