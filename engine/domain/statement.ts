/**
 * What the statement asks the store: sums over records, matches and breaks as they stood at a moment of the log.
 * Amounts are whole minor units as bigints.
 */
import { z } from 'zod';
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
  /**
   * Other rules were in force before: what their matches took and what was written off under them counts, whether or not
   * the sides select it now.
   */
  readonly changed?: boolean | undefined;
  readonly end?: StatementEnd | undefined;
}

/** Records of one side and currency. */
export interface StatementSide {
  readonly side: Side;
  readonly currency: string;
  readonly records: number;
  readonly amount: bigint;
  /** Not matched, or not wholly, and not written off; with those in breaks. */
  readonly open: number;
  readonly openAmount: bigint;
  /** Of these, the ones that are in an open break. */
  readonly broken: number;
  readonly brokenAmount: bigint;
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

/** The balances that a source reports with some of its records, as a bank statement or a page of one does. */
export const reportedBalanceSchema = z.strictObject({
  source: z.string().min(1),
  account: z.string(),
  currency: z.string(),
  /** Which statement; the ids of its records are this, a slash, and more. */
  name: z.string().min(1),
  /** Of several pages with one name: they lie in this order. */
  page: z.int().min(0),
  /** Days since 1970-01-01: the local day at the end of which `closing` was the balance. */
  day: z.int(),
  /** Minor units; absent where the source does not say. */
  opening: z.int().optional(),
  closing: z.int(),
});
export type ReportedBalance = z.output<typeof reportedBalanceSchema>;

/** A bank statement's balances and the records that came of its lines. */
export interface StatementBalance {
  readonly name: string;
  /** Absent where it does not say. */
  readonly opening?: bigint;
  readonly closing: bigint;
  readonly records: number;
  /** Σ of the booked ones. */
  readonly amount: bigint;
}

/** What a source's own balances say of one account and currency. */
export interface SourceBalance {
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  readonly records: number;
  /** Σ of the booked ones. */
  readonly amount: bigint;
  /** Statements that did not add up as they were read, and by how much together. */
  readonly off: number;
  readonly offBy: bigint;
  /** The first of the messages about them. */
  readonly messages: readonly string[];
  /** Its statements in order of their days; none where it reports no balances. At most 10,000. */
  readonly statements: readonly StatementBalance[];
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
