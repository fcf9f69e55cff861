import type { RuleSet } from '../../domain/index.ts';
import { matchGroupNow } from './groups.ts';
import type { Partition } from './partition.ts';
import type { ReferenceRule } from './reconciliation.ts';
import { byArrival } from './state.ts';

/**
 * E7: further rates are published. Everything stays as it is, but that the unmatched records are tried once more by the
 * rules that ask for rates that are others now, in order of arrival, then of the reconciliations.
 */
export function publish(partition: Partition, next: RuleSet): void {
  const rules = new Set<ReferenceRule>();
  for (const reconciliation of partition.reconciliations) {
    for (const rule of reconciliation.takeRates(next)) rules.add(rule);
  }
  partition.rules = next;
  const places = partition
    .items()
    .flatMap((item) => item.places)
    .sort((a, b) => byArrival(a.item, b.item) || a.reconciliation.index - b.reconciliation.index);
  for (const place of places) {
    for (const rule of place.reconciliation.rules) {
      if (!place.kept) break;
      if (!rules.has(rule)) continue;
      if (rule.gathers) matchGroupNow(partition, rule, place);
      else partition.matchPairNow(place, rule);
    }
  }
}
