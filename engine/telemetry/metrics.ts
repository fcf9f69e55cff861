import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { PartitionSummary } from '../domain/index.ts';
import { providerMetrics } from './provider-metrics.ts';

/** Seconds; what a person waits for is between a millisecond and ten seconds. */
const WAIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds; finer around the 400 ms that a record may take from publish to queryable. */
const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60];

export interface MetricsOptions {
  /** Also collect the process's own figures (memory, event loop lag, garbage collection). Default true. */
  readonly process?: boolean;
  /** Labels put on every series, e.g. `{ role: 'engine' }`. */
  readonly labels?: Readonly<{ [name: string]: string }>;
}

/** Every metric of Counterfoil, declared here and nowhere else. Durations are seconds, amounts of data bytes. */
export type Metrics = ReturnType<typeof createMetrics>;

/**
 * A registry of its own with all metrics: nothing is global, so several instances can live in one process.
 * A part that does not run in this process leaves its metrics empty.
 */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (options.labels !== undefined) registry.setDefaultLabels(options.labels);
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...connectorMetrics(registers),
    ...engineMetrics(registers),
    ...apiMetrics(registers),
    ...ratesMetrics(registers),
    ...providerMetrics(registers),
    observeSummary: partitionMetrics(registers),
  };
}

function connectorMetrics(registers: Registry[]) {
  return {
    publishedRecords: new Counter({
      name: 'counterfoil_published_records_total',
      help: 'Records that the log acknowledged, by source',
      labelNames: ['source'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'counterfoil_dead_letters_total',
      help: 'Input that could not become a record and was kept as a dead letter, by source and reason code',
      labelNames: ['source', 'code'] as const,
      registers,
    }),
    maskedCardNumbers: new Counter({
      name: 'counterfoil_masked_card_numbers_total',
      help: 'Card numbers that were masked in references, attributes and dead letters',
      registers,
    }),
    publisherInFlightFrames: new Gauge({
      name: 'counterfoil_publisher_in_flight_frames',
      help: 'Frames sent to the log and not yet acknowledged',
      registers,
    }),
    publisherInFlightBytes: new Gauge({
      name: 'counterfoil_publisher_in_flight_bytes',
      help: 'Bytes of the frames sent to the log and not yet acknowledged',
      registers,
    }),
    publishDuration: new Histogram({
      name: 'counterfoil_publish_duration_seconds',
      help: 'From sending a frame to its acknowledgement by the log',
      buckets: WAIT_BUCKETS,
      registers,
    }),
  };
}

function engineMetrics(registers: Registry[]) {
  return {
    insertDuration: new Histogram({
      name: 'counterfoil_insert_duration_seconds',
      help: 'Duration of one insert into the result store, by table',
      labelNames: ['table'] as const,
      buckets: WAIT_BUCKETS,
      registers,
    }),
    insertedRows: new Counter({
      name: 'counterfoil_inserted_rows_total',
      help: 'Rows that the result store acknowledged, by table',
      labelNames: ['table'] as const,
      registers,
    }),
    checkpointDuration: new Histogram({
      name: 'counterfoil_checkpoint_duration_seconds',
      help: 'From taking a snapshot of a partition to its checkpoint being durable',
      buckets: WAIT_BUCKETS,
      registers,
    }),
    pipelineLatency: new Histogram({
      name: 'counterfoil_pipeline_latency_seconds',
      help: 'From the log taking a message to its rows being queryable',
      buckets: LATENCY_BUCKETS,
      registers,
    }),
  };
}

function ratesMetrics(registers: Registry[]) {
  const newest = new Map<string, number>();
  new Gauge({
    name: 'counterfoil_rates_newest_age_seconds',
    help: 'Time since the day (UTC) of the newest rate that was published for a table began, by table',
    labelNames: ['table'] as const,
    registers,
    collect() {
      this.reset();
      for (const [table, time] of newest) this.set({ table }, (Date.now() - time) / 1000);
    },
  });
  return {
    publishedRates: new Counter({
      name: 'counterfoil_rates_published_total',
      help: 'Exchange rates from a source that the log acknowledged, by table',
      labelNames: ['table'] as const,
      registers,
    }),
    ratesFailures: new Counter({
      name: 'counterfoil_rates_failures_total',
      help: 'Looks at a source of exchange rates that failed, by table and reason; what was published before stays',
      labelNames: ['table', 'reason'] as const,
      registers,
    }),
    /** Takes the newest date of a table, `2026-11-22`. */
    observeNewestRate: (table: string, date: string): void => {
      newest.set(table, Date.parse(date));
    },
  };
}

function apiMetrics(registers: Registry[]) {
  return {
    httpDuration: new Histogram({
      name: 'counterfoil_http_request_duration_seconds',
      help: 'Duration of HTTP requests by route, method and status; event streams until their first byte',
      labelNames: ['route', 'method', 'status'] as const,
      buckets: WAIT_BUCKETS,
      registers,
    }),
    liveClients: new Gauge({
      name: 'counterfoil_live_clients',
      help: 'Clients of the live event stream',
      registers,
    }),
    liveMissed: new Counter({
      name: 'counterfoil_live_missed_events_total',
      help: 'Live events that slow clients were told they missed',
      registers,
    }),
  };
}

/**
 * The kernels' figures: the latest summary of each partition is kept and turned into series when they are read, so
 * that a summary costs nothing when nobody scrapes. Totals are those of the log since its beginning; a partition
 * restored from an older checkpoint shows as a counter reset.
 * @returns takes a partition's latest summary
 */
function partitionMetrics(registers: Registry[]): (summary: PartitionSummary) => void {
  const latest = new Map<number, PartitionSummary>();
  /** A series that is filled anew from the latest summaries at every scrape. */
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    fill: (gauge: Gauge<L>, summary: PartitionSummary) => void,
  ): unknown =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const summary of latest.values()) fill(this, summary);
      },
    });
  const counter = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    fill: (counter: Counter<L>, summary: PartitionSummary) => void,
  ): unknown =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const summary of latest.values()) fill(this, summary);
      },
    });

  counter(
    'counterfoil_records_total',
    'Records by what became of them (accepted, duplicate, refused; unrouted are accepted ones that no side selects)',
    ['partition', 'outcome'],
    (series, { partition, records, duplicates, deadLetters, unrouted }) => {
      series.inc({ partition, outcome: 'accepted' }, records);
      series.inc({ partition, outcome: 'duplicate' }, duplicates);
      series.inc({ partition, outcome: 'refused' }, deadLetters);
      series.inc({ partition, outcome: 'unrouted' }, unrouted);
    },
  );
  counter('counterfoil_findings_total', 'Findings', ['partition'], (series, { partition, findings }) =>
    series.inc({ partition }, findings),
  );
  counter('counterfoil_matches_total', 'Matches', ['reconciliation', 'currency'], (series, summary) => {
    for (const { reconciliation, currency, matches } of summary.reconciliations) {
      series.inc({ reconciliation, currency }, matches);
    }
  });
  counter(
    'counterfoil_breaks_healed_total',
    'Breaks that a later match resolved',
    ['reconciliation', 'currency'],
    (series, summary) => {
      for (const { reconciliation, currency, healed } of summary.reconciliations) {
        series.inc({ reconciliation, currency }, healed);
      }
    },
  );
  gauge(
    'counterfoil_open_breaks',
    'Breaks that are open now, by kind',
    ['reconciliation', 'currency', 'kind'],
    (series, summary) => {
      for (const { reconciliation, currency, breaks } of summary.reconciliations) {
        for (const [kind, count] of Object.entries(breaks)) {
          series.inc({ reconciliation, currency, kind }, count);
        }
      }
    },
  );
  gauge('counterfoil_open_records', 'Records in memory', ['partition'], (series, { partition, open }) =>
    series.set({ partition }, open),
  );
  gauge(
    'counterfoil_applied_sequence',
    'Sequence of the last log message applied',
    ['partition'],
    (series, { partition, sequence }) => series.set({ partition }, sequence),
  );
  gauge(
    'counterfoil_watermark_lag_seconds',
    'Log time minus watermark; absent before any source has spoken',
    ['partition'],
    (series, { partition, logTime, watermark }) => {
      if (watermark !== null) series.set({ partition }, (logTime - watermark) / 1000);
    },
  );

  return (summary) => {
    latest.set(summary.partition, summary);
  };
}
