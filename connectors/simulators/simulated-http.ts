/** The setting `http` of a source that calls a simulator in simulated time: often repeated, at once, as many as there are. */
export function simulatedHttp(url: string, timeout: string): object {
  return {
    routes: [url],
    timeout,
    retries: 12,
    backoff: { first: '1ms', most: '4ms' },
    retryAfter: { most: '2ms' },
    rateLimits: { all: { perSecond: 10_000 }, default: { perSecond: 10_000 } },
    // A breaker counts real time, of which ten simulated minutes have next to none.
    breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
  };
}
