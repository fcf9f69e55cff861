import { exponentOf } from '../../../engine/domain/index.ts';

/** Currencies of which Stripe counts another unit than ISO 4217 says: digits after the point. */
const DIGITS: { readonly [currency: string]: number } = { ISK: 2, UGX: 2, MGA: 0 };

/** An amount as Stripe writes it, of one in minor units of ISO 4217. */
export function toStripeAmount(amount: bigint, currency: string): number {
  const exponent = exponentOf(currency);
  const digits = DIGITS[currency] ?? exponent;
  const shifted =
    digits >= exponent
      ? amount * 10n ** BigInt(digits - exponent)
      : amount / 10n ** BigInt(exponent - digits);
  return Number(shifted);
}
