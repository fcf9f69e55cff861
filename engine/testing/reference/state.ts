import type { Break, MoneyRecord, Side } from '../../domain/index.ts';
import type { Anchor, RecordFields } from '../../rules/index.ts';
import type { DueEvent } from './event-queue.ts';
import type { ReferenceReconciliation, ReferenceRule } from './reconciliation.ts';

/** A place in the log, or that of a result. */
export interface Position {
  readonly sequence: number;
  readonly n: number;
}

/**
 * A record in one pool: it is matched there at most once and broken at most once, however many reconciliations look
 * at the pool.
 */
export interface Item {
  readonly record: MoneyRecord;
  readonly fields: RecordFields;
  /** Where it arrived. */
  readonly sequence: number;
  readonly ordinal: number;
  readonly pool: string;
  /** Its places in the lanes of the pool, in configured order. */
  places: Place[];
  /** Event time at which it breaks, if unmatched: the latest of its lanes. */
  due: number;
  /** True while it is pending or broken in at least one lane. */
  inMemory: boolean;
  /** True once a match has taken it, or all of it in parts. */
  consumed: boolean;
  /** Its next expiry or eviction. */
  event: DueEvent | undefined;
  /** The times of its hold events that have not fired. */
  readonly holds: Set<number>;
  /** The break it is in. */
  broken: OpenBreak | undefined;
  /** Rules with `unique` that refused it. */
  readonly refusedBy: Set<ReferenceRule>;
  /** Part of it is matched: the place where the rest stays open. */
  partly: Place | undefined;
}

/** An item in one lane, that is, on one side of one reconciliation. */
export interface Place {
  readonly item: Item;
  readonly reconciliation: ReferenceReconciliation;
  readonly side: Side;
  readonly anchor: Anchor;
  /** Event time at which its window in this lane ends. */
  readonly windowEnd: number;
  /** Event time at which it is due in this lane. */
  readonly due: number;
  /** Under each rule of the reconciliation its key tuples as text; none where it has no key. */
  readonly keys: readonly (readonly string[])[];
  /** True while it stands in its lane. */
  kept: boolean;
  /** The rules in whose chains it stands. */
  readonly chains: Set<ReferenceRule>;
  /** Under each group rule the group it has joined. */
  readonly groups: Map<ReferenceRule, Group>;
  /** Rules that were held back at its arrival, with the moment at which each is tried. */
  readonly held: Map<ReferenceRule, number>;
  /** P1: what a partial rule that has allocated some of it has left over, with the sign of the record. */
  rest: number | undefined;
  /** The earlier record of the lane that it is a twin of. */
  twin: Item | undefined;
}

/** The records that share a key under a group rule. */
export interface Group {
  readonly rule: ReferenceRule;
  readonly keys: Set<string>;
  /** Unmatched members, both sides. After the match these are the late ones. */
  members: Place[];
  /** D: the latest due time of all members that it ever had. */
  due: number;
  /** The match of the group, or of a partial rule what was matched so far. */
  match: MadeMatch | undefined;
  /** The break that members join. */
  broken: OpenBreak | undefined;
}

/** A match that may get further versions. */
export interface MadeMatch extends Position {
  version: number;
  readonly rule: ReferenceRule;
  legs: Place[];
  /** Of a partial rule: what is allocated of each leg. */
  readonly allocated: Map<Place, number> | undefined;
  /** The rate of its first version. */
  readonly rate: string | undefined;
  /** Of a group's match the currency of its key, whatever takes the place of a leg; of others that of their legs. */
  readonly currency: string | undefined;
  /** The group that remembers it; none for a 1:1 match. */
  group: Group | undefined;
}

/** What a version of a break says, apart from its place and state. */
export type BreakBody = Pick<
  Break,
  'kind' | 'account' | 'currency' | 'leftCurrency' | 'members' | 'amount' | 'why'
>;

/** A break with members in memory. */
export interface OpenBreak extends Position {
  version: number;
  reconciliation: ReferenceReconciliation;
  /** Fixed by its first version. */
  readonly dueTime: number;
  /** True after its last version. */
  ended: boolean;
  /** Why people say it broke. */
  reason: string;
  /** `pair`: the one that expired and perhaps one that joined it. The others have any number of members. */
  readonly style: 'pair' | 'group' | 'late' | 'residual' | 'amended';
  /** Of a pair the owner, then the joined one. */
  members: Item[];
  /** The rule it is about; of a pair that stands alone, what it is alone as. */
  readonly rule: ReferenceRule;
  readonly alone: 'unmatched' | 'ambiguous' | 'duplicate';
  /** The group that adds members to it. */
  group: Group | undefined;
  /** What its latest version said. */
  body: BreakBody;
}

/** Order of arrival. */
export function byArrival(a: Item, b: Item): number {
  return a.sequence - b.sequence || a.ordinal - b.ordinal;
}

/** Left ones in order of arrival, then right ones. */
export function bySideAndArrival(a: Place, b: Place): number {
  return a.side === b.side ? byArrival(a.item, b.item) : a.side === 'left' ? -1 : 1;
}

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}
