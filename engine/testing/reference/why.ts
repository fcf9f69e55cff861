import type { RecordRef, Why } from '../../domain/index.ts';
import { signsFit } from './amounts.ts';
import { dateMisfitOf, inOrder, pairOutsideWindow, pairUp, type Candidate } from './pairs.ts';
import type { ReferenceRule } from './reconciliation.ts';
import type { Item, Place } from './state.ts';

/** Of the records with x's key the first by arrival are looked at, and the best of them named. */
const LOOKED_AT = 64;
const NAMED = 5;

export function refOf(x: Item): RecordRef {
  return { source: x.record.source, id: x.record.id, sequence: x.sequence, ordinal: x.ordinal };
}

/** G: why a record stands alone: the first rule under which others have its key, and what keeps the nearest away. */
export function whyAlone(x: Place): Why {
  for (const rule of x.reconciliation.rules) {
    if (rule.cardinality !== '1:1') continue;
    const found = rule.reconciliation
      .counterparts(x, rule)
      .slice(0, LOOKED_AT)
      .map((y) => pairUp(rule, x, y));
    const best = inOrder(x, found).slice(0, NAMED);
    if (best[0] === undefined) continue;
    const records = best.map(({ place }) => refOf(place.item));
    return { rule: rule.rule.name, ...misfit(rule, x, best[0]), records };
  }
  return { rule: x.reconciliation.rules[0]!.rule.name, condition: 'noCounterpart' };
}

/** The first condition that the two do not meet. */
function misfit(rule: ReferenceRule, x: Place, { place, sums }: Candidate): Omit<Why, 'rule'> {
  if (sums.rateMissing) return { condition: 'rateMissing' };
  if (!signsFit(sums.left, sums.right)) return { condition: 'sign' };
  const outside = pairOutsideWindow(x, place);
  if (outside > 0) return { condition: 'window', timeDifference: outside };
  const missed = dateMisfitOf(rule, x, place);
  if (missed > 0) return { condition: 'date', ...(missed === Infinity ? {} : { timeDifference: missed }) };
  if (!sums.agree) return { condition: 'amount', difference: sums.difference, tolerance: sums.limit };
  return { condition: 'noCounterpart' };
}
