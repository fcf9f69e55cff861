import type { Side } from '../../domain/index.ts';
import { expressionOf } from '../../domain/index.ts';
import { closingMoment } from '../../rules/index.ts';
import { sumsOf, type Sums } from './amounts.ts';
import type { Partition } from './partition.ts';
import type { ReferenceRule } from './reconciliation.ts';
import { byArrival, type Place } from './state.ts';

/** C2: both sides have members, and the one side of 1:N or N:1 exactly one. */
export function isWhole(rule: ReferenceRule, places: readonly Place[]): boolean {
  const lefts = places.filter((x) => x.side === 'left').length;
  const rights = places.length - lefts;
  if (rule.cardinality === '1:N' && lefts !== 1) return false;
  if (rule.cardinality === 'N:1' && rights !== 1) return false;
  return lefts > 0 && rights > 0;
}

/** C2: the sums of a group that may be matched as it is; undefined where it may not. */
export function agreement(
  partition: Partition,
  rule: ReferenceRule,
  places: readonly Place[],
): Sums | undefined {
  if (!isWhole(rule, places)) return undefined;
  const sums = sumsOf(rule, places);
  if (!sums.agree || partition.isBarred(rule.reconciliation, places)) return undefined;
  return sums;
}

/** C3: the sums of a group that is complete the moment a record arrives. */
export function completesAtArrival(
  partition: Partition,
  rule: ReferenceRule,
  places: readonly Place[],
): Sums | undefined {
  const sums = agreement(partition, rule, places);
  switch (rule.rule.complete) {
    case 'onSum':
      return sums;
    case 'onSignal':
      return signalOf(rule, places) === 'reached' ? sums : undefined;
    case 'onCutoff':
      return partition.watermark > cutoffOf(rule, places) ? sums : undefined;
    default:
      return undefined;
  }
}

/** C4: the sums of a group that is matched when a member of it expires. */
export function completesAtExpiry(
  partition: Partition,
  rule: ReferenceRule,
  places: readonly Place[],
): Sums | undefined {
  if (rule.rule.complete === 'onSignal' && signalOf(rule, places) === 'missing') return undefined;
  return agreement(partition, rule, places);
}

/** When the batch that a group is the settlement of is closed, and its grace is over. */
function cutoffOf(rule: ReferenceRule, places: readonly Place[]): number {
  for (const key of rule.rule.keys) {
    for (const side of ['left', 'right'] as const) {
      const expression = expressionOf(key, side);
      if (typeof expression === 'string' || !('settleDate' in expression)) continue;
      const [member] = places.filter((x) => x.side === side).toSorted((a, b) => byArrival(a.item, b.item));
      const { calendars, definition } = rule.reconciliation;
      if (member === undefined) return Infinity;
      return closingMoment(expression.settleDate, member.item.fields, calendars) + definition.window.grace;
    }
  }
  return Infinity;
}

/** C3: whether a group says how many it is or what it sums to, and whether it is and does. */
export function signalOf(rule: ReferenceRule, places: readonly Place[]): 'none' | 'missing' | 'reached' {
  const answers =
    rule.cardinality === 'N:M'
      ? (['left', 'right'] as const).map((side) =>
          signalReached(
            places.filter((x) => x.side === side),
            places.filter((x) => x.side === side),
          ),
        )
      : [
          signalReached(
            places,
            places.filter((x) => x.side === manySide(rule)),
          ),
        ];
  if (answers.includes(false)) return 'missing';
  return answers.includes(true) ? 'reached' : 'none';
}

function manySide(rule: ReferenceRule): Side {
  return rule.cardinality === '1:N' ? 'right' : 'left';
}

/**
 * The largest count, and of totals that of the latest arrival, speak.
 * @param tellers whose signals count
 * @param many the records that they speak of
 * @returns undefined where nobody says anything
 */
function signalReached(tellers: readonly Place[], many: readonly Place[]): boolean | undefined {
  const counts = tellers.map((x) => x.item.record.groupCount).filter((count) => count !== undefined);
  const [last] = tellers
    .filter((x) => x.item.record.groupTotal !== undefined)
    .toSorted((a, b) => byArrival(b.item, a.item));
  if (counts.length === 0 && last === undefined) return undefined;
  if (counts.length > 0 && many.length < Math.max(...counts)) return false;
  if (last === undefined) return true;
  const sum = many.reduce((total, x) => total + x.item.record.amount, 0n);
  const total = last.item.record.groupTotal!;
  return sum === total || sum === -total;
}
