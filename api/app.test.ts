import { describe, expect, test } from 'vitest';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { ErrorCode } from '../engine/domain/index.ts';
import { PROBLEMS } from './problem.ts';
import type { ProblemDocument } from './problem.ts';
import { problemSchema } from './schema/common.ts';
import { breakExample, matchExample } from './schema/results.ts';
import { TEST_RULES, queriesOver, testApp } from './testing.ts';

const json = { 'Content-Type': 'application/json' };

function post(
  app: ReturnType<typeof testApp>['app'],
  body: unknown,
  headers: { [name: string]: string } = json,
) {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  return app.request('/v1/records', { method: 'POST', headers, body: content });
}

async function bodyOf<T = { [name: string]: unknown }>(response: Response | Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}

/** Checks that an answer is a whole problem document of the code, and returns it. */
async function problem(response: Response | Promise<Response>, code: keyof typeof PROBLEMS) {
  const answer = await response;
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const document = (await answer.json()) as ProblemDocument;
  expect(document).toMatchObject({ code, type: `/problems/${code}`, status: PROBLEMS[code].status });
  expect(answer.status).toBe(PROBLEMS[code].status);
  expect(problemSchema.safeParse(document).success).toBe(true);
  expect(document.requestId).toBe(answer.headers.get('x-request-id'));
  expect(document.detail).not.toContain('\n');
  expect(answer.headers.has('retry-after')).toBe([429, 503].includes(answer.status));
  return document;
}

describe('POST /v1/records', () => {
  test('takes records once the log has them', async () => {
    const { app } = testApp();
    const answer = await post(app, { source: 'gateway', records: [{ id: 'a' }, { id: 'b' }] });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ accepted: 2, deadLetters: [] });
  });

  test('reports inputs that are no records by place, and takes the others', async () => {
    const deadLetters = [{ index: 1, code: 'invalidAmount', reason: 'amount "x" is not a decimal' }];
    const { app } = testApp({ ingest: async () => ({ accepted: 1, deadLetters }) });
    const answer = await post(app, { source: 'gateway', records: [{ id: 'a' }, 'not even an object'] });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ accepted: 1, deadLetters });
  });

  test('answers 422 with the reasons when none could be taken', async () => {
    const deadLetters = [{ index: 0, code: 'invalidAmount', reason: 'amount "x" is not a decimal' }];
    const { app } = testApp({ ingest: async () => ({ accepted: 0, deadLetters }) });
    const document = await problem(post(app, { source: 'gateway', records: [{}] }), 'recordsRefused');
    expect(document['deadLetters']).toEqual(deadLetters);
    expect(document.detail).toContain('amount "x"');
  });

  test.each([
    ['no JSON', '{"source":', 'malformedJson'],
    ['no records', { source: 'gateway', records: [] }, 'invalidField'],
    ['records of the wrong type', { source: 'gateway', records: {} }, 'invalidField'],
    ['no source', { records: [{}] }, 'invalidField'],
    ['a field that does not exist', { source: 'gateway', records: [{}], dryRun: true }, 'invalidField'],
    ['not an object', '[]', 'invalidField'],
  ] as const)('refuses a body with %s', async (_what, body, code) => {
    await problem(post(testApp().app, body), code);
  });

  test('names the field that is wrong', async () => {
    const document = await problem(
      post(testApp().app, { source: 'gateway', records: [{}], dryRun: true }),
      'invalidField',
    );
    expect(document.errors).toEqual([
      { path: 'body.dryRun', message: 'there is no such field; /docs lists those there are' },
    ]);
  });

  test.each<[string, unknown, string, string]>([
    ['a source that is missing', { records: [{}] }, 'body.source', 'is missing, wants text'],
    [
      'records of the wrong type',
      { source: 'gateway', records: {} },
      'body.records',
      'found a map, wants a list',
    ],
    [
      'no records',
      { source: 'gateway', records: [] },
      'body.records',
      'found an empty list; a post needs at least one record',
    ],
  ])('says what was found and what is wanted: %s', async (_what, body, path, message) => {
    const document = await problem(post(testApp().app, body), 'invalidField');
    expect(document.errors).toEqual([{ path, message }]);
    expect(document.detail).toBe(`${path}: ${message}`);
  });

  test('refuses other content types, none at all, and encoded bodies', async () => {
    const { app } = testApp();
    const body = '{"source":"gateway","records":[{}]}';
    await problem(post(app, body, { 'Content-Type': 'text/plain' }), 'unsupportedMediaType');
    await problem(post(app, body, {}), 'unsupportedMediaType');
    await problem(post(app, body, { ...json, 'Content-Encoding': 'gzip' }), 'unsupportedMediaType');
    expect((await post(app, body, { 'Content-Type': 'application/json; charset=utf-8' })).status).toBe(200);
  });

  test('refuses too large a body, declared or streamed, and too many records', async () => {
    const { app } = testApp({ limits: { bodyBytes: 100, recordsPerPost: 2 } });
    const large = { source: 'gateway', records: ['x'.repeat(200)] };
    await problem(
      post(app, large, { ...json, 'Content-Length': String(JSON.stringify(large).length) }),
      'payloadTooLarge',
    );
    await problem(post(app, large), 'payloadTooLarge');
    const many = await problem(post(app, { source: 'gateway', records: [1, 2, 3] }), 'payloadTooLarge');
    expect(many.detail).toContain('3 records, at most 2');
  });

  test('turns away posts above the limit of concurrent ones, and takes them again later', async () => {
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const { app } = testApp({
      limits: { concurrentPosts: 1 },
      ingest: async () => {
        await running;
        return { accepted: 1, deadLetters: [] };
      },
    });
    const first = post(app, { source: 'gateway', records: [{}] });
    await problem(post(app, { source: 'gateway', records: [{}] }), 'overloaded');
    finish();
    expect((await first).status).toBe(200);
    expect((await post(app, { source: 'gateway', records: [{}] })).status).toBe(200);
  });

  test.each([
    ['unknownSource', 'unknownSource'],
    ['overloaded', 'overloaded'],
    ['brokerUnreachable', 'brokerUnreachable'],
    ['timeout', 'timeout'],
    ['stopping', 'stopping'],
    ['diskFull', 'diskFull'],
    ['payloadTooLarge', 'payloadTooLarge'],
    ['shardDied', 'internal'],
  ] as const satisfies readonly (readonly [ErrorCode, keyof typeof PROBLEMS])[])(
    'answers %s with problem %s',
    async (code, expected) => {
      const { app } = testApp({
        ingest: async () => {
          throw new CounterfoilError(code, 'something about the source');
        },
      });
      const document = await problem(post(app, { source: 'gateway', records: [{}] }), expected);
      expect(document.detail.includes('something about the source')).toBe(expected !== 'internal');
    },
  );
});

