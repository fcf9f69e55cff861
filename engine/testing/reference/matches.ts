import type { Leg } from '../../domain/index.ts';
import { sumsOf, type Sums } from './amounts.ts';
import { close, leaveBreak } from './breaks.ts';
import type { Partition } from './partition.ts';
import {
  bySideAndArrival,
  type Group,
  type Item,
  type MadeMatch,
  type Place,
  type Position,
} from './state.ts';
import type { ReferenceReconciliation, ReferenceRule } from './reconciliation.ts';
import { refOf } from './why.ts';

/** C8: a rule ties records that are unmatched until now, or (x) just arrive. Their breaks heal (H). */
export function match(
  partition: Partition,
  rule: ReferenceRule,
  places: readonly Place[],
  sums: Sums,
  group?: Group,
): MadeMatch {
  const legs = places.toSorted(bySideAndArrival);
  const place = partition.emitter.next();
  const made: MadeMatch = {
    sequence: place.sequence,
    n: place.n,
    version: 1,
    rule,
    legs,
    allocated: undefined,
    rate: sums.rate,
    currency: group === undefined ? undefined : sums.currency,
    group,
  };
  if (group !== undefined) group.match = made;
  if (rule.cardinality !== 'contra') partition.matches.remember(made);
  emitMatch(partition, made, sums, place);
  consume(
    partition,
    legs.map((leg) => leg.item),
    made,
  );
  return made;
}

/** C7: a match gets late members. */
export function nextMatchVersion(
  partition: Partition,
  made: MadeMatch,
  added: readonly Place[],
  sums: Sums,
): void {
  const { reconciliation } = made.rule;
  made.version += 1;
  made.legs = [...made.legs, ...added].sort(bySideAndArrival);
  partition.matches.remember(made);
  emitMatch(partition, made, sums, partition.emitter.next());
  settleAmended(partition, reconciliation, made);
  const items = made.legs.filter((leg) => added.includes(leg)).map((leg) => leg.item);
  consume(partition, items, made);
}

/** F3: the sums of a match agree again, or it is undone: what an amendment broke is resolved. */
export function settleAmended(
  partition: Partition,
  { name }: ReferenceReconciliation,
  match: Position,
): void {
  const broken = partition.amended.get(keyOf(match));
  if (broken?.reconciliation.name !== name) return;
  partition.amended.delete(keyOf(match));
  close(partition, broken, { state: 'resolved', resolvedBy: match });
}

/** A match in the list of those that an amendment broke. */
export function keyOf({ sequence, n }: Position): string {
  return `${sequence}-${n}`;
}

/** H: the legs leave memory; per leg in order, the break that it was in; then those that breaks let go. */
export function consume(partition: Partition, items: readonly Item[], by: Position): void {
  const leaving = {
    items: new Set(items),
    end: { state: 'resolved', resolvedBy: by },
    released: [],
  } as const;
  const released: Item[] = [];
  for (const item of items) {
    item.consumed = true;
    partition.forget(item);
  }
  for (const item of items) {
    if (item.broken !== undefined) leaveBreak(partition, item.broken, { ...leaving, released });
    item.broken = undefined;
  }
  for (const item of released) partition.release(item);
}

/** Emits a version of a match by a rule. */
export function emitMatch(
  partition: Partition,
  made: MadeMatch,
  sums: Pick<Sums, 'difference' | 'causes' | 'currency' | 'leftCurrency'>,
  place: Position & { readonly logTime: number },
): void {
  const { rule, legs } = made;
  const { reconciliation } = rule;
  partition.emitter.results.push({
    type: 'match',
    ...place,
    state: 'matched',
    matchSequence: made.sequence,
    matchN: made.n,
    version: made.version,
    reconciliation: reconciliation.name,
    pools: reconciliation.pools,
    rule: rule.rule.name,
    fields: rule.fields,
    account: legs[0]!.item.record.account,
    currency: sums.currency,
    ...(sums.leftCurrency === undefined ? {} : { leftCurrency: sums.leftCurrency }),
    legs: legs.map((leg) => legOf(leg, made.allocated?.get(leg))),
    difference: sums.difference,
    causes: sums.causes,
    ...(made.rate === undefined ? {} : { rate: made.rate }),
    lagMs: lagOf(legs),
  });
}

/** The sums of a match as its legs are now, at the rate and in the currency of its first version. */
export function sumsOfMatch(made: MadeMatch): Sums {
  return sumsOf(made.rule, made.legs, made);
}

/** @param allocated its own amount where no other is given, minor units */
export function legOf(x: Place, allocated = x.item.fields.amount): Leg {
  return { ...refOf(x.item), side: x.side, allocated };
}

export function lagOf(legs: readonly Place[]): number {
  const times = legs.map((leg) => leg.item.record.time);
  return Math.max(...times) - Math.min(...times);
}
