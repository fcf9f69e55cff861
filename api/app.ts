import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { DEFAULT_LIMITS } from './deps.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiEnv, ApiRouter, ApiServices } from './env.ts';
import { LiveHub } from './live.ts';
import { createLookups } from './lookups.ts';
import { createRulesReader } from './rules-in-force.ts';
import { onError, onInvalid, onNotFound } from './middleware/errors.ts';
import { answerHeaders } from './middleware/headers.ts';
import { limitTime } from './middleware/limits.ts';
import { observe } from './middleware/observe.ts';
import { problemResponse } from './problem.ts';
import { breakRoutes } from './routes/breaks.ts';
import { commandRoutes } from './routes/commands.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { docsRoutes } from './routes/docs.ts';
import { findingRoutes } from './routes/findings.ts';
import { homeRoutes } from './routes/home.ts';
import { liveRoutes } from './routes/live.ts';
import { matchRoutes } from './routes/matches.ts';
import { operationRoutes } from './routes/operations.ts';
import { recordRoutes } from './routes/records.ts';
import { statementRoutes } from './routes/statement.ts';
import { suggestionRoutes } from './routes/suggestions.ts';
import { summaryRoutes } from './routes/summary.ts';
import { traceRoutes } from './routes/trace.ts';

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Counterfoil API',
    version: '1',
    description:
      'Records in, and what ties out and what does not. Amounts are decimals in major units as text, times are ISO 8601. ' +
      'Every error is a problem document of RFC 9457; match on its `code`.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  tags: [
    { name: 'Records', description: 'What sources report' },
    { name: 'Results', description: 'What ties out and what does not' },
    { name: 'Commands', description: 'What people decide' },
    { name: 'Operations', description: 'For operators and their machines' },
    { name: 'Documentation' },
  ],
};

/** The API as something that answers requests; a server is put in front by `startServer`. */
export interface ApiApp {
  readonly router: ApiRouter;
  readonly fetch: ApiRouter['fetch'];
  /** Calls the app without a server, for tests. */
  readonly request: ApiRouter['request'];
  /** The OpenAPI 3.1 document. */
  readonly document: () => { openapi: string };
  /** Ends the live streams and takes no more live clients: the first step of stopping. */
  readonly close: () => void;
}

/** Builds the API over its ports. Does no I/O by itself. */
export function createApp(deps: ApiDeps): ApiApp {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const hub = new LiveHub(deps, limits);
  const { queries } = deps;
  const lookups = createLookups(queries);
  const services: ApiServices = { deps, limits, hub, lookups, rules: createRulesReader(queries, deps.rules) };
  const app: ApiRouter = new OpenAPIHono<ApiEnv>({ defaultHook: onInvalid, strict: false });
  const document = (): { openapi: string } => app.getOpenAPI31Document(INFO);

  app.onError(onError);
  app.notFound(onNotFound);
  app.use(requestId({ limitLength: 64 }));
  app.use(observe(deps.logger, deps.metrics));
  app.use(answerHeaders());
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) =>
        problemResponse(
          context,
          'methodNotAllowed',
          `${context.req.path.slice(0, 100)} takes ${methods.join(', ')}`,
          {},
          { Allow: methods.join(', ') },
        ),
    }),
  );
  app.use(limitTime(limits.requestMs));

  homeRoutes(app);
  recordRoutes(app, services);
  traceRoutes(app, services);
  matchRoutes(app, services);
  breakRoutes(app, services);
  suggestionRoutes(app, services);
  findingRoutes(app, services);
  deadLetterRoutes(app, services);
  commandRoutes(app, services);
  summaryRoutes(app, services);
  statementRoutes(app, services);
  liveRoutes(app, services);
  operationRoutes(app, services);
  docsRoutes(app, document);

  return { router: app, fetch: app.fetch, request: app.request, document, close: () => hub.close() };
}
