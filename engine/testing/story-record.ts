import {
  exponentOf,
  parseDay,
  parseMinor,
  type MoneyRecord,
  type RecordKind,
  type RecordStatus,
  type RecordTime,
} from '../domain/index.ts';

/**
 * A record as a story writes it: `SOURCE ID AMOUNT[CURRENCY] REFERENCE TIME [name=value …]`. A name is a field of
 * records, `@` and that of an attribute, or that of a reference.
 */
export function recordOf(words: readonly string[], timeOf: (text: string) => RecordTime): MoneyRecord {
  const [source, id, money, reference, time, ...pairs] = words as [string, string, string, string, string];
  const { minor, currency } = moneyOf(money);
  const named = new Map(pairs.map((pair: string): [string, string] => splitPair(pair)));
  const take = (name: string): string | undefined => {
    const value = named.get(name);
    named.delete(name);
    return value;
  };
  const optional = <T>(name: string, read: (text: string) => T): { [name: string]: T } => {
    const text = take(name);
    return text === undefined ? {} : { [name]: read(text) };
  };
  const inOwn = (text: string): bigint => parseMinor(text, exponentOf(currency));
  const plain = {
    source,
    id,
    account: take('account') ?? 'default',
    kind: (take('kind') ?? 'charge') as RecordKind,
    status: (take('status') ?? 'booked') as RecordStatus,
    currency,
    amount: minor,
    fee: inOwn(take('fee') ?? '0'),
    tax: inOwn(take('tax') ?? '0'),
    ...timeOf(time),
    ...optional('version', Number),
    ...optional('bookingDate', parseDay),
    ...optional('valueDate', parseDay),
    ...optional('availableOn', parseDay),
    ...optional('link', String),
    ...optional('original', originalOf),
    ...optional('groupCount', Number),
    ...optional('groupTotal', inOwn),
  };
  const attributes = [...named].filter(([name]) => name.startsWith('@'));
  const references = [...named].filter(([name]) => !name.startsWith('@'));
  return {
    ...plain,
    references: { ...(reference === '-' ? {} : { reference }), ...Object.fromEntries(references) },
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name.slice(1), value])),
  };
}

/** `name=value`; a value has blanks written as `_`. */
function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1).replaceAll('_', ' ')];
}

/** `12.30` or `12.30USD`; AED where no currency is given. */
function moneyOf(text: string): { readonly minor: bigint; readonly currency: string } {
  const [, amount, given] = /^([-+.\d]+)([A-Z]*)$/.exec(text)!;
  const currency = given === '' ? 'AED' : given!;
  return { minor: parseMinor(amount!, exponentOf(currency)), currency };
}

function originalOf(text: string): NonNullable<MoneyRecord['original']> {
  const { minor, currency } = moneyOf(text);
  return { amount: minor, currency };
}
