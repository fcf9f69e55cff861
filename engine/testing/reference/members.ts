import type { Break, Side, WhyCondition } from '../../domain/index.ts';
import type { BreakBody, Place } from './state.ts';
import { refOf } from './why.ts';

/** One record alone, with its own amount in its own currency. */
export function aloneBody(x: Place): Omit<BreakBody, 'kind' | 'why'> {
  const { record, fields } = x.item;
  return {
    account: record.account,
    currency: record.currency,
    members: [memberOf(x)],
    amount: fields.amount,
  };
}

/**
 * C6: one record alone is `unmatched`; one of each side, or a group that only its sums keep from matching, is of kind
 * `amount`; any other is a `group`.
 */
export function kindOfGroup(
  places: readonly Place[],
  condition?: WhyCondition,
): 'amount' | 'unmatched' | 'group' {
  if (places.length === 1) return 'unmatched';
  const isPair = places.length === 2 && places[0]!.side !== places[1]!.side;
  return isPair || condition === 'sum' || condition === 'sign' ? 'amount' : 'group';
}

/** @param amount its own amount where no other is given, minor units */
export function memberOf(
  x: Place,
  amount = x.item.fields.amount,
): Break['members'][number] & { readonly side: Side } {
  return { ...refOf(x.item), side: x.side, amount };
}
