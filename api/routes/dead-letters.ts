import { createRoute, z } from '@hono/zod-openapi';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { DeadLetterView } from '../../engine/domain/index.ts';
import type { ReplayAnswer, ReplayRequest } from '../deps.ts';
import type { ApiRouter, ApiServices } from '../env.ts';
import { limitBody, limitConcurrency, refuseEncodedBody } from '../middleware/limits.ts';
import { ProblemError } from '../problem.ts';
import { defined, jsonBody, pageOf, problems, resultId } from '../schema/common.ts';
import {
  deadLetterExample,
  deadLetterQuery,
  deadLetterSchema,
  replayAnswer,
  replayAnswerExample,
  replayBody,
  replayExample,
} from '../schema/dead-letters.ts';
import { linkHeader, linkNext } from './pages.ts';

const params = z.object({ position: resultId });

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  tags: ['Records'],
  summary: 'Input that could not become a record, with its reason, latest in the log first',
  request: { query: deadLetterQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(deadLetterSchema), 'A page of dead letters', { items: [deadLetterExample] }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{position}',
  operationId: 'getDeadLetter',
  tags: ['Records'],
  summary: 'A dead letter',
  request: { params },
  responses: {
    200: jsonBody(deadLetterSchema, 'The dead letter', deadLetterExample),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

/** Listing dead letters, and reading them again. */
export function deadLetterRoutes(app: ApiRouter, { deps, limits }: ApiServices): void {
  const replay = createRoute({
    method: 'post',
    path: '/v1/dead-letters/{position}/replay',
    operationId: 'replayDeadLetter',
    tags: ['Records'],
    summary: 'Read a dead letter again, as it is or corrected',
    description:
      'Reads the input with its source as it is configured now, and answers once the log holds what comes of it. What ' +
      'came in a file is read with the whole file: as it lies there, or as `payload` gives it. Safe to repeat: a ' +
      'record is known by its source and id. A dead letter that is refused no more becomes `replayed`, with a finding ' +
      'that says by whom and why; one that is refused again stays `open`.',
    middleware: [
      limitConcurrency(limits.concurrentPosts),
      refuseEncodedBody(),
      limitBody(limits.bodyBytes),
    ] as const,
    request: {
      params,
      body: {
        required: true,
        content: { 'application/json': { schema: replayBody, example: replayExample } },
      },
    },
    responses: {
      200: jsonBody(replayAnswer, 'Read again', replayAnswerExample),
      ...problems(
        'malformedJson',
        'invalidField',
        'notFound',
        'replayRefused',
        'payloadTooLarge',
        'unsupportedMediaType',
        'unknownSource',
        'overloaded',
        'brokerUnreachable',
        'storeUnreachable',
        'diskFull',
      ),
    },
  });

  const letterAt = async (position: string): Promise<DeadLetterView> => {
    const letter = await deps.queries.deadLetter(position);
    if (letter !== undefined) return letter;
    throw new ProblemError(
      'notFound',
      `there is no dead letter ${position}; /v1/dead-letters lists those there are, a moment after they are in the log`,
    );
  };

  const readAgain = async (letter: DeadLetterView, request: ReplayRequest): Promise<ReplayAnswer> => {
    try {
      return await deps.replay(letter, request);
    } catch (error) {
      // What stands in the way is the state of this machine or of the configuration, not the request.
      const isHere =
        error instanceof CounterfoilError &&
        ['fileNotFound', 'unreadableFile', 'invalidConfig'].includes(error.code);
      throw isHere ? new ProblemError('replayRefused', error.message) : error;
    }
  };

  app.openapi(list, async (context) => {
    const page = await deps.queries.deadLetters(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });

  app.openapi(one, async (context) => context.json(await letterAt(context.req.valid('param').position), 200));

  app.openapi(replay, async (context) => {
    const letter = await letterAt(context.req.valid('param').position);
    return context.json(await readAgain(letter, defined(context.req.valid('json'))), 200);
  });
}
