import type { Context } from 'hono';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { ErrorCode } from '../engine/domain/index.ts';

/** Every kind of problem the API answers with. `type` is `/problems/<code>`, where it is explained. */
export const PROBLEMS = {
  malformedJson: { status: 400, title: 'The body is not JSON' },
  invalidField: { status: 400, title: 'A parameter or field is not valid' },
  notFound: { status: 404, title: 'There is nothing here' },
  commandRefused: { status: 409, title: 'The command was refused' },
  replayRefused: { status: 409, title: 'The dead letter cannot be read again here' },
  methodNotAllowed: { status: 405, title: 'The path does not take this method' },
  payloadTooLarge: { status: 413, title: 'The request is too large' },
  unsupportedMediaType: { status: 415, title: 'The body is not of a type that is read here' },
  unknownSource: { status: 422, title: 'The source is not configured' },
  recordsRefused: { status: 422, title: 'None of the records could be taken' },
  overloaded: { status: 429, title: 'More arrives than can be taken now' },
  internal: { status: 500, title: 'Something failed inside' },
  brokerUnreachable: { status: 503, title: 'The log cannot be reached' },
  storeUnreachable: { status: 503, title: 'The result store cannot be reached' },
  diskFull: { status: 503, title: 'There is no room to store anything' },
  timeout: { status: 503, title: 'The answer took too long' },
  stopping: { status: 503, title: 'The server is stopping' },
  notReady: { status: 503, title: 'The server is not ready' },
} as const satisfies { readonly [code: string]: { readonly status: number; readonly title: string } };

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** Seconds after which a client may try again, for the problems that pass by themselves. */
export const RETRY_AFTER_SECONDS: { readonly [code in ProblemCode]?: number } = {
  overloaded: 1,
  brokerUnreachable: 2,
  storeUnreachable: 2,
  diskFull: 30,
  timeout: 1,
  stopping: 5,
  notReady: 2,
};

/** A problem document of RFC 9457. */
export interface ProblemDocument {
  /** Stable: match on this or on `code`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What was found here and what to do about it. */
  readonly detail: string;
  readonly code: ProblemCode;
  /** Finds the request in the server's log. */
  readonly requestId: string;
  /** For `invalidField`: what is wrong where. */
  readonly errors?: readonly FieldError[];
  /** Members of particular problems. */
  readonly [extension: string]: unknown;
}

export interface FieldError {
  /** Where: `query.limit`, `body.records`. */
  readonly path: string;
  readonly message: string;
}

/** Thrown by handlers to answer with a problem. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly extensions: Readonly<{ [name: string]: unknown }>;

  /** @param detail one line: what was found, and what to do */
  constructor(code: ProblemCode, detail: string, extensions: Readonly<{ [name: string]: unknown }> = {}) {
    super(detail);
    this.name = 'ProblemError';
    this.code = code;
    this.extensions = extensions;
  }
}

/** The answer for a problem. `headers` come on top of the content type and Retry-After. */
export function problemResponse(
  context: Context,
  code: ProblemCode,
  detail: string,
  extensions: Readonly<{ [name: string]: unknown }> = {},
  headers: Readonly<{ [name: string]: string }> = {},
): Response {
  const { status, title } = PROBLEMS[code];
  const requestId = context.get('requestId') as string | undefined;
  const document: ProblemDocument = {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    code,
    requestId: requestId ?? '',
    ...extensions,
  };
  const retryAfter = RETRY_AFTER_SECONDS[code];
  return context.body(JSON.stringify(document), status, {
    'Content-Type': PROBLEM_CONTENT_TYPE,
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    ...headers,
  });
}

/** Which problem an error of the system is to a client. Those missing here are the server's own fault. */
const BY_ERROR_CODE: { readonly [code in ErrorCode]?: ProblemCode } = {
  invalidField: 'invalidField',
  invalidTime: 'invalidField',
  invalidAmount: 'invalidField',
  unknownCurrency: 'invalidField',
  unknownSource: 'unknownSource',
  payloadTooLarge: 'payloadTooLarge',
  overloaded: 'overloaded',
  brokerUnreachable: 'brokerUnreachable',
  storeUnreachable: 'storeUnreachable',
  diskFull: 'diskFull',
  timeout: 'timeout',
  stopping: 'stopping',
};

/** `error` as a problem. An error of our own making keeps its message; any other one shows nothing of its inside. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = error instanceof CounterfoilError ? BY_ERROR_CODE[error.code] : undefined;
  if (code !== undefined) return new ProblemError(code, (error as CounterfoilError).message);
  return new ProblemError('internal', 'the request failed; the server log says why under this request id');
}
