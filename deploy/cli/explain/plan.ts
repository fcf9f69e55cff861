import { sourceName } from '../../../connectors/rates/index.ts';
import type { Config } from '../../../engine/config/index.ts';
import type {
  Rates,
  RatesSource,
  Reconciliation,
  Rule,
  Side,
  SourceRule,
} from '../../../engine/domain/index.ts';
import { expressionOf, poolOf } from '../../../engine/domain/index.ts';
import { decidingFields, durationText, expressionText, fieldText } from '../../../engine/rules/index.ts';
import { warningsOf, type Warning } from './warnings.ts';
import {
  breakWords,
  contractWords,
  dateWords,
  dueWords,
  exchangeWords,
  filterWords,
  ratesSourceWords,
  triedWords,
  windowWords,
} from './wording.ts';

/** What the matcher makes of a configuration, in words. */
export interface Plan {
  /** The fields that choose a record's partition: records that match lie in one. */
  readonly partitionBy: readonly string[];
  readonly sources: readonly PlannedSource[];
  /** The tables of rates. */
  readonly rates: readonly PlannedRates[];
  /** In the order in which a record is offered to them. */
  readonly reconciliations: readonly PlannedReconciliation[];
  readonly warnings: readonly Warning[];
}

export interface PlannedSource {
  readonly name: string;
  readonly connector: string;
  readonly notes: readonly string[];
}

export interface PlannedRates {
  readonly table: string;
  readonly notes: readonly string[];
}

export interface PlannedReconciliation {
  readonly name: string;
  readonly left: PlannedSide;
  readonly right: PlannedSide;
  readonly window: string;
  readonly nullValues: readonly string[];
  /** In the order in which they are tried. */
  readonly rules: readonly PlannedRule[];
}

export interface PlannedSide {
  readonly sources: readonly string[];
  readonly pool: string;
  /** Other reconciliations that consume from the same pool. */
  readonly sharedWith: readonly string[];
  readonly where: readonly string[];
  /** The date that windows are measured by. */
  readonly anchor: string;
  readonly negate: boolean;
  readonly fees: string | undefined;
  readonly duplicates: readonly string[];
}

export interface PlannedRule {
  readonly name: string;
  readonly cardinality: string;
  /** The side of a contra rule. */
  readonly side: Side | undefined;
  /** The parts of the key that each side is hashed by, in order. */
  readonly index: { readonly left: readonly string[]; readonly right: readonly string[] };
  readonly where: { readonly left: readonly string[]; readonly right: readonly string[] };
  readonly compare: string;
  readonly dates: readonly string[];
  readonly fx: string | undefined;
  /** The lines of the fee contract that expected amounts are computed by, by side. */
  readonly fees: { readonly left?: readonly string[]; readonly right?: readonly string[] };
  readonly tried: string;
  readonly breaks: string;
  /** What its matches say decided. */
  readonly fields: readonly string[];
}

export function planOf(config: Config): Plan {
  return {
    partitionBy: config.partitionBy.map(fieldText),
    sources: config.sources.map((source) => ({
      name: source.name,
      connector: source.connector,
      notes: sourceNotes(source),
    })),
    rates: Object.entries(config.rates).map(([table, rates]) => ({
      table,
      notes: ratesNotes(rates, config.ratesSources[table]),
    })),
    reconciliations: config.reconciliations.map((each) => planReconciliation(each, config)),
    warnings: warningsOf(config),
  };
}

function ratesNotes(rates: Rates, source: RatesSource | undefined): string[] {
  const days = rates.map(({ date }) => date).sort();
  const notes = source === undefined ? [] : [ratesSourceWords(source, sourceName(source))];
  if (rates.length === 0) return source === undefined ? ['empty'] : notes;
  if (rates.length === 1) return [`1 rate, of ${days[0]!}`, ...notes];
  return [`${rates.length} rates, from ${days[0]!} to ${days.at(-1)!}`, ...notes];
}

function sourceNotes(source: SourceRule): string[] {
  const notes = [
    source.outOfOrder === 0 ? 'in order' : `up to ${durationText(source.outOfOrder)} out of order`,
    `idle after ${durationText(source.idleTimeout)}`,
    source.amends === 'version'
      ? 'a higher version amends'
      : source.onIdReuse === 'accept'
        ? 'a reused id is a record of its own'
        : 'a reused id is refused',
  ];
  if (source.supersedes !== undefined) {
    const { sources, keys } = source.supersedes;
    notes.push(`replaces records of ${sources.join(', ')} with equal ${keys.map(fieldText).join(', ')}`);
  }
  if (source.due !== undefined) notes.push(dueWords(source.due));
  return notes;
}

function planReconciliation(reconciliation: Reconciliation, config: Config): PlannedReconciliation {
  return {
    name: reconciliation.name,
    left: planSide(reconciliation, 'left', config),
    right: planSide(reconciliation, 'right', config),
    window: windowWords(reconciliation),
    nullValues: reconciliation.nullValues,
    rules: reconciliation.rules.map((rule, i) => planRule(rule, reconciliation, i, config)),
  };
}

function planSide(reconciliation: Reconciliation, name: Side, config: Config): PlannedSide {
  const side = reconciliation[name];
  const pool = poolOf(reconciliation, name);
  return {
    sources: side.sources,
    pool,
    sharedWith: config.reconciliations
      .filter(
        (other) => other !== reconciliation && [poolOf(other, 'left'), poolOf(other, 'right')].includes(pool),
      )
      .map((other) => other.name),
    where: filterWords(side.where),
    anchor: side.at ?? 'time',
    negate: side.negate === true,
    fees: side.fees,
    duplicates: (side.duplicates ?? []).map(fieldText),
  };
}

function planRule(rule: Rule, reconciliation: Reconciliation, i: number, config: Config): PlannedRule {
  const index = (side: Side): string[] => [
    'account',
    ...(rule.fx === undefined ? ['currency'] : []),
    ...rule.keys
      .filter((key) => key !== 'account' && key !== 'currency')
      .map((key) => expressionText(expressionOf(key, side))),
  ];
  const fees = (side: Side): { [side in Side]?: readonly string[] } => {
    const contract = reconciliation[side].fees;
    if (rule.compare?.[side] !== 'expectedNet' || contract === undefined) return {};
    return { [side]: contractWords(config.feeContracts[contract]!) };
  };
  const fields = decidingFields(rule);
  return {
    name: rule.name,
    cardinality: rule.cardinality ?? '1:1',
    side: rule.side,
    index: { left: index('left'), right: index('right') },
    where: { left: filterWords(rule.where?.left), right: filterWords(rule.where?.right) },
    compare: fields.at(-1)!,
    dates: (rule.dates ?? []).map(dateWords),
    fx: rule.fx && exchangeWords(rule.fx),
    fees: { ...fees('left'), ...fees('right') },
    tried: triedWords(rule),
    breaks: breakWords(rule, i === 0),
    fields,
  };
}
