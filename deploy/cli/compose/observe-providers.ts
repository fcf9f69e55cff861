import type { ProviderObserver } from '../../../connectors/start-live.ts';
import { BREAKER_VALUES, type Logger, type Metrics } from '../../../engine/telemetry/index.ts';

/** What live sources and their calls report, as metrics; a host that fails is a line in the log too. */
export function observeProviders(metrics: Metrics, logger: Logger): Omit<ProviderObserver, 'event'> {
  return {
    delivery(source, outcome, durationMs) {
      metrics.deliveries.inc({ source, outcome });
      metrics.deliveryDuration.observe({ source }, durationMs / 1000);
    },
    eventLag(source, lagMs) {
      metrics.eventLag.observe({ source }, lagMs / 1000);
    },
    gaps(source, records) {
      metrics.gaps.inc({ source }, records);
    },
    polled(source, _records, _durationMs, nextMs) {
      metrics.polls.inc({ source, outcome: 'ok' });
      metrics.pollInterval.set({ source }, nextMs / 1000);
    },
    pollFailed(source, error) {
      metrics.polls.inc({ source, outcome: error.code });
    },
    http: (source) => ({
      request(_host, endpoint, outcome, durationMs) {
        metrics.providerCalls.observe({ source, endpoint, outcome }, durationMs / 1000);
      },
      retry(endpoint, category) {
        metrics.providerRetries.inc({ source, endpoint, category });
      },
      rateLimitWait(endpoint, waitMs) {
        metrics.rateLimitWait.inc({ source, endpoint }, waitMs / 1000);
      },
      breaker(host, state) {
        metrics.breakerState.set({ source, host }, BREAKER_VALUES[state]);
        if (state !== 'halfOpen') logger.warn({ source, host, state }, `circuit breaker is ${state}`);
      },
      failover(from, to, isPreferred) {
        metrics.failovers.inc({ source, host: to });
        logger.warn(
          { source, from, to },
          isPreferred ? 'back to the preferred route' : 'another route is used',
        );
      },
    }),
  };
}
