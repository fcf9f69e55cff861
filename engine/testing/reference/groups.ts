import { sumsOf, type Sums } from './amounts.ts';
import { completesAtArrival, completesAtExpiry } from './completion.ts';
import { match, nextMatchVersion } from './matches.ts';
import type { Partition } from './partition.ts';
import type { ReferenceReconciliation, ReferenceRule } from './reconciliation.ts';
import { byArrival, type Group, type Item, type OpenBreak, type Place } from './state.ts';

/** C1, C7: the group of a key, if it lives: it has an unmatched member, or its match is remembered. */
function liveGroup(partition: Partition, rule: ReferenceRule, key: string): Group | undefined {
  const { groups } = rule.reconciliation;
  const group = groups.get(`${rule.index} ${key}`);
  if (group === undefined || group.members.length > 0) return group;
  if (isRemembered(partition, group)) return group;
  endGroup(group);
  return undefined;
}

/** C7: whether a group still has its match, to be late for or to be a leg of. */
export function isRemembered(partition: Partition, { rule, members, match: made, due }: Group): boolean {
  if (made === undefined) return false;
  return members.length > 0 || partition.watermark <= due + rule.reconciliation.definition.retain;
}

function endGroup(group: Group): void {
  const { groups } = group.rule.reconciliation;
  for (const key of group.keys) groups.delete(`${group.rule.index} ${key}`);
}

/** The groups that a record would make one of, or the matched group that it comes too late for. */
interface Meeting {
  /** Unmatched groups of its keys, by age of their keys in the record. */
  readonly open: readonly Group[];
  /** The keys that are in no matched group. */
  readonly keys: readonly string[];
  /** C1: all its keys are those of groups matched already: the first of them. */
  readonly late: Group | undefined;
}

function meet(partition: Partition, rule: ReferenceRule, x: Place): Meeting {
  const found = x.keys[rule.index]!.map((key) => ({ key, group: liveGroup(partition, rule, key) }));
  // What a partial rule has matched so far goes on in the same group.
  const isOpen = (group: Group | undefined): boolean =>
    group?.match === undefined || rule.rule.partial === true;
  const open = found.filter(({ group }) => isOpen(group));
  return {
    open: [...new Set(open.flatMap(({ group }) => group ?? []))],
    keys: open.map(({ key }) => key),
    late: open.length === 0 ? found[0]!.group : undefined,
  };
}

/** C1: x becomes a member; the unmatched groups of its keys are one from now on. */
export function joinGroup(partition: Partition, rule: ReferenceRule, x: Place): Group {
  const { open, keys, late } = meet(partition, rule, x);
  const group = late ?? unite(rule, open, keys);
  if (!group.members.includes(x)) group.members = [...group.members, x];
  group.due = Math.max(group.due, x.item.due);
  x.groups.set(rule, group);
  return group;
}

function unite(rule: ReferenceRule, groups: readonly Group[], keys: readonly string[]): Group {
  const group: Group = groups[0] ?? {
    rule,
    keys: new Set(),
    members: [],
    due: -Infinity,
    match: undefined,
    broken: undefined,
  };
  for (const other of groups.slice(1)) {
    for (const member of other.members) member.groups.set(rule, group);
    group.members = [...group.members, ...other.members];
    group.due = Math.max(group.due, other.due);
    for (const key of other.keys) group.keys.add(key);
    keepEarlierBreak(group, other.broken);
  }
  for (const key of keys) group.keys.add(key);
  for (const key of group.keys) rule.reconciliation.groups.set(`${rule.index} ${key}`, group);
  return group;
}

/** A group has at most one break: of two united ones that with the earliest record; nobody joins the other any more. */
function keepEarlierBreak(group: Group, other: OpenBreak | undefined): void {
  if (other === undefined) return;
  const mine = group.broken;
  const isEarlier = mine === undefined || byArrival(earliest(other.members), earliest(mine.members)) < 0;
  const [kept, left] = isEarlier ? [other, mine] : [mine, other];
  if (left !== undefined) left.group = undefined;
  kept.group = group;
  group.broken = kept;
}

