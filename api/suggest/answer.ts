import { exponentOf, formatMinor, formatPosition, parsePosition, poolOf } from '../../engine/domain/index.ts';
import type {
  BreakView,
  CarriedRecord,
  Position,
  ResultQueries,
  RuleSet,
  Side,
} from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';
import { suggest } from './suggest.ts';

/** A suggested record as the API shows it. */
export interface SuggestedRecord {
  readonly source: string;
  readonly id: string;
  readonly position: string;
  readonly amount: string;
  readonly currency: string;
  readonly time: string;
}

export interface SuggestionsView {
  readonly breakId: string;
  /** The side that records are suggested of. */
  readonly side: Side;
  readonly suggestions: readonly {
    readonly record: SuggestedRecord;
    readonly score: number;
    readonly rule: string;
    readonly difference?: string;
    readonly reasons: readonly string[];
  }[];
  /** Several records that sum to what is missing. */
  readonly sum?: {
    readonly records: readonly SuggestedRecord[];
    readonly difference: string;
    readonly unique: boolean;
  };
  readonly searched: { readonly candidates: number; readonly steps: number; readonly exhausted: boolean };
}

/** Open records looked at. */
const MOST_CANDIDATES = 400;
/** Members of a large group that are suggested for. */
const MOST_MEMBERS = 1000;
/** How far beyond the window records are looked for: a wrong date is a common reason of a break. */
const SLACK_MS = 14 * 86_400_000;

/**
 * Suggests open records of the other side for an open break. Of a break with members of both sides, those of the first
 * member's side are asked about, and the others are candidates too.
 * @throws ProblemError `notFound` where the reconciliation is not in force any more
 */
export async function suggestionsFor(
  found: BreakView,
  rules: RuleSet,
  queries: Pick<ResultQueries, 'carriedAt' | 'openRecords'>,
): Promise<SuggestionsView> {
  const definition = rules.reconciliations.find(({ name }) => name === found.reconciliation);
  if (definition === undefined)
    throw new ProblemError('notFound', `reconciliation ${found.reconciliation} is not in force any more`);
  const { side } = found.members[0]!;
  const other: Side = side === 'left' ? 'right' : 'left';
  const places = found.members.filter((member) => member.side === side).map(({ record }) => placeOf(record));
  const records = await queries.carriedAt(places.slice(0, MOST_MEMBERS));
  const first = records[0];
  if (first === undefined)
    throw new ProblemError('notFound', `the records of break ${found.breakId} are not stored any more`);
  const { epoch, partition } = places[0]!;
  const { sources, negate } = definition[other];
  const converts = definition.rules.some((rule) => rule.fx !== undefined);
  const reach = definition.window.before + definition.window.after + SLACK_MS;
  const flips = (definition[side].negate === true) !== (negate === true);
  const amount = records.reduce((sum, record) => sum + record.amount, 0) * (flips ? -1 : 1);
  const candidates = await queries.openRecords({
    ...{ epoch, partition, sources },
    account: first.account,
    ...(converts ? {} : { currency: first.currency }),
    pool: poolOf(definition, other),
    from: first.time - reach,
    to: first.time + reach,
    around: first.time,
    amount,
    limit: MOST_CANDIDATES,
  });
  const shown = (record: CarriedRecord): SuggestedRecord => ({
    source: record.source,
    id: record.id,
    position: formatPosition(epoch, partition, record.sequence, record.ordinal),
    amount: money(record.amount, record.currency),
    currency: record.currency,
    time: new Date(record.time).toISOString(),
  });
  const { single, sum, searched } = suggest({ records, side, candidates }, definition, rules);
  return {
    breakId: found.breakId,
    side: other,
    suggestions: single.map(({ record, score, rule, difference, reasons }) => ({
      record: shown(record),
      score,
      rule,
      ...(difference === undefined ? {} : { difference: money(difference, record.currency) }),
      reasons,
    })),
    ...(sum === undefined
      ? {}
      : {
          sum: {
            records: sum.records.map(shown),
            difference: money(sum.difference, first.currency),
            unique: sum.unique,
          },
        }),
    searched,
  };
}

function money(minor: number, currency: string): string {
  return formatMinor(minor, exponentOf(currency));
}

function placeOf(position: string): Position {
  return parsePosition(position)!;
}
