import type { BreakState, Why } from '../../domain/index.ts';
import { sumOfAmounts, sumsOf, difference, signsFit } from './amounts.ts';
import { groupBody, lateBody } from './group-breaks.ts';
import { aloneBody, kindOfGroup, memberOf } from './members.ts';
import { nearestUnfit, rivalsOf } from './pairs.ts';
import { residualBody } from './residual-breaks.ts';
import type { Partition } from './partition.ts';
import type { ReferenceReconciliation } from './reconciliation.ts';
import {
  bySideAndArrival,
  type BreakBody,
  type Item,
  type OpenBreak,
  type Place,
  type Position,
} from './state.ts';
import { refOf, whyAlone } from './why.ts';

/** Emits the first version of a break. */
export function openBreak(
  partition: Partition,
  given: Pick<OpenBreak, 'reconciliation' | 'dueTime' | 'style' | 'members' | 'rule'> & Partial<OpenBreak>,
  state: BreakState = 'open',
): OpenBreak {
  const place = partition.emitter.next();
  const draft: Draft = {
    reconciliation: given.reconciliation,
    dueTime: given.dueTime,
    reason: '',
    style: given.style,
    members: given.members,
    rule: given.rule,
    alone: given.alone ?? 'unmatched',
    group: given.group,
  };
  const body = given.body ?? bodyOf(partition, draft);
  const ended = state !== 'open';
  const opened: OpenBreak = { ...draft, sequence: place.sequence, n: place.n, version: 1, ended, body };
  if (!ended) {
    for (const member of opened.members) member.broken = opened;
    if (opened.group !== undefined) opened.group.broken = opened;
  }
  emit(partition, opened, place, { state });
  return opened;
}

/** Emits the next version of a break that goes on, with what its members are now. */
export function nextVersion(partition: Partition, broken: OpenBreak): void {
  broken.body = bodyOf(partition, broken);
  repeatVersion(partition, broken);
}

/** Emits a version that says the same again: only its number, its reason or its state are new. */
export function repeatVersion(
  partition: Partition,
  broken: OpenBreak,
  end: { readonly state: BreakState; readonly resolvedBy?: Position | undefined } = { state: 'open' },
): void {
  broken.version += 1;
  emit(partition, broken, partition.emitter.next(), end);
}

/** The last version of a break: its members as they were. */
export function close(
  partition: Partition,
  broken: OpenBreak,
  end: { readonly state: 'resolved' | 'writtenOff'; readonly resolvedBy?: Position | undefined },
): void {
  forgetBreak(broken);
  repeatVersion(partition, broken, end);
}

/** No member is left that could be matched: nothing will be said of it any more. */
export function forgetBreak(broken: OpenBreak): void {
  broken.ended = true;
  for (const member of broken.members) {
    if (member.broken === broken) member.broken = undefined;
  }
  if (broken.group?.broken === broken) broken.group.broken = undefined;
}

/** How records leave their breaks. */
export interface Leaving {
  /** All that leave at once. */
  readonly items: ReadonlySet<Item>;
  readonly end: Parameters<typeof close>[2];
  /** Records that a break has let go, to be looked after when all breaks are settled. */
  readonly released: Item[];
}

/**
 * Some members of a break leave it. §6.7: the owner of a pair takes the break with it and lets the other go; without
 * the one that joined, the owner looks for the next. Others go on with the members that remain.
 */
export function leaveBreak(partition: Partition, broken: OpenBreak, leaving: Leaving): void {
  const remaining = broken.members.filter((member) => !leaving.items.has(member));
  if (remaining.length === broken.members.length) return;
  const [owner] = broken.members;
  if (broken.style === 'pair' && leaving.items.has(owner!)) {
    close(partition, broken, leaving.end);
    leaving.released.push(...remaining);
    return;
  }
  if (remaining.length === 0) {
    close(partition, broken, leaving.end);
    return;
  }
  for (const member of broken.members) {
    if (leaving.items.has(member)) member.broken = undefined;
  }
  broken.members = remaining;
  if (broken.style === 'pair') {
    const place = placeIn(owner!, broken.reconciliation);
    const next = place === undefined ? undefined : nearestUnfit(place, true);
    if (next !== undefined) join(broken, next.item);
  }
  nextVersion(partition, broken);
}

