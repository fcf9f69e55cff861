import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import type { LiveResult } from '../../../api/deps.ts';
import type { PartitionSummary } from '../../../engine/domain/index.ts';
import type { Metrics } from '../../../engine/telemetry/index.ts';
import type { DisplayState } from '../../demo/display.ts';

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

  /** From here on matches are timed: before, the day so far came all at once. */
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
    const measured = this.#latency.totalCount > 0;
    return {
      records,
      rate: this.#rate(at, records),
      matches: sum(parts, (part) => part.matches),
      open: sum(summaries, (summary) => summary.open),
      breaks,
      healed: sum(parts, (part) => part.healed),
      duplicates: sum(summaries, (summary) => summary.duplicates),
      // Connectors make dead letters of what they cannot read, kernels of what they refuse.
      deadLetters: sum(values, ({ value }) => value) + sum(summaries, (summary) => summary.deadLetters),
      ...(measured ? { latencyMs: { p50: this.#percentile(50), p99: this.#percentile(99) } } : {}),
    };
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
