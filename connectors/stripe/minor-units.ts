import { CounterfoilError, exponentOf, formatMinor } from '../../engine/domain/index.ts';

/**
 * Digits after the point in Stripe's integers, where ISO 4217 has others or Stripe's documentation names the currency:
 * zero-decimal currencies, three-decimal ones (whose last digit is 0 in requests), and the special cases that are
 * written with two digits for compatibility although they have none. Source: docs.stripe.com/currencies.
 */
const STRIPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ...list(0, 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'),
  ...list(2, 'ISK UGX'),
  ...list(3, 'BHD JOD KWD OMR TND'),
]);

function list(digits: number, codes: string): [string, number][] {
  return codes.split(' ').map((code) => [code, digits]);
}

/**
 * An integer of Stripe's as a decimal in major units, exactly: `500` in ISK is `5.00`, in MGA `500`.
 * @param currency ISO 4217, upper case
 * @param overrides digits by currency, where Stripe does otherwise than it documents
 * @throws CounterfoilError `unknownCurrency`, also for one that is not known to have two digits at Stripe;
 *   `invalidAmount`
 */
export function stripeDecimal(
  field: string,
  amount: unknown,
  currency: string,
  overrides: { readonly [currency: string]: number } = {},
): string {
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    throw new CounterfoilError(
      'invalidAmount',
      `${field} "${String(amount).slice(0, 40)}" is not a whole number of Stripe's minor units`,
    );
  }
  return formatMinor(amount, digitsOf(currency, overrides));
}

function digitsOf(currency: string, overrides: { readonly [currency: string]: number }): number {
  const exponent = exponentOf(currency);
  const digits = Object.hasOwn(overrides, currency) ? overrides[currency] : STRIPE_DIGITS.get(currency);
  if (digits !== undefined) return digits;
  if (exponent === 2) return 2;
  throw new CounterfoilError(
    'unknownCurrency',
    `it is not known how many digits Stripe's integers have in ${currency}; say it in minorUnits, such as { ${currency}: ${exponent} }`,
  );
}
