/**
 * What the API asks the store. Rows come back as the API shows them: amounts as decimals in major units, times as
 * ISO 8601, identifiers as text.
 */
import type { BreakKind, FindingKind } from './results.ts';
import type { RecordKind, RecordStatus } from './record.ts';
import type { Side } from './reconciliation.ts';

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
  /** Log time, epoch milliseconds, inclusive. */
  readonly from?: number;
  readonly to?: number;
}

export interface BreakFilter extends PageRequest {
  readonly reconciliation?: string;
  readonly kind?: BreakKind;
  readonly state?: 'open' | 'resolved';
  readonly account?: string;
  readonly currency?: string;
  /** A member has this record id. */
  readonly recordId?: string;
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
  /** When the log took it, ISO 8601. */
  readonly logTime: string;
}

export interface LegView {
  readonly side: Side;
  readonly source: string;
  readonly id: string;
  /** Position of the record. */
  readonly record: string;
  readonly allocated: string;
}

export interface MatchView {
  readonly matchId: string;
  readonly version: number;
  readonly reconciliation: string;
  readonly rule: string;
  readonly account: string;
  readonly currency: string;
  readonly difference: string;
  readonly causes: Readonly<{ [cause: string]: string }>;
  readonly lagMs: number;
  readonly legs: readonly LegView[];
  readonly logTime: string;
}

export interface BreakMemberView {
  readonly side: Side;
  readonly source: string;
  readonly id: string;
  readonly record: string;
  readonly amount: string;
}

export interface BreakView {
  readonly breakId: string;
  readonly version: number;
  readonly state: 'open' | 'resolved';
  readonly reconciliation: string;
  readonly kind: BreakKind;
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly dueTime: string;
  readonly members: readonly BreakMemberView[];
  readonly why: {
    readonly rule: string;
    readonly condition: string;
    readonly difference?: string;
    readonly tolerance?: string;
  };
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

export interface DeadLetterView {
  readonly position: string;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly file?: string;
  readonly line?: number;
  readonly payload: string;
  readonly logTime: string;
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
  deadLetters(filter: PageRequest & { readonly source?: string }): Promise<Page<DeadLetterView>>;
  /** Latest version, with its records. */
  match(
    id: string,
  ): Promise<{ readonly match: MatchView; readonly records: readonly RecordView[] } | undefined>;
  break(
    id: string,
  ): Promise<{ readonly break: BreakView; readonly records: readonly RecordView[] } | undefined>;
}
