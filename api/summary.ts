import { DAY_MS, LAG_BOUNDS_MS, exponentOf, formatMinor, isKnownCurrency } from '../engine/domain/index.ts';
import type {
  BreakKind,
  PartitionSummary,
  ReconciliationSummary,
  Side,
  SideSummary,
} from '../engine/domain/index.ts';

/** Open breaks by how long ago they were due, in days: from (inclusive) to (exclusive, null without end). */
const AGEING_BUCKETS = [
  [0, 1],
  [1, 2],
  [2, 7],
  [7, 30],
  [30, null],
] as const satisfies readonly (readonly [number, number | null])[];

/** One side's figures; amounts are signed decimals in major units. */
interface SideFigures {
  readonly records: number;
  readonly amount: string;
  readonly matched: number;
  readonly matchedAmount: string;
  readonly pending: number;
  readonly pendingAmount: string;
  readonly broken: number;
  readonly brokenAmount: string;
  readonly late: number;
}

interface ReconciliationFigures {
  readonly reconciliation: string;
  readonly currency: string;
  readonly matches: number;
  readonly difference: string;
  /** Matched of what is decided (matched or broken), 0 to 1; null while nothing is. Pending is no exception. */
  readonly matchRate: { readonly count: number | null; readonly amount: number | null };
  readonly sides: { readonly [side in Side]: SideFigures };
  readonly openBreaks: number;
  readonly breaks: { readonly [kind in BreakKind]?: number };
  readonly healed: number;
  /** Event time between the legs of matches, milliseconds, right to a fifth; null without matches. */
  readonly lag: {
    readonly p50Ms: number | null;
    readonly p90Ms: number | null;
    readonly p99Ms: number | null;
  };
  readonly ageing: readonly {
    readonly fromDays: number;
    readonly toDays: number | null;
    readonly breaks: number;
    readonly amount: string;
  }[];
}

export interface Summary {
  /** Latest log time of any partition, ISO 8601: ageing is relative to it. Null before any partition has spoken. */
  readonly at: string | null;
  readonly totals: {
    readonly records: number;
    readonly duplicates: number;
    readonly unrouted: number;
    readonly findings: number;
    readonly deadLetters: number;
    readonly open: number;
    readonly matches: number;
    readonly openBreaks: number;
    readonly breaks: { readonly [kind in BreakKind]?: number };
    readonly healed: number;
  };
  readonly reconciliations: readonly ReconciliationFigures[];
  readonly partitions: readonly {
    readonly partition: number;
    readonly sequence: number;
    readonly logTime: string;
    readonly watermark: string | null;
    readonly records: number;
    readonly open: number;
  }[];
}

/** Sums what the partitions know of themselves. Exact: amounts are added as integers. */
export function sumSummaries(parts: readonly PartitionSummary[]): Summary {
  const at = parts.reduce((latest, part) => Math.max(latest, part.logTime), -Infinity);
  const groups = new Map<string, ReconciliationSummary[]>();
  for (const part of parts) {
    for (const figures of part.reconciliations) {
      const key = JSON.stringify([figures.reconciliation, figures.currency]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [figures]);
      else group.push(figures);
    }
  }
  const reconciliations = [...groups.values()]
    .map((group) => sumReconciliation(group, at))
    .sort((a, b) => compare(a.reconciliation, b.reconciliation) || compare(a.currency, b.currency));
  const total = (of: (part: PartitionSummary) => number): number => sum(parts, of);
  return {
    at: parts.length === 0 ? null : new Date(at).toISOString(),
    totals: {
      records: total((part) => part.records),
      duplicates: total((part) => part.duplicates),
      unrouted: total((part) => part.unrouted),
      findings: total((part) => part.findings),
      deadLetters: total((part) => part.deadLetters),
      open: total((part) => part.open),
      matches: sum(reconciliations, (figures) => figures.matches),
      openBreaks: sum(reconciliations, (figures) => figures.openBreaks),
      breaks: sumBreaks(reconciliations),
      healed: sum(reconciliations, (figures) => figures.healed),
    },
    reconciliations,
    partitions: [...parts]
      .sort((a, b) => a.partition - b.partition)
      .map((part) => ({
        partition: part.partition,
        sequence: part.sequence,
        logTime: new Date(part.logTime).toISOString(),
        watermark: part.watermark === null ? null : new Date(part.watermark).toISOString(),
        records: part.records,
        open: part.open,
      })),
  };
}

/** The summary with only the reconciliations asked for; totals and partitions stay those of everything. */
export function selectReconciliations(
  summary: Summary,
  want: { readonly reconciliation?: string | undefined; readonly currency?: string | undefined },
): Summary {
  return {
    ...summary,
    reconciliations: summary.reconciliations.filter(
      (figures) =>
        (want.reconciliation ?? figures.reconciliation) === figures.reconciliation &&
        (want.currency ?? figures.currency) === figures.currency,
    ),
  };
}

