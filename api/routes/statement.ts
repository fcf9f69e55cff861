import { createRoute } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { defined, jsonBody, problems } from '../schema/common.ts';
import {
  feeVarianceExample,
  feeVariancesSchema,
  feesQuery,
  statementExample,
  statementQuery,
  statementSchema,
} from '../schema/statement.ts';
import { feeReport } from '../statement/fees.ts';
import { requirePosition } from '../statement/log-end.ts';
import { readPeriod } from '../statement/period.ts';
import { drawStatement } from '../statement/statement.ts';

const statement = createRoute({
  method: 'get',
  path: '/v1/statement',
  operationId: 'getStatement',
  tags: ['Results'],
  summary: 'Whether everything is accounted for',
  description:
    'Per set of reconciliations that share pools, and per currency: Σleft − Σright is Σ match differences by cause + ' +
    'write-offs + converted amounts + open left − open right; what is left is the residual. What is open is pending (it ' +
    'may still match before it is due) or in a break. Per source that reports balances: whether they add up. Days are days of the log: a record that arrives later is of a later day and shows ' +
    'there as a prior-day arrival, so that a statement that was issued never changes.',
  request: { query: statementQuery },
  responses: {
    200: jsonBody(statementSchema, 'The statement', statementExample),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

const fees = createRoute({
  method: 'get',
  path: '/v1/fees',
  operationId: 'listFeeVariances',
  tags: ['Results'],
  summary: 'What providers charged beside their contracts, by month',
  description:
    'The differences that were found as the records arrived. `records` says how many fees there were to look at: with none ' +
    'of them, no items do not mean that all is well.',
  request: { query: feesQuery },
  responses: {
    200: jsonBody(feeVariancesSchema, 'The variances', {
      items: [feeVarianceExample],
      records: 1042,
    }),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

/** The statement, and the report of overcharged fees. */
export function statementRoutes(app: ApiRouter, { deps, rules }: ApiServices): void {
  app.openapi(statement, async (context) => {
    const { reconciliation, ...asked } = context.req.valid('query');
    const period = readPeriod(asked);
    await requirePosition(asked.asOf, deps.queries);
    const drawn = await drawStatement(
      await rules(period.end === undefined ? {} : { end: period.end }),
      deps.queries,
      period,
      reconciliation,
      deps.balanceSources,
    );
    return context.json(drawn, 200);
  });

  app.openapi(fees, async (context) => {
    const { source, from, to } = context.req.valid('query');
    const filter = defined({ source, fromMonth: from, toMonth: to });
    return context.json(await feeReport((await rules()).rules, deps.queries, filter), 200);
  });
}
