import { residualOf } from './amounts.ts';
import { join, nextVersion, forgetBreak, openBreak } from './breaks.ts';
import { nearestUnfit } from './pairs.ts';
import type { Partition } from './partition.ts';
import { bySideAndArrival, type Group, type Item, type OpenBreak, type Place } from './state.ts';

/** C5, B4: the first lane that can say what is wrong with the record does; else it stands alone in the last to be due. */
export function breakUp(partition: Partition, item: Item): void {
  if (item.partly !== undefined) {
    for (const group of item.partly.groups.values()) breakGroup(partition, group, 'residual');
    return;
  }
  const lanes = item.places.filter((place) => place.kept);
  if (lanes.some((place) => breakIn(partition, place))) return;
  const due = Math.max(...lanes.map((place) => place.due));
  const last = lanes.find((place) => place.due === due)!;
  standAlone(partition, last, last.twin === undefined ? 'unmatched' : 'duplicate');
}

/** Steps a to d in one lane. */
function breakIn(partition: Partition, x: Place): boolean {
  const { rules } = x.reconciliation;
  const refusal = rules.find((rule) => x.item.refusedBy.has(rule));
  if (refusal !== undefined) {
    openBreak(partition, {
      reconciliation: x.reconciliation,
      dueTime: x.item.due,
      style: 'pair',
      members: [x.item],
      rule: refusal,
      alone: 'ambiguous',
    });
    return true;
  }
  const groups = rules.flatMap((rule) => x.groups.get(rule) ?? []);
  const matched = groups.find((group) => group.match !== undefined && group.rule.rule.partial !== true);
  if (matched !== undefined) {
    breakGroup(partition, matched, 'late');
    return true;
  }
  for (const group of groups) {
    if (group.rule.rule.partial === true) {
      if (residualOf(group.rule, x) === 0) continue;
      breakGroup(partition, group, 'residual');
      return true;
    }
    if (group.members.length < 2) continue;
    breakGroup(partition, group, 'group');
    return true;
  }
  return breakPair(partition, x);
}

/** Step d: the nearest in no break joins; else x joins the break of the nearest that stands alone. */
function breakPair(partition: Partition, x: Place): boolean {
  const free = nearestUnfit(x, true);
  if (free !== undefined) {
    openBreak(partition, {
      reconciliation: x.reconciliation,
      dueTime: x.item.due,
      style: 'pair',
      members: [x.item, free.item],
      rule: x.reconciliation.rules[0]!,
    });
    return true;
  }
  const alone = nearestUnfit(x, false)?.item.broken;
  if (alone === undefined) return false;
  join(alone, x.item);
  nextVersion(partition, alone);
  return true;
}

function standAlone(partition: Partition, x: Place, alone: 'unmatched' | 'duplicate'): OpenBreak {
  return openBreak(partition, {
    reconciliation: x.reconciliation,
    dueTime: x.item.due,
    style: 'pair',
    members: [x.item],
    rule: x.reconciliation.rules[0]!,
    alone,
  });
}

/** C6, C7, P2: all members of a group that are in no break are in that of the group. */
export function breakGroup(partition: Partition, group: Group, style: 'group' | 'late' | 'residual'): void {
  const free = group.members
    .filter((member) => member.item.broken === undefined)
    .filter((member) => style !== 'residual' || residualOf(group.rule, member) !== 0)
    .toSorted(bySideAndArrival)
    .map((member) => member.item);
  if (free.length === 0) return;
  if (group.broken !== undefined) {
    for (const member of free) join(group.broken, member);
    nextVersion(partition, group.broken);
    return;
  }
  openBreak(partition, {
    reconciliation: group.rule.reconciliation,
    dueTime: group.due,
    style,
    members: free,
    rule: group.rule,
    group,
  });
}

/** A record leaves memory for good, with the members of its break, of which nothing more is said. */
export function forgetWithItsBreak(partition: Partition, item: Item): void {
  const { broken } = item;
  const leaving = broken?.members ?? [item];
  if (broken !== undefined) forgetBreak(broken);
  for (const member of leaving) partition.forget(member);
}
