import {
  DAY_MS,
  type KeyField,
  type Reconciliation,
  type Rule,
  type RuleSet,
  type SourceRule,
} from '../domain/index.ts';
import type { Random } from './random.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Few, so that keys of different rules coincide; of every kind of field a key can name. */
const KEYS: readonly KeyField[] = [
  'references.reference',
  'references.reference',
  'references.reference',
  'references.reference',
  'references.reference',
  'references.reference',
  'references.invoice',
  'references.invoice',
  'attributes.batch',
  'currency',
  'kind',
  'amount',
  'valueDate',
  'link',
  'id',
];

/** Rules such as no person would write, but any person could: a few sources, reconciliations and rules. */
export function randomRules(random: Random): RuleSet {
  const sources = Array.from({ length: random.integer(2, 5) }, (_, i): SourceRule =>
    randomSource(random, `s${i}`),
  );
  const names = sources.map((source) => source.name);
  return {
    reconciliations: Array.from({ length: random.integer(1, 3) }, (_, i) =>
      randomReconciliation(random, `rec-${i}`, names),
    ),
    sources,
    partitionBy: ['account'],
    maxAhead: random.pick([HOUR, DAY_MS, 2 * DAY_MS]),
    seenHorizon: random.pick([null, null, 6400, HOUR, 7 * DAY_MS]),
    maxOpenRecords: 1_000_000,
  };
}

export function randomSource(random: Random, name: string): SourceRule {
  return {
    name,
    outOfOrder: random.pick([0, 0, 1000, MINUTE, HOUR]),
    idleTimeout: random.pick([1000, MINUTE, MINUTE, 10 * MINUTE, DAY_MS]),
    onIdReuse: random.pick(['accept', 'reject'] as const),
  };
}

/** @param sources at least two, shared out over the two sides; some may be left out */
export function randomReconciliation(
  random: Random,
  name: string,
  sources: readonly string[],
): Reconciliation {
  const first = random.integer(0, sources.length - 1);
  const left = [sources[first]!];
  const right = [sources[(first + 1) % sources.length]!];
  for (const [i, source] of sources.entries()) {
    if (i === first || i === (first + 1) % sources.length) continue;
    random
      .weighted<string[]>([
        [2, left],
        [2, right],
        [1, []],
      ])
      .push(source);
  }
  const day = random.chance(0.3);
  const duration = (): number =>
    day ? random.pick([0, DAY_MS, DAY_MS + 1, 2.5 * DAY_MS]) : random.pick([0, 1, 1000, MINUTE, HOUR]);
  return {
    name,
    left: { sources: left, ...(random.chance(0.2) ? { pool: `${name}-shared-left` } : {}) },
    right: { sources: right },
    window: { before: duration(), after: duration(), grace: random.pick([0, 0, 1, 1000, MINUTE]) },
    retain: random.pick([0, 1, 1000, MINUTE, HOUR, DAY_MS, 30 * DAY_MS]),
    rules: Array.from({ length: random.integer(1, 3) }, (_, i) => randomRule(random, `rule-${i}`)),
    nullValues: random.pick([['NONREF', 'N/A'], ['NONREF', 'k0'], []]),
  };
}

function randomRule(random: Random, name: string): Rule {
  const keys = Array.from({ length: random.integer(1, 2) }, () => random.pick(KEYS));
  return {
    name,
    keys,
    tolerance: random.weighted<Rule['tolerance']>([
      [3, {}],
      [2, { amount: '0.50' }],
      [1, { amount: '0.019' }],
      [1, { amount: '1' }],
      [2, { amount: { AED: '0.50', KWD: '0.001', JPY: '1.9' } }],
    ]),
  };
}

/**
 * Rules as the next `rules` message may bring them: the same, compatible with open records, or not. Whether they are
 * taken depends on what is open.
 */
export function changedRules(random: Random, rules: RuleSet): RuleSet {
  const [first, ...rest] = rules.reconciliations;
  const names = rules.sources.map((source) => source.name);
  switch (random.integer(0, 8)) {
    case 0:
      return rules;
    case 1:
      return { ...rules, sources: rules.sources.map((source) => randomSource(random, source.name)) };
    case 2:
      return { ...rules, reconciliations: rules.reconciliations.toReversed() };
    case 3: {
      const added = randomReconciliation(random, `rec-${random.integer(3, 9)}`, names);
      const others = rules.reconciliations.filter((each) => each.name !== added.name);
      return { ...rules, reconciliations: [added, ...others].slice(0, 4) };
    }
    case 4:
      return { ...rules, reconciliations: [{ ...first!, retain: first!.retain + 1000 }, ...rest] };
    case 5:
      return { ...rules, reconciliations: rest.length > 0 ? rest : rules.reconciliations };
    case 6:
      return { ...rules, sources: [...rules.sources, randomSource(random, `s${names.length}`)].slice(0, 6) };
    case 7:
      return { ...rules, maxAhead: rules.maxAhead + 1 };
    default:
      return random.chance(0.5)
        ? { ...rules, partitionBy: ['account', 'currency'] }
        : { ...rules, seenHorizon: (rules.seenHorizon ?? 0) + 64_000 };
  }
}
