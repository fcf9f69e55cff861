import {
  DATE_FIELDS,
  DAY_MS,
  formatDay,
  localDayOf,
  type Compared,
  type Condition,
  type DaySpan,
  type Filter,
  type Key,
  type KeyField,
  type Rule,
  type Side,
} from '../domain/index.ts';
import type { Feature, Pace } from './random-features.ts';
import { severalTokensExpression, tokenExpression } from './random-spellings.ts';
import { CALENDAR_NAMES, TRACE_START } from './random-tables.ts';
import type { Random } from './random.ts';

/** What makers of rules share. */
export interface RuleKit {
  readonly random: Random;
  readonly features: ReadonlySet<Feature>;
  readonly pace: Pace;
}

const HOUR = 3_600_000;

/** Such as records of a trace often share; each alone, or several, make many records one group. */
const PLAIN_KEYS: readonly KeyField[] = [
  'references.reference',
  'references.reference',
  'references.reference',
  'references.reference',
  'references.invoice',
  'attributes.narrative',
  'attributes.batch',
  'link',
];
/** Keys that chance shares. */
const LOOSE_KEYS: readonly KeyField[] = ['currency', 'kind', 'amount', 'valueDate', 'status', 'fee', 'net'];

export function randomKeys(kit: RuleKit, cardinality: Rule['cardinality'], fx: boolean): Key[] {
  const { random, features } = kit;
  const keys: Key[] = [randomKey(kit)];
  const grouping = cardinality !== undefined && cardinality !== '1:1';
  if (random.chance(0.25)) {
    // A group by a loose key alone would take every record there is, and one of unrelated members is never whole.
    const loose = grouping ? LOOSE_KEYS.filter((key) => key === 'kind' || key === 'status') : LOOSE_KEYS;
    keys.push(random.chance(0.5) || fx ? randomKey(kit) : random.pick(loose));
  }
  const one = cardinality === '1:N' ? 'left' : cardinality === 'N:1' ? 'right' : undefined;
  if (one !== undefined && features.has('captureAll') && random.chance(0.6)) {
    keys[0] = oneSided(one, severalTokensExpression(), tokenExpression(random));
  }
  return keys;
}

function oneSided(
  one: Side,
  several: Exclude<Key, KeyField>['left'],
  other: Exclude<Key, KeyField>['left'],
): Key {
  return one === 'left' ? { left: several, right: other } : { left: other, right: several };
}

function randomKey(kit: RuleKit): Key {
  const { random, features } = kit;
  if (!features.has('language') || random.chance(0.5)) return random.pick(PLAIN_KEYS);
  return { left: tokenExpression(random), right: tokenExpression(random) };
}

/** A key that ties the day's batch to the date of its money. */
export function settleDateKey({ random, pace }: RuleKit): Key {
  const settleDate = {
    of: random.pick(['time', 'time', 'time', 'bookingDate'] as const),
    // Of short traces the cut-off must lie near their beginning.
    cutoff:
      pace.moment < HOUR
        ? random.pick([22 * 60, 22 * 60 + 1, 22 * 60 + 30])
        : random.pick([0, 23 * 60, 12 * 60]),
    zone: pace.moment < HOUR ? 'UTC' : random.pick(['UTC', 'Asia/Dubai', 'America/New_York']),
    lag: random.pick<DaySpan>([
      { ms: 0 },
      { ms: DAY_MS },
      { ms: HOUR },
      { businessDays: 1 },
      { businessDays: 2 },
    ]),
    calendar: randomCalendarNames(random),
  };
  const day = random.pick(['valueDate', 'valueDate', 'bookingDate'] as const);
  return random.chance(0.85) ? { left: { settleDate }, right: day } : { left: day, right: { settleDate } };
}

function randomCalendarNames(random: Random): string[] {
  return CALENDAR_NAMES.filter(() => random.chance(0.3));
}

