import { CounterfoilError, exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import { readMinor } from '../../contract/index.ts';
import { isMovement, kindOf, linkedId, recordId } from '../event-codes.ts';
import type { Movement } from '../movement.ts';
import type { Cells } from './columns.ts';
import type { PaypalReportSettings } from './settings.ts';

/** Currencies that PayPal writes without decimals, two of them otherwise than ISO 4217. */
const WITHOUT_DECIMALS: { readonly [currency: string]: number } = { HUF: 0, JPY: 0, TWD: 0 };

type RowSettings = Pick<PaypalReportSettings, 'kinds' | 'minorUnits' | 'time'>;

/**
 * What a row of a section says. Ids, kinds and references are those of a transaction search.
 * @param account PayPal's id of the section's account
 * @throws CounterfoilError with the code of the row's dead letter
 */
export function rowMovement(cells: Cells, account: string, settings: RowSettings): Movement | undefined {
  const { transaction, code } = cells;
  if (transaction === '' || code === '') {
    throw new CounterfoilError(
      'invalidField',
      'transaction id or event code is empty; every transaction has them',
    );
  }
  if (!isMovement(code)) return undefined;
  const currency = cells.currency.toUpperCase();
  const isDebit = directionOf(cells.direction, 'transaction') === 'DR';
  const gross = minorOf(cells.amount, currency, settings, 'gross transaction amount');
  const id = recordId(transaction, code, isDebit);
  const isPayment = id === transaction && !isDebit;
  const related =
    !isPayment && cells.relatedType === 'TXN' && cells.related !== '' ? cells.related : undefined;
  return {
    id,
    account: account === '' ? undefined : account,
    kind: kindOf(code, isDebit, settings.kinds),
    status: 'booked',
    currency,
    amount: isDebit ? -gross : gross,
    fee: feeOf(cells, currency, settings),
    time: moment(settings.time === 'completion' ? cells.completed : cells.begun),
    bookingDate: dayOf(cells.completed),
    link: related === undefined ? undefined : linkedId(code, related),
    references: {
      transaction,
      reference: related ?? transaction,
      invoice: cells.invoice,
      custom: cells.custom,
      trace: cells.bank,
    },
    attributes: { eventCode: code, trackingId: cells.tracking, store: cells.store },
  };
}

/** A debit is a cost, a credit gives it back. */
function feeOf(cells: Cells, currency: string, settings: RowSettings): bigint {
  if (cells.fee === '') return 0n;
  const fee = minorOf(cells.fee, cells.feeCurrency.toUpperCase() || currency, settings, 'fee amount');
  if (fee === 0n) return 0n;
  if (cells.feeCurrency !== '' && cells.feeCurrency.toUpperCase() !== currency) {
    throw new CounterfoilError(
      'invalidField',
      `the fee is in "${cells.feeCurrency.slice(0, 10)}", and the transaction in ${currency}; no record holds both`,
    );
  }
  return directionOf(cells.feeDirection, 'fee') === 'DR' ? fee : -fee;
}

/** @throws CounterfoilError `invalidField` */
function directionOf(text: string, what: string): 'CR' | 'DR' {
  const direction = text.toUpperCase();
  if (direction === 'CR' || direction === 'DR') return direction;
  throw new CounterfoilError(
    'invalidField',
    `${what} debit or credit "${text.slice(0, 10)}" is neither CR nor DR`,
  );
}

/** An unsigned integer in PayPal's units, in those of ISO 4217. @throws CounterfoilError `invalidAmount` */
export function minorOf(
  text: string,
  currency: string,
  { minorUnits }: Pick<PaypalReportSettings, 'minorUnits'>,
  what: string,
): bigint {
  if (!/^\d{1,16}$/.test(text)) {
    throw new CounterfoilError(
      'invalidAmount',
      `${what} "${text.slice(0, 40)}" is no whole number without a sign`,
    );
  }
  const exponent = exponentOf(currency);
  const own = { ...WITHOUT_DECIMALS, ...minorUnits };
  const digits = Object.hasOwn(own, currency) ? own[currency]! : exponent;
  return readMinor(formatMinor(BigInt(text), digits), exponent);
}

/** `2024/08/20 00:01:17 -0700`, in ISO 8601. */
function moment(text: string): string | undefined {
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) ?([+-]\d\d):?(\d\d)$/.exec(text);
  if (parts === null) return text === '' ? undefined : text;
  return `${parts[1]!}-${parts[2]!}-${parts[3]!}T${parts[4]!}${parts[5]!}:${parts[6]!}`;
}

/** The day that it is written with. */
function dayOf(text: string): string | undefined {
  return moment(text)?.slice(0, 10);
}
