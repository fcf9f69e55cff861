import { CounterfoilError, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { RawRecord } from '../contract/index.ts';
import { textOf, valueAt } from './paths.ts';
import type { JsonPath } from './paths.ts';
import type { DirectionSettings, WebhookJsonSettings } from './settings.ts';

/** Integers of minor units; a fraction of zeros is what some languages write of a whole number. */
const MINOR = /^([+-]?\d{1,18})(?:\.0*)?$/;

/** The single value at one of a field's paths; undefined where there is none. */
export function fieldText(field: string, path: JsonPath, body: unknown, record: unknown): string | undefined {
  const value = valueAt(path, body, record);
  const text = textOf(value);
  if (value === undefined || text !== undefined) return text;
  throw new CounterfoilError(
    'invalidField',
    `${field}: at ${path.text} stands ${Array.isArray(value) ? 'a list' : 'an object'}; correct the path in the source's fields`,
  );
}

/** Amounts as the contract wants them: decimals in major units, with their sign. Exact. */
export function withAmounts(
  raw: RawRecord,
  { amountIn, minorUnits, currency }: WebhookJsonSettings,
  isNegated: boolean | undefined,
): RawRecord {
  const own = filled(raw.currency) ?? currency;
  const major = (field: string, text: string | undefined, of = own): string | undefined =>
    amountIn === 'major' || filled(text) === undefined || of === undefined
      ? text
      : majorOf(field, text!, of.toUpperCase(), minorUnits);
  const signed = (field: string, text: string | undefined): string | undefined =>
    filled(text) === undefined || isNegated === undefined ? text : directed(field, text!, isNegated);
  return {
    ...raw,
    amount: signed('amount', major('amount', raw.amount)),
    fee: major('fee', raw.fee),
    tax: major('tax', raw.tax),
    net: signed('net', major('net', raw.net)),
    groupTotal: major('groupTotal', raw.groupTotal),
    originalAmount: signed(
      'originalAmount',
      major('originalAmount', raw.originalAmount, filled(raw.originalCurrency) ?? own),
    ),
  };
}

function majorOf(
  field: string,
  text: string,
  currency: string,
  minorUnits: { readonly [currency: string]: number },
): string {
  const parts = MINOR.exec(text);
  if (parts === null) {
    throw new CounterfoilError(
      'invalidAmount',
      `${field} "${text.slice(0, 40)}" is no whole number of minor units; correct the source's amountIn`,
    );
  }
  const exponent = exponentOf(currency);
  return formatMinor(
    BigInt(parts[1]!),
    Object.hasOwn(minorUnits, currency) ? minorUnits[currency]! : exponent,
  );
}

/** An unsigned amount with the sign that its direction says. One that has a sign already would be doubtful. */
function directed(field: string, text: string, isNegated: boolean): string {
  if (/^[+-]/.test(text)) {
    throw new CounterfoilError(
      'invalidAmount',
      `${field} "${text.slice(0, 40)}" has a sign, and the source's direction gives one too; leave direction out`,
    );
  }
  return isNegated ? `-${text}` : text;
}

/** Whether amounts of a record take away; undefined where they have their own sign. */
export function isSubtracted(
  direction: DirectionSettings | undefined,
  body: unknown,
  record: unknown,
): boolean | undefined {
  if (direction === undefined) return undefined;
  const text = fieldText('direction', direction.path, body, record) ?? '';
  if (direction.adds.includes(text)) return false;
  if (direction.subtracts.includes(text)) return true;
  throw new CounterfoilError(
    'invalidField',
    `direction: "${text.slice(0, 40)}" at ${direction.path.text} neither adds nor subtracts; add it to the source's direction`,
  );
}

/** The kind or status that the provider's word stands for. */
export function mapped(
  field: 'kind' | 'status',
  text: string | undefined,
  words: { readonly [text: string]: string } | undefined,
): string | undefined {
  if (words === undefined || filled(text) === undefined) return text;
  if (Object.hasOwn(words, text!)) return words[text!];
  throw new CounterfoilError(
    'invalidField',
    `${field} "${text!.slice(0, 40)}" is not in the source's ${field === 'kind' ? 'kinds' : 'statuses'}; add it there`,
  );
}

/** A time as the contract wants it: ISO 8601 or epoch milliseconds. Fractions below a millisecond are cut. */
export function timeText(
  text: string | undefined,
  timeIn: WebhookJsonSettings['timeIn'],
): string | undefined {
  if (timeIn === 'iso' || filled(text) === undefined) return text;
  const parts = (timeIn === 's' ? /^(\d{9,10})(?:\.(\d*))?$/ : /^(\d{12,13})(?:\.\d*)?$/).exec(text!);
  if (parts === null) {
    throw new CounterfoilError(
      'invalidTime',
      `time "${text!.slice(0, 40)}" is no number of Unix ${timeIn === 's' ? 'seconds' : 'milliseconds'}; correct the source's timeIn`,
    );
  }
  return timeIn === 's' ? `${parts[1]}${(parts[2] ?? '').slice(0, 3).padEnd(3, '0')}` : parts[1];
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
