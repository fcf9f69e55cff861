import type { MoneyRecord } from '../../domain/index.ts';
import { close, leaveSilently, nextVersion, openBreak, placeIn, repeatVersion } from './breaks.ts';
import { unbind } from './groups.ts';
import { addPlace, newItem } from './items.ts';
import { emitMatch, keyOf, settleAmended, sumsOfMatch } from './matches.ts';
import { aloneBody, memberOf } from './members.ts';
import type { Partition } from './partition.ts';
import {
  bySideAndArrival,
  type BreakBody,
  type Item,
  type MadeMatch,
  type OpenBreak,
  type Place,
} from './state.ts';
import { forgetTwin } from './twins.ts';

/** A record that was accepted, with its place in the log. */
export interface Accepted {
  readonly record: MoneyRecord;
  readonly sequence: number;
  readonly ordinal: number;
}

/** F3: a record takes the place of an earlier one, in its matches and breaks, and arrives where that was unmatched. */
export function arriveInPlaceOf(
  partition: Partition,
  before: Accepted,
  after: Accepted,
  items: readonly Item[],
  maxOpenRecords: number,
): void {
  for (const { twins } of partition.reconciliations) forgetTwin(twins, before.sequence, before.ordinal);
  const lanes = partition.itemsOf(before.record, before.sequence, before.ordinal);
  const isSame = isSameMoney(before, after);
  const matched = isSame ? lanes.flatMap((lane) => partition.matches.find(lane) ?? []) : [];
  const open = partition.itemsAt(before.sequence, before.ordinal);
  const inherited = new Map<Item, OpenBreak>();
  const ended: OpenBreak[] = [];
  for (const old of [...open]) {
    const { broken } = old;
    partition.forget(old);
    if (broken === undefined) continue;
    const heir = items.find((item) => item.pool === old.pool);
    if (isSame && heir !== undefined && standsLike(heir, old, broken)) {
      broken.members = broken.members.map((member) => (member === old ? heir : member));
      heir.broken = broken;
      inherited.set(heir, broken);
    } else if (broken.members.length === 1) {
      ended.push(broken);
    } else {
      leaveSilently(old);
    }
    old.broken = undefined;
  }
  // Nobody is left whom such a break could be about.
  for (const broken of ended.sort(byReconciliation)) close(partition, broken, { state: 'resolved' });
  for (const { made, leg } of matched) {
    if (open.some((old) => old.pool === leg.item.pool)) continue;
    takeLeg(partition, made, leg, after, items);
  }
  partition.arrive(items, maxOpenRecords);
  const inOrder = [...inherited].sort(([, a], [, b]) => byReconciliation(a, b));
  for (const [item, broken] of inOrder) {
    if (item.broken !== broken || broken.ended) continue;
    leaveOtherGroup(item, broken);
    sayAgain(partition, broken);
  }
}

function byReconciliation(a: OpenBreak, b: OpenBreak): number {
  return a.reconciliation.index - b.reconciliation.index;
}

/** Whether they are in one account and currency: else neither a match nor a break goes on with the new record. */
function isSameMoney({ record: before }: Accepted, { record: after }: Accepted): boolean {
  return before.account === after.account && before.currency === after.currency;
}

/** The break of a group goes on without it where the new record is none of its members. */
function leaveOtherGroup(item: Item, broken: OpenBreak): void {
  const { group, reconciliation, rule } = broken;
  if (group === undefined || placeIn(item, reconciliation)?.groups.get(rule) === group) return;
  unbind(group);
  broken.group = undefined;
}

/** Whether the new record has a place where the break of the old one is, on the same side; no break of rests is inherited. */
function standsLike(heir: Item, old: Item, broken: OpenBreak): boolean {
  if (broken.style === 'residual') return false;
  const side = placeIn(old, broken.reconciliation)?.side;
  return placeIn(heir, broken.reconciliation)?.side === side;
}

/** A break with a new member: kind, amount and reason anew, but what it is alone as it stays. */
function sayAgain(partition: Partition, broken: OpenBreak): void {
  if (broken.alone === 'unmatched') {
    nextVersion(partition, broken);
    return;
  }
  const place = placeIn(broken.members[0]!, broken.reconciliation)!;
  const { kind, why } = broken.body;
  broken.body = { ...aloneBody(place), kind, why };
  repeatVersion(partition, broken);
}

/** The match goes on with the new record as its leg; if the sums disagree by now, the new record is an `amended` break. */
function takeLeg(
  partition: Partition,
  made: MadeMatch,
  leg: Place,
  after: Accepted,
  items: readonly Item[],
): void {
  const { reconciliation } = leg;
  const heir = items.find((item) => item.pool === leg.item.pool);
  const standing = heir === undefined ? undefined : placeIn(heir, reconciliation);
  const place = standing?.side === leg.side ? standing : legFor(partition, leg, after);
  place.item.consumed = true;
  if (heir !== undefined) heir.consumed = true;
  made.legs = made.legs.map((each) => (each === leg ? place : each)).sort(bySideAndArrival);
  made.version += 1;
  partition.matches.remember(made);
  const sums = sumsOfMatch(made);
  emitMatch(partition, made, sums, partition.emitter.next());

  if (sums.agree) {
    settleAmended(partition, reconciliation, made);
    return;
  }
  const body: BreakBody = {
    kind: 'amended',
    account: place.item.record.account,
    currency: sums.currency,
    ...(sums.leftCurrency === undefined ? {} : { leftCurrency: sums.leftCurrency }),
    members: [memberOf(place)],
    amount: sums.difference,
    why: {
      rule: made.rule.rule.name,
      condition: 'amended',
      difference: sums.difference,
      tolerance: sums.limit,
      match: { sequence: made.sequence, n: made.n },
    },
  };
  const amended = partition.amended.get(keyOf(made));
  if (amended === undefined) {
    const given = { reconciliation, dueTime: place.due, style: 'amended', rule: made.rule, body } as const;
    partition.amended.set(keyOf(made), openBreak(partition, { ...given, members: [place.item] }));
    place.item.broken = undefined;
    return;
  }
  amended.body = body;
  amended.members = [place.item];
  repeatVersion(partition, amended);
}

/** A leg of a record that is not selected where the record that it replaces was. */
function legFor(partition: Partition, leg: Place, { record, sequence, ordinal }: Accepted): Place {
  const item = newItem(record, sequence, ordinal, leg.item.pool);
  return addPlace(item, leg.reconciliation, leg.side, partition.watermark);
}
