import type { Leg, Reconciliation, RecordRef, Rule, Side } from '../../domain/index.ts';
import type { Result } from '../results.ts';
import type { OpenBreak, OpenRecord } from './open-record.ts';
import { differenceOf, toleranceOf } from './windows.ts';

interface Place {
  readonly sequence: number;
  readonly n: number;
  readonly logTime: number;
}

/** SEMANTICS §6: a one-to-one match of a left and a right record. */
export function matchOf(
  definition: Reconciliation,
  rule: Rule,
  left: OpenRecord,
  right: OpenRecord,
  place: Place,
): Result {
  const difference = differenceOf(left.record, right.record);
  const leg = (x: OpenRecord): Leg => ({ ...refOf(x), side: x.side, allocated: Number(x.record.amount) });
  return {
    type: 'match',
    ...place,
    matchSequence: place.sequence,
    matchN: place.n,
    version: 1,
    reconciliation: definition.name,
    pools: poolsOf(definition),
    rule: rule.name,
    account: left.record.account,
    currency: left.record.currency,
    legs: [leg(left), leg(right)],
    difference,
    causes: difference === 0 ? {} : { tolerance: difference },
    lagMs: Math.abs(right.record.time - left.record.time),
  };
}

/**
 * SEMANTICS §6: one version of a break. Resolved if `resolvedBy` is given: then members, kind, amount and reason are
 * those it had.
 */
export function breakVersion(
  definition: Reconciliation,
  broken: OpenBreak,
  place: Place,
  resolvedBy?: Place,
): Result {
  const { owner, joined } = broken;
  const { account, currency } = owner.record;
  const member = (x: OpenRecord): RecordRef & { side: Side; amount: number } => ({
    ...refOf(x),
    side: x.side,
    amount: Number(x.record.amount),
  });
  const base = {
    type: 'break',
    ...place,
    breakSequence: broken.sequence,
    breakN: broken.n,
    version: broken.version,
    state: resolvedBy === undefined ? 'open' : 'resolved',
    reconciliation: definition.name,
    pools: poolsOf(definition),
    account,
    currency,
    dueTime: owner.due,
    ...(resolvedBy === undefined ? {} : { resolvedBy: { sequence: resolvedBy.sequence, n: resolvedBy.n } }),
  } as const;
  const rule = definition.rules[0]!;
  if (joined === undefined) {
    return {
      ...base,
      kind: 'unmatched',
      members: [member(owner)],
      amount: Number(owner.record.amount),
      why: { rule: rule.name, condition: 'noCounterpart' },
    };
  }
  const [left, right] = owner.side === 'left' ? [owner, joined] : [joined, owner];
  const difference = differenceOf(left.record, right.record);
  return {
    ...base,
    kind: 'amount',
    members: [member(owner), member(joined)],
    amount: difference,
    why: { rule: rule.name, condition: 'amount', difference, tolerance: toleranceOf(rule, currency) },
  };
}

function poolsOf(definition: Reconciliation): [string, string] {
  return [
    definition.left.pool ?? `${definition.name}.left`,
    definition.right.pool ?? `${definition.name}.right`,
  ];
}

function refOf(x: OpenRecord): RecordRef {
  return { source: x.record.source, id: x.record.id, sequence: x.sequence, ordinal: x.ordinal };
}
