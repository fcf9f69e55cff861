import { toleranceLimit } from '../../../rules/index.ts';
import { difference, signsFit, sumOfAmounts } from '../amounts.ts';
import { contraLimit } from '../contra.ts';
import { consume, lagOf, legOf } from '../matches.ts';
import type { Partition } from '../partition.ts';
import type { ReferenceReconciliation } from '../reconciliation.ts';
import { bySideAndArrival, type Place, type Position } from '../state.ts';
import { openRecords } from './open-records.ts';
import type { CommandOf, Verdict } from './verdict.ts';

/** E1: `match` wants sums that agree by the first rule's tolerance; `adjust` takes any difference. */
export function judgeMatch(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  command: CommandOf<'match'> | CommandOf<'adjust'>,
): Verdict {
  const places = openRecords(partition, reconciliation, command.records);
  if (typeof places === 'string') return { refused: places };
  if (places.length < 2) return { refused: 'a match needs at least two records' };
  const left = sumOfAmounts(places.filter((x) => x.side === 'left'));
  const right = sumOfAmounts(places.filter((x) => x.side === 'right'));
  const apart = difference(left, right);
  if (command.kind === 'match') {
    const first = reconciliation.rules[0]!;
    const { currency } = places[0]!.item.record;
    const oneSided = places.every((x) => x.side === places[0]!.side);
    const limit = oneSided
      ? contraLimit(first, currency)
      : toleranceLimit(first.rule.tolerance, left, right, currency);
    if (!signsFit(left, right)) return { refused: 'the sums have opposite signs' };
    if (Math.abs(apart) > limit)
      return { refused: `the sums differ by ${apart}, and ${limit} may be; use adjust` };
  }
  const carryOut = (): void => {
    const legs = places.toSorted(bySideAndArrival);
    const place = partition.emitter.next();
    const cause = command.kind === 'match' ? 'tolerance' : 'adjustment';
    emitByHand(partition, reconciliation, legs, {
      ...place,
      state: 'matched',
      match: place,
      version: 1,
      rule: command.kind,
      difference: apart,
      causes: apart === 0 ? {} : { [cause]: apart },
    });
    consume(
      partition,
      legs.map((leg) => leg.item),
      place,
    );
  };
  return { done: `${places.length} records matched`, carryOut };
}

interface ByHand extends Position {
  readonly logTime: number;
  readonly state: 'matched' | 'unmatched';
  readonly match: Position;
  readonly version: number;
  readonly rule: string;
  readonly difference: number;
  readonly causes: { readonly tolerance?: number; readonly adjustment?: number };
}

/** A version of a match that a person makes or undoes. */
export function emitByHand(
  partition: Partition,
  reconciliation: ReferenceReconciliation,
  legs: readonly Place[],
  { match, ...given }: ByHand,
): void {
  const { account } = legs[0]!.item.record;
  const { currency } = (legs.find((x) => x.side === 'right') ?? legs[0]!).item.record;
  partition.emitter.results.push({
    type: 'match',
    ...given,
    matchSequence: match.sequence,
    matchN: match.n,
    reconciliation: reconciliation.name,
    pools: reconciliation.pools,
    fields: [],
    account,
    currency,
    legs: legs.map((leg) => legOf(leg)),
    lagMs: lagOf(legs),
  });
}
