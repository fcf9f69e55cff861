import { expressionOf } from '../domain/index.ts';
import type {
  DaySpan,
  FieldExpression,
  Key,
  KeyField,
  Normaliser,
  Rule,
  Tolerance,
} from '../domain/index.ts';

/**
 * What decides a match by a rule, as a person would write it: each key, then `currency` unless it is named or
 * converted, then what is compared: `["left references.order = right attributes.narrative /ORD-(\d+)/", "currency",
 * "net = amount ± 1.5 %"]`.
 */
export function decidingFields(rule: Rule): string[] {
  const fields = rule.keys.map((key) => keyText(key));
  if (rule.fx === undefined && !rule.keys.includes('currency')) fields.push('currency');
  return [...fields, comparedText(rule) + toleranceText(rule.tolerance)];
}

/** A key as a person would write it: once where both sides compare the same. */
export function keyText(key: Key): string {
  const left = expressionText(expressionOf(key, 'left'));
  const right = expressionText(expressionOf(key, 'right'));
  return left === right ? left : `left ${left} = right ${right}`;
}

/** What a key compares of one side: `reference trim upper`, `attributes.narrative /ORD-(\d+)/`. */
export function expressionText(expression: FieldExpression): string {
  if (typeof expression === 'string') return fieldText(expression);
  if ('settleDate' in expression) {
    const { of, cutoff, zone, lag, calendar } = expression.settleDate;
    // A date has no time of day: which batch it belongs to is not decided by the cut-off.
    const decided = of === 'time' ? [of, timeText(cutoff), zone] : [of];
    return `settleDate(${[...decided, `+${spanText(lag)}`, ...calendar].join(' ')})`;
  }
  return [fieldText(expression.field), ...expression.normalise.map((each) => normaliserText(each))].join(' ');
}

/** A field as rules name it: the unnamed reference is `reference`. */
export function fieldText(field: KeyField): string {
  return field === 'references.reference' ? 'reference' : field;
}

/** `2bd`, or a duration in the largest unit that is whole. */
export function spanText(span: DaySpan): string {
  return 'ms' in span ? durationText(span.ms) : `${span.businessDays}bd`;
}

/** A duration as it would be written: `3d`, `36h`, `90m`, `0s`. */
export function durationText(ms: number): string {
  for (const [unit, length] of UNITS) if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  return ms === 0 ? '0s' : `${ms}ms`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** Minutes after midnight as `23:00`. */
export function timeText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** ` ± 0.50`, ` ± 1.5 %`, ` ± 0.50 and 1.5 %, short 1.00`; nothing where sums must agree exactly. */
function toleranceText(tolerance: Tolerance): string {
  const base = limitsText(tolerance);
  const apart = (['short', 'over'] as const).flatMap((which) => {
    const limits = tolerance[which];
    return limits === undefined ? [] : [`${which} ${limitsText(limits) || '0'}`];
  });
  if (base === '' && apart.length === 0) return '';
  return ` ± ${[base || '0', ...apart].join(', ')}`;
}

function limitsText({ amount, percent }: Pick<Tolerance, 'amount' | 'percent'>): string {
  const amounts =
    amount === undefined || typeof amount === 'string'
      ? amount
      : Object.entries(amount)
          .map(([currency, each]) => `${each} ${currency}`)
          .join(' or ');
  return [amounts, percent === undefined ? undefined : `${percent} %`]
    .filter((each) => each !== undefined && each !== '')
    .join(' and ');
}

function comparedText(rule: Rule): string {
  const { left, right } = rule.compare ?? { left: 'amount', right: 'amount' };
  if (rule.fx !== undefined) return `${left} ${rule.fx.from} = ${right} ${rule.fx.to}`;
  return left === right ? left : `${left} = ${right}`;
}

function normaliserText(normaliser: Normaliser): string {
  if (typeof normaliser === 'string') return normaliser;
  if ('prefix' in normaliser) return `prefix ${normaliser.prefix}`;
  if ('suffix' in normaliser) return `suffix ${normaliser.suffix}`;
  return 'capture' in normaliser ? `/${normaliser.capture}/` : `every /${normaliser.captureAll}/`;
}
