import { dateMisfit } from '../../rules/index.ts';
import { difference, sumsOf, type Sums } from './amounts.ts';
import type { Partition } from './partition.ts';
import type { ReferenceRule } from './reconciliation.ts';
import type { Place } from './state.ts';
import { outsideWindow } from './windows.ts';

/** A record of the other side, and how a rule sees the two. */
export interface Candidate {
  readonly place: Place;
  readonly sums: Sums;
}

/** What a rule says of x and a record of the other side. */
export function pairUp(rule: ReferenceRule, x: Place, place: Place): Candidate {
  return { place, sums: sumsOf(rule, x.side === 'left' ? [x, place] : [place, x]) };
}

export function pairOutsideWindow(x: Place, y: Place): number {
  const [left, right] = x.side === 'left' ? [x, y] : [y, x];
  return outsideWindow(left.anchor, right.anchor, x.reconciliation.definition.window);
}

/** A6: how far the first date condition that fails is missed; 0 if all hold. */
export function dateMisfitOf(rule: ReferenceRule, x: Place, y: Place): number {
  const [left, right] = x.side === 'left' ? [x, y] : [y, x];
  for (const condition of rule.dates) {
    const misfit = dateMisfit(condition, left.item.fields, right.item.fields, rule.reconciliation.calendars);
    if (misfit !== 0) return misfit;
  }
  return 0;
}

/** Date conditions narrow the window: inside it, and none is missed. */
function insideWindow(rule: ReferenceRule, x: Place, y: Place): boolean {
  return pairOutsideWindow(x, y) === 0 && dateMisfitOf(rule, x, y) === 0;
}

/** §3.3: unmatched records of the other side that x could be matched with by a 1:1 rule. */
function candidates(partition: Partition, rule: ReferenceRule, x: Place): Candidate[] {
  return rule.reconciliation
    .counterparts(x, rule)
    .filter((y) => insideWindow(rule, x, y) && !partition.isBarred(rule.reconciliation, [x, y]))
    .map((y) => pairUp(rule, x, y))
    .filter(({ sums }) => sums.agree);
}

/** §3.3 and D2: whom a 1:1 rule matches x with. A unique rule that sees several marks x as refused. */
export function partnerOf(partition: Partition, rule: ReferenceRule, x: Place): Candidate | undefined {
  const found = candidates(partition, rule, x);
  if (rule.rule.unique !== true) return nearest(x, found);
  const [only] = found;
  if (only === undefined) return undefined;
  const rivals = candidates(partition, rule, only.place).filter(({ place }) => place !== x);
  if (found.length === 1 && rivals.length === 0) return only;
  x.item.refusedBy.add(rule);
  return undefined;
}

/** D2: who else could have been meant when a unique rule refused x: at most 5, best first. */
export function rivalsOf(partition: Partition, rule: ReferenceRule, x: Place): Place[] {
  const found = inOrder(x, candidates(partition, rule, x)).map(({ place }) => place);
  const [only] = found;
  if (found.length !== 1 || only === undefined) return found.slice(0, 5);
  const others = inOrder(only, candidates(partition, rule, only))
    .map(({ place }) => place)
    .filter((place) => place !== x);
  return [only, ...others].slice(0, 5);
}

/**
 * Step d: the nearest record of the other side with the first rule's key, inside the window, whose amount does not fit.
 * @param free whether it is in no break yet, or stands alone in one
 */
export function nearestUnfit(x: Place, free: boolean): Place | undefined {
  const first = x.reconciliation.rules[0]!;
  if (first.cardinality !== '1:1') return undefined;
  const found = first.reconciliation
    .counterparts(x, first)
    .filter((y) => (free ? y.item.broken === undefined : standsAlone(y)))
    .filter((y) => insideWindow(first, x, y))
    .map((y) => pairUp(first, x, y))
    .filter(({ sums }) => !sums.rateMissing && !sums.agree);
  return nearest(x, found)?.place;
}

/** In an `unmatched` break of this reconciliation that nobody has joined. */
function standsAlone(y: Place): boolean {
  const { broken } = y.item;
  return (
    broken?.style === 'pair' &&
    broken.reconciliation === y.reconciliation &&
    broken.members.length === 1 &&
    broken.alone === 'unmatched'
  );
}

/** §3.3: the smallest difference of amounts, then of anchors, then the earliest arrival. */
export function inOrder(x: Place, found: readonly Candidate[]): Candidate[] {
  const distance = ({ place, sums }: Candidate): readonly number[] => [
    sums.rateMissing ? Infinity : Math.abs(difference(sums.left, sums.right)),
    Math.abs(x.anchor.time - place.anchor.time),
    place.item.sequence,
    place.item.ordinal,
  ];
  return found
    .map((candidate) => ({ candidate, distance: distance(candidate) }))
    .sort((a, b) => compare(a.distance, b.distance))
    .map(({ candidate }) => candidate);
}

function nearest(x: Place, found: readonly Candidate[]): Candidate | undefined {
  return inOrder(x, found)[0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    if (value !== b[i]) return value < b[i]! ? -1 : 1;
  }
  return 0;
}
