import { createRoute } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { jsonBody, problems } from '../schema/common.ts';
import { summaryExample, summaryQuery, summarySchema } from '../schema/summary.ts';
import { selectReconciliations, sumSummaries } from '../summary.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/summary',
  operationId: 'getSummary',
  tags: ['Results'],
  summary: 'Counts, amounts, match rate, lag and ageing per reconciliation and currency',
  description: 'Answered from memory: at most about a second behind the engine, whatever the store is doing.',
  request: { query: summaryQuery },
  responses: { 200: jsonBody(summarySchema, 'The summary', summaryExample), ...problems('invalidField') },
});

export function summaryRoutes(app: ApiRouter, { deps }: ApiServices): void {
  app.openapi(route, (context) => {
    const summary = selectReconciliations(sumSummaries(deps.summaries()), context.req.valid('query'));
    return context.json(summary, 200);
  });
}
