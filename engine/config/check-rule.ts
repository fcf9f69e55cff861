import { expressionOf, isKnownCurrency, didYouMean } from '../domain/index.ts';
import type {
  Exchange,
  FieldExpression,
  Key,
  Rates,
  RatesSource,
  Rule,
  Side,
  Tolerance,
} from '../domain/index.ts';
import { compileCapture } from '../rules/index.ts';
import { checkCalendars } from './check-calendars.ts';
import { checkFilter, type CrossIssue, type DocumentPlace } from './check-filter.ts';
import type { Config } from './schema.ts';

const SIDES: readonly Side[] = ['left', 'right'];

/** One rule against everything that it names, and the partition key. */
export function* checkRule(
  rule: Rule,
  reconciliation: string,
  path: DocumentPlace,
  config: Config,
): Generator<CrossIssue> {
  const owner = `rule "${rule.name}" of "${reconciliation}"`;
  yield* checkPartition(rule, owner, path, config);
  for (const [i, key] of rule.keys.entries()) yield* checkKey(key, owner, [...path, 'keys', i], config);
  yield* checkTolerance(rule.tolerance, owner, [...path, 'tolerance']);
  for (const side of SIDES) {
    const sources = config.sources.map((source) => source.name);
    yield* checkFilter(rule.where?.[side], [...path, 'where', side], `${owner}: ${side}`, sources);
  }
  for (const [i, { calendar }] of (rule.dates ?? []).entries()) {
    yield* checkCalendars(calendar, config.calendars, [...path, 'dates', i, 'calendar'], owner);
  }
  if (rule.fx !== undefined) yield* checkExchange(rule.fx, owner, [...path, 'fx'], config);
}

/** Records that may match have to lie in one partition: each of its fields is compared as it is. */
function* checkPartition(
  rule: Rule,
  owner: string,
  path: DocumentPlace,
  { partitionBy }: Config,
): Generator<CrossIssue> {
  for (const field of partitionBy) {
    if (field === 'account') continue;
    if (field === 'currency') {
      if (rule.fx === undefined) continue;
      yield {
        path: [...path, 'fx'],
        message: `${owner} ties two currencies, but partitionBy has "currency": records that match would lie in different partitions; take it out of partitionBy`,
      };
      continue;
    }
    const isKey = rule.keys.some(
      (key) => expressionOf(key, 'left') === field && expressionOf(key, 'right') === field,
    );
    if (isKey) continue;
    const near = rule.keys.some((key) => SIDES.some((side) => fieldOf(expressionOf(key, side)) === field));
    yield {
      path: [...path, 'keys'],
      message: near
        ? `${owner} changes "${field}" or compares it to another field, but partitionBy has it: records that match could lie in different ` +
          `partitions; compare "${field}" as it is on both sides or take it out of partitionBy`
        : `${owner} has no key "${field}", but partitionBy has it: records that match could ` +
          `lie in different partitions; add "${field}" to the rule's keys or take it out of partitionBy`,
    };
  }
}

function fieldOf(expression: FieldExpression): string | undefined {
  if (typeof expression === 'string') return expression;
  return 'field' in expression ? expression.field : undefined;
}

function* checkKey(key: Key, owner: string, path: DocumentPlace, config: Config): Generator<CrossIssue> {
  if (typeof key === 'string') return;
  // What is written once for both sides is told once, where it stands.
  if (key.left === key.right) yield* checkExpression(key.left, owner, path, config);
  else for (const side of SIDES) yield* checkExpression(key[side], owner, [...path, side], config);
}

function* checkExpression(
  expression: FieldExpression,
  owner: string,
  path: DocumentPlace,
  config: Config,
): Generator<CrossIssue> {
  if (typeof expression === 'string') return;
  if ('settleDate' in expression) {
    const at = [...path, 'settleDate', 'calendar'];
    yield* checkCalendars(expression.settleDate.calendar, config.calendars, at, owner);
    return;
  }
  for (const [i, step] of expression.normalise.entries()) {
    if (typeof step === 'string' || !('capture' in step || 'captureAll' in step)) continue;
    const [name, pattern] = 'capture' in step ? ['capture', step.capture] : ['captureAll', step.captureAll];
    try {
      compileCapture(pattern);
    } catch (error) {
      yield { path: [...path, 'normalise', i, name], message: `${owner}: ${(error as Error).message}` };
    }
  }
}

function* checkTolerance(tolerance: Tolerance, owner: string, path: DocumentPlace): Generator<CrossIssue> {
  const places: [Pick<Tolerance, 'amount'> | undefined, DocumentPlace][] = [
    [tolerance, path],
    [tolerance.short, [...path, 'short']],
    [tolerance.over, [...path, 'over']],
  ];
  for (const [limits, at] of places) {
    if (typeof limits?.amount !== 'object') continue;
    for (const currency of Object.keys(limits.amount)) {
      if (isKnownCurrency(currency)) continue;
      yield { path: [...at, 'amount', currency], message: unknownCurrency(owner, currency) };
    }
  }
}

function* checkExchange(
  fx: Exchange,
  owner: string,
  path: DocumentPlace,
  config: Config,
): Generator<CrossIssue> {
  for (const end of ['from', 'to'] as const) {
    if (!isKnownCurrency(fx[end])) yield { path: [...path, end], message: unknownCurrency(owner, fx[end]) };
  }
  if (!('table' in fx.rate)) return;
  const { table } = fx.rate;
  const at = [...path, 'rate', 'table'];
  const rates = Object.hasOwn(config.rates, table) ? config.rates[table]! : undefined;
  if (rates === undefined) {
    const tables = Object.keys(config.rates);
    const there = tables.length === 0 ? 'none is defined' : `defined are ${tables.join(', ')}`;
    yield {
      path: at,
      message: `${owner}: unknown table of rates "${table}"${didYouMean(table, tables)} (${there} under rates)`,
    };
  } else if (!mayHave(rates, config.ratesSources[table], fx)) {
    yield { path: at, message: `${owner}: rates "${table}" has none from ${fx.from} to ${fx.to}` };
  }
}

/** Whether a table has a rate for a rule, or its source may publish one. */
function mayHave(rates: Rates, source: RatesSource | undefined, { from, to }: Exchange): boolean {
  if (rates.some((rate) => rate.from === from && rate.to === to)) return true;
  return source !== undefined && (source.from ?? from) === from && (source.to ?? to) === to;
}

function unknownCurrency(owner: string, currency: string): string {
  return `${owner}: "${currency}" is not an ISO 4217 currency code that Counterfoil knows`;
}
