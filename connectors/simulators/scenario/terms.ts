import type { Provider } from './happenings.ts';

/** VAT on fees, in millionths. */
export const VAT = 50_000;

/** What a provider and a merchant have agreed on. */
export interface Terms {
  /** What payers see; each as often as it stands here. */
  readonly presentment: readonly string[];
  /** Currencies that the merchant has a balance in; others are converted to dirhams. */
  readonly balances: ReadonlySet<string>;
  /** Of a charge, in millionths, and in minor units of a currency with two digits. */
  readonly feeRate: number;
  readonly feeFixed: bigint;
  readonly hasTax: boolean;
  readonly disputeFee: bigint;
  /** Whole days until a charge is available. */
  readonly lagDays: number;
}

export const TERMS: { readonly [provider in Provider]: Terms } = {
  stripe: {
    presentment: ['AED', 'AED', 'AED', 'AED', 'USD', 'EUR', 'JPY', 'KWD', 'ISK'],
    balances: new Set(['AED', 'USD', 'KWD']),
    feeRate: 29_000,
    feeFixed: 100n,
    hasTax: true,
    disputeFee: 5500n,
    lagDays: 3,
  },
  paypal: {
    presentment: ['USD', 'USD', 'EUR', 'GBP', 'JPY'],
    balances: new Set(['USD', 'EUR', 'GBP', 'JPY']),
    feeRate: 44_000,
    feeFixed: 30n,
    hasTax: false,
    disputeFee: 2000n,
    lagDays: 1,
  },
  networkInternational: {
    presentment: ['AED'],
    balances: new Set(['AED']),
    feeRate: 18_500,
    feeFixed: 0n,
    hasTax: true,
    disputeFee: 7500n,
    lagDays: 1,
  },
};
