import type { Reconciliation, Rule, RuleSet } from '../domain/index.ts';
import { ofOneSide, randomFeatureReconciliation, randomFeatureSource } from './random-feature-rules.ts';
import { randomFilter, randomKeys, randomTolerance, type RuleKit } from './random-rule-language.ts';
import { randomCalendars, randomContracts, randomRates } from './random-tables.ts';

/** Rules as the next message or command may bring them; definitions change only where the kit has the feature. */
export function changedFeatureRules(kit: RuleKit, rules: RuleSet, earlier: readonly RuleSet[]): RuleSet {
  const { random, features } = kit;
  switch (random.integer(0, features.has('rules') ? 11 : 2)) {
    case 0:
      return random.chance(0.5) ? rules : { ...rules, maxAhead: rules.maxAhead + 1 };
    case 1:
      return { ...rules, maxOpenRecords: rules.maxOpenRecords + 1 };
    case 2:
      return random.chance(0.5)
        ? { ...rules, partitionBy: ['account', 'currency'] }
        : { ...rules, seenHorizon: (rules.seenHorizon ?? 0) + 64_000 };
    case 3:
      return withTables(kit, rules);
    case 4:
      return withSources(kit, rules);
    case 5:
      return withOtherNumber(kit, rules);
    case 6:
      // Back to what was in force before.
      return sameSettings(rules, random.pick(earlier));
    default:
      return withChanged(kit, rules);
  }
}

/** An earlier rule set with what can never change as it is now. */
function sameSettings(rules: RuleSet, earlier: RuleSet): RuleSet {
  return { ...earlier, partitionBy: rules.partitionBy, seenHorizon: rules.seenHorizon };
}

/** Other calendars, contracts and rates under the same names. */
function withTables({ random, features }: RuleKit, rules: RuleSet): RuleSet {
  return {
    ...rules,
    ...(random.chance(0.6) ? { calendars: randomCalendars(random) } : {}),
    ...(features.has('fees') && random.chance(0.6) ? { feeContracts: randomContracts(random) } : {}),
    ...(features.has('fx') && random.chance(0.6) ? { rates: randomRates(random) } : {}),
  };
}

function withSources(kit: RuleKit, rules: RuleSet): RuleSet {
  const { random } = kit;
  const names = rules.sources.map((source) => source.name);
  const changed = rules.sources.map((source) =>
    random.chance(0.5) ? randomFeatureSource(kit, source.name, names) : source,
  );
  if (random.chance(0.5) || names.length >= 5) return { ...rules, sources: changed };
  return { ...rules, sources: [...changed, randomFeatureSource(kit, `s${names.length}`, names)] };
}

/** One more or one fewer, or in another order. */
function withOtherNumber(kit: RuleKit, rules: RuleSet): RuleSet {
  const { random } = kit;
  const { reconciliations } = rules;
  if (random.chance(0.25)) return { ...rules, reconciliations: reconciliations.toReversed() };
  if (reconciliations.length > 1 && random.chance(0.5)) {
    return {
      ...rules,
      reconciliations: reconciliations.toSpliced(random.integer(0, reconciliations.length - 1), 1),
    };
  }
  const name = `rec-${random.integer(0, 4)}`;
  const names = rules.sources.map((source) => source.name);
  const others = reconciliations.filter((each) => each.name !== name);
  const added = randomFeatureReconciliation(kit, name, names);
  return {
    ...rules,
    reconciliations: (random.chance(0.5) ? [added, ...others] : [...others, added]).slice(0, 4),
  };
}

function withChanged(kit: RuleKit, rules: RuleSet): RuleSet {
  const at = kit.random.integer(0, rules.reconciliations.length - 1);
  const changed = changedDefinition(kit, rules.reconciliations[at]!);
  return { ...rules, reconciliations: rules.reconciliations.with(at, changed) };
}

function changedDefinition(kit: RuleKit, definition: Reconciliation): Reconciliation {
  const { random, features, pace } = kit;
  const { left, right, window, rules } = definition;
  switch (random.integer(0, 8)) {
    case 0:
      return { ...definition, retain: random.pick(pace.retains) };
    case 1:
      return {
        ...definition,
        window: { ...window, before: random.pick(pace.windows), after: random.pick(pace.windows) },
      };
    case 2:
      return { ...definition, nullValues: random.pick([[], ['1'], ['NONREF', '2']]) };
    case 3:
      return { ...definition, rules: rules.toReversed() };
    case 4:
      return { ...definition, rules: withChangedRule(kit, rules) };
    case 5:
      return { ...definition, window: { ...window, grace: random.pick(pace.graces) } };
    case 6: {
      // Sources of one side go to the other; where both sides have one, its filters tell which.
      if (left.sources.some((source) => right.sources.includes(source))) return definition;
      return {
        ...definition,
        left: { ...left, sources: right.sources },
        right: { ...right, sources: left.sources },
      };
    }
    case 7:
      if (!features.has('language') || left.sources.some((source) => right.sources.includes(source)))
        return definition;
      return { ...definition, left: { ...left, where: randomFilter(random) } };
    default: {
      if (rules.length === 1) return definition;
      const fewer = rules.toSpliced(random.integer(0, rules.length - 1), 1);
      return fewer.every((rule) => rule.cardinality === 'contra')
        ? definition
        : { ...definition, rules: fewer };
    }
  }
}

function withChangedRule(kit: RuleKit, rules: readonly Rule[]): Rule[] {
  const at = kit.random.integer(0, rules.length - 1);
  const rule = rules[at]!;
  const [first] = randomKeys(kit, rule.cardinality, rule.fx !== undefined);
  const changed: Rule = kit.random.chance(0.5)
    ? { ...rule, tolerance: randomTolerance(kit) }
    : { ...rule, keys: rule.keys.with(0, first!) };
  return rules.with(at, ofOneSide(changed));
}
