import type { Why } from '../../domain/index.ts';
import { signsFit, sumsOf, type Sums } from './amounts.ts';
import { aloneBody, kindOfGroup, memberOf } from './members.ts';
import { signalOf } from './completion.ts';
import type { ReferenceRule } from './reconciliation.ts';
import type { BreakBody, MadeMatch, Place } from './state.ts';

/** C6: what a failing group says of the members in its break. */
export function groupBody(rule: ReferenceRule, places: readonly Place[]): BreakBody {
  const sums = sumsOf(rule, places);
  const why = whyGroup(rule, places, sums);
  const kind = kindOfGroup(places, why.condition);
  if (kind === 'unmatched') return { ...aloneBody(places[0]!), kind, why };
  return { ...sumBody(places, sums), kind, why };
}

/** C7: the late members of a group that was matched without them. */
export function lateBody(rule: ReferenceRule, match: MadeMatch, places: readonly Place[]): BreakBody {
  const sums = sumsOf(rule, places, match);
  return {
    ...sumBody(places, sums),
    kind: 'lateMember',
    why: {
      rule: rule.rule.name,
      condition: 'lateMember',
      match: { sequence: match.sequence, n: match.n },
    },
  };
}

function sumBody(places: readonly Place[], sums: Sums): Omit<BreakBody, 'kind' | 'why'> {
  return {
    account: places[0]!.item.record.account,
    currency: sums.currency,
    ...(sums.leftCurrency === undefined ? {} : { leftCurrency: sums.leftCurrency }),
    members: places.map((x) => memberOf(x)),
    amount: sums.difference,
  };
}

function whyGroup(rule: ReferenceRule, places: readonly Place[], sums: Sums): Why {
  const name = rule.rule.name;
  const apart = { difference: sums.difference, tolerance: sums.limit };
  const lefts = places.filter((x) => x.side === 'left').length;
  const rights = places.length - lefts;
  if (sums.rateMissing) return { rule: name, condition: 'rateMissing' };
  if ((rule.cardinality === '1:N' && lefts > 1) || (rule.cardinality === 'N:1' && rights > 1))
    return { rule: name, condition: 'cardinality', ...apart };
  if (rule.rule.complete === 'onSignal' && signalOf(rule, places) === 'missing')
    return { rule: name, condition: 'signal', ...apart };
  if (lefts === 0 || rights === 0) return { rule: name, condition: 'noCounterpart' };
  if (!signsFit(sums.left, sums.right)) return { rule: name, condition: 'sign' };
  return { rule: name, condition: 'sum', ...apart };
}
