import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { ApiDeps, ApiLimits } from './deps.ts';
import type { LiveHub } from './live.ts';
import type { Lookups } from './lookups.ts';
import type { RulesReader } from './rules-in-force.ts';

/** What a request's context carries. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    logger: Logger;
  };
  /** Node's response where a server is in front. */
  Bindings: { readonly outgoing?: ServerResponse };
}

export type ApiRouter = OpenAPIHono<ApiEnv>;

/** What the routes are given. */
export interface ApiServices {
  readonly deps: ApiDeps;
  readonly limits: ApiLimits;
  readonly hub: LiveHub;
  readonly lookups: Lookups;
  readonly rules: RulesReader;
}
