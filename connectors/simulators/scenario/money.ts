import { exponentOf } from '../../../engine/domain/index.ts';

/** Dirhams for one unit of a currency, as the scenario's banks and providers convert. */
const DIRHAMS: { readonly [currency: string]: string } = {
  AED: '1',
  USD: '3.6725',
  EUR: '4.0212',
  GBP: '4.7391',
  JPY: '0.024518',
  ISK: '0.026733',
};

/** What one unit of `currency` is in dirhams, in major units. */
export function rateToDirhams(currency: string): string {
  return DIRHAMS[currency]!;
}

/** `amount` minor units in fils, rounded half away from zero. */
export function toFils(amount: bigint, currency: string): bigint {
  const [whole, fraction = ''] = rateToDirhams(currency).split('.');
  const scale = 10n ** BigInt(fraction.length + exponentOf(currency));
  return divideRounded(amount * BigInt(`${whole!}${fraction}`) * 100n, scale);
}

/** `millionths` of `amount`, rounded half away from zero to what card schemes carry of the currency. */
export function shareOf(amount: bigint, millionths: number, currency: string): bigint {
  const quantum = quantumOf(currency);
  return divideRounded(amount * BigInt(millionths), 1_000_000n * quantum) * quantum;
}

/** The smallest amount in use, in minor units: of currencies with three digits the last one is always 0. */
export function quantumOf(currency: string): bigint {
  return exponentOf(currency) === 3 ? 10n : 1n;
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return dividend < 0n ? -((-dividend + half) / divisor) : (dividend + half) / divisor;
}
