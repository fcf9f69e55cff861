import { createRoute, z } from '@hono/zod-openapi';
import { CommandDesk } from '../commands/submit.ts';
import type { CommandOutcome } from '../commands/submit.ts';
import type { ApiRouter, ApiServices } from '../env.ts';
import { limitBody, limitConcurrency, refuseEncodedBody } from '../middleware/limits.ts';
import { ProblemError } from '../problem.ts';
import {
  commandExample,
  commandId,
  commandInput,
  commandInputExamples,
  commandOutcomeExample,
  commandOutcomeSchema,
  commandQuery,
  commandSchema,
} from '../schema/commands.ts';
import { defined, jsonBody, pageOf, problems } from '../schema/common.ts';
import { linkHeader, linkNext } from './pages.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/commands',
  operationId: 'listCommands',
  tags: ['Commands'],
  summary: 'Answers to commands, latest in the log first',
  request: { query: commandQuery },
  responses: {
    200: {
      ...jsonBody(pageOf(commandSchema), 'A page of answers', { items: [commandExample] }),
      ...linkHeader,
    },
    ...problems('invalidField', 'storeUnreachable'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/v1/commands/{id}',
  operationId: 'getCommand',
  tags: ['Commands'],
  summary: 'What became of a command',
  request: { params: z.object({ id: commandId }) },
  responses: {
    200: jsonBody(commandOutcomeSchema, 'What became of it', commandOutcomeExample),
    ...problems('invalidField', 'notFound', 'storeUnreachable'),
  },
});

/** Sending commands through the log, and reading what became of them. */
export function commandRoutes(app: ApiRouter, { deps, limits, rules }: ApiServices): void {
  const desk = new CommandDesk(deps.commands, deps.queries, rules, limits.commandMs);

  const post = createRoute({
    method: 'post',
    path: '/v1/commands',
    operationId: 'postCommand',
    tags: ['Commands'],
    summary: 'Send a command through the log and wait for its answer',
    description:
      'Records are named by source and id or by position, results by their identifier. The command travels through the ' +
      'log, is judged against the state there, and is answered accepted (200) or refused (409, with the reason). ' +
      `No answer within ${limits.commandMs} ms is 202: the command is in the log and will be answered; ask for it ` +
      'where Location says. A command with an id that was answered before changes nothing and is answered as then.',
    middleware: [
      limitConcurrency(limits.concurrentPosts),
      refuseEncodedBody(),
      limitBody(limits.bodyBytes),
    ] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: commandInput,
            examples: Object.fromEntries(
              Object.entries(commandInputExamples).map(([kind, value]) => [kind, { value }]),
            ),
          },
        },
      },
    },
    responses: {
      200: jsonBody(commandOutcomeSchema, 'Accepted', commandOutcomeExample),
      202: {
        ...jsonBody(commandOutcomeSchema, 'In the log, and not answered yet', {
          id: commandOutcomeExample.id,
          state: 'waiting',
          answers: [],
        }),
        headers: { Location: { description: 'Where to ask', schema: { type: 'string' as const } } },
      },
      ...problems(
        'malformedJson',
        'invalidField',
        'notFound',
        'commandRefused',
        'payloadTooLarge',
        'unsupportedMediaType',
        'overloaded',
        'brokerUnreachable',
        'storeUnreachable',
        'diskFull',
      ),
    },
  });

  app.openapi(post, async (context) => {
    const outcome = await desk.submit(context.req.valid('json'));
    if (outcome.state === 'refused') throw refusal(outcome);
    if (outcome.state === 'accepted') return context.json(outcome, 200);
    return context.json(outcome, 202, { Location: `/v1/commands/${encodeURIComponent(outcome.id)}` });
  });

  app.openapi(list, async (context) => {
    const page = await deps.queries.commands(defined(context.req.valid('query')));
    linkNext(context, page);
    return context.json(page, 200);
  });

  app.openapi(one, async (context) => {
    const { id } = context.req.valid('param');
    const outcome = await desk.look(id);
    if (outcome === undefined)
      throw new ProblemError('notFound', `no answer to a command ${id} is stored (yet)`);
    return context.json(outcome, 200);
  });
}

function refusal({ id, answers, because }: CommandOutcome): ProblemError {
  const refused = answers.filter(({ accepted }) => !accepted);
  const reasons = [...new Set(refused.map(({ reason }) => reason))];
  const several = answers.length > 1 ? `${refused.length} of ${answers.length} partitions: ` : '';
  return new ProblemError('commandRefused', because ?? `${several}${reasons.join('; ')}`, { id, answers });
}
