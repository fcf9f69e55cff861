import { CounterfoilError, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { at, deadLetter, present, textAt, toRecord } from '../contract/index.ts';
import type { RawRecord, SourceContext } from '../contract/index.ts';
import { authorisationOf, factsOf } from './facts.ts';
import type { PaymentFacts } from './facts.ts';
import { embedded } from './fields.ts';
import { readPayment } from './movements.ts';
import type { Movement, MovementSettings, PaymentReading } from './movements.ts';
import type { NgeniusSettings, StateMeaning } from './settings.ts';

/** The settings that bear on what a record says. */
export type TranslateSettings = MovementSettings & Pick<NgeniusSettings, 'walletField'>;

/**
 * What is to be expected of an order: `open`, something soon; `settled`, a refund or another try, perhaps; `final`,
 * nothing.
 */
export type Outlook = 'open' | 'settled' | 'final';

export interface OrderReading {
  readonly items: readonly Translated[];
  readonly outlook: Outlook;
}

const VERSIONS: { readonly [status in StateMeaning]: string } = { pending: '1', booked: '2', void: '3' };

/**
 * The records of one order: one for each capture, purchase, reversal and refund, in minor units of the currency's true
 * exponent. N-Genius tells no fees. Pure: the same order gives the same records, whichever way it came. What is pending
 * has version 1, what is booked 2, and what came to nothing 3, so that the order in which they come does not matter.
 * @param read number of the reading in the life of the process
 */
export function translateOrder(
  order: unknown,
  context: SourceContext,
  settings: TranslateSettings,
  read: number,
): OrderReading {
  const items: Translated[] = [];
  const payments = embedded(order, 'payment');
  const readings: PaymentReading[] = [];
  const origin = (): Origin => ({ offset: read, ordinal: items.length });
  for (const payment of payments) {
    const reading = readPayment(order, payment, settings);
    readings.push(reading);
    const refuse = (problem: unknown, part: unknown): void => {
      items.push(deadLetter(context.source, problem, origin(), partOf(order, payment, part)));
    };
    const facts = factsOf(order, payment, settings.walletField);
    for (const movement of reading.movements) {
      try {
        const record = toRecord(toRaw(movement, payment, facts, context), context, { kind: movement.kind });
        items.push({ type: 'record', record, origin: origin() });
      } catch (error) {
        refuse(error, movement.holder);
      }
    }
    for (const { problem, part } of reading.unread) refuse(problem, part);
  }
  return { items, outlook: outlookOf(readings) };
}

function toRaw(
  movement: Movement,
  payment: unknown,
  { references, attributes }: PaymentFacts,
  context: SourceContext,
): RawRecord {
  const { id, kind, status, holder, link, time } = movement;
  const currency = textAt(holder, 'amount', 'currencyCode')?.toUpperCase();
  const isCharge = kind === 'charge';
  return {
    id,
    version: VERSIONS[status],
    account: accountOf(references, context),
    kind,
    status,
    currency,
    amount: decimal(at(holder, 'amount', 'value'), currency, !isCharge),
    time,
    link,
    references: present({
      ...references,
      // The authorisation is the charge's. A refund has its own, if any.
      ...authorisationOf(isCharge ? payment : holder),
      ...movement.references,
    }),
    attributes: present({ ...attributes, state: textAt(holder, 'state') }),
  };
}

/** What a map of accounts knows: the merchant id, which banks settle by, or else the outlet. Neither is an account. */
function accountOf(
  { mid, outlet }: { readonly [name: string]: string | undefined },
  { accounts }: SourceContext,
): string | undefined {
  const { identifiers } = accounts;
  if (identifiers === undefined) return undefined;
  return mid !== undefined && identifiers.includes(mid) ? mid : outlet;
}

/** An amount as a decimal in major units. @throws CounterfoilError `invalidAmount`, `unknownCurrency` */
function decimal(value: unknown, currency: string | undefined, isNegative: boolean): string {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new CounterfoilError(
      'invalidAmount',
      `amount.value "${String(value).slice(0, 40)}" is not a whole number of minor units, zero or more`,
    );
  }
  const minor = BigInt(value);
  return formatMinor(isNegative ? -minor : minor, exponentOf(currency ?? ''));
}

function outlookOf(readings: readonly PaymentReading[]): Outlook {
  if (readings.length === 0) return 'open';
  const movements = readings.flatMap((reading) => reading.movements);
  const isOpen =
    readings.some(({ unread }) => unread.length > 0) ||
    movements.some(({ status }) => status === 'pending') ||
    readings.some(({ phase }) => phase === undefined || phase === 'underWay' || phase === 'pending');
  if (isOpen) return 'open';
  // What was given back may still come back: a refund that is booked can be voided.
  const isOver = readings.every(({ phase }) => phase === 'reversed' || phase === 'cancelled');
  return isOver ? 'final' : 'settled';
}

/** What a dead letter keeps: the part, and what leads to it. Whoever paid, and with which card, is left out. */
function partOf(order: unknown, payment: unknown, part: unknown): string {
  const { reference, action, outletId } = (order ?? {}) as { readonly [name: string]: unknown };
  const keys = [
    '_id',
    '_links',
    'reference',
    'state',
    'amount',
    'createdTime',
    'createdDate',
    'updateDateTime',
  ];
  const picked = keys.map((key) => [key, at(part, key)] as const).filter(([, value]) => value !== undefined);
  return JSON.stringify({
    order: reference,
    outletId,
    action,
    payment: { reference: at(payment, 'reference'), state: at(payment, 'state') },
    part: Object.fromEntries(picked),
  });
}
