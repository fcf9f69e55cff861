import { createRoute } from '@hono/zod-openapi';
import type { ApiRouter, ApiServices } from '../env.ts';
import { limitBody, limitConcurrency, refuseEncodedBody } from '../middleware/limits.ts';
import { ProblemError } from '../problem.ts';
import { defined, jsonBody, pageOf, problems } from '../schema/common.ts';
import {
  postAnswer,
  postAnswerExample,
  postBody,
  postExample,
  recordExample,
  recordInput,
  recordQuery,
  recordSchema,
} from '../schema/records.ts';
import { linkHeader, linkNext } from './pages.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/records',
  operationId: 'listRecords',
  tags: ['Records'],
  summary: 'Stored records, latest in the log first',
  request: { query: recordQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(recordSchema), 'A page of records', { items: [recordExample], next: 'eyJhIjoxfQ' }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

/** Taking records and listing them. */
export function recordRoutes(app: ApiRouter, { deps, limits }: ApiServices): void {
  app.openAPIRegistry.register('RecordInput', recordInput);

  const post = createRoute({
    method: 'post',
    path: '/v1/records',
    operationId: 'postRecords',
    tags: ['Records'],
    summary: 'Take records of one source',
    description:
      'Answers once the log holds the records. Safe to repeat: a record is known by its source and id, and the same ' +
      'content again changes nothing. Inputs that cannot become records are kept as dead letters and listed by ' +
      'their place; the others are taken. `recordsRefused` means that none could be taken, with the same list in `deadLetters`: repeating will not help. ' +
      `At most ${limits.recordsPerPost} records and ${limits.bodyBytes} bytes a post.`,
    middleware: [
      limitConcurrency(limits.concurrentPosts),
      refuseEncodedBody(),
      limitBody(limits.bodyBytes),
    ] as const,
    request: {
      body: { required: true, content: { 'application/json': { schema: postBody, example: postExample } } },
    },
    responses: {
      200: jsonBody(postAnswer, 'Taken: the log holds the records', postAnswerExample),
      ...problems(
        'malformedJson',
        'invalidField',
        'payloadTooLarge',
        'unsupportedMediaType',
        'unknownSource',
        'recordsRefused',
        'overloaded',
        'brokerUnreachable',
        'diskFull',
      ),
    },
  });

  app.openapi(post, async (context) => {
    const { source, records } = context.req.valid('json');
    if (records.length > limits.recordsPerPost) {
      throw new ProblemError(
        'payloadTooLarge',
        `the post has ${records.length} records, at most ${limits.recordsPerPost} are taken at once; send several posts`,
      );
    }
    const answer = await deps.ingest(source, records);
    if (answer.accepted === 0 && answer.deadLetters.length > 0) {
      throw new ProblemError(
        'recordsRefused',
        `none of the ${records.length} inputs is a record; they are kept as dead letters: ${answer.deadLetters[0]!.reason}`,
        { deadLetters: answer.deadLetters },
      );
    }
    return context.json({ accepted: answer.accepted, deadLetters: answer.deadLetters }, 200);
  });

  app.openapi(list, async (context) => {
    const page = await deps.queries.records(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });
}
