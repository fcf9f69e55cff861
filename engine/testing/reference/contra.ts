import { toleranceLimit } from '../../rules/index.ts';
import { difference, sumOfAmounts } from './amounts.ts';
import { match } from './matches.ts';
import type { Partition } from './partition.ts';
import type { ReferenceRule } from './reconciliation.ts';
import type { Place } from './state.ts';

/** C5: records of one lane that cancel each other out: a void, a payout that failed before its credit. */
export function matchContra(partition: Partition, x: Place): boolean {
  for (const rule of x.reconciliation.rules) {
    const [key] = x.keys[rule.index]!;
    if (rule.cardinality !== 'contra' || key === undefined || !x.chains.has(rule)) continue;
    const places = x.reconciliation.chain(x.side, rule, key);
    if (places.length < 2 || partition.isBarred(x.reconciliation, places)) continue;
    const sum = sumOfAmounts(places);
    if (Math.abs(sum) > contraLimit(rule, x.item.fields.currency)) continue;
    const apart = x.side === 'left' ? sum : difference(0, sum);
    const sums = {
      left: x.side === 'left' ? sum : 0,
      right: x.side === 'left' ? 0 : sum,
      difference: apart,
      limit: 0,
      agree: true,
      rate: undefined,
      rateMissing: false,
      currency: x.item.fields.currency,
      leftCurrency: undefined,
      causes: apart === 0 ? {} : { tolerance: apart },
    };
    match(partition, rule, places, sums);
    return true;
  }
  return false;
}

/** How far one side alone may be from 0, minor units: an amount counts, a percentage of nothing does not. */
export function contraLimit(rule: ReferenceRule, currency: string): number {
  const { amount } = rule.rule.tolerance;
  return amount === undefined ? 0 : toleranceLimit({ amount }, 0, 0, currency);
}
