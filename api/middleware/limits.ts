import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import type { ApiEnv } from '../env.ts';
import { ProblemError } from '../problem.ts';

/** Refuses bodies above `bytes`, declared or streamed. */
export function limitBody(bytes: number): MiddlewareHandler<ApiEnv> {
  return bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new ProblemError(
        'payloadTooLarge',
        `the body is larger than ${bytes} bytes; send the records in smaller posts`,
      );
    },
  });
}

/** Answers with a problem when a request is not done after `ms`. An event stream counts until it begins. */
export function limitTime(ms: number): MiddlewareHandler<ApiEnv> {
  return timeout(
    ms,
    () =>
      new HTTPException(503, {
        cause: new ProblemError(
          'timeout',
          `the request was not done after ${ms} ms; ask for less, or try again`,
        ),
      }),
  );
}

/** Lets at most `most` requests through at a time and turns the others away at once, so that they can come back. */
export function limitConcurrency(most: number): MiddlewareHandler<ApiEnv> {
  let running = 0;
  return async (_context, next) => {
    if (running >= most) {
      throw new ProblemError(
        'overloaded',
        `${running} posts are being taken already; send this one again later`,
      );
    }
    running += 1;
    try {
      await next();
    } finally {
      running -= 1;
    }
  };
}

/** Refuses encoded bodies, whose size says nothing about what they unpack to. */
export function refuseEncodedBody(): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const encoding = context.req.header('content-encoding');
    if (encoding !== undefined && encoding !== 'identity') {
      throw new ProblemError(
        'unsupportedMediaType',
        `a body encoded as "${encoding.slice(0, 40)}" is not read here; send it as it is`,
      );
    }
    await next();
  };
}
