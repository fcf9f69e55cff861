/**
 * What the statement asks the store: sums over records, matches and breaks as they stood at a moment of the log.
 * Amounts are whole minor units as bigints.
 */
import type { Filter } from './filters.ts';
import type { KeyField } from './fields.ts';
import type { MatchCause } from './results.ts';
import type { Side } from './reconciliation.ts';

/** The records that one side of one reconciliation selects. */
export interface StatementLane {
  readonly reconciliation: string;
  readonly side: Side;
  readonly pool: string;
  readonly sources: readonly string[];
  readonly where?: Filter | undefined;
  readonly negate: boolean;
}

/** A rule whose matches do not take their records whole. */
export interface PartialRule {
  readonly reconciliation: string;
  readonly rule: string;
  /** The sides of which net amounts are allocated. */
  readonly net: readonly Side[];
}

/** Interim records that final ones take the place of. */
export interface StatementSupersession {
  readonly source: string;
  readonly sources: readonly string[];
  readonly keys: readonly KeyField[];
}

/** Up to where the log is looked at: all of it, before a moment of it, or through a message of one partition. */
export type StatementEnd =
  | { readonly before: number }
  | { readonly through: { readonly epoch: number; readonly partition: number; readonly sequence: number } };

/** A set of reconciliations that share pools, or one alone. */
export interface StatementRequest {
  readonly lanes: readonly StatementLane[];
  readonly partial: readonly PartialRule[];
  /** Rules that compare something else than amounts or net amounts: differences of amounts say nothing there. */
  readonly otherwise: readonly { readonly reconciliation: string; readonly rule: string }[];
  /** Sources whose later versions take the place of earlier ones. */
  readonly amending: readonly string[];
  readonly superseding: readonly StatementSupersession[];
  readonly end?: StatementEnd | undefined;
}

/** Records of one side and currency. */
export interface StatementSide {
  readonly side: Side;
  readonly currency: string;
  readonly records: number;
  readonly amount: bigint;
  readonly open: number;
  readonly openAmount: bigint;
  readonly writtenOff: number;
  readonly writtenOffAmount: bigint;
  /** Fees and taxes of records whose net amounts a partial rule allocates. */
  readonly fee: bigint;
  readonly tax: bigint;
  /** What matches by rules that compare something else take. */
  readonly otherwise: bigint;
}

/** Matches in force, but those by rules that compare something else, of one pair of currencies. */
export interface StatementMatches {
  readonly currency: string;
  /** Where the left legs were converted from it. */
  readonly leftCurrency?: string;
  readonly matches: number;
  readonly left: bigint;
  readonly right: bigint;
  readonly causes: { readonly [cause in MatchCause]?: bigint };
}

/** Something that a sum stumbles over. */
export interface StatementOddity {
  /**
   * `causes`: a match's causes do not sum to its difference; `allocated`: matches take another amount of a record than
   * it has; `missing`: a match names a record that its side does not select, or that is not stored.
   */
  readonly kind: 'causes' | 'allocated' | 'missing';
  readonly currency: string;
  /** By how much, with the sign of its effect on Σleft − Σright. */
  readonly amount: bigint;
  readonly matchId?: string;
  readonly source?: string;
  readonly id?: string;
  readonly position?: string;
}

export interface StatementSums {
  readonly sides: readonly StatementSide[];
  readonly matches: readonly StatementMatches[];
  /** The largest, at most 20 of each kind. */
  readonly oddities: readonly StatementOddity[];
}

/** Records that arrived in a stretch of the log, by the local day that they are of. */
export interface StatementArrivals {
  readonly side: Side;
  readonly currency: string;
  /** Against the days asked for. */
  readonly of: 'day' | 'before' | 'after';
  readonly records: number;
  readonly amount: bigint;
}

/** What a source's own balances say. */
export interface SourceBalance {
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  readonly records: number;
  readonly amount: bigint;
  /** Statements whose balances and lines do not add up, and by how much together. */
  readonly off: number;
  readonly residual: bigint;
  /** The first of their messages. */
  readonly messages: readonly string[];
}

/** Fees or taxes on them that differ from the contract, of one month. */
export interface FeeVariance {
  readonly source: string;
  readonly account: string;
  /** `2026-11`, by the records' own local dates. */
  readonly month: string;
  readonly currency: string;
  readonly kind: 'fee' | 'tax';
  readonly records: number;
  /** Charged too much, and too little (negative). */
  readonly over: bigint;
  readonly under: bigint;
}
