import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds; an answer of a provider takes from some milliseconds to half a minute. */
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds; an event may be sent again for days. */
const LAG_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400, 259_200];

/** What breakers are in, as numbers of the gauge. */
export const BREAKER_VALUES = { closed: 0, halfOpen: 1, open: 2 } as const;

/** Metrics of sources that talk with their providers. No label has a key, an id or a query in it. */
export function providerMetrics(registers: Registry[]) {
  return {
    deliveries: new Counter({
      name: 'counterfoil_webhook_deliveries_total',
      help: 'Webhook deliveries, by source and outcome: accepted, repeated, unverified, stale, malformed, busy or failed',
      labelNames: ['source', 'outcome'] as const,
      registers,
    }),
    deliveryDuration: new Histogram({
      name: 'counterfoil_webhook_duration_seconds',
      help: 'From a delivery coming to its answer, by source',
      labelNames: ['source'] as const,
      buckets: CALL_BUCKETS,
      registers,
    }),
    eventLag: new Histogram({
      name: 'counterfoil_provider_lag_seconds',
      help: 'From the provider sending an event to what it made known being in the log, by source',
      labelNames: ['source'] as const,
      buckets: LAG_BUCKETS,
      registers,
    }),
    gaps: new Counter({
      name: 'counterfoil_webhook_gaps_total',
      help: 'Records that polling found and no webhook had brought, by source',
      labelNames: ['source'] as const,
      registers,
    }),
    polls: new Counter({
      name: 'counterfoil_polls_total',
      help: 'Rounds of polling, by source and outcome: ok, or the code of the error',
      labelNames: ['source', 'outcome'] as const,
      registers,
    }),
    pollInterval: new Gauge({
      name: 'counterfoil_poll_interval_seconds',
      help: 'From one round of polling to the next, by source: shorter while webhooks are missed',
      labelNames: ['source'] as const,
      registers,
    }),
    providerCalls: new Histogram({
      name: 'counterfoil_provider_call_duration_seconds',
      help: 'Requests to providers, by source, endpoint and outcome',
      labelNames: ['source', 'endpoint', 'outcome'] as const,
      buckets: CALL_BUCKETS,
      registers,
    }),
    providerRetries: new Counter({
      name: 'counterfoil_provider_retries_total',
      help: 'Calls to providers that were repeated, by source, endpoint and category of the failure',
      labelNames: ['source', 'endpoint', 'category'] as const,
      registers,
    }),
    rateLimitWait: new Counter({
      name: 'counterfoil_provider_rate_limit_wait_seconds_total',
      help: 'Time that calls waited for their turn under a rate limit, by source and endpoint',
      labelNames: ['source', 'endpoint'] as const,
      registers,
    }),
    breakerState: new Gauge({
      name: 'counterfoil_provider_breaker_state',
      help: 'Circuit breaker of a host: 0 closed, 1 half open, 2 open',
      labelNames: ['source', 'host'] as const,
      registers,
    }),
    failovers: new Counter({
      name: 'counterfoil_provider_failovers_total',
      help: 'Changes from one route of a provider to another, by source and the host that answers from then on',
      labelNames: ['source', 'host'] as const,
      registers,
    }),
  };
}