export function randomTolerance({ random, features }: RuleKit): Rule['tolerance'] {
  const limits = (): Pick<Rule['tolerance'], 'amount' | 'percent'> =>
    random.weighted<Pick<Rule['tolerance'], 'amount' | 'percent'>>([
      [3, {}],
      [2, { amount: '0.50' }],
      [1, { amount: '0.019' }],
      [1, { amount: '1' }],
      [2, { amount: { AED: '0.50', KWD: '0.001', JPY: '1.9' } }],
      ...(features.has('language')
        ? ([
            [2, { percent: '1.5' }],
            [1, { percent: '50' }],
            [1, { amount: '0.50', percent: '10' }],
          ] as const)
        : []),
    ]);
  if (!features.has('language')) return limits();
  return {
    ...limits(),
    ...(random.chance(0.15) ? { short: limits() } : {}),
    ...(random.chance(0.15) ? { over: limits() } : {}),
  };
}

/** @param priced the sides that have a fee contract */
export function randomCompare(kit: RuleKit, partial: boolean, priced: readonly Side[]): Rule['compare'] {
  const { random, features } = kit;
  const of = (side: Side): Compared =>
    random.weighted<Compared>([
      [4, 'amount'],
      [features.has('language') || features.has('fees') ? 2 : 0, 'net'],
      [features.has('language') && !partial ? 1 : 0, 'fee'],
      [features.has('language') && !partial ? 1 : 0, 'original'],
      [features.has('fees') && !partial && priced.includes(side) ? 8 : 0, 'expectedNet'],
    ]);
  const compare = { left: of('left'), right: of('right') };
  return compare.left === 'amount' && compare.right === 'amount' && random.chance(0.8) ? undefined : compare;
}

export function randomDates({ random, pace }: RuleKit): NonNullable<Rule['dates']> {
  const span = (): DaySpan =>
    random.chance(0.5)
      ? { businessDays: random.integer(0, 3) }
      : { ms: random.pick([0, pace.moment, pace.moment * 10, DAY_MS, 36 * HOUR]) };
  return Array.from({ length: random.integer(1, 2) }, () => ({
    left: random.pick(DATE_FIELDS),
    right: random.pick(DATE_FIELDS),
    before: span(),
    after: span(),
    calendar: randomCalendarNames(random),
  }));
}

/** A filter that most of a trace's records pass, or about half of them. */
export function randomFilter(random: Random): Filter {
  const day = formatDay(localDayOf(TRACE_START, 0) + random.integer(0, 2));
  const conditions: readonly Condition[] = [
    { field: 'kind', in: ['charge', 'refund', 'bank'] },
    { field: 'kind', notIn: ['refund'] },
    { field: 'status', in: ['booked'] },
    { field: 'status', notIn: ['void'] },
    { field: 'attributes.scheme', in: ['visa'] },
    { field: 'attributes.scheme', exists: false },
    { field: 'attributes.scheme', notIn: ['visa'] },
    { field: 'amount', gt: '0' },
    { field: 'amount', gte: '0.99', lt: '100' },
    { field: 'net', lte: '1.50' },
    { field: 'fee', lt: '0.03' },
    { field: 'valueDate', gte: day },
    { field: 'bookingDate', lt: day },
    { field: 'references.reference', exists: true },
    { field: 'currency', in: ['AED', 'USD'] },
    { field: 'source', notIn: ['s4'] },
  ];
  const [first, second] = [random.pick(conditions), random.pick(conditions)];
  return random.chance(0.8) || first.field === second.field ? [first] : [first, second];
}

/** Two filters that no record passes both of, for a source that is on both sides. */
export function opposedFilters(random: Random): [Filter, Filter] {
  return random.pick<[Filter, Filter]>([
    [[{ field: 'amount', gte: '0' }], [{ field: 'amount', lt: '0' }]],
    [[{ field: 'kind', in: ['charge', 'refund'] }], [{ field: 'kind', notIn: ['charge', 'refund'] }]],
    // Both take booked ones: the left side wins.
    [[{ field: 'status', in: ['booked'] }], [{ field: 'status', in: ['booked', 'pending'] }]],
  ]);
}
