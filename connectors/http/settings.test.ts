import { describe, expect, it } from 'vitest';
import { httpSettings } from './settings.ts';

const ROUTES = ['https://api.example.com'];

describe('the setting http', () => {
  it('has a default for everything but the routes', () => {
    expect(httpSettings().parse({ routes: ['https://API.example.com:443/v1/'] })).toEqual({
      routes: ['https://api.example.com/v1'],
      insecure: false,
      timeout: 30_000,
      connectTimeout: 5000,
      maxElapsed: 120_000,
      retries: 4,
      backoff: { first: 250, most: 20_000 },
      retryAfter: { unstated: undefined, most: 60_000 },
      rateLimits: { all: { perSecond: 25, burst: 25 }, default: { perSecond: 10, burst: 10 } },
      breaker: { failures: 5, errorRate: 0.5, window: 20, coolDown: 10_000, maxCoolDown: 120_000 },
      concurrency: 8,
      queue: 1000,
      maxBodyMiB: 16,
    });
    expect(httpSettings().safeParse({}).success).toBe(false);
  });

  it("takes a connector's own defaults, and what is written beside them", () => {
    const schema = httpSettings({
      routes: ROUTES,
      rateLimits: { all: { perSecond: 100, burst: 100 }, events: { perSecond: 5, burst: 5 } },
      unstatedRetryAfter: '30s',
    }).prefault({});
    expect(schema.parse(undefined)).toMatchObject({ routes: ROUTES, retryAfter: { unstated: 30_000 } });
    const written = schema.parse({ rateLimits: { events: { perSecond: 0.5 } }, retries: '2' });
    expect(written.rateLimits).toEqual({
      all: { perSecond: 100, burst: 100 },
      events: { perSecond: 0.5, burst: 1 },
    });
    expect(written.retries).toBe(2);
  });

  it('allows http:// to this machine, and elsewhere only on purpose', () => {
    for (const local of ['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9']) {
      expect(httpSettings().safeParse({ routes: [local] }).success).toBe(true);
    }
    const routes = ['http://simulator:9'];
    expect(httpSettings().safeParse({ routes, insecure: true }).success).toBe(true);
    expect(messages({ routes })).toEqual([expect.stringContaining('not encrypted')]);
    expect(messages({ routes: ['http://127.evil.example'] })).toEqual([
      expect.stringContaining('not encrypted'),
    ]);
  });

  it.each([
    ['ftp://hidden.example.com', 'base URL such as'],
    ['hidden.example.com', 'base URL such as'],
    ['https://user:hidden@example.com', 'no user name or password'],
    ['https://example.com/?key=hidden', 'before any'],
    ['https://example.com/#hidden', 'before any'],
  ])('refuses the route %s without repeating it', (route, message) => {
    const found = messages({ routes: [route] });
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found.join()).not.toContain('hidden');
  });

  it.each([
    { timeout: '0s' },
    { retries: 21 },
    { retries: 1.5 },
    { rateLimits: { all: { perSecond: 0 } } },
    { breaker: { errorRate: 1 } },
    { concurrency: 0 },
    { unknown: 1 },
    { routes: [] },
  ])('refuses %j', (settings) => {
    expect(httpSettings().safeParse({ routes: ROUTES, ...settings }).success).toBe(false);
  });
});

function messages(settings: unknown): string[] {
  return httpSettings()
    .safeParse(settings)
    .error!.issues.map(({ message }) => message);
}
