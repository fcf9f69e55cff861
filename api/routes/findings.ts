import { createRoute } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { defined, jsonBody, pageOf, problems } from '../schema/common.ts';
import { findingExample, findingQuery, findingSchema } from '../schema/results.ts';
import { linkHeader, linkNext } from './pages.ts';

const findings = createRoute({
  method: 'get',
  path: '/v1/findings',
  operationId: 'listFindings',
  tags: ['Results'],
  summary: 'Findings, latest in the log first',
  request: { query: findingQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(findingSchema), 'A page of findings', { items: [findingExample] }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

/** The list of findings. */
export function findingRoutes(app: ApiRouter, { deps }: ApiServices): void {
  app.openapi(findings, async (context) => {
    const page = await deps.queries.findings(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });
}
