import { z } from 'zod';

/** Where in a JSON value something stands. */
export interface JsonPath {
  /** As written, for messages. */
  readonly text: string;
  /** Whether it starts at the whole body (`$.`), rather than at the record. */
  readonly fromBody: boolean;
  /** Names of members, and indexes of elements from 0. */
  readonly steps: readonly string[];
}

const MAX_PATH = 512;
const STEP = /(?:^|\.)([^.[\]]+)|\[(\d{1,6})\]/y;

/** Reads `data.items[0].id`, or `$.created` from the whole body; undefined where it is no path. */
export function parsePath(text: string): JsonPath | undefined {
  if (text.length > MAX_PATH) return undefined;
  const fromBody = text === '$' || text.startsWith('$.') || text.startsWith('$[');
  const inner = fromBody ? text.slice(text.startsWith('$.') ? 2 : 1) : text;
  if (inner.startsWith('.') || (inner === '' && text !== '$')) return undefined;
  const steps: string[] = [];
  for (STEP.lastIndex = 0; STEP.lastIndex < inner.length;) {
    const step = STEP.exec(inner);
    if (step === null) return undefined;
    steps.push(step[1] ?? step[2]!);
  }
  return { text, fromBody, steps };
}

/** A path as a setting. */
export const pathSetting: z.ZodType<JsonPath> = z.string().transform((text, context): JsonPath => {
  const path = parsePath(text);
  if (path !== undefined) return path;
  context.addIssue({
    code: 'custom',
    message: 'wants a path such as data.items[0].id, or $.created from the whole body',
  });
  return z.NEVER;
});

/** What stands at a path; undefined where it leads nowhere, or to null. Only own members count. */
export function valueAt(path: JsonPath, body: unknown, record: unknown = body): unknown {
  let found = path.fromBody ? body : record;
  for (const step of path.steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    // A list has a length of its own, which the input does not state.
    if (Array.isArray(found) && step === 'length') return undefined;
    found = (found as { readonly [name: string]: unknown })[step];
  }
  return found ?? undefined;
}

/** A single value as text, numbers as they are written; undefined for nothing, lists and objects. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : undefined;
}