/** The record is no member of its break any more; of a break without members nothing more is said. */
export function leaveSilently(item: Item): void {
  const { broken } = item;
  if (broken === undefined) return;
  item.broken = undefined;
  broken.members = broken.members.filter((member) => member !== item);
  if (broken.members.length === 0) forgetBreak(broken);
}

export function join(broken: OpenBreak, item: Item): void {
  broken.members = [...broken.members, item];
  item.broken = broken;
}

/** The place that a record has, or had, in a reconciliation. */
export function placeIn(item: Item, reconciliation: ReferenceReconciliation): Place | undefined {
  return item.places.find((place) => place.reconciliation === reconciliation);
}

type Draft = Omit<OpenBreak, 'sequence' | 'n' | 'version' | 'ended' | 'body'> & { readonly body?: BreakBody };

/** What a break says of the members that it has. */
function bodyOf(partition: Partition, broken: Draft): BreakBody {
  const places = broken.members.map((member) => placeIn(member, broken.reconciliation)!);
  switch (broken.style) {
    case 'pair':
      return pairBody(partition, broken, places);
    case 'amended':
      return broken.body!;
    case 'group':
    case 'late':
    case 'residual': {
      const sorted = places.toSorted(bySideAndArrival);
      if (broken.group === undefined) return unboundBody(broken, sorted);
      if (broken.style === 'late') return lateBody(broken.rule, broken.group.match!, sorted);
      return broken.style === 'group'
        ? groupBody(broken.rule, sorted)
        : residualBody(broken.rule, broken.group, sorted);
    }
  }
}

function pairBody(partition: Partition, broken: Draft, places: readonly Place[]): BreakBody {
  const [owner, joined] = places;
  const first = broken.reconciliation.rules[0]!;
  if (joined === undefined)
    return { ...aloneBody(owner!), kind: broken.alone, why: whyOfAlone(partition, broken, owner!) };
  const sums = sumsOf(first, places.toSorted(bySideAndArrival));
  return {
    kind: 'amount',
    account: owner!.item.record.account,
    currency: sums.currency,
    ...(sums.leftCurrency === undefined ? {} : { leftCurrency: sums.leftCurrency }),
    members: places.map((x) => memberOf(x)),
    amount: sums.difference,
    why: signsFit(sums.left, sums.right)
      ? {
          rule: first.rule.name,
          condition: 'amount',
          difference: sums.difference,
          tolerance: sums.limit,
        }
      : { rule: first.rule.name, condition: 'sign' },
  };
}

function whyOfAlone(partition: Partition, broken: Draft, owner: Place): Why {
  const rule = broken.rule.rule.name;
  switch (broken.alone) {
    case 'unmatched':
      return whyAlone(owner);
    case 'ambiguous': {
      const rivals = rivalsOf(partition, broken.rule, owner).map((place) => refOf(place.item));
      return { rule, condition: 'ambiguous', ...(rivals.length === 0 ? {} : { records: rivals }) };
    }
    case 'duplicate':
      return { rule, condition: 'duplicate', records: [refOf(owner.twin!)] };
  }
}

/** A break that no group adds to any more: it keeps its reason, and counts plain amounts. */
function unboundBody(broken: Draft, places: readonly Place[]): BreakBody {
  const was = broken.body!;
  const [first] = places;
  const condition = broken.style === 'group' ? was.why.condition : undefined;
  const kind = broken.style === 'late' ? 'lateMember' : kindOfGroup(places, condition);
  if (kind === 'unmatched') return { ...aloneBody(first!), kind, why: was.why };
  const amount = difference(
    sumOfAmounts(places.filter((x) => x.side === 'left')),
    sumOfAmounts(places.filter((x) => x.side === 'right')),
  );
  return { ...was, kind, members: places.map((x) => memberOf(x)), amount };
}

function emit(
  partition: Partition,
  broken: OpenBreak,
  place: Position & { readonly logTime: number },
  end: { readonly state: BreakState; readonly resolvedBy?: Position | undefined },
): void {
  const { resolvedBy } = end;
  partition.emitter.results.push({
    type: 'break',
    ...place,
    breakSequence: broken.sequence,
    breakN: broken.n,
    version: broken.version,
    state: end.state,
    reconciliation: broken.reconciliation.name,
    pools: broken.reconciliation.pools,
    ...broken.body,
    dueTime: broken.dueTime,
    reason: broken.reason,
    ...(resolvedBy === undefined ? {} : { resolvedBy: { sequence: resolvedBy.sequence, n: resolvedBy.n } }),
  });
}
