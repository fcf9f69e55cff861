/** What went wrong with a call to a provider: who has to do something about it. */
export const FAILURE_CATEGORIES = [
  /** 401, 403: the key or its permissions. */
  'auth',
  /** 429, or our own limit had no room in time. */
  'rateLimit',
  /** Another 4xx: the request. */
  'client',
  /** 5xx: the provider. */
  'server',
  /** No connection, or one that broke. */
  'network',
  /** No answer in time. */
  'timeout',
  /** An answer that is not what was agreed: too large, a redirection, an unknown encoding. */
  'contract',
] as const;

export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

/** Why a call to a provider failed: the `cause` of the CounterfoilError that it ended with. */
export class ProviderFailure extends Error {
  readonly category: FailureCategory;
  /** The status of the answer, where there was one. */
  readonly status: number | undefined;
  /** How long the provider asked us to wait, in milliseconds from the answer. */
  readonly retryAfterMs: number | undefined;

  constructor(
    category: FailureCategory,
    message: string,
    options: {
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProviderFailure';
    this.category = category;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Why a call to a provider failed, of the error that it ended with; undefined for an error of another kind. */
export function failureOf(error: unknown): ProviderFailure | undefined {
  if (error instanceof ProviderFailure) return error;
  return error instanceof Error && error.cause instanceof ProviderFailure ? error.cause : undefined;
}
