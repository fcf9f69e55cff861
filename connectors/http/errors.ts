import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ErrorCode } from '../../engine/domain/index.ts';
import type { FailureCategory } from '../contract/index.ts';
import { Aborted } from './aborted.ts';
import type { Call } from './calls.ts';
import { FailedRequest } from './failures.ts';

const CODES: { readonly [category in FailureCategory]: ErrorCode } = {
  auth: 'providerAuth',
  rateLimit: 'providerRateLimited',
  client: 'providerRefused',
  server: 'providerUnreachable',
  network: 'providerUnreachable',
  timeout: 'timeout',
  contract: 'providerContract',
};

const ADVICE: { readonly [category in FailureCategory]: string } = {
  auth: '; check the key of the source and what it may do',
  rateLimit: '; it is asked again later: lower http.rateLimits if this goes on',
  client: '; look the status up in its documentation',
  server: '; it is asked again later',
  network: '; it is asked again later: check http.routes if this goes on',
  timeout: '; it is asked again later: raise http.timeout if this goes on',
  contract: '',
};

/** What a call ended with, as its caller gets it: one line with the source, the endpoint and what to do. */
export function errorOf(error: unknown, source: string, { request, requests }: Call): CounterfoilError {
  const what = `source "${source}": ${request.method} ${request.endpoint}`;
  if (error instanceof FailedRequest) {
    const { failure } = error;
    const tries = requests > 1 ? ` (the last of ${requests} requests)` : '';
    const message = `${what}: ${failure.message}${tries}${ADVICE[failure.category]}`;
    return new CounterfoilError(CODES[failure.category], message, { cause: failure });
  }
  if (error instanceof Aborted) {
    const { reason } = error;
    if (reason instanceof CounterfoilError) return reason;
    const isLate = reason instanceof Error && reason.name === 'TimeoutError';
    const message = isLate ? 'took longer than its caller waits' : 'was stopped by its caller';
    return new CounterfoilError(isLate ? 'timeout' : 'stopping', `${what} ${message}`, { cause: reason });
  }
  if (error instanceof CounterfoilError) {
    return new CounterfoilError(error.code, `${what}: ${error.message}`, { cause: error });
  }
  return new CounterfoilError(
    'internal',
    `${what}: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}
