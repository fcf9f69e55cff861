import { exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { FeeVariance } from '../../engine/domain/index.ts';

/** What a provider charged beside its contract in a month. */
export interface FeeVarianceView {
  readonly month: string;
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  readonly kind: 'fee' | 'tax';
  /** Records whose fee or tax is not what the contract says. */
  readonly records: number;
  /** Charged too much. */
  readonly over: string;
  /** Charged too little; not positive. */
  readonly under: string;
  readonly net: string;
}

export function feeVarianceView(variance: FeeVariance): FeeVarianceView {
  const { over, under, currency } = variance;
  const money = (minor: bigint): string => formatMinor(minor, exponentOf(currency));
  return { ...variance, over: money(over), under: money(under), net: money(over + under) };
}
