import { createRoute, z } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { partsPage, shortMatch } from '../parts.ts';
import { ProblemError } from '../problem.ts';
import { whereResultIs } from '../rules-in-force.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { defined, jsonBody, pageOf, pageQuery, problems, resultId } from '../schema/common.ts';
import { recordExample } from '../schema/records.ts';
import {
  legSchema,
  matchDetailSchema,
  matchExample,
  matchQuery,
  matchSchema,
  ruleExample,
} from '../schema/results.ts';
import { linkHeader, linkNext } from './pages.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/matches',
  operationId: 'listMatches',
  tags: ['Results'],
  summary: 'Matches, latest in the log first',
  request: { query: matchQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(matchSchema), 'A page of matches', { items: [matchExample], next: 'eyJhIjoxfQ' }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/v1/matches/{id}',
  operationId: 'getMatch',
  tags: ['Results'],
  summary: 'A match in its latest version, with its records and the rule that spoke',
  request: { params: z.object({ id: resultId }) },
  responses: {
    200: jsonBody(matchDetailSchema, 'The match', {
      match: matchExample,
      records: [recordExample],
      rule: ruleExample,
    }),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

const legs = createRoute({
  method: 'get',
  path: '/v1/matches/{id}/legs',
  operationId: 'listMatchLegs',
  tags: ['Results'],
  summary: 'All legs of a match in its latest version, in its order',
  request: { params: z.object({ id: resultId }), query: z.strictObject(pageQuery) },
  responses: {
    200: {
      ...jsonBody(pageOf(legSchema), 'A page of legs', { items: matchExample.legs }),
      ...linkHeader,
    },
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

export function matchRoutes(app: ApiRouter, { deps, lookups, rules }: ApiServices): void {
  app.openapi(list, async (context) => {
    const page = await deps.queries.matches(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });

  app.openapi(one, async (context) => {
    const { id } = context.req.valid('param');
    const found = await lookups.match(id);
    if (found === undefined) throw new ProblemError('notFound', `there is no match ${id}`);
    const { reconciliations } = (await rules(whereResultIs(id))).rules;
    const rule = ruleInForce(reconciliations, found.match.reconciliation, found.match.rule);
    const shown = { ...found, match: shortMatch(found.match) };
    return context.json({ ...shown, ...(rule === undefined ? {} : { rule }) }, 200);
  });

  app.openapi(legs, async (context) => {
    const { id } = context.req.valid('param');
    const found = await lookups.match(id);
    if (found === undefined) throw new ProblemError('notFound', `there is no match ${id}`);
    const { legs: all, version } = found.match;
    const page = partsPage(all, version, defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });
}
