import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_CALENDARS,
  calendarSchema,
  feeContractSchema,
  ratesSchema,
  reconciliationSchema,
  type Condition,
  type DaySpan,
  type FieldExpression,
  type Filter,
  type Key,
  type Reconciliation,
  type ReconciliationSide,
  type Rule,
  type RuleSet,
  type SourceRule,
} from '../domain/index.ts';

/** A definition as a person writes it in a configuration: durations and filters as text. */
export function writtenReconciliation(definition: Reconciliation): object {
  const { left, right, window, retain, rules } = definition;
  return {
    ...definition,
    left: writtenSide(left),
    right: writtenSide(right),
    window: { before: ms(window.before), after: ms(window.after), grace: ms(window.grace) },
    retain: ms(retain),
    rules: rules.map(writtenRule),
  };
}

function writtenSide(side: ReconciliationSide): object {
  return side.where === undefined ? side : { ...side, where: writtenFilter(side.where) };
}

function writtenRule(rule: Rule): object {
  const { keys, where, dates, hold, fx } = rule;
  return {
    ...rule,
    keys: keys.map(writtenKey),
    ...(where === undefined
      ? {}
      : {
          where: {
            ...(where.left === undefined ? {} : { left: writtenFilter(where.left) }),
            ...(where.right === undefined ? {} : { right: writtenFilter(where.right) }),
          },
        }),
    ...(dates === undefined
      ? {}
      : { dates: dates.map((each) => ({ ...each, before: span(each.before), after: span(each.after) })) }),
    ...(hold === undefined ? {} : { hold: ms(hold) }),
    ...(fx === undefined ? {} : { fx: { ...fx, maxAge: ms(fx.maxAge) } }),
  };
}

function writtenKey(key: Key): unknown {
  return typeof key === 'string'
    ? key
    : { left: writtenExpression(key.left), right: writtenExpression(key.right) };
}

function writtenExpression(expression: FieldExpression): unknown {
  if (typeof expression === 'string' || 'field' in expression) return expression;
  const { cutoff, lag } = expression.settleDate;
  const [hours, minutes] = [Math.floor(cutoff / 60), cutoff % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return { settleDate: { ...expression.settleDate, cutoff: `${hours}:${minutes}`, lag: span(lag) } };
}

function writtenFilter(filter: Filter): object {
  return Object.fromEntries(filter.map(({ field, ...condition }: Condition) => [field, condition]));
}

function span(given: DaySpan): string {
  return 'ms' in given ? ms(given.ms) : `${given.businessDays}bd`;
}

function ms(duration: number): string {
  return `${duration}ms`;
}

/**
 * What a configuration would say against a rule set, or that it is not as a configuration hands it over, with nothing
 * left to defaults; undefined where it is.
 * @throws Error, also of the schema, likewise, about calendars, rates and contracts
 */
export function ruleSetProblem(rules: RuleSet): string | undefined {
  const problems: string[] = [];
  const sources = new Set(rules.sources.map((source) => source.name));
  const wants = (what: string, name: string | undefined, among: ReadonlySet<string>): void => {
    if (name !== undefined && !among.has(name)) problems.push(`there is no ${what} "${name}"`);
  };
  const calendars = new Set([...Object.keys(DEFAULT_CALENDARS), ...Object.keys(rules.calendars ?? {})]);
  for (const definition of rules.reconciliations) {
    const parsed = reconciliationSchema.safeParse(writtenReconciliation(definition));
    if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => issue.message));
    else if (!isDeepStrictEqual(parsed.data, definition)) problems.push('something is left to a default');
    for (const side of [definition.left, definition.right]) {
      for (const source of side.sources) wants('source', source, sources);
      wants('fee contract', side.fees, new Set(Object.keys(rules.feeContracts ?? {})));
    }
    for (const { fx, dates = [], keys } of definition.rules) {
      if (fx !== undefined && 'table' in fx.rate)
        wants('table', fx.rate.table, new Set(Object.keys(rules.rates ?? {})));
      const named = [...dates.flatMap((each) => each.calendar), ...keys.flatMap(calendarsOf)];
      for (const name of named) wants('calendar', name, calendars);
    }
  }
  for (const { due, supersedes } of rules.sources) {
    for (const name of due?.calendar ?? []) wants('calendar', name, calendars);
    for (const name of supersedes?.sources ?? []) wants('source', name, sources);
  }
  const names = rules.reconciliations.map((each) => each.name);
  if (new Set(names).size < names.length) problems.push('a reconciliation is defined twice');
  if (
    rules.partitionBy.length === 0 ||
    [rules.maxAhead, rules.seenHorizon, rules.maxOpenRecords].includes(undefined!)
  )
    problems.push('a setting is missing');
  if (!rules.sources.every(isWholeSource)) problems.push('a source lacks a setting');
  for (const each of Object.values(rules.calendars ?? {})) sameAs(calendarSchema.parse(each), each);
  for (const each of Object.values(rules.rates ?? {})) sameAs(ratesSchema.parse(each), each);
  for (const each of Object.values(rules.feeContracts ?? {})) {
    const lines = each.lines.map((line) =>
      line.where === undefined ? line : { ...line, where: writtenFilter(line.where) },
    );
    sameAs(feeContractSchema.parse({ ...each, lines }), each);
  }
  return problems[0];
}

/** What a schema makes of a part must be the part: nothing is left to defaults in a rule set. */
function sameAs(parsed: unknown, given: unknown): void {
  if (!isDeepStrictEqual(parsed, given)) throw new Error('something is left to a default');
}

function isWholeSource(source: Partial<SourceRule>): boolean {
  const { name, outOfOrder, idleTimeout, onIdReuse, due, supersedes } = source;
  const parts: unknown[] = [name, outOfOrder, idleTimeout, onIdReuse];
  if (due !== undefined) parts.push(due.everyDays, due.by, due.zone, due.calendar, due.maxHold);
  if (supersedes !== undefined) parts.push(supersedes.sources, supersedes.keys);
  return !parts.includes(undefined);
}

function calendarsOf(key: Key): readonly string[] {
  if (typeof key === 'string') return [];
  return [key.left, key.right].flatMap((each) =>
    typeof each === 'object' && 'settleDate' in each ? each.settleDate.calendar : [],
  );
}
