import type { MiddlewareHandler } from 'hono';
import { every } from 'hono/combine';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiEnv } from '../env.ts';

/** For answers that a browser should not build anything from. Pages state their own. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** The headers that every answer carries; a route that set one of the last two itself keeps its own. */
export function answerHeaders(): MiddlewareHandler<ApiEnv> {
  const defaults: MiddlewareHandler<ApiEnv> = async (context, next) => {
    await next();
    if (!context.res.headers.has('Content-Security-Policy'))
      context.header('Content-Security-Policy', NOTHING);
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store');
  };
  // Transport security is the business of whoever terminates TLS in front.
  return every(secureHeaders({ strictTransportSecurity: false, xFrameOptions: 'DENY' }), defaults);
}
