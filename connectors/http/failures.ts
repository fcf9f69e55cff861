import { ProviderFailure } from '../contract/index.ts';
import type { FailureCategory, ProviderResponse } from '../contract/index.ts';
import { BadAnswer, TooLate } from './exchange.ts';
import { retryAfterMs } from './retry-after.ts';

/** A request that failed, and what may be done about it. */
export class FailedRequest extends Error {
  readonly failure: ProviderFailure;
  /** Whether the provider may have carried it out. */
  readonly isUncertain: boolean;
  /** The answer, where a whole one came. */
  readonly answer: ProviderResponse | undefined;

  constructor(failure: ProviderFailure, isUncertain: boolean, answer?: ProviderResponse) {
    super(failure.message, { cause: failure });
    this.name = 'FailedRequest';
    this.failure = failure;
    this.isUncertain = isUncertain;
    this.answer = answer;
  }
}

/** Whether an error says that the host is down or ill, so that another may be asked. */
export function isHostFailure(error: unknown): boolean {
  return error instanceof FailedRequest && HOST_CATEGORIES.has(error.failure.category);
}
const HOST_CATEGORIES: ReadonlySet<FailureCategory> = new Set(['server', 'network', 'timeout']);

/** What an answer's status means; undefined where it is no failure. */
export function failureOfAnswer(
  host: string,
  answer: ProviderResponse,
  nowEpochMs: number,
): FailedRequest | undefined {
  const { status, headers } = answer;
  const category = categoryOf(status);
  if (category === undefined) return undefined;
  const moved =
    category === 'contract' ? '; redirections are not followed: name the address itself in http.routes' : '';
  const failure = new ProviderFailure(category, `${host} answered ${status}${requestIdIn(headers)}${moved}`, {
    status,
    // Other statuses may carry it too; only these are promises.
    retryAfterMs: status === 429 || status === 503 ? retryAfterMs(headers, nowEpochMs) : undefined,
  });
  return new FailedRequest(failure, category === 'server' || category === 'timeout', answer);
}

function categoryOf(status: number): FailureCategory | undefined {
  if (status >= 500) return 'server';
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rateLimit';
  if (status === 408) return 'timeout';
  if (status >= 400) return 'client';
  // 304 answers a conditional request.
  return status >= 300 && status !== 304 ? 'contract' : undefined;
}

/** Headers in which providers name a request, for their support to find it. */
const REQUEST_IDS = ['request-id', 'x-request-id', 'paypal-debug-id', 'x-correlation-id'];

function requestIdIn(headers: ProviderResponse['headers']): string {
  const id = REQUEST_IDS.map((name) => headers[name]).find((value) => value !== undefined);
  return id !== undefined && /^[\w.:-]{1,64}$/.test(id) ? ` (request ${id})` : '';
}

/** Errors of a connection that never came to be: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
/** Undici's error for what its parser does not take. It holds what was received, and is therefore not handed on. */
const PARSER_ERROR = 'HTTPParserError';
/** Answers that are not HTTP as agreed. */
const NOT_HTTP = /^(?:HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH)/;
/** What no HTTP request can be made of. */
const NOT_SENDABLE = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);
const CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/;

/** What an error of {@link exchange} means, other than an abort. */
export function failureOfError(host: string, error: unknown): FailedRequest {
  const make = (category: FailureCategory, what: string, isUncertain: boolean): FailedRequest => {
    const status = error instanceof BadAnswer ? error.status : undefined;
    const cause = error instanceof Error && error.name === PARSER_ERROR ? undefined : error;
    return new FailedRequest(
      new ProviderFailure(category, `${host} ${what}`, { status, cause }),
      isUncertain,
    );
  };
  if (error instanceof TooLate) return make('timeout', `gave ${error.message}`, true);
  if (error instanceof BadAnswer) return make('contract', `gave an answer that ${error.message}`, true);
  const code = codeOf(error);
  if (NOT_SENDABLE.has(code)) {
    return make('client', 'was not asked: the request has a path or header that HTTP does not allow', false);
  }
  if (CERTIFICATE.test(code)) return make('network', `cannot be trusted (${code})`, false);
  if (TIMEOUTS.has(code)) return make('timeout', `did not answer in time (${code})`, !NEVER_SENT.has(code));
  if (NOT_HTTP.test(code)) return make('contract', `gave an answer that is not HTTP (${code})`, true);
  if (NEVER_SENT.has(code)) return make('network', `cannot be reached (${code})`, false);
  return make('network', `broke the connection (${code})`, true);
}

/** The code of an error or of what caused it; several attempts to connect come as one error with a list. */
function codeOf(error: unknown): string {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (each.name === PARSER_ERROR) return PARSER_ERROR;
    const { code } = each as NodeJS.ErrnoException;
    if (typeof code === 'string') return code.slice(0, 64);
    if (each instanceof AggregateError && each.errors.length > 0) return codeOf(each.errors[0]);
  }
  return 'unknown';
}
