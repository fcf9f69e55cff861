import type { Why } from '../../domain/index.ts';
import { toleranceLimit } from '../../rules/index.ts';
import { currencyOf, difference, residualOf, saturated, signOf, signsFit } from './amounts.ts';
import { aloneBody, kindOfGroup, memberOf } from './members.ts';
import type { ReferenceRule } from './reconciliation.ts';
import type { BreakBody, Group, Place } from './state.ts';

/** P2: what is left over in a group that matches in parts. */
export function residualBody(rule: ReferenceRule, group: Group, places: readonly Place[]): BreakBody {
  const kind = kindOfGroup(places);
  const left = openOf(
    rule,
    places.filter((x) => x.side === 'left'),
  );
  const right = openOf(
    rule,
    places.filter((x) => x.side === 'right'),
  );
  const currency = currencyOf(rule, places);
  const apart = difference(left, right);
  const why = ((): Why => {
    const name = rule.rule.name;
    const { match } = group;
    if (match !== undefined)
      return { rule: name, condition: 'residual', match: { sequence: match.sequence, n: match.n } };
    if (places.every((x) => x.side === places[0]!.side)) return { rule: name, condition: 'noCounterpart' };
    if (!signsFit(left, right)) return { rule: name, condition: 'sign' };
    const tolerance = toleranceLimit(rule.rule.tolerance, left, right, currency);
    return { rule: name, condition: 'sum', difference: apart, tolerance };
  })();
  const alone = aloneBody(places[0]!);
  return {
    kind,
    account: alone.account,
    currency: kind === 'unmatched' ? alone.currency : currency,
    members: places.map((x) => memberOf(x, residualOf(rule, x))),
    amount: kind === 'unmatched' ? residualOf(rule, places[0]!) : apart,
    why,
  };
}

/** Σ of what is open, after `negate`. */
function openOf(rule: ReferenceRule, places: readonly Place[]): number {
  return saturated(places.reduce((sum, x) => sum + BigInt(residualOf(rule, x) * signOf(x)), 0n));
}
