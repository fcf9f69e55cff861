import {
  CounterfoilError,
  RECORD_KINDS,
  RECORD_STATUSES,
  exponentOf,
  netOf,
  parseDay,
} from '../../engine/domain/index.ts';
import type { LocalDay, MoneyRecord, RecordKind, RecordStatus } from '../../engine/domain/index.ts';
import { readMinor } from './amounts.ts';
import type { SourceContext } from './connector.ts';
import { maskCardNumbers } from './masking.ts';
import { readTime } from './times.ts';

/** The most characters of an id, of a reference, and of an attribute. */
export const MAX_ID = 512;
export const MAX_REFERENCE = 1024;
export const MAX_ATTRIBUTE = 16_384;
/** The most references of one record, and the most attributes. */
const MAX_NAMES = 64;

/**
 * A record as a source writes it: texts, with amounts as decimals in major units. An empty text is the same as none,
 * except for `id`.
 */
export interface RawRecord {
  id: string;
  version?: string | undefined;
  account?: string | undefined;
  kind?: string | undefined;
  status?: string | undefined;
  currency?: string | undefined;
  amount?: string | undefined;
  fee?: string | undefined;
  tax?: string | undefined;
  net?: string | undefined;
  time?: string | undefined;
  bookingDate?: string | undefined;
  valueDate?: string | undefined;
  availableOn?: string | undefined;
  references: { [name: string]: string };
  link?: string | undefined;
  originalAmount?: string | undefined;
  originalCurrency?: string | undefined;
  groupCount?: string | undefined;
  groupTotal?: string | undefined;
  attributes: { [name: string]: string };
}

/** The plain fields of a {@link RawRecord}, in the order in which documentation lists them. */
export const RAW_FIELDS = [
  'id',
  'account',
  'amount',
  'currency',
  'time',
  'kind',
  'fee',
  'tax',
  'net',
  'status',
  'bookingDate',
  'valueDate',
  'availableOn',
  'link',
  'originalAmount',
  'originalCurrency',
  'groupCount',
  'groupTotal',
  'version',
] as const satisfies readonly (keyof RawRecord)[];

export type RawField = (typeof RAW_FIELDS)[number];

/** What stands in for fields that a record leaves empty. */
export interface RecordDefaults {
  readonly kind: RecordKind;
  readonly currency?: string | undefined;
}

const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);
const STATUSES: ReadonlySet<string> = new Set(RECORD_STATUSES);

/**
 * Reads a record's texts by the rules of the specification: exact amounts, known currencies, times in the source's
 * zone, net = amount − fee − tax. Card numbers in references and attributes are masked.
 * @throws CounterfoilError with the code that the record's dead letter gets
 */
