import { isDeepStrictEqual } from 'node:util';
import { CounterfoilError, type RuleSet } from '../../domain/index.ts';
import { Calendars } from '../../rules/index.ts';
import { leaveSilently } from './breaks.ts';
import { dropGroups } from './groups.ts';
import type { Partition } from './partition.ts';
import { ReferenceReconciliation } from './reconciliation.ts';
import { byArrival, type Item } from './state.ts';
import { findTwin } from './twins.ts';

/** E6: why a set of rules cannot come into force; undefined where it can. */
export function refusalOf(inForce: RuleSet | undefined, next: RuleSet): string | undefined {
  if (inForce !== undefined && !isDeepStrictEqual(inForce.partitionBy, next.partitionBy))
    return 'partitionBy differs';
  if (inForce !== undefined && inForce.seenHorizon !== next.seenHorizon) return 'seenHorizon differs';
  try {
    const calendars = new Calendars(next.calendars);
    for (const { due } of next.sources) calendars.of(due?.calendar ?? []);
    for (const definition of next.reconciliations) new ReferenceReconciliation(definition, next);
  } catch (error) {
    if (error instanceof CounterfoilError) return error.message;
    throw error;
  }
  return undefined;
}

/**
 * E6: brings a set of rules into force. What is the same keeps its state; the unmatched records of what is changed are
 * selected and tried anew.
 * @returns how many late records the reconciliations had that are no more
 */
export function changeRules(partition: Partition, next: RuleSet): number {
  const before = partition.reconciliations;
  const made = next.reconciliations.map((definition) => new ReferenceReconciliation(definition, next));
  const changed = changedNames(before, made);
  const outdated = before.filter((each) => changed.has(each.name));
  const records = takeOut(partition, outdated);
  partition.reconciliations = made.map(
    (each) => before.find((old) => old.name === each.name && !changed.has(old.name)) ?? each,
  );
  for (const [index, each] of partition.reconciliations.entries()) each.index = index;
  for (const [match, broken] of partition.amended) {
    const now = partition.reconciliations.find((each) => each.name === broken.reconciliation.name);
    if (now === undefined) partition.amended.delete(match);
    else broken.reconciliation = now;
  }
  partition.events.sort();
  // Breaks find all their members again before any record is tried.
  const returned = records.map((record) => selectAnew(partition, record));
  for (const items of returned) tryAnew(partition, items);
  return outdated.reduce((sum, each) => sum + each.late, 0);
}

/** Those that are gone or differ, or have changed their order in a pool; and those that share a pool with one of them. */
function changedNames(
  before: readonly ReferenceReconciliation[],
  after: readonly ReferenceReconciliation[],
): Set<string> {
  const changed = new Set<string>();
  for (const old of before) {
    const now = after.find((each) => each.name === old.name);
    if (now === undefined || !isDeepStrictEqual(now.meaning, old.meaning)) changed.add(old.name);
  }
  const poolsOf = (name: string): string[] =>
    [...before, ...after].filter((each) => each.name === name).flatMap((each) => each.pools);
  for (const old of before) {
    for (const other of before) {
      const wasFirst = before.indexOf(old) < before.indexOf(other);
      const isFirst = placeIn(after, old.name) < placeIn(after, other.name);
      if (changed.has(old.name) || changed.has(other.name) || wasFirst === isFirst) continue;
      if (old.pools.some((pool) => other.pools.includes(pool))) changed.add(old.name);
    }
  }
  for (let grown = true; grown;) {
    grown = false;
    const pools = new Set([...changed].flatMap(poolsOf));
    for (const { name } of before) {
      if (changed.has(name) || !poolsOf(name).some((pool) => pools.has(pool))) continue;
      changed.add(name);
      grown = true;
    }
  }
  return changed;
}

function placeIn(reconciliations: readonly ReferenceReconciliation[], name: string): number {
  return reconciliations.findIndex((each) => each.name === name);
}

/** What is left of a record when the definitions that it was unmatched under are no more. */
interface Homeless {
  /** Its items, in configured order of their first lanes. */
  readonly items: readonly Item[];
  /** Names of the reconciliations that it was unmatched in. */
  readonly lanes: ReadonlySet<string>;
}

/** The records of the outdated reconciliations leave memory, in order of arrival; those that matched in part for good. */
function takeOut(partition: Partition, outdated: readonly ReferenceReconciliation[]): Homeless[] {
  const items = partition
    .items()
    .filter((item) => item.places.some((place) => outdated.includes(place.reconciliation)))
    .sort((a, b) => byArrival(a, b) || a.places[0]!.reconciliation.index - b.places[0]!.reconciliation.index);
  const found = new Map<string, { items: Item[]; lanes: Set<string> }>();
  for (const item of items) {
    const where = `${item.sequence}-${item.ordinal}`;
    const record = found.get(where) ?? { items: [], lanes: new Set() };
    found.set(where, record);
    if (item.partly !== undefined) continue;
    record.items.push(item);
    for (const place of item.places) {
      if (place.kept) record.lanes.add(place.reconciliation.name);
    }
  }
  for (const reconciliation of outdated) dropGroups(reconciliation);
  for (const item of items) {
    partition.forget(item);
    if (item.partly !== undefined) leaveSilently(item);
  }
  partition.matches.forget((made) => outdated.includes(made.rule.reconciliation));
  return [...found.values()].filter(({ items: kept }) => kept.length > 0);
}

/** The items of a record as the rules select it now. Broken ones are in their breaks. */
function selectAnew(partition: Partition, { items: old, lanes }: Homeless): Item[] {
  const { record, sequence, ordinal } = old[0]!;
  const only = partition.reconciliations.filter(({ name }) => lanes.has(name));
  const items = partition.itemsOf(record, sequence, ordinal, only);
  for (const item of items) inheritBreak(item, old);
  for (const each of old) leaveSilently(each);
  return items;
}

/** The record is tried by the rules as at arrival, against those that were tried before it. */
function tryAnew(partition: Partition, items: readonly Item[]): void {
  const places = items
    .flatMap((item) => item.places)
    .sort((a, b) => a.reconciliation.index - b.reconciliation.index);
  for (const place of places) place.twin = findTwin(place, partition.watermark);
  for (const place of places) {
    if (!place.item.consumed && place.item.partly === undefined) partition.arriveIn(place);
  }
  for (const item of items) {
    if (item.inMemory && item.broken !== undefined && partition.watermark > item.due)
      partition.awaitEviction(item);
  }
}

/** A broken record keeps its break, and when it was due, where it is still selected by the break's reconciliation. */
function inheritBreak(item: Item, old: readonly Item[]): void {
  for (const place of item.places) {
    const { name } = place.reconciliation;
    const was = old.find((each) => each.places.some((lane) => lane.reconciliation.name === name));
    const broken = was?.broken;
    if (was === undefined || broken?.reconciliation.name !== name) continue;
    broken.members = broken.members.map((member) => (member === was ? item : member));
    was.broken = undefined;
    item.broken = broken;
    item.due = was.due;
    broken.reconciliation = place.reconciliation;
    return;
  }
}