function sumReconciliation(group: readonly ReconciliationSummary[], at: number): ReconciliationFigures {
  const { reconciliation, currency } = group[0]!;
  const exponent = isKnownCurrency(currency) ? exponentOf(currency) : 0;
  const left = sumSide(group.map((figures) => figures.sides.left));
  const right = sumSide(group.map((figures) => figures.sides.right));
  const breaks = sumBreaks(group);
  return {
    reconciliation,
    currency,
    matches: sum(group, (figures) => figures.matches),
    difference: formatMinor(
      sumExact(group, (figures) => figures.difference),
      exponent,
    ),
    matchRate: {
      count: share(left.matched + right.matched, left.broken + right.broken),
      amount: share(
        Number(magnitude(left.matchedAmount) + magnitude(right.matchedAmount)),
        Number(magnitude(left.brokenAmount) + magnitude(right.brokenAmount)),
      ),
    },
    sides: { left: sideFigures(left, exponent), right: sideFigures(right, exponent) },
    openBreaks: Object.values(breaks).reduce((total, count) => total + count, 0),
    breaks,
    healed: sum(group, (figures) => figures.healed),
    lag: lagQuantiles(group),
    ageing: ageing(group, at, exponent),
  };
}

/** A side summed over partitions: counts as numbers, amounts as exact minor units. */
type SideSum = { [field in keyof SideSummary]: field extends `${string}mount` ? bigint : number };

function sumSide(parts: readonly SideSummary[]): SideSum {
  return {
    records: sum(parts, (part) => part.records),
    amount: sumExact(parts, (part) => part.amount),
    matched: sum(parts, (part) => part.matched),
    matchedAmount: sumExact(parts, (part) => part.matchedAmount),
    pending: sum(parts, (part) => part.pending),
    pendingAmount: sumExact(parts, (part) => part.pendingAmount),
    broken: sum(parts, (part) => part.broken),
    brokenAmount: sumExact(parts, (part) => part.brokenAmount),
    late: sum(parts, (part) => part.late),
  };
}

function sideFigures(side: SideSum, exponent: number): SideFigures {
  return {
    ...side,
    amount: formatMinor(side.amount, exponent),
    matchedAmount: formatMinor(side.matchedAmount, exponent),
    pendingAmount: formatMinor(side.pendingAmount, exponent),
    brokenAmount: formatMinor(side.brokenAmount, exponent),
  };
}

function sumBreaks(parts: readonly { readonly breaks: { readonly [kind in BreakKind]?: number } }[]): {
  [kind in BreakKind]?: number;
} {
  const result: { [kind in BreakKind]?: number } = {};
  for (const { breaks } of parts) {
    for (const [kind, count] of Object.entries(breaks) as [BreakKind, number][]) {
      if (count > 0) result[kind] = (result[kind] ?? 0) + count;
    }
  }
  return result;
}

/** The upper bound of the bucket in which the quantile falls: never better than the truth, worse by a fifth at most. */
function lagQuantiles(group: readonly ReconciliationSummary[]): ReconciliationFigures['lag'] {
  const counts = new Array<number>(LAG_BOUNDS_MS.length + 1).fill(0);
  for (const { lag } of group) {
    for (const [bucket, count] of lag.entries()) {
      const i = Math.min(bucket, counts.length - 1);
      counts[i]! += count;
    }
  }
  const total = counts.reduce((sumSoFar, count) => sumSoFar + count, 0);
  const quantile = (q: number): number | null => {
    if (total === 0) return null;
    let below = 0;
    for (const [bucket, count] of counts.entries()) {
      below += count;
      if (below >= q * total) return LAG_BOUNDS_MS[Math.min(bucket, LAG_BOUNDS_MS.length - 1)]!;
    }
    return LAG_BOUNDS_MS[LAG_BOUNDS_MS.length - 1]!;
  };
  return { p50Ms: quantile(0.5), p90Ms: quantile(0.9), p99Ms: quantile(0.99) };
}

function ageing(
  group: readonly ReconciliationSummary[],
  at: number,
  exponent: number,
): ReconciliationFigures['ageing'] {
  const today = Math.floor(at / DAY_MS);
  const entries = group.flatMap((figures) => figures.ageing);
  return AGEING_BUCKETS.map(([fromDays, toDays]) => {
    const inBucket = entries.filter(([dueDay]) => {
      // A record of a source whose clock runs ahead may be due on a day that the log has not reached.
      const age = Math.max(0, today - dueDay);
      return age >= fromDays && (toDays === null || age < toDays);
    });
    return {
      fromDays,
      toDays,
      breaks: sum(inBucket, ([, count]) => count),
      amount: formatMinor(
        sumExact(inBucket, ([, , amount]) => amount),
        exponent,
      ),
    };
  });
}

function share(part: number, rest: number): number | null {
  return part + rest === 0 ? null : part / (part + rest);
}

function magnitude(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Sums integers that may leave the range of doubles together. */
function sumExact<T>(items: readonly T[], of: (item: T) => number): bigint {
  return items.reduce((total, item) => total + BigInt(of(item)), 0n);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
