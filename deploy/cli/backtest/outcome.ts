import type { Break, Match, RecordRef, Side } from '../../../engine/domain/index.ts';

/** A record in a match or break, by its place and its name. */
export interface Member {
  readonly side: Side;
  readonly source: string;
  readonly id: string;
  readonly sequence: number;
  readonly ordinal: number;
}

/** A match that stands, as far as two runs are compared by it. Amounts are minor units of `currency`. */
export interface MatchOutcome {
  readonly reconciliation: string;
  readonly rule: string;
  readonly currency: string;
  readonly legs: readonly Member[];
  readonly difference: number;
  /** What it ties: |Σ right|, or of one side alone the sum of its positive legs. */
  readonly amount: number;
}

/** A break that is open, likewise. */
export interface BreakOutcome {
  readonly reconciliation: string;
  readonly kind: Break['kind'];
  readonly currency: string;
  readonly members: readonly Member[];
  readonly amount: number;
  readonly rule: string;
  readonly condition: Break['why']['condition'];
}

/** Copies a match: the kernel reuses its objects. */
export function matchOutcome(match: Match): MatchOutcome {
  const right = match.legs.filter((leg) => leg.side === 'right');
  const sum = right.reduce((total, leg) => total + leg.allocated, 0);
  const gross = match.legs.reduce((total, leg) => total + Math.max(0, leg.allocated), 0);
  return {
    reconciliation: match.reconciliation,
    rule: match.rule,
    currency: match.currency,
    legs: match.legs.map(member),
    difference: match.difference,
    amount: right.length > 0 && right.length < match.legs.length ? Math.abs(sum) : gross,
  };
}

/** Copies a break: the kernel reuses its objects. */
export function breakOutcome(broken: Break): BreakOutcome {
  const { reconciliation, kind, currency, members, amount, why } = broken;
  const { rule, condition } = why;
  return { reconciliation, kind, currency, members: members.map(member), amount, rule, condition };
}

function member({ side, source, id, sequence, ordinal }: RecordRef & { readonly side: Side }): Member {
  return { side, source, id, sequence, ordinal };
}

/** Equal for equal records of one reconciliation, on equal sides, in one log. */
export function membersKey(reconciliation: string, members: readonly Member[]): string {
  const places = members.map(({ side, sequence, ordinal }) => `${side[0]!}${sequence}.${ordinal}`);
  return `${reconciliation} ${places.sort().join(' ')}`;
}
