import { CounterfoilError, formatMinor, exponentOf, parseRecordTime } from '../../engine/domain/index.ts';
import type { Origin, RecordKind, RecordStatus, Translated } from '../../engine/domain/index.ts';
import { deadLetter, jsonText, present, textAt, toRecord } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';

/** One movement of the balance, whichever of PayPal's objects told of it. Amounts are minor units. */
export interface Movement {
  readonly id: string;
  /** Given where what is known of one movement changes; see {@link versionOf}. */
  readonly version?: string;
  /** PayPal's id of the account. */
  readonly account: string | undefined;
  readonly kind: RecordKind;
  readonly status: RecordStatus;
  readonly currency: string;
  /** As the balance changes. */
  readonly amount: bigint;
  /** A cost; negative where it is given back. */
  readonly fee: bigint;
  /** As it stands there; see {@link momentOf}. */
  readonly time: string | undefined;
  /** Local day of the account. */
  readonly bookingDate?: string | undefined;
  readonly link: string | undefined;
  readonly references: { readonly [name: string]: string | undefined };
  readonly attributes: { readonly [name: string]: string | undefined };
}

const VERSIONS: { readonly [status in RecordStatus]: string } = { pending: '1', void: '2', booked: '3' };

/**
 * The version of a movement that was pending first. What is booked has been in the balance, and what becomes of it later
 * has a movement of its own: it is the highest, in whatever order they come.
 */
export function versionOf(status: RecordStatus): string {
  return VERSIONS[status];
}

/**
 * The record of what `read` makes of `source`, or the dead letter that says why there is none; nothing where there is no
 * movement in it.
 * @param holder what is kept in the dead letter
 */
export function recordOf(
  read: () => Movement | undefined,
  holder: unknown,
  context: SourceContext,
  origin: Origin,
): Translated | undefined {
  try {
    const movement = read();
    if (movement === undefined) return undefined;
    const { currency, kind } = movement;
    const decimal = (minor: bigint): string => formatMinor(minor, exponentOf(currency));
    const record = toRecord(
      {
        id: movement.id,
        version: movement.version,
        account: movement.account,
        kind,
        status: movement.status,
        currency,
        amount: decimal(movement.amount),
        fee: decimal(movement.fee),
        time: momentOf(movement.time, context),
        bookingDate: movement.bookingDate,
        link: movement.link,
        references: present(movement.references),
        attributes: present(movement.attributes),
      },
      context,
      { kind },
    );
    return { type: 'record', record, origin };
  } catch (error) {
    return deadLetter(context.source, error, origin, jsonText(holder));
  }
}

/** The currency of a money object, in upper case. @throws CounterfoilError `invalidField` */
export function currencyAt(holder: unknown, field: string): string {
  return required(textAt(holder, field, 'currency_code'), `${field}.currency_code`).toUpperCase();
}

/** @throws CounterfoilError `invalidField` where there is no text */
export function required(text: string | undefined, field: string): string {
  if (text !== undefined) return text;
  throw new CounterfoilError('invalidField', `${field} of the transaction is missing or no text`);
}

/**
 * A date and time in milliseconds since the epoch, as text. Webhooks write it in UTC and searches in the account's own zone, with
 * an offset that may lack its colon: written so, both are the same. Fractions of a second, which only some of PayPal's
 * answers have, are left out for the same reason.
 * @throws CounterfoilError `invalidTime`
 */
function momentOf(text: string | undefined, context: SourceContext): string {
  const written = required(text, 'the time').replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
  const { time } = parseRecordTime(written.toUpperCase(), context.zone);
  return String(Math.floor(time / 1000) * 1000);
}
