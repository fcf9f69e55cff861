import { exponentOf, formatMinor, isKnownCurrency } from '../../engine/domain/index.ts';
import type { ResultQueries, StatementArrivals, StatementOddity } from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';
import type { RulesInForce } from '../rules-in-force.ts';
import { balanceView, type BalanceView } from './balances.ts';
import { NO_FIGURES, figuresOf, figuresView, type FiguresView } from './figures.ts';
import type { StatementPeriod } from './period.ts';
import { setsOf, type StatementSet } from './sets.ts';

/** Something that a statement stumbles over, as the API shows it. */
export interface OddityView {
  readonly kind: StatementOddity['kind'];
  readonly amount: string;
  readonly matchId?: string;
  readonly source?: string;
  readonly id?: string;
  readonly position?: string;
}

/** One currency of a set of reconciliations. */
export interface StatementPart {
  readonly reconciliations: readonly string[];
  readonly currency: string;
  /** At the beginning of the stretch, where one was asked for. */
  readonly opening?: FiguresView;
  readonly closing: FiguresView;
  /** Records that arrived in the stretch: of its days, of earlier ones, of later ones. */
  readonly arrivals?: readonly {
    readonly side: StatementArrivals['side'];
    readonly of: StatementArrivals['of'];
    readonly records: number;
    readonly amount: string;
  }[];
  readonly oddities: readonly OddityView[];
}

export interface Statement {
  /** Whether every residual is 0; so it is where there is nothing to account for. */
  readonly balanced: boolean;
  /** Whether the log has nothing of these reconciliations in the period or before it, and nothing was looked at. */
  readonly empty: boolean;
  readonly parts: readonly StatementPart[];
  /** Sources that report balances, or whose balances were found wrong. */
  readonly balances: readonly BalanceView[];
}

type Sums = Pick<ResultQueries, 'statement' | 'arrivals' | 'balances'>;

/**
 * The books of reconciliations: per set that shares a pool and per currency, Σleft − Σright against what accounts for
 * it; per source that reports balances, whether they add up.
 * @param force the rules in force at the end of the period, by which everything is counted
 * @param reporting sources that report balances
 * @throws ProblemError `notFound` for a reconciliation that is not in force
 */
export async function drawStatement(
  { rules, earlier }: RulesInForce,
  queries: Sums,
  period: StatementPeriod,
  reconciliation: string | undefined,
  reporting: readonly string[],
): Promise<Statement> {
  const sets = setsOf(rules, reconciliation, earlier);
  if (reconciliation !== undefined && sets.length === 0)
    throw new ProblemError('notFound', `there is no reconciliation ${reconciliation}`);
  const parts: StatementPart[] = [];
  for (const set of sets) parts.push(...(await partsOf(set, queries, period)));
  const balances = await balancesOf(sets, queries, period, reporting);
  const balanced =
    parts.every(({ closing, oddities }) => isZero(closing.residual) && oddities.length === 0) &&
    balances.every(({ off, residual }) => off === 0 && isZero(residual));
  return { balanced, empty: parts.length === 0 && balances.length === 0, parts, balances };
}

async function partsOf(set: StatementSet, queries: Sums, period: StatementPeriod): Promise<StatementPart[]> {
  const { from, end, days } = period;
  const at = (when: StatementPeriod['end']) =>
    queries.statement(when === undefined ? set.request : { ...set.request, end: when });
  const closingSums = await at(end);
  const closing = figuresOf(closingSums);
  const opening = from === undefined ? undefined : figuresOf(await at({ before: from }));
  const arrivals =
    from === undefined || days === undefined
      ? undefined
      : await queries.arrivals(set.request, {
          from,
          to: end !== undefined && 'before' in end ? end.before : Date.now(),
          firstDay: days.first,
          lastDay: days.last,
        });
  const currencies = [...new Set([...closing.keys(), ...(opening?.keys() ?? [])])].sort();
  return currencies.map((currency) => ({
    reconciliations: set.reconciliations,
    currency,
    ...(opening === undefined ? {} : { opening: figuresView(opening.get(currency) ?? NO_FIGURES, currency) }),
    closing: figuresView(closing.get(currency) ?? NO_FIGURES, currency),
    ...(arrivals === undefined
      ? {}
      : {
          arrivals: arrivals
            .filter((each) => each.currency === currency)
            .map(({ side, of, records, amount }) => ({ side, of, records, amount: money(amount, currency) })),
        }),
    oddities: closingSums.oddities
      .filter((each) => each.currency === currency)
      .map(({ currency: own, amount, ...rest }) => ({ ...rest, amount: money(amount, own) })),
  }));
}

async function balancesOf(
  sets: readonly StatementSet[],
  queries: Sums,
  { from, end }: StatementPeriod,
  reporting: readonly string[],
): Promise<BalanceView[]> {
  // A position is one of one partition, and a source speaks in many.
  if (end !== undefined && 'through' in end) return [];
  const sources = new Set(sets.flatMap(({ request }) => request.lanes.flatMap((lane) => lane.sources)));
  const found = await queries.balances({
    ...(from === undefined ? {} : { from }),
    ...(end === undefined ? {} : { to: end.before }),
  });
  return found
    .filter(
      ({ source, off, statements }) =>
        sources.has(source) && (off > 0 || statements.length > 0 || reporting.includes(source)),
    )
    .map(balanceView);
}

function isZero(decimal: string): boolean {
  return /^-?0+(\.0+)?$/.test(decimal);
}

function money(minor: bigint, currency: string): string {
  return formatMinor(minor, isKnownCurrency(currency) ? exponentOf(currency) : 0);
}
