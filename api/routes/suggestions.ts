import { createRoute, z } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { ProblemError } from '../problem.ts';
import { whereResultIs } from '../rules-in-force.ts';
import { jsonBody, problems, resultId } from '../schema/common.ts';
import { suggestionsExample, suggestionsSchema } from '../schema/suggestions.ts';
import { suggestionsFor } from '../suggest/answer.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/breaks/{id}/suggestions',
  operationId: 'suggestForBreak',
  tags: ['Results'],
  summary: 'Open records that a break might be about, ranked, with reasons',
  description:
    'Compares keys, amounts and times of the open records of the other side, and looks for several that sum to what ' +
    'is missing, at most 40 of them and for a stated number of steps. To match one is a command of its own.',
  request: { params: z.object({ id: resultId }) },
  responses: {
    200: jsonBody(suggestionsSchema, 'The suggestions', suggestionsExample),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

/** Suggestions for a break. */
export function suggestionRoutes(app: ApiRouter, { deps, lookups, rules }: ApiServices): void {
  app.openapi(route, async (context) => {
    const { id } = context.req.valid('param');
    const found = await lookups.break(id);
    if (found === undefined) throw new ProblemError('notFound', `there is no break ${id}`);
    const force = await rules(whereResultIs(id));
    return context.json(await suggestionsFor(found.break, force.rules, deps.queries), 200);
  });
}
