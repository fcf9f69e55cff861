import { createRoute, z } from '@hono/zod-openapi';
import type { RecordView } from '../../engine/domain/index.ts';
import type { ApiRouter, ApiServices } from '../env.ts';
import { ProblemError } from '../problem.ts';
import { jsonBody, problems, textFilter } from '../schema/common.ts';
import { traceExample, traceSchema } from '../schema/trace.ts';
import { traceRecord } from '../trace/trace.ts';

const recordId = z.string().min(1).max(512).openapi({ example: 'pay_1042' });
const responses = {
  200: jsonBody(traceSchema, 'The trace', traceExample),
  ...problems('invalidField', 'notFound', 'storeUnreachable'),
};
const description =
  'Follows links (refunds, disputes, reversals) both ways within a source, and matches from side to side across ' +
  'reconciliations, for some steps and some records. `inBank` answers whether the money is in the bank.';

const bySource = createRoute({
  method: 'get',
  path: '/v1/records/{source}/{id}/trace',
  operationId: 'traceRecordOfSource',
  tags: ['Records'],
  summary: "Where a record's money went, by source and id",
  description,
  request: {
    params: z.object({ source: z.string().min(1).max(64).openapi({ example: 'gateway' }), id: recordId }),
  },
  responses,
});

const byId = createRoute({
  method: 'get',
  path: '/v1/records/{id}/trace',
  operationId: 'traceRecord',
  tags: ['Records'],
  summary: "Where a record's money went, by id",
  description: `${description} Where several sources have the id, say which with \`source\`.`,
  request: {
    params: z.object({ id: recordId }),
    query: z.strictObject({ source: textFilter('Name of the source', 'gateway') }),
  },
  responses,
});

/** More sources with one id than a message would name. */
const MOST_NAMESAKES = 20;

/** Where a record's money went. */
export function traceRoutes(app: ApiRouter, { deps }: ApiServices): void {
  const find = async (id: string, source: string | undefined): Promise<RecordView> => {
    const { items } = await deps.queries.records({
      id,
      limit: MOST_NAMESAKES,
      ...(source === undefined ? {} : { source }),
    });
    const sources = [...new Set(items.map((record) => record.source))];
    if (sources.length > 1) {
      throw new ProblemError(
        'invalidField',
        `records of ${sources.join(', ')} have the id ${id}; say which with source=`,
      );
    }
    const newest = items.reduce<RecordView | undefined>(
      (best, record) => (best === undefined || (record.version ?? 0) > (best.version ?? 0) ? record : best),
      undefined,
    );
    if (newest === undefined) {
      const of = source === undefined ? '' : ` of ${source}`;
      throw new ProblemError('notFound', `there is no record ${id}${of}`);
    }
    return newest;
  };

  app.openapi(bySource, async (context) => {
    const { source, id } = context.req.valid('param');
    return context.json(await traceRecord(await find(id, source), deps.queries), 200);
  });

  app.openapi(byId, async (context) => {
    const { id } = context.req.valid('param');
    const { source } = context.req.valid('query');
    return context.json(await traceRecord(await find(id, source), deps.queries), 200);
  });
}
