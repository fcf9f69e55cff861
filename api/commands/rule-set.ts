import { z } from 'zod';
import {
  calendarSchema,
  describeIssue,
  expressionOf,
  feeContractSchema,
  keyFieldSchema,
  nameSchema,
  narrowed,
  ratesSchema,
  reconciliationSchema,
  shownValue,
  valueAt,
  zoneSchema,
  CounterfoilError,
  type RuleSet,
} from '../../engine/domain/index.ts';
import { Calendars, compileExpression, compileFilter } from '../../engine/rules/index.ts';
import { ProblemError } from '../problem.ts';

const whole = z.int().nonnegative();

const sourceSchema = z.strictObject({
  name: nameSchema,
  outOfOrder: whole,
  idleTimeout: whole,
  onIdReuse: z.enum(['accept', 'reject']),
  amends: z.literal('version').optional(),
  supersedes: z
    .strictObject({ sources: z.array(nameSchema).min(1), keys: z.array(keyFieldSchema).min(1) })
    .optional(),
  due: z
    .strictObject({
      everyDays: z.int().min(1),
      by: z.int().min(0).max(1439),
      zone: zoneSchema,
      calendar: z.array(nameSchema),
      maxHold: whole,
    })
    .optional(),
});

const ruleSetSchema = z.strictObject({
  reconciliations: z.array(reconciliationSchema).max(100),
  sources: z.array(sourceSchema).max(1000),
  partitionBy: z.array(keyFieldSchema).min(1).max(8),
  maxAhead: whole,
  seenHorizon: whole.nullable(),
  maxOpenRecords: z.int().min(1),
  calendars: z.record(nameSchema, calendarSchema).optional(),
  feeContracts: z.record(nameSchema, feeContractSchema).optional(),
  rates: z.record(nameSchema, ratesSchema).optional(),
  publishedTables: z.array(nameSchema).max(100).optional(),
});

/**
 * Checks a posted rule set, which is in the form that the log carries (durations in milliseconds, filters as lists):
 * it is written back the way a configuration says it, read by the schemas of the configuration, and must come out as
 * it was. Then what its rules are compiled to is made once.
 * @throws ProblemError `invalidField`
 */
export function checkRuleSet(posted: Readonly<{ [name: string]: unknown }>): RuleSet {
  const written = asWritten(posted, '');
  // Messages that a schema does not give itself are left to describeIssue.
  const read = ruleSetSchema.safeParse(written, { error: () => '' });
  if (!read.success) {
    const issue = narrowed(read.error.issues[0]!)[0]!;
    const message = describeIssue(issue, shownValue(valueAt(written, issue.path)));
    throw refused(`${['rules', ...issue.path.map(String)].join('.')}: ${message}`);
  }
  const rules = read.data as RuleSet;
  const different = firstDifference(JSON.parse(JSON.stringify(rules)), posted, 'rules');
  if (different !== undefined) {
    throw refused(
      `${different} is not as a configuration gives it; send what counterfoil command rules sends`,
    );
  }
  try {
    compile(rules);
  } catch (error) {
    throw refused(CounterfoilError.from(error).message);
  }
  return rules;
}

function refused(message: string): ProblemError {
  return new ProblemError('invalidField', message.slice(0, 1000));
}

const DURATIONS: ReadonlySet<string> = new Set(['before', 'after', 'grace', 'retain', 'hold', 'maxAge']);
const FILTERS: ReadonlySet<string> = new Set(['where', 'left', 'right']);

/** `value`, found under `name`, as a configuration file would say it. */
function asWritten(value: unknown, name: string): unknown {
  if (typeof value === 'number') {
    if (DURATIONS.has(name)) return `${value}ms`;
    return name === 'cutoff' ? timeOfDay(value) : value;
  }
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (FILTERS.has(name) && list.every(isCondition)) {
      return Object.fromEntries(list.map(({ field, ...condition }) => [field, condition]));
    }
    return list.map((each) => asWritten(each, ''));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const only = entries.length === 1 ? entries[0]! : undefined;
  if (only?.[0] === 'ms') return `${String(only[1])}ms`;
  if (only?.[0] === 'businessDays') return `${String(only[1])}bd`;
  return Object.fromEntries(entries.map(([key, inner]) => [key, asWritten(inner, key)]));
}

function isCondition(value: unknown): value is { readonly field: string } {
  return (
    typeof value === 'object' && value !== null && typeof (value as { field?: unknown }).field === 'string'
  );
}

function timeOfDay(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Where two JSON values first differ, as a path; undefined where they are equal. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b) ? undefined : path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  const left = a as { readonly [key: string]: unknown };
  const right = b as { readonly [key: string]: unknown };
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const here = `${path}.${key}`;
    if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key)) return here;
    const different = firstDifference(left[key], right[key], here);
    if (different !== undefined) return different;
  }
  return undefined;
}

/** Makes everything that may refuse to be made. */
function compile(rules: RuleSet): void {
  const calendars = new Calendars(rules.calendars);
  for (const { due } of rules.sources) if (due !== undefined) calendars.of(due.calendar);
  for (const { name, left, right, rules: each } of rules.reconciliations) {
    for (const side of [left, right]) {
      compileFilter(side.where);
      if (side.fees !== undefined && rules.feeContracts?.[side.fees] === undefined)
        throw new CounterfoilError('invalidRule', `${name}: there is no fee contract "${side.fees}"`);
    }
    for (const rule of each) {
      for (const side of ['left', 'right'] as const) {
        compileFilter(rule.where?.[side]);
        for (const key of rule.keys) compileExpression(expressionOf(key, side), calendars);
      }
      for (const { calendar } of rule.dates ?? []) calendars.of(calendar);
      const table = rule.fx !== undefined && 'table' in rule.fx.rate ? rule.fx.rate.table : undefined;
      if (table !== undefined && rules.rates?.[table] === undefined)
        throw new CounterfoilError(
          'invalidRule',
          `rule "${rule.name}" of ${name}: there is no rate table "${table}"`,
        );
    }
  }
  for (const contract of Object.values(rules.feeContracts ?? {}))
    for (const line of contract.lines) compileFilter(line.where);
}
