import { z } from 'zod';
import { didYouMean } from './suggest.ts';

/** Plain fields of a record that a rule's key may name. `reference` is short for `references.reference`. */
export const KEY_FIELDS = [
  'id',
  'account',
  'currency',
  'kind',
  'status',
  'amount',
  'fee',
  'tax',
  'net',
  'time',
  'bookingDate',
  'valueDate',
  'availableOn',
  'link',
] as const;

export type PlainKeyField = (typeof KEY_FIELDS)[number];

/** A key as rules are compiled: a plain field, or a reference or attribute by name. */
export type KeyField = PlainKeyField | `references.${string}` | `attributes.${string}`;

/** The dates of a record; `time` is the only one that every record has. */
export const DATE_FIELDS = ['time', 'bookingDate', 'valueDate', 'availableOn'] as const;
export type DateField = (typeof DATE_FIELDS)[number];

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A name of a source, reconciliation, rule or pool: letters, digits, dot, dash, underscore; at most 64. */
export const nameSchema: z.ZodType<string> = z
  .string()
  .regex(NAME, 'a name is 1 to 64 letters, digits, ".", "-" or "_", and starts with a letter or digit');

/** What is wrong with a name that no field has. @param also further names that the place knows */
export function noField(name: string, also: readonly string[] = []): string {
  const shown = name.slice(0, 80);
  const plain = [...also, ...KEY_FIELDS];
  const own = shown.includes('.') ? shown.slice(shown.indexOf('.')) : '';
  const named = own === '' ? ['reference'] : [`references${own}`, `attributes${own}`];
  const near = didYouMean(shown, [...named, ...plain]);
  const all = `reference, references.<name>, attributes.<name>, or one of ${plain.join(', ')}`;
  return `"${shown}" is not a field of a record${near === '' ? `; use ${all}` : `${near} (there are ${all})`}`;
}

/** A key field as written in a rule: `reference`, `references.invoice`, `currency`, `attributes.batch`. */
export const keyFieldSchema: z.ZodType<KeyField, string> = z.string().transform((text, context): KeyField => {
  if ((KEY_FIELDS as readonly string[]).includes(text)) return text as PlainKeyField;
  if (text === 'reference') return 'references.reference';
  if (/^(references|attributes)\.[^\s.][^\s]{0,63}$/.test(text)) return text as KeyField;
  context.addIssue({ code: 'custom', message: noField(text) });
  return z.NEVER;
});
