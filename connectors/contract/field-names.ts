import { RAW_FIELDS, isFieldName } from './raw-record.ts';
import type { RawField } from './raw-record.ts';

/** A field of a record as mappings in a configuration name it. */
export type RecordField = RawField | `references.${string}` | `attributes.${string}`;

/** The names that {@link recordField} knows, for messages. */
export const RECORD_FIELD_LIST = `${RAW_FIELDS.join(', ')}, reference, references.<name> or attributes.<name>`;

/** Reads the name of a field as a mapping may write it; undefined when there is no such field. */
export function recordField(name: string): RecordField | undefined {
  if (name === 'reference') return 'references.reference';
  if ((RAW_FIELDS as readonly string[]).includes(name)) return name as RawField;
  const parts = /^(references|attributes)\.(.+)$/.exec(name);
  return parts !== null && isFieldName(parts[2]!) ? (name as RecordField) : undefined;
}
