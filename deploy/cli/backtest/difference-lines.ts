import { exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import type { Side } from '../../../engine/domain/index.ts';
import type { PartitionComparison } from './compare.ts';
import type { BreakOutcome, MatchOutcome, Member } from './outcome.ts';

/** One line of JSON for each difference and each judgement of people. Amounts are decimals in major units. */
export function* differenceLines(partition: number, comparison: PartitionComparison): Generator<string> {
  const line = (type: string, content: object): string => JSON.stringify({ type, partition, ...content });
  for (const match of comparison.gained) yield line('matchGained', matchView(match));
  for (const match of comparison.lost) yield line('matchLost', matchView(match));
  for (const { before, after } of comparison.changed) {
    yield line('matchChanged', { before: before.map(matchView), after: after.map(matchView) });
  }
  for (const broken of comparison.breaksGained) yield line('breakGained', breakView(broken));
  for (const broken of comparison.breaksLost) yield line('breakLost', breakView(broken));
  for (const { judgement, byOld, byNew } of comparison.people) {
    const { commandId, kind, by, match } = judgement;
    const { reconciliation, legs } = match;
    yield line('command', { commandId, kind, by, byOld, byNew, reconciliation, ...sides(legs) });
  }
}

function matchView({ reconciliation, rule, legs, amount, difference, currency }: MatchOutcome): object {
  return {
    reconciliation,
    rule,
    ...sides(legs),
    amount: decimal(amount, currency),
    difference: decimal(difference, currency),
    currency,
  };
}

function breakView({
  reconciliation,
  kind,
  members,
  amount,
  currency,
  rule,
  condition,
}: BreakOutcome): object {
  return {
    reconciliation,
    kind,
    ...sides(members),
    amount: decimal(amount, currency),
    currency,
    why: { rule, condition },
  };
}

function sides(members: readonly Member[]): object {
  const of = (side: Side): object[] =>
    members.filter((member) => member.side === side).map(({ source, id }) => ({ source, id }));
  return { left: of('left'), right: of('right') };
}

function decimal(minor: number, currency: string): string {
  return formatMinor(minor, exponentOf(currency));
}
