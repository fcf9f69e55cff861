import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import { readMinor, textAt } from '../contract/index.ts';

/**
 * The amount of a money object (`{ currency_code, value }`, a decimal in major units) in minor units. PayPal has no
 * decimals for HUF, JPY and TWD, which makes no difference to how they are written. Source:
 * developer.paypal.com/api/rest/reference/currency-codes.
 * @param currency what it has to be in
 * @returns undefined where there is no such object
 * @throws CounterfoilError `invalidAmount`, `invalidField` for another currency
 */
export function minorAt(holder: unknown, field: string, currency: string): bigint | undefined {
  const value = textAt(holder, field, 'value');
  if (value === undefined) return undefined;
  const stated = textAt(holder, field, 'currency_code') ?? '';
  if (stated.toUpperCase() !== currency) {
    throw new CounterfoilError(
      'invalidField',
      `${field} is in "${stated.slice(0, 10)}", and the transaction in ${currency}; no record holds both`,
    );
  }
  // PayPal's pattern allows for a decimal without anything before its point.
  return readMinor(value.replace(/^(-?)\./, '$10.'), exponentOf(currency));
}
