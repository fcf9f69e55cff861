import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { at, deadLetter, jsonText, present, textAt, toRecord } from '../contract/index.ts';
import type { RawRecord, SourceContext } from '../contract/index.ts';
import { listAt, secondsAt } from './fields.ts';
import { kindOf } from './kinds.ts';
import { stripeDecimal } from './minor-units.ts';
import type { StripeSettings } from './settings.ts';
import { factsOf } from './source-facts.ts';

/** Fees that are taxes: VAT on the other fees, and tax that Stripe withholds. */
const TAXES: ReadonlySet<string> = new Set(['tax', 'withheld_tax']);

/** What is known of the payout that a transaction belongs to, from its list of members. */
export interface Membership {
  /** Its id. */
  readonly payout: string;
  /** How many members it has, for the record of the payout itself. */
  readonly count?: number;
}

/** The settings that bear on what a record says. */
export type TranslateSettings = Pick<StripeSettings, 'stripeAccount' | 'metadata' | 'minorUnits'>;

/**
 * The record of one balance transaction, in the currency of the balance. Pure: the same transaction, known to be a
 * member of the same payout, gives the same record, whichever way it came.
 *
 * More becomes known of some later, and comes as a higher version of the same record: 1, and 1 more when the payout's
 * trace id is known, and 2 more when its membership is. So no order of arrival loses any of it.
 * @param transaction with `source` and `source.charge` expanded
 */
export function translateTransaction(
  transaction: unknown,
  membership: Membership | undefined,
  context: SourceContext,
  settings: TranslateSettings,
  origin: Origin,
): Translated {
  try {
    const raw = toRaw(transaction, membership, settings);
    const record = toRecord(raw, context, { kind: 'adjustment' });
    return { type: 'record', record, origin };
  } catch (error) {
    return deadLetter(context.source, error, origin, jsonText(transaction));
  }
}

function toRaw(
  transaction: unknown,
  membership: Membership | undefined,
  settings: TranslateSettings,
): RawRecord {
  const currency = required(transaction, 'currency').toUpperCase();
  const category = required(transaction, 'reporting_category');
  const facts = factsOf(transaction, settings.metadata);
  const decimal = (field: string, amount: unknown): string =>
    stripeDecimal(field, amount, currency, settings.minorUnits);
  const isNegative = Number(at(transaction, 'amount')) < 0;
  const { trace } = facts.references;
  const rate = at(transaction, 'exchange_rate');
  return {
    id: required(transaction, 'id'),
    version: String(1 + (trace === undefined ? 0 : 1) + (membership === undefined ? 0 : 2)),
    account: settings.stripeAccount,
    kind: kindOf(category, isNegative),
    // Pending and available are states of the balance; the movement has happened in both.
    status: 'booked',
    currency,
    amount: decimal('amount', at(transaction, 'amount')),
    ...costsOf(transaction, decimal),
    net: decimal('net', at(transaction, 'net')),
    time: String(requiredSeconds(transaction, 'created') * 1000),
    availableOn: dayOf(requiredSeconds(transaction, 'available_on')),
    valueDate: facts.arrival === undefined ? undefined : dayOf(facts.arrival),
    link: facts.link,
    references: present({ ...facts.references, ...(membership && { payout: membership.payout }) }),
    attributes: present({
      category,
      type: textAt(transaction, 'type'),
      description: textAt(transaction, 'description'),
      exchangeRate: typeof rate === 'number' ? String(rate) : undefined,
      ...facts.attributes,
    }),
    ...originalOf(facts.presented, currency, isNegative, settings),
    groupCount: membership?.count?.toString(),
  };
}

/** The total in `fee`, split into fee and tax by its details. */
function costsOf(
  transaction: unknown,
  decimal: (field: string, amount: unknown) => string,
): { fee: string; tax: string } {
  const total = at(transaction, 'fee');
  const fee = decimal('fee', total);
  const details = listAt(transaction, 'fee_details');
  const currency = textAt(transaction, 'currency');
  // Details in another currency cannot be added up: all of it is fee then.
  if (details.length === 0 || details.some((each) => textAt(each, 'currency') !== currency)) {
    return { fee, tax: '0' };
  }
  let sum = 0;
  let tax = 0;
  for (const detail of details) {
    const amount = at(detail, 'amount');
    decimal('fee_details.amount', amount);
    sum += amount as number;
    if (TAXES.has(textAt(detail, 'type') ?? '')) tax += amount as number;
  }
  if (sum !== total) {
    throw new CounterfoilError(
      'netMismatch',
      `fee is ${String(total)} of Stripe's minor units, but its details sum to ${sum}; ask Stripe which is right`,
    );
  }
  return { fee: decimal('fee', sum - tax), tax: decimal('tax', tax) };
}

/** What the payer saw, with the sign of the transaction, where it is in another currency. */
function originalOf(
  presented: { readonly amount: unknown; readonly currency: string } | undefined,
  currency: string,
  isNegative: boolean,
  settings: TranslateSettings,
): Pick<RawRecord, 'originalAmount' | 'originalCurrency'> {
  const other = presented?.currency.toUpperCase();
  if (presented === undefined || other === undefined || other === currency) return {};
  const decimal = stripeDecimal('presented amount', presented.amount, other, settings.minorUnits);
  const isZero = Number(presented.amount) === 0;
  return { originalAmount: isNegative && !isZero ? `-${decimal}` : decimal, originalCurrency: other };
}

function required(transaction: unknown, field: string): string {
  const text = textAt(transaction, field);
  if (text !== undefined) return text;
  throw new CounterfoilError('invalidField', `${field} of the balance transaction is missing or no text`);
}

function requiredSeconds(transaction: unknown, field: string): number {
  const seconds = secondsAt(transaction, field);
  if (seconds !== undefined) return seconds;
  throw new CounterfoilError('invalidTime', `${field} of the balance transaction is no time in Unix seconds`);
}

/** Stripe's dates are midnights in UTC. */
function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
