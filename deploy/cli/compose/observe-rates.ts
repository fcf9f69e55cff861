import type { RatesObserver } from '../../../connectors/rates/index.ts';
import type { Logger, Metrics } from '../../../engine/telemetry/index.ts';

/** What the sources of rates report, as metrics and log lines. */
export function observeRates(metrics: Metrics, logger: Logger): RatesObserver {
  return {
    published(table, rates) {
      metrics.publishedRates.inc({ table }, rates);
    },
    newest(table, date) {
      metrics.observeNewestRate(table, date);
    },
    failed(table, reason) {
      metrics.ratesFailures.inc({ table, reason });
    },
    tell(level, table, line) {
      logger[level]({ table }, line);
    },
  };
}
