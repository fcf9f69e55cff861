import {
  DATE_FIELDS,
  DAY_MS,
  expressionOf,
  type Cardinality,
  type Exchange,
  type Reconciliation,
  type ReconciliationSide,
  type Rule,
  type RuleSet,
  type Side,
  type SourceRule,
} from '../domain/index.ts';
import type { Feature } from './random-features.ts';
import {
  opposedFilters,
  randomCompare,
  randomDates,
  randomFilter,
  randomKeys,
  randomTolerance,
  settleDateKey,
  type RuleKit,
} from './random-rule-language.ts';
import {
  CONTRACT_NAMES,
  RATE_TABLE,
  randomCalendars,
  randomContracts,
  randomRates,
} from './random-tables.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const SIDES: readonly Side[] = ['left', 'right'];

/** Rules in which the features of the kit are common: a few sources, reconciliations and rules. */
export function randomFeatureRules(kit: RuleKit): RuleSet {
  const { random, features } = kit;
  const names = Array.from({ length: random.integer(2, 4) }, (_, i) => `s${i}`);
  const count = features.has('pools') ? random.integer(2, 3) : random.integer(1, 2);
  return {
    reconciliations: Array.from({ length: count }, (_, i) =>
      randomFeatureReconciliation(kit, `rec-${i}`, names),
    ),
    sources: names.map((name) => randomFeatureSource(kit, name, names)),
    partitionBy: ['account'],
    maxAhead: random.pick([HOUR, DAY_MS, 2 * DAY_MS]),
    // What is forgotten comes again as a late member.
    seenHorizon: random.pick(features.has('late') ? [null, null, HOUR, 7 * DAY_MS] : [null]),
    maxOpenRecords: 1_000_000,
    calendars: randomCalendars(random),
    ...(features.has('fees') ? { feeContracts: randomContracts(random) } : {}),
    ...(features.has('fx') ? { rates: randomRates(random) } : {}),
  };
}

function has(features: ReadonlySet<Feature>, ...some: readonly Feature[]): boolean {
  return some.some((each) => features.has(each));
}

/** @param names of all sources */
export function randomFeatureSource(kit: RuleKit, name: string, names: readonly string[]): SourceRule {
  const { random, features, pace } = kit;
  const others = names.filter((each) => each !== name);
  const replaces = features.has('replace');
  return {
    name,
    outOfOrder: random.pick([0, 0, 1, pace.moment]),
    idleTimeout: random.pick([pace.moment, MINUTE, 10 * MINUTE, DAY_MS]),
    onIdReuse: random.pick(['accept', 'reject'] as const),
    ...(replaces && random.chance(0.5) ? { amends: 'version' as const } : {}),
    ...(replaces && random.chance(0.4)
      ? {
          supersedes: {
            sources: random.chance(0.2) ? [name] : [random.pick(others)],
            keys: random
              .pick([['references.reference'], ['references.reference', 'kind'], ['link']] as const)
              .slice(),
          },
        }
      : {}),
    ...(features.has('overdue') && random.chance(0.6) ? { due: randomDue(kit) } : {}),
  };
}

function randomDue({ random, pace }: RuleKit): NonNullable<SourceRule['due']> {
  const days = pace.moment >= HOUR;
  return {
    everyDays: random.pick(days ? [1, 1, 2, 3] : [1]),
    // Log time begins at 22:00 UTC.
    by: days ? random.pick([0, 9 * 60, 23 * 60]) : 22 * 60 + random.integer(0, 3),
    zone: days ? random.pick(['UTC', 'Asia/Dubai', 'America/New_York']) : 'UTC',
    calendar: random.pick([[], [], ['bank'], ['AE-rails', 'office']] as const).slice(),
    maxHold: random.pick([0, pace.moment, 10 * pace.moment, DAY_MS]),
  };
}

/** @param sources at least two, shared out over the two sides; some may be left out */
export function randomFeatureReconciliation(
  kit: RuleKit,
  name: string,
  sources: readonly string[],
): Reconciliation {
  const { random, features, pace } = kit;
  const left = randomSide(kit, name, 'left', sources[random.integer(0, sources.length - 1)]!);
  const rest = sources.filter((each) => !left.sources.includes(each));
  const right = randomSide(kit, name, 'right', random.pick(rest));
  for (const source of rest) {
    if (right.sources.includes(source)) continue;
    if (random.chance(0.3)) left.sources.push(source);
    else if (random.chance(0.4)) right.sources.push(source);
  }
  if (features.has('language') && random.chance(0.08)) {
    right.sources.push(left.sources[0]!);
    [left.where, right.where] = opposedFilters(random);
  }
  if (left.pool !== undefined && left.pool === right.pool) delete right.pool;
  const priced = SIDES.filter((side) => (side === 'left' ? left : right).fees !== undefined);
  return {
    name,
    left,
    right,
    window: {
      before: random.pick(pace.windows),
      after: random.pick(pace.windows),
      grace: random.pick(pace.graces),
    },
    retain: random.pick(pace.retains),
    rules: randomRuleList(kit, priced),
    nullValues: random.pick([['NONREF', 'N/A'], ['NONREF', '3'], []]),
  };
}

