import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import type { LocalDay } from '../../engine/domain/index.ts';
import { readMinor } from '../contract/index.ts';
import { readStatementDate } from '../mt940/dates.ts';
import { decode } from '../mt940/line-texts.ts';
import type { RawField, RawMessage } from './messages.ts';

/** An amount with its currency, minor units. */
export interface Sum {
  readonly currency: string;
  readonly amount: bigint;
}

/** What a customer field (`:50a:`, `:59a:`) says of a party. */
export interface Party {
  /** IBAN or account number; undefined where the field has none. */
  readonly account: string | undefined;
  /** Name, or the BIC of option A. */
  readonly name: string;
}

const SETTLED = /^(\d{6})([A-Z]{3}\d{1,18}(?:,\d*)?)$/;
const SUM = /^([A-Z]{3})(\d{1,18}(?:,\d*)?)$/;

/**
 * The field of a tag; of one with options (`50`, `59`), whichever option stands there.
 * @throws CounterfoilError `malformedStatement` where it stands more than once
 */
export function fieldOf({ fields }: RawMessage, ...tags: readonly string[]): RawField | undefined {
  const found = fields.filter(({ tag }) => tags.includes(tag));
  if (found.length > 1) {
    throw malformed(`it has :${found.map(({ tag }) => tag).join(': and :')}:, where only one can be meant`);
  }
  return found[0];
}

/** A field's text in one line, decoded; undefined where it is not there or empty. */
export function textOf(field: RawField | undefined, separator = ' '): string | undefined {
  const text = field?.lines
    .map((line) => decode(line).trim())
    .join(separator)
    .trim();
  return text === '' ? undefined : text;
}

/** `:32A:`, value date and settled amount. @throws CounterfoilError `malformedStatement`, `invalidTime`, … */
export function readSettled(field: RawField): { readonly day: LocalDay; readonly settled: Sum } {
  const parts = SETTLED.exec(oneLine(field));
  if (parts === null) throw misshapen(field, '261122AED1234,56');
  return { day: readStatementDate(parts[1]!), settled: readSum({ ...field, lines: [parts[2]!] }) };
}

/** @throws CounterfoilError `malformedStatement`, `unknownCurrency`, `invalidAmount`, `amountOutOfRange` */
export function readSum(field: RawField): Sum {
  const parts = SUM.exec(oneLine(field));
  if (parts === null) throw misshapen(field, 'AED1234,56');
  const currency = parts[1]!;
  return { currency, amount: readMinor(parts[2]!.replace(',', '.'), exponentOf(currency)) };
}

/** An amount stands on one line: what is behind a break is no part of it, and joined would be another amount. */
function oneLine({ lines }: RawField): string {
  return lines.join('\n').trim();
}

/** Options A, F, K and none of a customer field. Lines of option F begin with a number: `1/` is the name. */
export function readParty(field: RawField | undefined): Party {
  const lines = (field?.lines ?? []).map((line) => decode(line).trim());
  const hasAccount = lines[0]?.startsWith('/') === true;
  const rest = hasAccount ? lines.slice(1) : lines;
  const account = hasAccount ? lines[0]!.slice(1).trim() : '';
  const named = rest.filter((line) => line.startsWith('1/')).map((line) => line.slice(2));
  const name = field?.tag.endsWith('F') === true && named.length > 0 ? named.join(' ') : (rest[0] ?? '');
  return { account: account === '' ? undefined : account, name: name.trim() };
}

export function malformed(what: string): CounterfoilError {
  return new CounterfoilError('malformedStatement', what);
}

function misshapen({ tag, lines }: RawField, example: string): CounterfoilError {
  return malformed(`:${tag}:${decode(lines.join(' ').slice(0, 60))} is not of the form ${example}`);
}
