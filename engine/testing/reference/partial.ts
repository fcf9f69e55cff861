import type { Side } from '../../domain/index.ts';
import { toleranceLimit } from '../../rules/index.ts';
import { currencyOf, difference, residualOf, saturated, signOf, valueOf } from './amounts.ts';
import { close, leaveBreak, nextVersion } from './breaks.ts';
import { joinGroup, leaveGroup } from './groups.ts';
import { emitMatch } from './matches.ts';
import type { Partition } from './partition.ts';
import type { ReferenceRule } from './reconciliation.ts';
import {
  byArrival,
  bySideAndArrival,
  otherSide,
  type Group,
  type Item,
  type MadeMatch,
  type OpenBreak,
  type Place,
  type Position,
} from './state.ts';

/** P1: what x and earlier records of the other side have in common is matched at once; the rest of them stays open. */
export function allocateAtArrival(partition: Partition, rule: ReferenceRule, x: Place): boolean {
  const open = (y: Place): number => residualOf(rule, y);
  const others = open(x) === 0 ? [] : partners(rule, x);
  if (others.length === 0) return false;
  const group = joinGroup(partition, rule, x);
  const place = partition.emitter.next();
  const made = (group.match ??= begin(place, rule, group));
  const touched = [x];
  for (const y of others) {
    if (open(x) === 0) break;
    const amount = Math.min(Math.abs(open(x)), Math.abs(open(y)));
    allocate(made, x, amount);
    allocate(made, y, amount);
    touched.push(y);
  }
  const absorbed = absorb(rule, group, made);
  if (absorbed !== undefined && !touched.includes(absorbed)) touched.push(absorbed);
  emitVersion(partition, made, place);
  for (const y of touched) keepOnlyFor(partition, rule, y);
  settle(partition, group, touched.toSorted(bySideAndArrival));
  return true;
}

/** Records of the other side with the key of x, something left over, and its sign; the first alone on the one side. */
function partners(rule: ReferenceRule, x: Place): readonly Place[] {
  const one: Side | undefined =
    rule.cardinality === '1:N' ? 'left' : rule.cardinality === 'N:1' ? 'right' : undefined;
  const open = (side: Side): readonly Place[] =>
    [...new Set(x.keys[rule.index]!.flatMap((key) => rule.reconciliation.chain(side, rule, key)))]
      .toSorted((a, b) => byArrival(a.item, b.item))
      .filter((y) => residualOf(rule, y) !== 0 && isPositive(rule, y) === isPositive(rule, x));
  const others = open(otherSide(x.side));
  if (one === undefined) return others;
  if (one !== x.side) return others.slice(0, 1);
  return open(one).some((y) => byArrival(y.item, x.item) < 0) ? [] : others;
}

function isPositive(rule: ReferenceRule, x: Place): boolean {
  return residualOf(rule, x) * signOf(x) > 0;
}

function begin(place: Position, rule: ReferenceRule, group: Group): MadeMatch {
  return {
    sequence: place.sequence,
    n: place.n,
    version: 0,
    rule,
    legs: [],
    allocated: new Map(),
    rate: undefined,
    currency: undefined,
    group,
  };
}

/** @param amount how much, without sign */
function allocate(made: MadeMatch, x: Place, amount: number): void {
  const rest = residualOf(made.rule, x);
  const signed = rest < 0 ? -amount : amount;
  x.rest = rest - signed;
  made.allocated!.set(x, (made.allocated!.get(x) ?? 0) + signed);
}

/**
 * P1: what is left of the only record with something left belongs to the match if the tolerance covers it.
 * @returns that record, if it does
 */
function absorb(rule: ReferenceRule, group: Group, made: MadeMatch): Place | undefined {
  const open = group.members.filter((member) => residualOf(rule, member) !== 0);
  const [last] = open;
  if (open.length !== 1 || last === undefined || !made.allocated!.has(last)) return undefined;
  const legs = [...made.allocated!.keys()];
  const sum = (side: Side): number =>
    saturated(
      legs.filter((leg) => leg.side === side).reduce((total, leg) => total + BigInt(valueOf(rule, leg)), 0n),
    );
  const limit = toleranceLimit(rule.rule.tolerance, sum('left'), sum('right'), currencyOf(rule, legs));
  const rest = Math.abs(residualOf(rule, last));
  if (rest > limit) return undefined;
  allocate(made, last, rest);
  return last;
}

function emitVersion(
  partition: Partition,
  made: MadeMatch,
  place: Position & { readonly logTime: number },
): void {
  made.version += 1;
  made.legs = [...made.allocated!.keys()].sort(bySideAndArrival);
  const sum = (side: Side): number =>
    saturated(
      made.legs
        .filter((leg) => leg.side === side)
        .reduce((total, leg) => total + BigInt(made.allocated!.get(leg)! * signOf(leg)), 0n),
    );
  const apart = difference(sum('left'), sum('right'));
  const sums = {
    difference: apart,
    causes: apart === 0 ? {} : { tolerance: apart },
    currency: currencyOf(made.rule, made.legs),
    leftCurrency: undefined,
  };
  emitMatch(partition, made, sums, place);
}

/** P2: no other rule and no other lane of its pool tries a record any more that is matched in part. */
function keepOnlyFor(partition: Partition, rule: ReferenceRule, x: Place): void {
  const { item } = x;
  if (item.partly === undefined) {
    item.partly = x;
    // Its event is that of this lane from now on.
    if (item.event !== undefined) partition.schedule(item, item.event.kind, item.event.time);
  }
  item.refusedBy.clear();
  item.holds.clear();
  for (const place of item.places) {
    if (place !== x) partition.leaveLane(place);
  }
  for (const other of rule.reconciliation.rules) {
    if (other === rule) continue;
    rule.reconciliation.removeFromChains(x, other);
    leaveGroup(other, x);
  }
  if (x.rest !== 0) partition.keep(x, [rule]);
}

/** What is used up leaves memory; breaks heal as far as they go. */
function settle(partition: Partition, group: Group, touched: readonly Place[]): void {
  const own = group.broken;
  const by = { sequence: group.match!.sequence, n: group.match!.n };
  for (const { item, rest } of touched) {
    if (rest !== 0) continue;
    item.consumed = true;
    partition.forget(item);
  }
  const elsewhere = touched.filter((y) => y.item.broken !== undefined && y.item.broken !== own);
  const leaving = {
    items: new Set(elsewhere.map((y) => y.item)),
    end: { state: 'resolved', resolvedBy: by } as const,
    released: [] as Item[],
  };
  let ownIsSettled = false;
  for (const { item } of touched) {
    const { broken } = item;
    if (broken === undefined) continue;
    if (broken !== own) {
      leaveBreak(partition, broken, leaving);
      item.broken = undefined;
    } else if (!ownIsSettled) {
      ownIsSettled = true;
      settleResiduals(partition, own, leaving.end);
    }
  }
  // What is left of a record ends with this group alone.
  const open = touched.filter((y) => y.rest !== 0).map((y) => y.item);
  for (const item of [...leaving.released, ...open]) partition.release(item);
}

/** P2: the break of the group goes on with what is left over in it. */
function settleResiduals(
  partition: Partition,
  broken: OpenBreak,
  end: { readonly state: 'resolved'; readonly resolvedBy: Position },
): void {
  const members = broken.members.filter((member) => !member.consumed);
  if (members.length === 0) {
    close(partition, broken, end);
    return;
  }
  for (const member of broken.members) {
    if (member.consumed) member.broken = undefined;
  }
  broken.members = members;
  nextVersion(partition, broken);
}
