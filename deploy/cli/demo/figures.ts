import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import type { LiveResult } from '../../../api/deps.ts';
import type { PartitionSummary } from '../../../engine/domain/index.ts';
import type { Metrics } from '../../../engine/telemetry/index.ts';
import type { DisplayState, SourceFigures } from '../../demo/display.ts';

/** The rate shown is that of so many milliseconds. */
const RATE_OVER_MS = 3000;

export type Figures = Omit<DisplayState, 'phase' | 'elapsedMs' | 'api' | 'planted'>;

/** What the engine found so far, gathered from what it announces. */
export class DemoFigures {
  readonly #summaries: () => readonly PartitionSummary[];
  readonly #metrics: Metrics;
  readonly #latency: Histogram = build({
    highestTrackableValue: 3_600_000,
    numberOfSignificantValueDigits: 3,
  });
  #timedFrom = Number.POSITIVE_INFINITY;
  #recent: { readonly at: number; readonly records: number }[] = [];

  constructor(summaries: () => readonly PartitionSummary[], metrics: Metrics) {
    this.#summaries = summaries;
    this.#metrics = metrics;
  }

  /** From here on matches are timed. */
  startTiming(now: number = Date.now()): void {
    this.#timedFrom = now;
  }

  /** Takes a live result: from its place in the log until now is how long the match took. */
  take(live: LiveResult, now: number = Date.now()): void {
    if (live.type !== 'match') return;
    const logTime = Date.parse(live.result.logTime);
    if (logTime >= this.#timedFrom) this.#latency.recordValue(Math.max(0, now - logTime));
  }

  async now(at: number = Date.now()): Promise<Figures> {
    const summaries = this.#summaries();
    const parts = summaries.flatMap((summary) => summary.reconciliations);
    const breaks: { [kind: string]: number } = {};
    for (const part of parts) {
      for (const [kind, count] of Object.entries(part.breaks)) breaks[kind] = (breaks[kind] ?? 0) + count;
    }
    const records = sum(summaries, (summary) => summary.records);
    const { values } = await this.#metrics.deadLetters.get();
    const pending = sum(parts, ({ sides }) => sides.left.pending + sides.right.pending);
    const measured = this.#latency.totalCount > 0;
    return {
      records,
      rate: this.#rate(at, records),
      matches: sum(parts, (part) => part.matches),
      open: sum(summaries, (summary) => summary.open),
      pending,
      breaks,
      healed: sum(parts, (part) => part.healed),
      duplicates: sum(summaries, (summary) => summary.duplicates),
      // Connectors make dead letters of what they cannot read, kernels of what they refuse.
      deadLetters: sum(values, ({ value }) => value) + sum(summaries, (summary) => summary.deadLetters),
      sources: await this.#sources(),
      ...(measured ? { latencyMs: { p50: this.#percentile(50), p99: this.#percentile(99) } } : {}),
    };
  }

  /** What each source has brought, by name, so that lines stay where they are. */
  async #sources(): Promise<SourceFigures[]> {
    const { publishedRecords, deliveries, gaps } = this.#metrics;
    const counts = new Map<string, { records: number; deliveries: number; refused: number; gaps: number }>();
    const of = (source: string | number | undefined) => {
      const name = String(source);
      const known = counts.get(name) ?? { records: 0, deliveries: 0, refused: 0, gaps: 0 };
      counts.set(name, known);
      return known;
    };
    for (const { labels, value } of (await publishedRecords.get()).values) of(labels.source).records += value;
    for (const { labels, value } of (await deliveries.get()).values) {
      of(labels.source).deliveries += value;
      if (labels.outcome === 'unverified') of(labels.source).refused += value;
    }
    for (const { labels, value } of (await gaps.get()).values) of(labels.source).gaps += value;
    return [...counts]
      .map(([source, figures]) => ({ source, ...figures }))
      .sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  #percentile(percent: number): number {
    return this.#latency.getValueAtPercentile(percent);
  }

  #rate(at: number, records: number): number {
    this.#recent.push({ at, records });
    this.#recent = this.#recent.filter((each) => at - each.at <= RATE_OVER_MS);
    const first = this.#recent[0]!;
    return at === first.at ? 0 : ((records - first.records) * 1000) / (at - first.at);
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
