import { exponentOf } from '../../../engine/domain/index.ts';
import type { Seeded } from '../seeded.ts';
import type { CardFacts, Payment, Provider } from './happenings.ts';
import { quantumOf, toFils } from './money.ts';
import { TERMS } from './terms.ts';

/** A payment of a merchant, with an amount that its currency's payers would see. */
export function paymentOf(id: string, provider: Provider, merchant: string, random: Seeded): Payment {
  const currency = random.pick(TERMS[provider].presentment);
  const unit = quantumOf(currency);
  // From a few dirhams to a few thousand.
  const fils = BigInt(Math.round(10 ** (random.next() * 2.6 + 2.8)));
  const amount = (fils * 10n ** BigInt(exponentOf(currency))) / toFilsOfOne(currency) / unit;
  return {
    id,
    provider,
    merchant,
    order: `ORD-${id.slice(1).padStart(7, '0')}`,
    presented: { currency, amount: (amount === 0n ? 1n : amount) * unit },
    card: cardOf(random),
  };
}

/** Fils for one major unit, of currencies that are converted and of those that are not alike. */
function toFilsOfOne(currency: string): bigint {
  return currency === 'KWD' ? 1200n : toFils(10n ** BigInt(exponentOf(currency)), currency) || 1n;
}

function cardOf(random: Seeded): CardFacts {
  const digits = (count: number): string => String(random.integer(0, 10 ** count - 1)).padStart(count, '0');
  const wallet = random.pick([undefined, undefined, 'apple_pay', 'google_pay', 'samsung_pay'] as const);
  return {
    scheme: random.pick(['visa', 'mastercard']),
    funding: random.pick(['credit', 'debit']),
    country: random.pick(['AE', 'AE', 'SA', 'GB', 'US']),
    last4: digits(4),
    ...(wallet === undefined ? {} : { wallet, deviceLast4: digits(4) }),
    networkToken: wallet !== undefined,
    authorizationCode: digits(6),
    rrn: digits(12),
  };
}