describe('lists', () => {
  test('page through with next and the Link header', async () => {
    const { app } = testApp();
    const seen: string[] = [];
    let path: string | undefined = '/v1/records?limit=2&source=gateway';
    for (let pages = 0; path !== undefined; pages++) {
      expect(pages).toBeLessThan(3);
      const answer: Response = await app.request(path);
      const page = await bodyOf<{ items: { id: string }[]; next?: string }>(answer);
      seen.push(...page.items.map(({ id }) => id));
      const link = answer.headers.get('link');
      expect(link === null).toBe(page.next === undefined);
      path = link === null ? undefined : /^<(\/v1\/records\?[^>]+)>; rel="next"$/.exec(link)![1]!;
    }
    expect(seen).toEqual(['pay_0', 'pay_1', 'pay_2']);
  });

  test.each([
    ['/v1/records?id=pay_1', 1],
    ['/v1/records?reference=ORD-1042&kind=charge&currency=AED&account=store-dubai', 3],
    ['/v1/records?from=2026-11-20T17:30:00Z&to=1795195800001', 3],
    ['/v1/records?to=2026-11-20T17:30:00Z', 0],
    ['/v1/matches?reconciliation=gateway-to-bank&rule=by-reference', 1],
    ['/v1/matches?recordId=b9', 1],
    ['/v1/matches?recordId=b10', 0],
    ['/v1/breaks?state=open', 1],
    ['/v1/breaks?kind=unmatched', 1],
    ['/v1/findings?source=gateway', 1],
    ['/v1/dead-letters?source=other', 0],
  ])('GET %s finds %i', async (path, count) => {
    expect((await bodyOf<{ items: unknown[] }>(testApp().app.request(path))).items).toHaveLength(count);
  });

  test.each([
    '/v1/records?limit=0',
    '/v1/records?limit=1001',
    '/v1/records?limit=ten',
    '/v1/records?kind=payment',
    '/v1/records?from=yesterday',
    '/v1/records?colour=red',
    '/v1/records?source=a&source=b',
    '/v1/matches?source=gateway',
    '/v1/breaks?state=closed',
    '/v1/breaks/not-an-id',
    '/v1/matches/1-2-3',
    '/v1/summary?limit=3',
    '/v1/live?types=match,payment',
  ])('GET %s is refused', async (path) => {
    const document = await problem(testApp().app.request(path), 'invalidField');
    expect(document.errors?.[0]?.path).toMatch(/^(query|path)\./);
    expect(document.detail).not.toMatch(/Invalid|expected|Too |Unrecognized/);
  });

  test('a store that is away is 503, one that answers nonsense 500 without its inside', async () => {
    const failing = (error: Error) =>
      testApp({
        queries: {
          ...queriesOver({ records: [], matches: [], breaks: [] }),
          records: () => Promise.reject(error),
        },
      }).app.request('/v1/records');
    await problem(
      failing(new CounterfoilError('storeUnreachable', 'ClickHouse is away')),
      'storeUnreachable',
    );
    await problem(failing(new CounterfoilError('invalidField', 'cursor "x" is not one')), 'invalidField');
    const inside = await problem(failing(new Error('SELECT secret_column FROM users')), 'internal');
    expect(inside.detail).not.toContain('secret_column');
  });
});

