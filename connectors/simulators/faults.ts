import { chanceOf } from './seeded.ts';

/** What can go wrong between a provider and us, each of which can be turned on alone. */
export const FAULTS = [
  /** A webhook is never sent. */
  'lostWebhooks',
  /** A webhook is sent two or three times. */
  'duplicateWebhooks',
  /** Webhooks overtake each other by seconds. */
  'reorderedWebhooks',
  /** A webhook comes minutes to hours late. */
  'lateWebhooks',
  /** Beside the true webhook comes a forged one, with another amount in it and a wrong signature. */
  'wrongSignatures',
  /** 429 that says when to come back. */
  'rateLimits',
  /** 429 that does not. */
  'silentRateLimits',
  /** 500. */
  'serverErrors',
  /** A request is taken and never answered. */
  'hangs',
  /** The connection breaks, before the answer or within it. */
  'resets',
  /** The answer comes in pieces with pauses. */
  'slowBodies',
  /** Access tokens end before their time. Keys that do not expire are not concerned. */
  'expiredTokens',
  /** What is new shows up late in lists, and pages move under the reader. */
  'shiftingPages',
  /** The provider's clock is ahead of ours, or behind. */
  'clockSkew',
  /** Nothing is answered or sent for ten minutes, several times. */
  'outages',
] as const;

export type Fault = (typeof FAULTS)[number];

/** Those that strike a webhook on its way. */
export const WEBHOOK_FAULTS: readonly Fault[] = [
  'lostWebhooks',
  'duplicateWebhooks',
  'reorderedWebhooks',
  'lateWebhooks',
  'wrongSignatures',
];

/** Those that strike a request and pass soon: what hangs takes real time. */
export const REQUEST_FAULTS: readonly Fault[] = [
  'rateLimits',
  'silentRateLimits',
  'serverErrors',
  'resets',
  'slowBodies',
];

export interface FaultOptions {
  readonly seed: number;
  /** Which of them happen. Default: none. */
  readonly on?: 'all' | readonly Fault[];
  /** How likely each is where it applies, from 0 to below 1. Default: 0.05. */
  readonly rate?: number;
  /** With `shiftingPages`: the part of all things that show up late in lists. Default: 0.3. */
  readonly lateInLists?: number;
  /** How often the outage comes, in simulated time. Default: every six hours, for ten minutes. */
  readonly outageEveryMs?: number;
  readonly outageMs?: number;
}

/** One sending of a webhook, at a delay from when it was due, milliseconds of simulated time. */
export interface WebhookCopy {
  readonly delayMs: number;
  readonly isForged: boolean;
}

/** What becomes of one request. At most one thing goes wrong with it. */
export type RequestFate =
  | { readonly type: 'answer' }
  | { readonly type: 'rateLimit'; readonly retryAfterSeconds: number | undefined }
  | { readonly type: 'serverError' }
  | { readonly type: 'hang' }
  | { readonly type: 'reset'; readonly isWithinBody: boolean }
  | { readonly type: 'slowBody' };

/** Decides what goes wrong, and when. The same seed decides alike about the same things, in whatever order it is asked. */
export interface Faults {
  has(fault: Fault): boolean;
  /** The copies of a webhook that are sent; none where it is lost. A repetition after a failure is not asked about. */
  webhook(eventId: string): readonly WebhookCopy[];
  /**
   * What becomes of a request. A request that is repeated is never struck more than {@link MOST_IN_A_ROW} times in a row.
   * @param what method and path with its query: the same for a repetition
   */
  request(what: string): RequestFate;
  /** Whether a token ends early, asked once for each. */
  expiresEarly(token: string): boolean;
  /** How long after its creation a thing shows up in lists, milliseconds; 0 without `shiftingPages`. */
  listLagMs(id: string): number;
  /** How far the provider's clock is ahead of ours, milliseconds; behind where negative. */
  readonly skewMs: number;
  isOut(nowMs: number): boolean;
}