export function toRecord(raw: RawRecord, context: SourceContext, defaults: RecordDefaults): MoneyRecord {
  checkLength('id', raw.id, MAX_ID);
  const currency = currencyOf(raw.currency, defaults.currency);
  const exponent = exponentOf(currency);
  const timeText = present('time', raw.time);
  const { time, precision, offsetMinutes } = readTime(timeText, context.zone);
  const kind = raw.kind === undefined || raw.kind === '' ? defaults.kind : oneOf('kind', raw.kind, KINDS);
  const status =
    raw.status === undefined || raw.status === '' ? 'booked' : oneOf('status', raw.status, STATUSES);
  const record: Mutable<MoneyRecord> = {
    source: context.source,
    id: raw.id,
    account: context.accounts.ofStated(raw.account),
    kind: kind as RecordKind,
    status: status as RecordStatus,
    currency,
    amount: amountIn('amount', present('amount', raw.amount), exponent),
    fee: optionalAmount('fee', raw.fee, exponent) ?? 0n,
    tax: optionalAmount('tax', raw.tax, exponent) ?? 0n,
    time,
    precision,
    offsetMinutes,
    references: keepTexts('references', raw.references),
    attributes: keepTexts('attributes', raw.attributes),
  };
  checkNet(record, optionalAmount('net', raw.net, exponent));
  addOptional(record, raw, exponent);
  return record;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addOptional(record: Mutable<MoneyRecord>, raw: RawRecord, exponent: number): void {
  const bookingDate = optionalDay('bookingDate', raw.bookingDate);
  if (bookingDate !== undefined) record.bookingDate = bookingDate;
  const valueDate = optionalDay('valueDate', raw.valueDate);
  if (valueDate !== undefined) record.valueDate = valueDate;
  const availableOn = optionalDay('availableOn', raw.availableOn);
  if (availableOn !== undefined) record.availableOn = availableOn;
  if (filled(raw.link)) {
    checkLength('link', raw.link, MAX_ID);
    record.link = raw.link;
  }
  if (filled(raw.originalAmount) || filled(raw.originalCurrency)) {
    const currency = present('originalCurrency', raw.originalCurrency).toUpperCase();
    const text = present('originalAmount', raw.originalAmount);
    record.original = { amount: amountIn('originalAmount', text, exponentOf(currency)), currency };
  }
  const groupCount = optionalCount('groupCount', raw.groupCount);
  if (groupCount !== undefined) record.groupCount = groupCount;
  const groupTotal = optionalAmount('groupTotal', raw.groupTotal, exponent);
  if (groupTotal !== undefined) record.groupTotal = groupTotal;
  const version = optionalCount('version', raw.version);
  if (version !== undefined) record.version = version;
}

function checkNet(record: Pick<MoneyRecord, 'amount' | 'fee' | 'tax'>, net: bigint | undefined): void {
  if (net === undefined || net === netOf(record)) return;
  throw new CounterfoilError(
    'netMismatch',
    `net is ${net} minor units, but amount − fee − tax is ${record.amount} − ${record.fee} − ${record.tax} = ${netOf(record)}; correct the one that is wrong, or leave net out`,
  );
}

function currencyOf(stated: string | undefined, constant: string | undefined): string {
  return (filled(stated) ? stated : present('currency', constant)).toUpperCase();
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function present(field: string, text: string | undefined): string {
  if (filled(text)) return text;
  throw new CounterfoilError('invalidField', `${field} is empty; every record has one`);
}

function checkLength(field: string, text: string, most: number): void {
  if (text !== '' && text.length <= most) return;
  throw new CounterfoilError(
    'invalidField',
    text === ''
      ? `${field} is empty; every record has one`
      : `${field} has ${text.length} characters; at most ${most} are kept`,
  );
}

function amountIn(field: string, text: string, exponent: number): bigint {
  try {
    return readMinor(text, exponent);
  } catch (error) {
    if (field === 'amount' || !(error instanceof CounterfoilError)) throw error;
    throw new CounterfoilError(error.code, `${field}: ${error.message}`, { cause: error });
  }
}

function optionalAmount(field: string, text: string | undefined, exponent: number): bigint | undefined {
  return filled(text) ? amountIn(field, text, exponent) : undefined;
}

function optionalDay(field: string, text: string | undefined): LocalDay | undefined {
  if (!filled(text)) return undefined;
  try {
    return parseDay(text);
  } catch (error) {
    throw new CounterfoilError('invalidTime', `${field}: ${(error as Error).message}`, { cause: error });
  }
}

function optionalCount(field: string, text: string | undefined): number | undefined {
  if (!filled(text)) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CounterfoilError(
    'invalidField',
    `${field} "${text.slice(0, 40)}" is not a whole number of at most 9 digits`,
  );
}

function oneOf(field: string, text: string, known: ReadonlySet<string>): string {
  if (known.has(text)) return text;
  throw new CounterfoilError(
    'invalidField',
    `${field} "${text.slice(0, 40)}" is none of ${[...known].join(', ')}`,
  );
}

/** Names of references and attributes: what a rule's key can name, and nothing that a plain object minds. */
export function isFieldName(name: string): boolean {
  return /^[^\s.][^\s]{0,63}$/.test(name) && name !== '__proto__';
}

/**
 * References or attributes as a record keeps them: card numbers masked, empty ones left out.
 * @throws CounterfoilError `invalidField` where there are too many, or one is too long
 */
export function keepTexts(
  field: 'references' | 'attributes',
  texts: { readonly [name: string]: string },
): { [name: string]: string } {
  let kept: { [name: string]: string } = texts;
  let count = 0;
  for (const name in texts) {
    const text = texts[name]!;
    if (++count > MAX_NAMES) {
      throw new CounterfoilError('invalidField', `the record has more than ${MAX_NAMES} ${field}`);
    }
    const clean = keepText(field, name, text);
    if (clean === text && text !== '') continue;
    if (kept === texts) kept = { ...texts };
    if (text === '') Reflect.deleteProperty(kept, name);
    else kept[name] = clean;
  }
  return kept;
}

/**
 * One reference or attribute as a record keeps it: card numbers masked.
 * @throws CounterfoilError `invalidField` where it is too long
 */
export function keepText(field: 'references' | 'attributes', name: string, text: string): string {
  const most = field === 'references' ? MAX_REFERENCE : MAX_ATTRIBUTE;
  if (text.length > most) {
    throw new CounterfoilError(
      'invalidField',
      `${field}.${name} has ${text.length} characters; at most ${most} are kept`,
    );
  }
  return text.length < 13 ? text : maskCardNumbers(text);
}
