import { createRoute, z } from '@hono/zod-openapi';
import { createHash } from 'node:crypto';
import type { ApiRouter } from '../env.ts';
import { PROBLEMS, ProblemError, RETRY_AFTER_SECONDS } from '../problem.ts';
import type { ProblemCode } from '../problem.ts';
import { jsonBody, problems } from '../schema/common.ts';

/** Where things are, in the order in which a newcomer wants them. */
const PLACES: readonly (readonly [path: string, what: string])[] = [
  ['/docs', 'every route, with examples'],
  ['/v1/summary', 'counts, amounts, match rate, lag and ageing'],
  ['/v1/statement', 'whether everything is accounted for'],
  ['/v1/breaks?state=open', 'what does not tie out'],
  ['/v1/matches', 'what does'],
  ['/v1/records', 'records as the sources reported them'],
  ['/v1/findings', 'things to know that are no breaks'],
  ['/v1/commands', 'what people decided, and what became of it'],
  ['/v1/fees', 'what providers charged beside their contracts'],
  ['/v1/dead-letters', 'input that could not become a record'],
  ['/v1/live', 'results as they come, as server-sent events'],
  ['/openapi.json', 'the OpenAPI document'],
  ['/metrics', 'metrics for Prometheus'],
  ['/livez', 'whether the process answers'],
  ['/readyz', 'whether it can do its work'],
];

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; }
p { margin: 0 0 1.5rem; }
table { border-collapse: collapse; width: 100%; }
td { padding: .45rem 1.5rem .45rem 0; border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); vertical-align: top; }
td:first-child { font-family: ui-monospace, monospace; font-size: .9375rem; white-space: nowrap; }
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Counterfoil</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>Counterfoil</h1>
<p>What providers, banks and ledgers say about the same money, tied together as they say it.</p>
<table>
${PLACES.map(([path, what]) => `<tr><td><a href="${path}">${path}</a></td><td>${what}</td></tr>`).join('\n')}
</table>
</body>
</html>
`;

const POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const home = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getHome',
  tags: ['Documentation'],
  summary: 'Where things are: a page for browsers, JSON for others',
  responses: {
    200: {
      description: 'Where things are',
      content: {
        'application/json': {
          schema: z.object({ name: z.string(), links: z.record(z.string(), z.string()).readonly() }),
          example: { name: 'counterfoil', links: { '/docs': 'every route, with examples' } },
        },
        'text/html': { schema: z.string() },
      },
    },
    ...problems(),
  },
});

const problemKindSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    retryAfterSeconds: z.int().optional().openapi({ description: 'Present where trying again may help' }),
  })
  .openapi('ProblemKind');

const problemKind = createRoute({
  method: 'get',
  path: '/problems/{code}',
  operationId: 'getProblemKind',
  tags: ['Documentation'],
  summary: 'What a problem type means',
  request: { params: z.object({ code: z.string().max(64).openapi({ example: 'invalidField' }) }) },
  responses: {
    200: jsonBody(problemKindSchema, 'The kind of problem', {
      type: '/problems/overloaded',
      title: PROBLEMS.overloaded.title,
      status: PROBLEMS.overloaded.status,
      retryAfterSeconds: 1,
    }),
    ...problems('notFound'),
  },
});

/** The first page, and the pages that problem types point to. */
export function homeRoutes(app: ApiRouter): void {
  app.openapi(home, (context) => {
    if (/\btext\/html\b/.test(context.req.header('accept') ?? '')) {
      return context.html(PAGE, 200, { 'Content-Security-Policy': POLICY, Vary: 'Accept' });
    }
    return context.json({ name: 'counterfoil', links: Object.fromEntries(PLACES) }, 200, { Vary: 'Accept' });
  });

  app.openapi(problemKind, (context) => {
    const { code } = context.req.valid('param');
    if (!Object.hasOwn(PROBLEMS, code))
      throw new ProblemError('notFound', `there is no problem type "${code}"`);
    const { title, status } = PROBLEMS[code as ProblemCode];
    const retryAfterSeconds = RETRY_AFTER_SECONDS[code as ProblemCode];
    return context.json(
      {
        type: `/problems/${code}`,
        title,
        status,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      },
      200,
    );
  });
}
