import { z } from '@hono/zod-openapi';
import { Zone, parsePosition, parseRecordTime } from '../../engine/domain/index.ts';
import { PROBLEMS, PROBLEM_CONTENT_TYPE, RETRY_AFTER_SECONDS } from '../problem.ts';
import type { ProblemCode } from '../problem.ts';

const UTC = new Zone('UTC');

/** A text filter of a list. */
export function textFilter(description: string, example: string) {
  return z.string().min(1).max(512).optional().openapi({ description, example });
}

/** A moment in a query, read as epoch milliseconds. */
export function timeFilter(description: string) {
  return z
    .string()
    .transform((text, context): number => {
      try {
        return parseRecordTime(text, UTC).time;
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .optional()
    .openapi({
      type: 'string',
      description: `${description}. ISO 8601 (UTC where it has no offset) or epoch milliseconds`,
      example: '2026-11-22T00:00:00Z',
    });
}

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .openapi({ description: 'Items on a page', example: 100 }),
  cursor: z.string().min(1).max(1024).optional().openapi({
    description: '`next` of the page before, with the same filters',
  }),
};

/** Identifier of a result: `epoch-partition-sequence-n`. */
export const resultId = z
  .string()
  .refine((text) => parsePosition(text) !== undefined, {
    message: 'an identifier is epoch-partition-sequence-n, such as 1-3-4711-0',
  })
  .openapi({ example: '1-3-4711-0' });

/** A decimal in major units. */
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .openapi({ description: 'Decimal in major units of the currency', example: '195.27' });

export const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/)
  .openapi({ format: 'date-time', example: '2026-11-22T10:00:00.000Z' });

export const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .openapi({ format: 'date', example: '2026-11-22' });

/** A page of `item`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item).readonly(),
    next: z.string().optional().openapi({
      description: 'Cursor of the next page, also in the Link header; absent on the last page',
    }),
  });
}

/** The body of an answer with its example, which a test checks against the schema. */
export function jsonBody<T extends z.ZodType>(schema: T, description: string, example: z.input<T>) {
  return { description, content: { 'application/json': { schema, example } } };
}

export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ description: 'Stable reference; it explains itself when fetched' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What was found here and what to do about it' }),
    code: z.string().openapi({ description: 'The last part of `type`' }),
    requestId: z.string().openapi({ description: "Finds the request in the server's log" }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'For invalidField: what is wrong where' }),
  })
  .openapi('Problem', { description: 'A problem document of RFC 9457' });

/**
 * The problem answers of a route, one entry a status. What every route can answer (internal, timeout, stopping) is
 * added. Typed as no answers at all, because handlers throw problems instead of returning them.
 */
export function problems(...codes: readonly ProblemCode[]): object {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...codes, 'internal', 'timeout', 'stopping'] as const) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, same]) => [status, problemAnswer(same)]));
}

function problemAnswer(codes: readonly ProblemCode[]): object {
  const examples = codes.map((code) => [
    code,
    {
      value: {
        type: `/problems/${code}`,
        title: PROBLEMS[code].title,
        status: PROBLEMS[code].status,
        detail: 'what was found, and what to do about it',
        code,
        requestId: '4f0c5b1e-6f0e-4b0e-9d53-1f8f6a1f2b7c',
      },
    },
  ]);
  return {
    description: codes.map((code) => PROBLEMS[code].title).join('; or: '),
    content: {
      [PROBLEM_CONTENT_TYPE]: { schema: problemSchema, examples: Object.fromEntries(examples) as object },
    },
    ...(codes.some((code) => code in RETRY_AFTER_SECONDS)
      ? { headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } } }
      : {}),
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** `fields` without those that are undefined: an absent filter is absent, not undefined. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
