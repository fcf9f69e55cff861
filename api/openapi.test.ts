import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { PROBLEMS } from './problem.ts';
import { testApp } from './testing.ts';

interface Media {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: { readonly [name: string]: { readonly value: unknown } };
}
interface Answer {
  readonly description: string;
  readonly content?: { readonly [type: string]: Media };
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: string[];
  readonly parameters?: { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly responses: { readonly [status: string]: Answer };
}
interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: unknown } };
}

const { app } = testApp();
const document = app.document() as unknown as OpenApi;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every `$ref` anywhere in a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

describe('the OpenAPI document', () => {
  test('is served as it is built', async () => {
    const answer = await app.request('/openapi.json');
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test('is OpenAPI 3.1 with what it must have', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.title).not.toBe('');
    expect(document.info.version).not.toBe('');
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toBeTruthy();
      expect(operation.tags, path).toHaveLength(1);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      for (const [status, answer] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^\d{3}$/);
        expect(answer.description, `${path} ${status}`).toBeTruthy();
      }
    }
  });

  test('every reference leads somewhere', () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(10);
    for (const reference of all) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? '';
      expect(document.components.schemas, reference).toHaveProperty([name]);
    }
  });

  test('has no nullable of 3.0 and no OpenAPI-3.0 booleans for limits', () => {
    const text = JSON.stringify(document);
    expect(text).not.toContain('"nullable":');
    expect(text).not.toMatch(/"exclusiveM(in|ax)imum":(true|false)/);
  });

  test('has every route that is registered, but for the files of the docs page', () => {
    const registered = app.router.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/docs/'))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(registered)].sort()).toEqual(described.sort());
    expect(described.length).toBeGreaterThanOrEqual(16);
  });

  test('every route file is part of it', async () => {
    const files = (await readdir(new URL('./routes', import.meta.url))).filter((name) => name !== 'pages.ts');
    const tagged = new Set(operations.map(({ operation }) => operation.tags[0]));
    expect(files.length).toBe(14);
    expect([...tagged].sort()).toEqual(['Commands', 'Documentation', 'Operations', 'Records', 'Results']);
  });

  test('answers and their problems: every route has some, with known codes', () => {
    for (const { path, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(statuses, path).toContain('200');
      expect(statuses, path).toEqual(expect.arrayContaining(['500', '503']));
      for (const [status, answer] of Object.entries(operation.responses)) {
        if (status.startsWith('2')) continue;
        const media = answer.content?.['application/problem+json'];
        const codes = Object.keys(media?.examples ?? {});
        expect(codes.length, `${path} ${status}`).toBeGreaterThan(0);
        for (const code of codes) {
          expect(PROBLEMS[code as keyof typeof PROBLEMS].status).toBe(Number(status));
        }
      }
    }
  });

  test('every example of an answer or a body parses by its schema', () => {
    let checked = 0;
    const check = (
      where: string,
      media: { schema?: unknown; example?: unknown; examples?: unknown },
    ): void => {
      const schema = media.schema as { parse(value: unknown): unknown };
      const several = Object.values<{ readonly value: unknown }>(
        (media.examples as { readonly [name: string]: { readonly value: unknown } } | undefined) ?? {},
      );
      for (const example of [
        ...(media.example === undefined ? [] : [media.example]),
        ...several.map((e) => e.value),
      ]) {
        expect(() => schema.parse(example), `${where}: ${JSON.stringify(example)}`).not.toThrow();
        checked++;
      }
    };
    for (const definition of app.router.openAPIRegistry.definitions) {
      if (definition.type !== 'route') continue;
      const { path, request, responses } = definition.route;
      for (const media of Object.values(request?.body?.content ?? {})) check(path, media as Media);
      for (const answer of Object.values(responses)) {
        if (!('content' in answer)) continue;
        for (const media of Object.values(answer.content ?? {})) check(path, media as Media);
      }
    }
    expect(checked).toBeGreaterThan(50);
  });
});

describe('/docs', () => {
  test('loads everything from this server, and says so in its policy', async () => {
    const page = await app.request('/docs');
    const html = await page.text();
    expect(html).not.toMatch(/https?:\/\/|\/\/cdn/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/https?:|\*/);
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(loaded.length).toBeGreaterThanOrEqual(4);
    for (const url of loaded) {
      const answer = await app.request(url);
      expect(answer.status, url).toBe(200);
      expect((await answer.arrayBuffer()).byteLength, url).toBeGreaterThan(100);
    }
    expect((await app.request('/docs/swagger-ui-bundle.js')).headers.get('content-type')).toContain(
      'javascript',
    );
    expect(await (await app.request('/docs/start.js')).text()).toContain('validatorUrl: null');
  });

  test('serves no other file', async () => {
    for (const path of ['/docs/package.json', '/docs/../package.json', '/docs/%2e%2e/package.json']) {
      expect((await app.request(path)).status, path).toBe(404);
    }
  });
});
