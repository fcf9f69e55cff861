import type { z } from 'zod';

/** The keys that a schema of an object knows; none where it is no object. */
export function knownKeys(schema: z.core.$ZodType): string[] {
  const def = schema._zod.def as {
    readonly shape?: object;
    readonly in?: z.core.$ZodType;
    readonly innerType?: z.core.$ZodType;
  };
  if (def.shape !== undefined) return Object.keys(def.shape);
  const inner = def.in ?? def.innerType;
  return inner === undefined ? [] : knownKeys(inner);
}

/**
 * An error map for zod that leaves wording to {@link describeIssue}: messages stay empty, except that an unknown key's
 * message lists the keys that were known there, which zod itself does not tell later.
 * @param also further keys that the place knows
 */
export function keepKnownKeys(also: readonly string[] = []): z.core.$ZodErrorMap {
  return (issue) => {
    if (issue.code !== 'unrecognized_keys') return '';
    const known = issue.inst === undefined ? [] : knownKeys(issue.inst as z.core.$ZodType);
    return [...known, ...also].join(' ');
  };
}
