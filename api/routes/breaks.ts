import { createRoute, z } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { partsPage, shortBreak } from '../parts.ts';
import { ProblemError } from '../problem.ts';
import { whereResultIs } from '../rules-in-force.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { defined, jsonBody, pageOf, pageQuery, problems, resultId } from '../schema/common.ts';
import { recordExample } from '../schema/records.ts';
import {
  breakDetailSchema,
  breakExample,
  breakQuery,
  breakSchema,
  memberSchema,
  ruleExample,
} from '../schema/results.ts';
import { linkHeader, linkNext } from './pages.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/breaks',
  operationId: 'listBreaks',
  tags: ['Results'],
  summary: 'Breaks in their latest version, latest in the log first',
  request: { query: breakQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(breakSchema), 'A page of breaks', { items: [breakExample], next: 'eyJhIjoxfQ' }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/v1/breaks/{id}',
  operationId: 'getBreak',
  tags: ['Results'],
  summary: 'A break in its latest version, with its records and the rule that came nearest',
  request: { params: z.object({ id: resultId }) },
  responses: {
    200: jsonBody(breakDetailSchema, 'The break', {
      break: breakExample,
      records: [recordExample],
      rule: ruleExample,
    }),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

const members = createRoute({
  method: 'get',
  path: '/v1/breaks/{id}/members',
  operationId: 'listBreakMembers',
  tags: ['Results'],
  summary: 'All members of a break in its latest version, in its order',
  request: { params: z.object({ id: resultId }), query: z.strictObject(pageQuery) },
  responses: {
    200: {
      ...jsonBody(pageOf(memberSchema), 'A page of members', { items: breakExample.members }),
      ...linkHeader,
    },
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

export function breakRoutes(app: ApiRouter, { deps, lookups, rules }: ApiServices): void {
  app.openapi(list, async (context) => {
    const page = await deps.queries.breaks(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });

  app.openapi(one, async (context) => {
    const { id } = context.req.valid('param');
    const found = await lookups.break(id);
    if (found === undefined) throw new ProblemError('notFound', `there is no break ${id}`);
    const { reconciliations } = (await rules(whereResultIs(id))).rules;
    const rule = ruleInForce(reconciliations, found.break.reconciliation, found.break.why.rule);
    const shown = { ...found, break: shortBreak(found.break) };
    return context.json({ ...shown, ...(rule === undefined ? {} : { rule }) }, 200);
  });

  app.openapi(members, async (context) => {
    const { id } = context.req.valid('param');
    const found = await lookups.break(id);
    if (found === undefined) throw new ProblemError('notFound', `there is no break ${id}`);
    const { members: all, version } = found.break;
    const page = partsPage(all, version, defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });
}
