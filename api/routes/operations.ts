import { createRoute, z } from '@hono/zod-openapi';
import type { ReadinessAnswer } from '../deps.ts';
import type { ApiRouter, ApiServices } from '../env.ts';
import { ProblemError } from '../problem.ts';
import { jsonBody, problems } from '../schema/common.ts';

/** The longest that the readiness of other systems is waited for, milliseconds. */
const READINESS_MS = 2000;

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tags: ['Operations'],
  summary: 'Metrics in the Prometheus text format',
  responses: {
    200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } },
    ...problems(),
  },
});

const live = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'getLiveness',
  tags: ['Operations'],
  summary: 'Whether the process answers at all',
  responses: {
    200: jsonBody(z.object({ status: z.literal('ok') }), 'It does', { status: 'ok' }),
    ...problems(),
  },
});

const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })).readonly(),
  })
  .openapi('Readiness');

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags: ['Operations'],
  summary: 'Whether everything that an answer needs can be reached',
  responses: {
    200: jsonBody(readinessSchema, 'It can', {
      ready: true,
      checks: [
        { name: 'log', ok: true, detail: '1 ms' },
        { name: 'store', ok: true, detail: '3 ms' },
      ],
    }),
    ...problems('notReady'),
  },
});

/** What operators and their machines ask. */
export function operationRoutes(app: ApiRouter, { deps }: ApiServices): void {
  app.openapi(metrics, async (context) =>
    context.text(await deps.metrics.registry.metrics(), 200, {
      'Content-Type': deps.metrics.registry.contentType,
    }),
  );

  app.openapi(live, (context) => context.json({ status: 'ok' as const }, 200));

  app.openapi(ready, async (context) => {
    const answer = await withinTime(deps.readiness());
    if (!answer.ready) {
      const failing = answer.checks.filter(({ ok }) => !ok);
      const detail = failing.map((check) => `${check.name}: ${check.detail}`).join('; ');
      throw new ProblemError('notReady', detail === '' ? 'not ready yet' : detail, { checks: answer.checks });
    }
    return context.json({ ready: answer.ready, checks: answer.checks }, 200);
  });
}

async function withinTime(readiness: Promise<ReadinessAnswer>): Promise<ReadinessAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadinessAnswer>((resolve) => {
    timer = setTimeout(() => {
      resolve({
        ready: false,
        checks: [{ name: 'readiness', ok: false, detail: `no answer after ${READINESS_MS} ms` }],
      });
    }, READINESS_MS);
  });
  try {
    return await Promise.race([readiness, late]);
  } finally {
    clearTimeout(timer);
  }
}
