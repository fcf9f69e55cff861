/**
 * What the API asks the store. Rows come back as the API shows them: amounts as decimals in major units, times as
 * ISO 8601, identifiers as text.
 */
import type { CarriedRecord, CommandKind } from './commands.ts';
import type { Position } from './position.ts';
import type {
  FeeVariance,
  SourceBalance,
  StatementArrivals,
  StatementEnd,
  StatementLane,
  StatementRequest,
  StatementSums,
} from './statement.ts';
import type { BreakKind, BreakState, FindingKind, WhyCondition } from './results.ts';
import type { RecordKind, RecordStatus } from './record.ts';
import type { Side } from './reconciliation.ts';

/** Legs and members of a result that are shown with it; groups may have many more, which are read by page. */
export const SHOWN_PARTS = 100;

/** One page and where the next one starts; `next` is opaque and absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface RecordFilter extends PageRequest {
  readonly source?: string;
  readonly id?: string;
  /** Any of these ids, at most 1000. */
  readonly ids?: readonly string[];
  /** Refunds, reverses or disputes a record with one of these ids, at most 1000. */
  readonly links?: readonly string[];
  readonly account?: string;
  readonly kind?: RecordKind;
  readonly currency?: string;
  /** Any of the record's references has this value. */
  readonly reference?: string;
  /** Event time, epoch milliseconds, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
}

export interface MatchFilter extends PageRequest {
  readonly reconciliation?: string;
  readonly rule?: string;
  readonly account?: string;
  readonly currency?: string;
  /** A leg has this record id. */
  readonly recordId?: string;
  /** A leg has one of these record ids, at most 1000. */
  readonly recordIds?: readonly string[];
  /** With all legs, however many they are. */
  readonly whole?: boolean;
  /** Log time, epoch milliseconds, inclusive. */
  readonly from?: number;
  readonly to?: number;
}

export interface BreakFilter extends PageRequest {
  readonly reconciliation?: string;
  readonly kind?: BreakKind;
  readonly state?: BreakState;
  readonly account?: string;
  readonly currency?: string;
  /** A member has this record id. */
  readonly recordId?: string;
  /** A member has one of these record ids, at most 1000. */
  readonly recordIds?: readonly string[];
  readonly from?: number;
  readonly to?: number;
}

export interface CommandFilter extends PageRequest {
  readonly kind?: CommandKind;
  readonly by?: string;
  readonly accepted?: boolean;
  /** Log time, epoch milliseconds, inclusive. */
  readonly from?: number;
  readonly to?: number;
}

/** A stored record. */
export interface RecordView {
  /** Place in the log, `epoch-partition-sequence-n`. */
  readonly position: string;
  readonly source: string;
  readonly id: string;
  readonly version?: number;
  readonly account: string;
  readonly kind: RecordKind;
  readonly status: RecordStatus;
  readonly currency: string;
  readonly amount: string;
  readonly fee: string;
  readonly tax: string;
  readonly net: string;
  /** ISO 8601; a date alone where the source gave no time. */
  readonly time: string;
  readonly bookingDate?: string;
  readonly valueDate?: string;
  readonly availableOn?: string;
  readonly references: Readonly<{ [name: string]: string }>;
  readonly attributes: Readonly<{ [name: string]: string }>;
  readonly link?: string;
  readonly original?: { readonly amount: string; readonly currency: string };
  readonly groupCount?: number;
  readonly groupTotal?: string;
  /** When the log took it, ISO 8601. */
  readonly logTime: string;
}

export interface LegView {
  readonly side: Side;
  readonly source: string;
  readonly id: string;
  /** Position of the record. */
  readonly record: string;
  /** In `currency`, or where that is absent in the match's. */
  readonly allocated: string;
  /** Where it is not the match's. */
  readonly currency?: string;
}

export interface MatchView {
  readonly matchId: string;
  readonly version: number;
  /** `unmatched` once a command has undone it. */
  readonly state: 'matched' | 'unmatched';
  readonly reconciliation: string;
  readonly rule: string;
  /** What decided. */
  readonly fields: readonly string[];
  readonly account: string;
  readonly currency: string;
  readonly difference: string;
  readonly causes: Readonly<{ [cause: string]: string }>;
  /** The rate that converted the left sum. */
  readonly rate?: string;
  readonly lagMs: number;
  readonly legs: readonly LegView[];
  /** How many legs are not shown here; absent where all are. */
  readonly moreLegs?: number;
  readonly logTime: string;
}

export interface BreakMemberView {
  readonly side: Side;
  readonly source: string;
  readonly id: string;
  readonly record: string;
  /** In `currency`, or where that is absent in the break's. */
  readonly amount: string;
  /** Where it is not the break's. */
  readonly currency?: string;
}

export interface BreakView {
  readonly breakId: string;
  readonly version: number;
  readonly state: BreakState;
  readonly reconciliation: string;
  readonly kind: BreakKind;
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly dueTime: string;
  readonly members: readonly BreakMemberView[];
  /** How many members are not shown here; absent where all are. */
  readonly moreMembers?: number;
  readonly why: {
    readonly rule: string;
    readonly condition: WhyCondition;
    readonly difference?: string;
    readonly tolerance?: string;
    /** How far outside the window or the date condition. */
    readonly timeDifferenceMs?: number;
    /** The nearest records that are no members, best first. */
    readonly records?: readonly { readonly source: string; readonly id: string }[];
    /** The match that it is about. */
    readonly match?: string;
  };
  /** Why people say it broke. */
  readonly reason?: string;
  readonly resolvedBy?: string;
  readonly logTime: string;
}

