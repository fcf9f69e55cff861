import type { Side } from './reconciliation.ts';

/** The kinds of break, a closed set. Append only: the order is the storage code. */
export const BREAK_KINDS = [
  'unmatched',
  'amount',
  'group',
  'lateMember',
  'ambiguous',
  'duplicate',
  'amended',
] as const;
export type BreakKind = (typeof BREAK_KINDS)[number];

/** Append only: the order is the storage code. */
export const FINDING_KINDS = [
  'fee',
  'fx',
  'tax',
  'duplicate',
  'sourceOverdue',
  'balance',
  'statementConflict',
  'idReused',
  'rulesRefused',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** An id as UTF-8 where it lies, for writers that would otherwise make a string only to take it apart again. */
export interface EncodedId {
  readonly idBytes: Uint8Array;
  readonly idStart: number;
  readonly idEnd: number;
}

/** Which record a result is about: its identity in its source and its place in the log. */
export interface RecordRef {
  readonly source: string;
  readonly id: string;
  /** Sequence of the message that brought it. */
  readonly sequence: number;
  /** Number of the record within its message, from 0. */
  readonly ordinal: number;
  /** The id's bytes, where whoever made the result has them at hand. */
  readonly encodedId?: EncodedId;
}

/** A record in a match, with the part of its amount that the match takes, in minor units. */
export interface Leg extends RecordRef {
  readonly side: Side;
  readonly allocated: number;
}

/** What every result carries. */
interface ResultBase {
  /** Place of this version of the result. */
  readonly sequence: number;
  readonly n: number;
  /** Log time of the message that caused it, epoch milliseconds. */
  readonly logTime: number;
}

/** Records tied together by a rule. */
export interface Match extends ResultBase {
  /** The match's identifier: the position of its first version. */
  readonly matchSequence: number;
  readonly matchN: number;
  readonly version: number;
  readonly reconciliation: string;
  /** Pools in which the legs are consumed, left then right. */
  readonly pools: readonly [string, string];
  readonly rule: string;
  readonly account: string;
  readonly currency: string;
  readonly legs: readonly Leg[];
  /** Σleft − Σright in minor units. */
  readonly difference: number;
  /** By cause; sums to `difference`. One-to-one matches have `tolerance` only. */
  readonly causes: Readonly<{ [cause: string]: number }>;
  /** Latest minus earliest event time among the legs, milliseconds. */
  readonly lagMs: number;
}

/** Why a record broke: the nearest rule, record and condition, and by how much. */
export interface Why {
  /** The rule that came nearest. */
  readonly rule: string;
  /** What failed: no counterpart has the keys, or one has and its amount is outside the tolerance. */
  readonly condition: 'noCounterpart' | 'amount';
  /** Σleft − Σright of the nearest pair, minor units; absent without one. */
  readonly difference?: number;
  /** The tolerance in force, minor units. */
  readonly tolerance?: number;
}

/** What did not tie out, once, after its window. */
export interface Break extends ResultBase {
  /** The break's identifier: the position of its first version. */
  readonly breakSequence: number;
  readonly breakN: number;
  readonly version: number;
  /** `resolved` when the record that opened it was matched after all. */
  readonly state: 'open' | 'resolved';
  readonly reconciliation: string;
  readonly pools: readonly [string, string];
  readonly kind: BreakKind;
  readonly account: string;
  readonly currency: string;
  /** The record that expired, first; then the one that joined it, if any. */
  readonly members: readonly (RecordRef & { readonly side: Side; readonly amount: number })[];
  /** Amount of the expired record for `unmatched`, Σleft − Σright for `amount`; minor units. */
  readonly amount: number;
  /** Event time at which the expired record was due, epoch milliseconds. */
  readonly dueTime: number;
  readonly why: Why;
  /** The match that resolved it, as text, where one did. */
  readonly resolvedBy?: { readonly sequence: number; readonly n: number };
}

/** Something to know about a match, a record or a source that is no break. */
export interface Finding extends ResultBase {
  readonly kind: FindingKind;
  readonly source: string;
  /** Id of the record it is about; empty when it is about the source. */
  readonly recordId: string;
  readonly account: string;
  readonly currency: string;
  /** In minor units; 0 where the finding is not about an amount. */
  readonly amount: number;
  /** One line. */
  readonly message: string;
}

/** A finding of a connector about its source, as it travels in a `finding` message. */
export type SourceFinding = Omit<Finding, 'sequence' | 'n' | 'logTime'>;
