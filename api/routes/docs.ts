import { createRoute, z } from '@hono/zod-openapi';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ApiRouter } from '../env.ts';
import { problems } from '../schema/common.ts';

/** The page and what it loads come from this server alone. Swagger UI styles elements and inlines small images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Counterfoil API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript; the document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { activated: true },
});
`;

const ASSETS: { readonly [name: string]: string } = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const html = { 'text/html': { schema: z.string() } };

const page = createRoute({
  method: 'get',
  path: '/docs',
  operationId: 'getDocs',
  tags: ['Documentation'],
  summary: 'This document as a page',
  responses: { 200: { description: 'The page', content: html }, ...problems() },
});

const document = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  tags: ['Documentation'],
  summary: 'This document',
  responses: {
    200: {
      description: 'An OpenAPI 3.1 document',
      content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
    },
    ...problems(),
  },
});

/** The OpenAPI document and a page to read it with, served from the installed package. */
export function docsRoutes(app: ApiRouter, openApi: () => { openapi: string }): void {
  const assets = assetReader();
  // Built at the first request, when all routes are there, and the same ever after.
  let built: { openapi: string } | undefined;

  app.openapi(document, (context) => {
    built ??= openApi();
    return context.json(built, 200);
  });

  app.openapi(page, (context) => context.html(PAGE, 200, { 'Content-Security-Policy': POLICY }));

  app.get('/docs/start.js', (context) =>
    context.body(START, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );

  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/${name}`, async (context) =>
      context.body(await assets(name), 200, {
        'Content-Type': type,
        'Cache-Control': 'public, max-age=3600',
      }),
    );
  }
}

/** Reads files of the installed Swagger UI, each once. */
function assetReader(): (name: string) => Promise<Uint8Array<ArrayBuffer>> {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  return (name) => {
    let content = kept.get(name);
    if (content === undefined) {
      content = readFile(join(folder, name)).then((bytes) => Uint8Array.from(bytes));
      kept.set(name, content);
    }
    return content;
  };
}
