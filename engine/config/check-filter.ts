import { RECORD_KINDS, RECORD_STATUSES, isKnownCurrency, parseDay, didYouMean } from '../domain/index.ts';
import type { Condition, Filter, FilterField } from '../domain/index.ts';
import { DAY_FIELDS, MONEY_FIELDS } from '../rules/index.ts';

/** A path in the document. */
export type DocumentPlace = readonly (string | number)[];

/** Something wrong between two parts of the configuration, at a path in the document. */
export interface CrossIssue {
  readonly path: DocumentPlace;
  readonly message: string;
}

const OPERATORS = ['gt', 'gte', 'lt', 'lte'] as const;
const DECIMAL = /^[+-]?\d{1,40}(\.\d{1,40})?$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Conditions that could never hold: kinds that do not exist, amounts compared to dates.
 * @param owner what errors call the filter's place: `the left side of "gateway-to-bank"`
 * @param sources those that a condition on `source` may name
 */
export function* checkFilter(
  filter: Filter | undefined,
  path: DocumentPlace,
  owner: string,
  sources?: readonly string[],
): Generator<CrossIssue> {
  for (const condition of filter ?? []) {
    // Where it stands under the short name that rules may use for the unnamed reference, the nearest place is shown.
    const at = [...path, condition.field === 'references.reference' ? 'reference' : condition.field];
    for (const problem of problemsOf(condition, sources)) {
      yield { path: at, message: `${owner}: where ${at.at(-1)}: ${problem}` };
    }
  }
}

function* problemsOf(condition: Condition, sources: readonly string[] | undefined): Generator<string> {
  const { field } = condition;
  for (const value of [...(condition.in ?? []), ...(condition.notIn ?? [])]) {
    const problem = valueProblem(field, value, sources);
    if (problem !== undefined) yield problem;
  }
  for (const operator of OPERATORS) {
    const bound = condition[operator];
    if (bound === undefined) continue;
    const problem = boundProblem(field, bound);
    if (problem !== undefined) yield problem;
  }
}

function valueProblem(
  field: FilterField,
  value: string,
  sources: readonly string[] | undefined,
): string | undefined {
  const shown = JSON.stringify(value.slice(0, 60));
  const oneOf = (known: readonly string[]): string | undefined =>
    known.includes(value) ? undefined : `${shown} is none of ${known.join(', ')}${didYouMean(value, known)}`;
  if (field === 'kind') return oneOf(RECORD_KINDS);
  if (field === 'status') return oneOf(RECORD_STATUSES);
  if (field === 'source' && sources !== undefined) return oneOf(sources);
  if (field === 'currency')
    return isKnownCurrency(value)
      ? undefined
      : `${shown} is not an ISO 4217 currency code that Counterfoil knows`;
  if (MONEY_FIELDS.includes(field))
    return DECIMAL.test(value) ? undefined : `${shown} is not an amount in major units such as "12.30"`;
  if (DAY_FIELDS.includes(field))
    return isDay(value) ? undefined : `${shown} is not a date such as "2026-11-22"`;
  return undefined;
}

function boundProblem(field: FilterField, bound: string): string | undefined {
  const isDate = ISO_DATE.test(bound);
  if (isDate && !isDay(bound)) return `${bound} is a date that does not exist`;
  if (MONEY_FIELDS.includes(field) && isDate)
    return `an amount is compared to a decimal in major units, not to the date ${bound}`;
  if (DAY_FIELDS.includes(field) && !isDate)
    return `a date is compared to a date such as "2026-11-22", not to ${bound}`;
  return undefined;
}

function isDay(text: string): boolean {
  try {
    parseDay(text);
    return true;
  } catch {
    return false;
  }
}