describe('one match or break', () => {
  test('comes with its records and the rule that spoke', async () => {
    const { app } = testApp();
    const rule = {
      name: 'by-reference',
      keys: ['reference'],
      tolerance: { amount: '0.50' },
      window: { beforeMs: 3_600_000, afterMs: 259_200_000, graceMs: 0 },
    };
    const match = await bodyOf(app.request(`/v1/matches/${matchExample.matchId}`));
    expect(match).toMatchObject({ match: matchExample, rule });
    expect(match['records']).toHaveLength(3);
    expect(await bodyOf(app.request(`/v1/breaks/${breakExample.breakId}`))).toMatchObject({
      break: breakExample,
      rule,
    });
  });

  test('comes without the rule when none has its name any more', async () => {
    const { app } = testApp({ rules: () => ({ ...TEST_RULES, reconciliations: [] }) });
    expect(await bodyOf(app.request(`/v1/matches/${matchExample.matchId}`))).not.toHaveProperty('rule');
    expect(await bodyOf(app.request(`/v1/breaks/${breakExample.breakId}`))).not.toHaveProperty('rule');
  });

  test('is 404 when there is none', async () => {
    await problem(testApp().app.request('/v1/matches/1-0-1-0'), 'notFound');
    await problem(testApp().app.request('/v1/breaks/1-0-1-0'), 'notFound');
  });

  test('many viewers cost one query', async () => {
    let calls = 0;
    const queries = queriesOver({ records: [], matches: [matchExample], breaks: [] });
    const { app } = testApp({
      queries: {
        ...queries,
        match: (id) => {
          calls++;
          return queries.match(id);
        },
      },
    });
    const path = `/v1/matches/${matchExample.matchId}`;
    const answers = await Promise.all(Array.from({ length: 20 }, async () => app.request(path)));
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(calls).toBe(1);
    await app.request('/v1/matches/1-0-1-0');
    await app.request('/v1/matches/1-0-1-0');
    expect(calls).toBe(3);
  });
});