function earliest(members: readonly Item[]): Item {
  return members.reduce((first, each) => (byArrival(each, first) < 0 ? each : first));
}

/** An unmatched member leaves its group, matched or not. Without members a group that was never matched ends. */
export function leaveGroup(rule: ReferenceRule, x: Place): void {
  const group = x.groups.get(rule);
  if (group === undefined) return;
  x.groups.delete(rule);
  group.members = group.members.filter((member) => member !== x);
  if (group.members.length > 0) return;
  if (group.match === undefined || group.match.allocated !== undefined) endGroup(group);
}

/** C3, C7: whether the arrival of x completes its group, or the late members of a matched one; then they match. */
export function matchGroupAtArrival(partition: Partition, rule: ReferenceRule, x: Place): boolean {
  const { open, keys, late } = meet(partition, rule, x);
  if (late !== undefined) return matchLateMembers(partition, late, x);
  const places = [...open.flatMap((group) => group.members), x];
  const sums = completesAtArrival(partition, rule, places);
  if (sums === undefined) return false;
  const group = unite(rule, open, keys);
  group.due = Math.max(group.due, x.item.due);
  match(partition, rule, places, sums, group);
  return true;
}

/** C4, C7: whether the group of x is matched at its expiry. */
export function matchGroupAtExpiry(partition: Partition, rule: ReferenceRule, x: Place): boolean {
  const group = x.groups.get(rule);
  if (group === undefined) return false;
  if (group.match !== undefined) return matchLateMembers(partition, group);
  const sums = completesAtExpiry(partition, rule, group.members);
  if (sums === undefined) return false;
  match(partition, rule, group.members, sums, group);
  return true;
}

/** E7: whether the group of x, which has no match, is complete at the rates that are known now; then it matches. */
export function matchGroupNow(partition: Partition, rule: ReferenceRule, x: Place): boolean {
  const group = x.groups.get(rule);
  if (group === undefined || group.match !== undefined) return false;
  const isDue = partition.watermark > group.due;
  const sums = (isDue ? completesAtExpiry : completesAtArrival)(partition, rule, group.members);
  if (sums === undefined) return false;
  match(partition, rule, group.members, sums, group);
  return true;
}

/** C7: unmatched late members, and x that arrives, are matched together when they change the sums by no more than may be. */
function matchLateMembers(partition: Partition, group: Group, x?: Place): boolean {
  const made = group.match!;
  const added = x === undefined ? group.members : [...group.members, x];
  const legs = [...made.legs, ...added];
  const sums: Sums = sumsOf(group.rule, legs, made);
  if (!sums.agree || partition.isBarred(group.rule.reconciliation, legs)) return false;
  if (x !== undefined) group.due = Math.max(group.due, x.item.due);
  nextMatchVersion(partition, made, added, sums);
  return true;
}

/** C4: the latest D of all groups that a record is in. */
export function latestGroupDue(places: readonly Place[]): number {
  return Math.max(-Infinity, ...places.flatMap((x) => [...x.groups.values()].map((group) => group.due)));
}

/** E3, E6: a match is forgotten, and late members are an ordinary group. */
export function forgetMatch(group: Group): void {
  group.match = undefined;
  unbind(group);
  if (group.members.length === 0) endGroup(group);
}

/** The break of a group goes on without it: no member joins it any more. */
export function unbind(group: Group): void {
  if (group.broken === undefined) return;
  group.broken.group = undefined;
  group.broken = undefined;
}

/** E6: a reconciliation starts to gather anew. */
export function dropGroups(reconciliation: ReferenceReconciliation): void {
  for (const group of reconciliation.groups.values()) unbind(group);
  reconciliation.groups.clear();
}