const MOST_IN_A_ROW = 3;
const MINUTE_MS = 60_000;
/** The most that a list lags. Cursors that overlap by more than this miss nothing. */
const MAX_LIST_LAG_MS = 2 * MINUTE_MS;
/** More than this apart, and signatures would count as stale or early. */
const MAX_SKEW_MS = 45_000;
/** Requests whose repetitions are counted at a time. */
const MAX_COUNTED = 10_000;

export function createFaults(options: FaultOptions): Faults {
  const {
    seed,
    rate = 0.05,
    lateInLists = 0.3,
    outageEveryMs = 360 * MINUTE_MS,
    outageMs = 10 * MINUTE_MS,
  } = options;
  const on: ReadonlySet<Fault> = new Set(options.on === 'all' ? FAULTS : options.on);
  const strikes = (fault: Fault, ...about: (string | number)[]): boolean =>
    on.has(fault) && chanceOf(seed, fault, ...about) < rate;
  const part = (...about: (string | number)[]): number => chanceOf(seed, 'part', ...about);
  const requests = new Map<string, { asked: number; inARow: number }>();

  return {
    has: (fault) => on.has(fault),

    webhook(eventId) {
      if (strikes('lostWebhooks', eventId)) return [];
      let delayMs = 0;
      if (strikes('reorderedWebhooks', eventId)) delayMs += Math.floor(part('order', eventId) * 20_000);
      if (strikes('lateWebhooks', eventId)) delayMs += Math.floor(part('late', eventId) * 240 * MINUTE_MS);
      const copies: WebhookCopy[] = [{ delayMs, isForged: false }];
      if (strikes('wrongSignatures', eventId)) copies.unshift({ delayMs, isForged: true });
      if (strikes('duplicateWebhooks', eventId)) {
        const count = 1 + Math.floor(part('count', eventId) * 2);
        for (let n = 1; n <= count; n++) {
          copies.push({ delayMs: delayMs + Math.floor(part('copy', n, eventId) * 30_000), isForged: false });
        }
      }
      return copies;
    },

    request(what) {
      const counted = requests.get(what) ?? { asked: 0, inARow: 0 };
      requests.delete(what);
      requests.set(what, counted);
      if (requests.size > MAX_COUNTED) requests.delete(requests.keys().next().value!);
      counted.asked++;
      const fate = counted.inARow < MOST_IN_A_ROW ? fateOf(what, counted.asked) : ANSWER;
      counted.inARow = fate.type === 'answer' || fate.type === 'slowBody' ? 0 : counted.inARow + 1;
      return fate;
    },

    expiresEarly: (token) => strikes('expiredTokens', token),
    listLagMs: (id) =>
      on.has('shiftingPages') && part('lag?', id) < lateInLists
        ? Math.floor(part('lag', id) * MAX_LIST_LAG_MS)
        : 0,
    skewMs: on.has('clockSkew') ? Math.floor((part('skew') * 2 - 1) * MAX_SKEW_MS) : 0,
    isOut: (nowMs) => on.has('outages') && nowMs % outageEveryMs < outageMs,
  };

  function fateOf(what: string, nth: number): RequestFate {
    if (strikes('rateLimits', what, nth)) return { type: 'rateLimit', retryAfterSeconds: 1 };
    if (strikes('silentRateLimits', what, nth)) return { type: 'rateLimit', retryAfterSeconds: undefined };
    if (strikes('serverErrors', what, nth)) return { type: 'serverError' };
    if (strikes('hangs', what, nth)) return { type: 'hang' };
    if (strikes('resets', what, nth)) return { type: 'reset', isWithinBody: part('reset', what, nth) < 0.5 };
    if (strikes('slowBodies', what, nth)) return { type: 'slowBody' };
    return ANSWER;
  }
}

const ANSWER: RequestFate = { type: 'answer' };

/** A provider on a good day. */
export const NO_FAULTS: Faults = createFaults({ seed: 0 });
