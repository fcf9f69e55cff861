import type { Hook } from '@hono/zod-openapi';
import type { ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import {
  describeIssue,
  narrowed,
  shownValue,
  valueAt,
  withoutEchoes,
  type AnyIssue,
} from '../../engine/domain/index.ts';
import type { ApiEnv } from '../env.ts';
import { ProblemError, problemOf, problemResponse } from '../problem.ts';
import type { FieldError } from '../problem.ts';

/** Where zod-openapi looked when it found something, in the words of a client. */
const PLACES: { readonly [target: string]: string } = { json: 'body', param: 'path' };

/** The most faults that one answer lists. */
const MOST_ERRORS = 20;

/** Turns what a schema found in the request into a problem; does nothing for a valid request. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the library's own type for a hook of every route
export const onInvalid: Hook<any, ApiEnv, any, Response | undefined> = (result, context) => {
  if (result.success) return undefined;
  const place = PLACES[result.target] ?? result.target;
  const { data } = result as { readonly data?: unknown };
  const issues = result.error.issues.flatMap((issue) => narrowed(withoutLibraryWords(issue)));
  const errors = withoutEchoes(issues).flatMap((issue): FieldError[] => {
    const path = [place, ...issue.path.map(String)].join('.').slice(0, 200);
    if (issue.code !== 'unrecognized_keys') {
      const message = describeIssue(issue, shownValue(valueAt(data, issue.path)));
      return [{ path, message: message.slice(0, 500) }];
    }
    return issue.keys.map((key) => ({
      path: `${path}.${key}`.slice(0, 200),
      message: 'there is no such field; /docs lists those there are',
    }));
  });
  const first = errors[0];
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const detail = first === undefined ? 'the request is not valid' : `${first.path}: ${first.message}${more}`;
  return problemResponse(context, 'invalidField', detail, { errors: errors.slice(0, MOST_ERRORS) });
};

/** What the library says where a schema has no words of its own. */
const LIBRARY_WORDS = /^(Invalid|Too (small|big)|Unrecognized)\b/;

/** An issue without the library's words, so that it is told in those of every other error. */
function withoutLibraryWords(issue: AnyIssue): AnyIssue {
  const plain = LIBRARY_WORDS.test(issue.message) ? { ...issue, message: '' } : issue;
  if (plain.code !== 'invalid_union' || plain.inclusive === false) return plain;
  return { ...plain, errors: plain.errors.map((form) => form.map((each) => withoutLibraryWords(each))) };
}

/** Answers whatever a handler or middleware threw. What is our fault is logged with its stack. */
export const onError: ErrorHandler<ApiEnv> = (error, context) => {
  const problem = error instanceof HTTPException ? ofLibrary(error) : problemOf(error);
  if (problem.code === 'internal') context.get('logger').error({ err: error }, 'request failed');
  return problemResponse(context, problem.code, problem.message, problem.extensions);
};

/** What Hono and its middleware throw by themselves: unreadable JSON, a wrong content type, a timeout. */
function ofLibrary(error: HTTPException): ProblemError {
  if (error.cause instanceof ProblemError) return error.cause;
  if (error.status === 415) {
    return new ProblemError(
      'unsupportedMediaType',
      'the body must be JSON and say so with Content-Type: application/json',
    );
  }
  if (error.status === 400) {
    return new ProblemError(
      'malformedJson',
      'the body could not be read as JSON; check it with a JSON parser',
    );
  }
  return problemOf(error);
}

export const onNotFound: NotFoundHandler<ApiEnv> = (context) =>
  problemResponse(
    context,
    'notFound',
    `nothing is at ${context.req.path.slice(0, 100)}; / lists where things are`,
  );
