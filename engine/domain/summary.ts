import type { BreakKind } from './results.ts';
import type { Side } from './reconciliation.ts';

/** Upper bounds of the lag histogram's buckets, milliseconds; the last bucket is everything above. */
export const LAG_BOUNDS_MS: readonly number[] = bounds();

function bounds(): number[] {
  const result: number[] = [0];
  // Four steps an octave from 100 ms to over a year: a quantile is right to 19 %.
  for (let ms = 100; ms < 400 * 86_400_000; ms *= 2 ** 0.25) result.push(Math.round(ms));
  return result;
}

/**
 * Counts and amounts of one side of one reconciliation in one currency. Amounts are signed minor units. A record that is
 * matched in part is counted as pending or broken with what is left over, the rest of its amount as matched.
 */
export interface SideSummary {
  records: number;
  amount: number;
  matched: number;
  matchedAmount: number;
  /** Inside its window or grace. */
  pending: number;
  pendingAmount: number;
  /** In a break now. */
  broken: number;
  brokenAmount: number;
  late: number;
}

/** One reconciliation and currency, in one partition or summed over all. */
export interface ReconciliationSummary {
  readonly reconciliation: string;
  readonly currency: string;
  matches: number;
  /** Σ difference of all matches, minor units. */
  difference: number;
  sides: { [side in Side]: SideSummary };
  /** Open breaks by kind. */
  breaks: { [kind in BreakKind]?: number };
  /** Breaks that a later match resolved. */
  healed: number;
  /** Count of matches per {@link LAG_BOUNDS_MS} bucket; one more entry than bounds. */
  lag: number[];
  /** Open breaks by the UTC day (days since 1970-01-01) on which they were due: [day, count, Σ|amount|]. */
  ageing: [day: number, count: number, amount: number][];
}

/** What one partition's kernel knows of itself: published about once a second, summed by the API. */
export interface PartitionSummary {
  readonly partition: number;
  /** Sequence of the last message applied. */
  readonly sequence: number;
  readonly logTime: number;
  /** Event time, epoch milliseconds; null before any source has spoken. */
  readonly watermark: number | null;
  readonly records: number;
  readonly duplicates: number;
  readonly unrouted: number;
  readonly findings: number;
  readonly deadLetters: number;
  /** Records in memory: pending and broken. */
  readonly open: number;
  readonly reconciliations: ReconciliationSummary[];
}
