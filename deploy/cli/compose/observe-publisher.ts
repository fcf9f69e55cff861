import type { createPublisher } from '../../../connectors/runtime/index.ts';
import type { Metrics } from '../../../engine/telemetry/index.ts';

type PublisherObserver = NonNullable<Parameters<typeof createPublisher>[0]['observer']>;

/** What the publisher reports, as metrics. */
export function observePublisher(metrics: Metrics): PublisherObserver {
  return {
    published(source, records) {
      metrics.publishedRecords.inc({ source }, records);
    },
    deadLetter(source, code) {
      metrics.deadLetters.inc({ source, code });
    },
    maskedCardNumbers(count) {
      metrics.maskedCardNumbers.inc(count);
    },
    inFlight(messages, bytes) {
      metrics.publisherInFlightFrames.set(messages);
      metrics.publisherInFlightBytes.set(bytes);
    },
    appended(durationMs) {
      metrics.publishDuration.observe(durationMs / 1000);
    },
  };
}
