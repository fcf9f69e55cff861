import type { CommandKind } from './commands.ts';
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
export const BREAK_STATES = ['open', 'resolved', 'writtenOff'] as const;
export type BreakState = (typeof BREAK_STATES)[number];

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
  'commandInvalid',
  'continuity',
  'replayed',
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

export const MATCH_CAUSES = ['fee', 'tax', 'fx', 'tolerance', 'adjustment'] as const;
export type MatchCause = (typeof MATCH_CAUSES)[number];

/** Records tied together by a rule, or by a person. */
export interface Match extends ResultBase {
  /** `unmatched` when a command has undone it: its legs are then those it had. */
  readonly state: 'matched' | 'unmatched';
  /** The match's identifier: the position of its first version. */
  readonly matchSequence: number;
  readonly matchN: number;
  readonly version: number;
  readonly reconciliation: string;
  /** Pools in which the legs are consumed, left then right. */
  readonly pools: readonly [string, string];
  /** The rule's name, or the kind of the command that made the match: `match`, `adjust`. */
  readonly rule: string;
  /** What decided: the rule's keys as written, then what was compared, such as `amount` or `net = amount ± 0.50`. */
  readonly fields: readonly string[];
  readonly account: string;
  /** Currency of the right legs, or of all where there are none. */
  readonly currency: string;
  /** Currency of the left legs, where the rule converts it (`fx`). */
  readonly leftCurrency?: string | undefined;
  /** Left legs in order of arrival, then right legs likewise. */
  readonly legs: readonly Leg[];
  /**
   * Σleft − Σright in minor units of `currency`, of what the rule compares, after negation, expected fees and
   * conversion: what the tolerance was asked to cover.
   */
  readonly difference: number;
  /**
   * Why Σleft − Σright of the amounts (after negation and conversion) is not 0, by cause; they sum to it: `fee` and
   * `tax` where net or expectedNet was compared, and `difference` as `fx`, `tolerance`, or the command's `adjustment`.
   * Causes of 0 are left out.
   */
  readonly causes: Readonly<{ [cause in MatchCause]?: number }>;
  /** The rate that converted the left sum, as published, where the rule has `fx`. */
  readonly rate?: string | undefined;
  /** Latest minus earliest event time among the legs, milliseconds. */
  readonly lagMs: number;
}

/** What kept a record from matching. Append only. */
export const WHY_CONDITIONS = [
  /** No record of the other side has the keys. */
  'noCounterpart',
  /** One has, inside the window, and the amounts differ by more than the tolerance. */
  'amount',
  /** One has, outside the window. */
  'window',
  /** One has, and a date condition fails. */
  'date',
  /** One has, or the group's other side, with the opposite sign. */
  'sign',
  /** More than one could be meant. */
  'ambiguous',
  /** No rate within maxAge. */
  'rateMissing',
  /** The group's sums differ by more than the tolerance. */
  'sum',
  /** The group lacks members that its count or total speaks of. */
  'signal',
  /** The one side of 1:N or N:1 has several. */
  'cardinality',
  /** What a partial match has left over. */
  'residual',
  /** Records of a group that was matched without them. */
  'lateMember',
  /** An earlier record is its twin. */
  'duplicate',
  /** A matched record was amended beyond the tolerance. */
  'amended',
] as const;
export type WhyCondition = (typeof WHY_CONDITIONS)[number];

/** Why a record broke: the nearest rule, records and condition, and by how much. */
export interface Why {
  /** The rule that came nearest. */
  readonly rule: string;
  readonly condition: WhyCondition;
  /** The nearest records that are no members of the break, best first, at most 5. */
  readonly records?: readonly RecordRef[] | undefined;
  /** Σleft − Σright of what the rule compares, minor units; absent without a counterpart. */
  readonly difference?: number | undefined;
  /** The tolerance in force, minor units. */
  readonly tolerance?: number | undefined;
  /** For `window` and `date`: how far outside, milliseconds. */
  readonly timeDifference?: number | undefined;
  /** The match that it is about, by the position of its first version. */
  readonly match?: { readonly sequence: number; readonly n: number } | undefined;
}

/** What did not tie out, once, after its window. */
export interface Break extends ResultBase {
  /** The break's identifier: the position of its first version. */
  readonly breakSequence: number;
  readonly breakN: number;
  readonly version: number;
  /** `resolved` when what broke was matched after all; `writtenOff` when a command closed it. */
  readonly state: BreakState;
  readonly reconciliation: string;
  readonly pools: readonly [string, string];
  readonly kind: BreakKind;
  readonly account: string;
  readonly currency: string;
  /** Currency of the left members, where `currency` is that of the right ones and another (`fx`). */
  readonly leftCurrency?: string | undefined;
  /** The record that expired, first; then the one that joined it. Of a group: left then right, each in order of arrival. */
  readonly members: readonly (RecordRef & { readonly side: Side; readonly amount: number })[];
  /** Amount of the expired record where it is alone, else Σleft − Σright of what the rule compares; minor units. */
  readonly amount: number;
  /** Event time at which the expired record was due, epoch milliseconds. */
  readonly dueTime: number;
  readonly why: Why;
  /** Why people say it broke: a reason that a command assigned; empty before. */
  readonly reason: string;
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

/** What became of a command. */
export interface CommandAnswer extends ResultBase {
  readonly commandId: string;
  readonly kind: CommandKind;
  readonly accepted: boolean;
  /** One line: why it was refused, or what it did. */
  readonly reason: string;
  readonly by: string;
  readonly why: string;
}

/** A finding of a connector about its source, as it travels in a `finding` message. */
export type SourceFinding = Omit<Finding, 'sequence' | 'n' | 'logTime'>;