function randomSide(kit: RuleKit, reconciliation: string, side: Side, source: string): ReconciliationSide {
  const { random, features } = kit;
  const language = features.has('language');
  const pool = features.has('pools')
    ? random.weighted([
        [5, side === 'left' ? 'pool-a' : 'pool-b'],
        [1, 'pool-b'],
        [3, undefined],
      ])
    : random.pick([undefined, undefined, `${reconciliation}-own-${side}`]);
  return {
    sources: [source],
    ...(pool === undefined ? {} : { pool }),
    ...(language && random.chance(0.25) ? { where: randomFilter(random) } : {}),
    ...(language && random.chance(0.3) ? { at: random.pick(DATE_FIELDS) } : {}),
    ...(language && random.chance(0.25) ? { negate: true } : {}),
    ...(features.has('fees') && random.chance(0.7) ? { fees: random.pick(CONTRACT_NAMES) } : {}),
    ...(features.has('twins') && random.chance(0.6)
      ? {
          duplicates: random
            .pick([
              ['references.reference'],
              ['references.reference', 'amount'],
              ['amount', 'kind'],
              ['link'],
            ] as const)
            .slice(),
        }
      : {}),
  };
}

function randomRuleList(kit: RuleKit, priced: readonly Side[]): Rule[] {
  const { random } = kit;
  const cardinalities: (Cardinality | undefined)[] = Array.from({ length: random.integer(1, 3) }, () =>
    randomCardinality(kit),
  );
  if (cardinalities.every((each): boolean => each === 'contra'))
    cardinalities[0] = random.chance(0.5) ? '1:1' : undefined;
  return cardinalities.map((cardinality, i) => randomFeatureRule(kit, `rule-${i}`, cardinality, priced));
}

function randomCardinality({ random, features }: RuleKit): Cardinality | undefined {
  const groups = has(features, 'groups', 'captureAll', 'late') ? 2 : 0;
  const whole = Math.max(groups, features.has('partial') ? 1.5 : 0);
  return random.weighted<Cardinality | undefined>([
    [3, undefined],
    [0.3, '1:1'],
    [whole, '1:N'],
    [whole, 'N:1'],
    [whole, 'N:M'],
    [features.has('contra') ? 2 : 0, 'contra'],
  ]);
}

const COMPLETIONS = ['onWindowEnd', 'onSignal', 'onSum', undefined] as const;
/** Those after which members come late. */
const HASTY_COMPLETIONS = [...COMPLETIONS, 'onSum', 'onSum', 'onSignal'] as const;

function randomFeatureRule(
  kit: RuleKit,
  name: string,
  cardinality: Cardinality | undefined,
  priced: readonly Side[],
): Rule {
  const { random, features, pace } = kit;
  const language = features.has('language');
  const isPair = cardinality === undefined || cardinality === '1:1';
  const isGroup = !isPair && cardinality !== 'contra';
  const groups = has(features, 'groups', 'captureAll', 'late');
  const partial = isGroup && features.has('partial') && (!groups || random.chance(0.4));
  const fx = features.has('fx') && cardinality !== 'contra' && !partial && random.chance(0.6);
  const keys = randomKeys(kit, cardinality, fx);
  const complete =
    isGroup && !partial ? random.pick(features.has('late') ? HASTY_COMPLETIONS : COMPLETIONS) : undefined;
  const settles = isGroup && !partial ? random.chance(0.25) : isPair && language && random.chance(0.1);
  if (settles) keys.push(settleDateKey(kit));
  const whole = settles && isGroup && random.chance(0.5) ? 'onCutoff' : complete;
  const compare = cardinality === 'contra' ? undefined : randomCompare(kit, partial, priced);
  const held = isPair && features.has('hold') && random.chance(0.6);
  return ofOneSide({
    name,
    keys,
    tolerance: randomTolerance(kit),
    ...(cardinality === undefined ? {} : { cardinality }),
    ...(cardinality === 'contra' ? { side: random.pick(SIDES) } : {}),
    ...(language && random.chance(0.25)
      ? {
          where: {
            ...(random.chance(0.7) ? { left: randomFilter(random) } : {}),
            ...(random.chance(0.5) ? { right: randomFilter(random) } : {}),
          },
        }
      : {}),
    ...(compare === undefined ? {} : { compare }),
    ...(isPair && language && random.chance(0.25) ? { dates: randomDates(kit) } : {}),
    ...(held ? { hold: random.pick(pace.holds), ...(random.chance(0.6) ? { unique: true } : {}) } : {}),
    ...(whole === undefined ? {} : { complete: whole }),
    ...(partial ? { partial: true } : {}),
    ...(fx ? { fx: randomExchange(kit) } : {}),
  });
}

/** A contra rule without what it could not apply; any other rule as it is. */
export function ofOneSide(rule: Rule): Rule {
  const { side, where, tolerance } = rule;
  if (rule.cardinality !== 'contra' || side === undefined) return rule;
  const own = where?.[side];
  return {
    ...Object.fromEntries(Object.entries(rule).filter(([name]) => name !== 'where')),
    name: rule.name,
    keys: rule.keys.map((key) =>
      typeof key === 'string' ? key : { left: expressionOf(key, side), right: expressionOf(key, side) },
    ),
    tolerance: tolerance.amount === undefined ? {} : { amount: tolerance.amount },
    ...(own === undefined ? {} : { where: { [side]: own } }),
  };
}

function randomExchange({ random }: RuleKit): Exchange {
  const [from, to] = random.pick([
    ['USD', 'AED'],
    ['USD', 'AED'],
    ['AED', 'JPY'],
    ['KWD', 'USD'],
  ] as const);
  return {
    from,
    to,
    rate: random.chance(0.6)
      ? { table: RATE_TABLE }
      : { side: random.pick(SIDES), field: random.pick(['attributes.rate', 'references.rate'] as const) },
    maxAge: random.pick([0, DAY_MS, 1.5 * DAY_MS, 4 * DAY_MS]),
  };
}