export interface FindingView {
  readonly position: string;
  readonly kind: FindingKind;
  readonly source: string;
  readonly recordId: string;
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly message: string;
  readonly logTime: string;
}

/** What one partition answered to a command. */
export interface CommandView {
  readonly id: string;
  readonly position: string;
  readonly kind: CommandKind;
  readonly accepted: boolean;
  readonly reason: string;
  readonly by: string;
  readonly why: string;
  readonly logTime: string;
}

export const DEAD_LETTER_STATES = ['open', 'replayed'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

export interface DeadLetterView {
  readonly position: string;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly file?: string;
  readonly line?: number;
  readonly payload: string;
  /** Whether it was read again since, and became a record or nothing of interest. */
  readonly state: DeadLetterState;
  readonly logTime: string;
}

export interface DeadLetterFilter extends PageRequest {
  readonly source?: string;
  readonly file?: string;
  readonly state?: DeadLetterState;
}

/** Which open records are looked for. */
export interface OpenRecordsRequest {
  readonly epoch: number;
  readonly partition: number;
  readonly account: string;
  /** Any, where absent. */
  readonly currency?: string;
  readonly sources: readonly string[];
  /** The pool in which nothing may have consumed them. */
  readonly pool: string;
  /** Event time, epoch milliseconds, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** The moment and the amount (minor units) that they should be near. */
  readonly around: number;
  readonly amount: number;
  readonly limit: number;
}

/** Which rules are looked for: the last that any partition took, or one partition, through an end of the log. */
export interface RulesRequest {
  readonly partition?: number;
  readonly end?: StatementEnd;
}

/** Rules as the log brought them, in the JSON of a rule set. */
export interface StoredRules {
  readonly json: string;
  /** Lists of reconciliations, as JSON, that other rules before had; the latest first, at most 100. */
  readonly earlier: readonly string[];
}

/** How far results of one life of a partition's stream are stored. */
export interface LogEnd {
  readonly epoch: number;
  readonly partition: number;
  /** Sequence of the last message that has any. */
  readonly sequence: number;
}

/** Which fees are looked for: those that records of these months (`2026-11`, both inclusive) report. */
export interface FeeFilter {
  readonly source?: string;
  readonly fromMonth?: string;
  readonly toMonth?: string;
}

/** Read access to results. Every call is bounded in time and rows. @throws `storeUnreachable`, `timeout` */
export interface ResultQueries {
  records(filter: RecordFilter): Promise<Page<RecordView>>;
  matches(filter: MatchFilter): Promise<Page<MatchView>>;
  /** Latest version of each break. */
  breaks(filter: BreakFilter): Promise<Page<BreakView>>;
  findings(
    filter: PageRequest & { readonly kind?: FindingKind; readonly source?: string },
  ): Promise<Page<FindingView>>;
  deadLetters(filter: DeadLetterFilter): Promise<Page<DeadLetterView>>;
  /** The dead letter at this place, if there is one. */
  deadLetter(position: string): Promise<DeadLetterView | undefined>;
  commands(filter: CommandFilter): Promise<Page<CommandView>>;
  /** What became of the command of this id: an answer of each partition it went to, none before. */
  command(id: string): Promise<readonly CommandView[]>;
  /** The records at these places, in their order; what is not stored is left out. */
  recordsAt(places: readonly Position[]): Promise<readonly RecordView[]>;
  /** The same, whole, as a command carries them. */
  carriedAt(places: readonly Position[]): Promise<readonly CarriedRecord[]>;
  /** Open records near a moment and an amount. */
  openRecords(request: OpenRecordsRequest): Promise<readonly CarriedRecord[]>;
  /** The rules in force; undefined where none are stored, as in what an older version has stored. */
  rules(request: RulesRequest): Promise<StoredRules | undefined>;
  /** Sums over a set of reconciliations as it stood at the end asked for. */
  statement(request: StatementRequest): Promise<StatementSums>;
  /** Records of the set that arrived in a stretch of the log; days are local dates such as `2026-11-22`. */
  arrivals(
    request: StatementRequest,
    stretch: {
      readonly from: number;
      readonly to: number;
      readonly firstDay: string;
      readonly lastDay: string;
    },
  ): Promise<readonly StatementArrivals[]>;
  /** What each source reported in a stretch of the log, and what its own balances say of it. */
  balances(stretch: { readonly from?: number; readonly to?: number }): Promise<readonly SourceBalance[]>;
  /** Variances from fee contracts by provider and month. */
  feeVariances(filter: FeeFilter): Promise<readonly FeeVariance[]>;
  /** How many records that these sides select report a fee or tax. */
  reportedFees(lanes: readonly StatementLane[], filter: FeeFilter): Promise<number>;
  /** The ends of the log as far as it is stored, in order of epoch and partition. */
  logEnds(): Promise<readonly LogEnd[]>;
  /** Latest version with all its legs, and the records of the first. */
  match(
    id: string,
  ): Promise<{ readonly match: MatchView; readonly records: readonly RecordView[] } | undefined>;
  break(
    id: string,
  ): Promise<{ readonly break: BreakView; readonly records: readonly RecordView[] } | undefined>;
}
