import { z } from 'zod';
import { durationSchema, parseDuration } from '../../engine/domain/index.ts';

/** A token bucket: `perSecond` calls a second, and as many as `burst` at once after a pause. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** When a host is left alone, and for how long. Durations are milliseconds. */
export interface BreakerSettings {
  readonly failures: number;
  readonly errorRate: number;
  readonly window: number;
  readonly coolDown: number;
  readonly maxCoolDown: number;
}

/** How a source calls its provider. Durations are milliseconds. */
export interface HttpSettings {
  readonly routes: readonly string[];
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly maxElapsed: number;
  readonly retries: number;
  readonly backoff: { readonly first: number; readonly most: number };
  readonly retryAfter: { readonly unstated?: number | undefined; readonly most: number };
  readonly rateLimits: { readonly [endpoint: string]: RateLimit };
  readonly breaker: BreakerSettings;
  readonly concurrency: number;
  readonly queue: number;
  readonly maxBodyMiB: number;
}

/** What a connector knows of its provider; the configuration may say otherwise. */
export interface HttpDefaults {
  /** Base URLs in order of preference. Without any, the configuration has to name them. */
  readonly routes?: readonly string[];
  /** The provider's published limits, by endpoint; see {@link httpSettings}. */
  readonly rateLimits?: { readonly [endpoint: string]: RateLimit };
  /** How long to wait after a 429 that does not say; without it the backoff decides. Such as `30s`. */
  readonly unstatedRetryAfter?: string;
}

const MAX_ROUTES = 8;
/** What a provider whose limits are not known is spared. */
const UNKNOWN_LIMITS = { all: { perSecond: 25, burst: 25 }, default: { perSecond: 10, burst: 10 } };

/** The setting `http` of a source that talks with its provider. */
export function httpSettings(defaults: HttpDefaults = {}): z.ZodType<HttpSettings> {
  const routes = z.array(routeSetting).min(1, 'wants at least one base URL').max(MAX_ROUTES);
  return z
    .strictObject({
      /**
       * Base URLs in order of preference. The next one is used while a host fails, and the preferred one again as soon
       * as it has answered a probe. `https://`; `http://` to this machine only, unless `insecure` is set.
       */
      routes: defaults.routes === undefined ? routes : routes.prefault([...defaults.routes]),
      /** Allows `http://` to other machines, where a network of one's own carries it. */
      insecure: z.boolean().prefault(false),
      /** One request, from its first byte to the last of its answer. */
      timeout: duration('10ms', '10m').prefault('30s'),
      /** A connection, with its TLS. */
      connectTimeout: duration('10ms', '1m').prefault('5s'),
      /** One call with its repetitions and all its waits. */
      maxElapsed: duration('10ms', '1h').prefault('2m'),
      /** How often a call is repeated after it has failed on every route. */
      retries: wholeNumber(0, 20).prefault(4),
      /** Repetition n waits a random time up to `first` × 2ⁿ, at most `most`. */
      backoff: z
        .strictObject({
          first: duration('1ms', '1m').prefault('250ms'),
          most: duration('1ms', '10m').prefault('20s'),
        })
        .prefault({}),
      /** What a 429 or 503 says about when to come back: taken up to `most`; `unstated` stands for one that is silent. */
      retryAfter: z
        .strictObject({
          unstated: duration('0s', '1h').optional().prefault(defaults.unstatedRetryAfter),
          most: duration('0s', '1h').prefault('60s'),
        })
        .prefault({}),
      /**
       * Calls a second, by endpoint. `all` is the limit for all calls together, `default` that of each endpoint which
       * is not named here. Those named in a configuration stand beside the connector's own.
       */
      rateLimits: z
        .record(z.string().min(1).max(64), rateLimitSetting)
        .prefault({})
        .transform((written) => ({ ...(defaults.rateLimits ?? UNKNOWN_LIMITS), ...written })),
      /** When a host counts as down. */
      breaker: z
        .strictObject({
          /** After so many failures in a row, */
          failures: wholeNumber(1, 1000).prefault(5),
          /** or when more than this part of the last `window` requests failed. */
          errorRate: z.number().gt(0).lt(1).prefault(0.5),
          window: wholeNumber(2, 10_000).prefault(20),
          /** Then it is left alone for this long, and gets one request as a probe. Each that fails doubles the time, */
          coolDown: duration('1ms', '1h').prefault('10s'),
          /** up to this. */
          maxCoolDown: duration('1ms', '1d').prefault('2m'),
        })
        .prefault({}),
      /** Requests at a time. */
      concurrency: wholeNumber(1, 1000).prefault(8),
      /** Calls that may wait for one of these places; one more is refused at once (`overloaded`). */
      queue: wholeNumber(0, 100_000).prefault(1000),
      /** The largest answer, after decompression. */
      maxBodyMiB: wholeNumber(1, 1024).prefault(16),
    })
    .superRefine((settings, context) => {
      if (settings.insecure) return;
      for (const [index, route] of settings.routes.entries()) {
        if (!route.startsWith('http:') || isLoopback(new URL(route).hostname)) continue;
        context.addIssue({
          code: 'custom',
          path: ['routes', index],
          message:
            'this route is not encrypted, and keys would be read on the way: use https://, or set insecure: true',
        });
      }
    });
}

/** A base URL without a slash at its end. Messages do not repeat it: it may have a key in it by mistake. */
const routeSetting = z.string().transform((text, context): string => {
  const problem = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return problem('a route is a base URL such as https://api.example.com');
  }
  if (url.username !== '' || url.password !== '') {
    return problem('a route has no user name or password in it: a source has settings of its own for these');
  }
  if (url.search !== '' || url.hash !== '') return problem('a route ends before any "?" or "#"');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
});

const rateLimitSetting = z
  .strictObject({
    /** May be below one: 0.2 is a call every five seconds. */
    perSecond: z.number().gt(0, 'wants a number above 0').max(100_000),
    /** Without it, what a second has. */
    burst: wholeNumber(1, 100_000).optional(),
  })
  .transform(({ perSecond, burst }): RateLimit => ({
    perSecond,
    burst: burst ?? Math.max(1, Math.floor(perSecond)),
  }));

/** A whole number within limits. Digits in quotes pass too, because `${RETRIES}` is substituted as text. */
function wholeNumber(least: number, most: number): z.ZodType<number> {
  const wanted = `wants a whole number from ${least} to ${most}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z
      .number({ error: wanted })
      .refine((value) => Number.isSafeInteger(value) && value >= least && value <= most, { error: wanted }),
  );
}

function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [parseDuration(least), parseDuration(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
