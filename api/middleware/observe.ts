import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { ApiMetrics } from '../deps.ts';
import type { ApiEnv } from '../env.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Called every few seconds by machines: in the log only at debug. */
const ROUTINE: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

/**
 * One log line and one observation a request. The query string is left out of the log: it may name accounts. Labels are
 * bounded: the route's pattern, never the path.
 */
export function observe(logger: Logger, metrics: ApiMetrics): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const started = performance.now();
    const requestId = context.get('requestId');
    context.set('logger', logger.child({ requestId }));
    await next();
    const durationMs = performance.now() - started;
    const matched = routePath(context, -1);
    const route = matched.includes('*') ? 'unmatched' : matched;
    const method = METHODS.has(context.req.method) ? context.req.method : 'OTHER';
    const { status } = context.res;
    metrics.httpDuration.observe({ route, method, status: String(status) }, durationMs / 1000);
    const level = status >= 500 ? 'error' : ROUTINE.has(route) ? 'debug' : 'info';
    context.get('logger')[level](
      {
        method,
        path: context.req.path.slice(0, 200),
        route,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
      },
      'request',
    );
  };
}
