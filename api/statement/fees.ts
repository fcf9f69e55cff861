import { exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { FeeFilter, FeeVariance, ResultQueries, RuleSet } from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';
import { contractedLanes } from './sets.ts';

/** What a provider charged beside its contract in a month. */
export interface FeeVarianceView {
  readonly month: string;
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  readonly kind: 'fee' | 'tax';
  /** Records whose fee or tax is not what the contract says. */
  readonly records: number;
  /** Charged too much. */
  readonly over: string;
  /** Charged too little; not positive. */
  readonly under: string;
  readonly net: string;
}

/** What providers charged beside their contracts, and how much was looked at. */
export interface FeeReport {
  readonly items: readonly FeeVarianceView[];
  /** Records of sides with a contract that report a fee or tax. */
  readonly records: number;
}

/**
 * The variances of these months.
 * @param rules in force now: they say which sides have a contract
 * @throws ProblemError `invalidField` for months the wrong way round, `notFound` for a source that nobody knows
 */
export async function feeReport(
  rules: RuleSet,
  queries: Pick<ResultQueries, 'feeVariances' | 'reportedFees'>,
  filter: FeeFilter,
): Promise<FeeReport> {
  const { source, fromMonth, toMonth } = filter;
  if (fromMonth !== undefined && toMonth !== undefined && toMonth < fromMonth)
    throw new ProblemError('invalidField', `to (${toMonth}) is before from (${fromMonth})`);
  const items = (await queries.feeVariances(filter)).map(feeVarianceView);
  // A source that the rules had before may still have variances.
  if (source !== undefined && items.length === 0) requireSource(rules, source);
  return { items, records: await queries.reportedFees(contractedLanes(rules), filter) };
}

function requireSource({ sources }: RuleSet, source: string): void {
  const names = sources.map(({ name }) => name);
  if (names.includes(source)) return;
  throw new ProblemError(
    'notFound',
    `there is no source ${source}; the rules in force have ${names.join(', ')}`,
  );
}

function feeVarianceView(variance: FeeVariance): FeeVarianceView {
  const { over, under, currency } = variance;
  const money = (minor: bigint): string => formatMinor(minor, exponentOf(currency));
  return { ...variance, over: money(over), under: money(under), net: money(over + under) };
}
