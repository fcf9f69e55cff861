import { sumsOf } from './amounts.ts';
import { breakGroup } from './breaking.ts';
import { isWhole, signalOf } from './completion.ts';
import type { Partition } from './partition.ts';
import type { Place } from './state.ts';

/** C3: a group that has all that its signals speak of, and whose sums do not agree, breaks at once. */
export function breakOnSignal(partition: Partition, x: Place): void {
  for (const rule of x.reconciliation.rules) {
    if (rule.rule.complete !== 'onSignal') continue;
    const group = x.groups.get(rule);
    if (group === undefined || group.match !== undefined) continue;
    if (signalOf(rule, group.members) !== 'reached' || !isWhole(rule, group.members)) continue;
    if (sumsOf(rule, group.members).agree) continue;
    breakGroup(partition, group, 'group');
    return;
  }
}