describe('operations', () => {
  test('liveness, readiness and its reasons', async () => {
    expect(await bodyOf(testApp().app.request('/livez'))).toEqual({ status: 'ok' });
    const checks = [
      { name: 'log', ok: true, detail: '1 ms' },
      { name: 'store', ok: false, detail: 'ClickHouse is away' },
    ];
    const ready = testApp({ readiness: async () => ({ ready: true, checks: checks.slice(0, 1) }) });
    expect(await bodyOf(ready.app.request('/readyz'))).toEqual({ ready: true, checks: checks.slice(0, 1) });
    const notReady = testApp({ readiness: async () => ({ ready: false, checks }) });
    const document = await problem(notReady.app.request('/readyz'), 'notReady');
    expect(document.detail).toBe('store: ClickHouse is away');
    expect(document['checks']).toEqual(checks);
  });

  test('readiness does not wait for ever', async () => {
    const { app } = testApp({ readiness: () => new Promise(() => undefined) });
    const document = await problem(app.request('/readyz'), 'notReady');
    expect(document.detail).toContain('no answer after 2000 ms');
  });

  test('metrics count requests by route pattern, not by path', async () => {
    const { app } = testApp();
    await app.request('/v1/matches/1-0-1-0');
    await app.request('/v1/matches/1-0-2-0');
    await app.request('/no/such/path');
    await app.request('/livez', { method: 'BREW' });
    const answer = await app.request('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    const text = await answer.text();
    expect(text).toContain('http_seconds_count{route="/v1/matches/:id",method="GET",status="404"} 2');
    expect(text).toContain('http_seconds_count{route="unmatched",method="GET",status="404"} 1');
    expect(text).toContain('http_seconds_count{route="unmatched",method="OTHER",status="405"} 1');
  });
});

describe('every answer', () => {
  test('unknown paths are 404, wrong methods 405 with Allow', async () => {
    const { app } = testApp();
    await problem(app.request('/v2/records'), 'notFound');
    const answer = await app.request('/v1/records', { method: 'DELETE' });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
    await problem(answer, 'methodNotAllowed');
    await problem(app.request('/v1/matches/1-0-1-0', { method: 'PUT' }), 'methodNotAllowed');
    expect((await app.request('/v1/summary/')).status).toBe(200);
  });

  test('has a request id: the one that came if it is a plain one, else a new one', async () => {
    const { app } = testApp();
    const idOf = async (id?: string) =>
      (await app.request('/livez', { headers: id === undefined ? {} : { 'X-Request-Id': id } })).headers.get(
        'x-request-id',
      );
    expect(await idOf('trace-42')).toBe('trace-42');
    expect(await idOf()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf('<script>')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf('x'.repeat(100))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is bounded in time', async () => {
    const { app } = testApp({
      limits: { requestMs: 50 },
      ingest: () => new Promise(() => undefined),
    });
    const document = await problem(post(app, { source: 'gateway', records: [{}] }), 'timeout');
    expect(document.detail).toContain('50 ms');
  });

  test('carries secure headers, problems included', async () => {
    for (const path of ['/livez', '/nowhere', '/v1/records?limit=0']) {
      const { headers } = await testApp().app.request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });

  test('is logged once, with its request id and without its query', async () => {
    const { pino } = await import('pino');
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const { app } = testApp({ logger });
    await app.request('/v1/records?account=acc-77', { headers: { 'X-Request-Id': 'r1' } });
    await app.request('/livez');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('acc-77');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      requestId: 'r1',
      method: 'GET',
      path: '/v1/records',
      route: '/v1/records',
      status: 200,
      msg: 'request',
    });
  });
});

describe('/ and /problems', () => {
  test('shows a page to browsers and JSON to others, and its links exist', async () => {
    const { app } = testApp();
    const page = await app.request('/', { headers: { Accept: 'text/html,application/xhtml+xml' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    const { links } = await bodyOf<{ links: { [path: string]: string } }>(app.request('/'));
    for (const path of Object.keys(links)) {
      expect(html).toContain(`href="${path}"`);
      const answer = await app.request(path, { method: 'HEAD' });
      expect(answer.status, path).toBe(200);
    }
    expect(html).not.toMatch(/https?:\/\//);
  });

  test('every problem type explains itself', async () => {
    const { app } = testApp();
    for (const [code, { title, status }] of Object.entries(PROBLEMS)) {
      expect(await bodyOf(app.request(`/problems/${code}`))).toMatchObject({ title, status });
    }
    await problem(app.request('/problems/toString'), 'notFound');
  });
});
