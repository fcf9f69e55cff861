import { DEAD_LETTER_PARTITION } from '../domain/index.ts';

/** Key-value bucket with the shape of the log: partition count, what partitions by, epochs. */
export const META_BUCKET = 'cf_meta';

/** Key-value bucket with the owners of partitions. */
export const LEASE_BUCKET = 'cf_leases';

/** The stream of a partition: `CF_RECORDS_3`, or `CF_DEAD`. */
export function streamName(partition: number): string {
  return partition === DEAD_LETTER_PARTITION ? 'CF_DEAD' : `CF_RECORDS_${partition}`;
}

/** The one subject that a partition's stream takes. */
export function streamSubject(partition: number): string {
  return partition === DEAD_LETTER_PARTITION ? 'cf.dead.*' : `cf.records.${partition}`;
}

/** The subject under which a message is appended: that of the partition, or `cf.dead.<source>`. */
export function appendSubject(partition: number, payload: Uint8Array): string {
  return partition === DEAD_LETTER_PARTITION
    ? `cf.dead.${deadLetterSource(payload)}`
    : `cf.records.${partition}`;
}

/**
 * The source of a dead letter (JSON with a `source`) as one token of a subject: a name's dots become underscores,
 * since a dot separates tokens. `unknown` where there is none; a dead letter must never fail for its own subject.
 */
function deadLetterSource(payload: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (
      typeof value === 'object' &&
      value !== null &&
      'source' in value &&
      typeof value.source === 'string'
    ) {
      const token = value.source.slice(0, 64).replaceAll(/[^A-Za-z0-9_-]/g, '_');
      if (token !== '') return token;
    }
  } catch {
    // Not JSON: kept all the same.
  }
  return 'unknown';
}
