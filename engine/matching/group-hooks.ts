import type { CompiledRule } from './compiled-rule.ts';
import type { BreakHeirs } from './groups/break-heirs.ts';
import type { GroupEvents } from './groups/group-events.ts';
import type { GroupRates } from './groups/group-rates.ts';
import type { GroupsHeader } from './groups/group-snapshot.ts';
import type { LegReplacing } from './groups/leg-replacing.ts';
import type { LinkVisitor } from './linked-records.ts';
import type { ReconciliationState } from './reconciliation-state.ts';

/** What became of a row in a group rule's turn. */
export const NOT_MATCHED = 0;
/** It is matched and gone. */
export const MATCHED = 1;
/** Part of its amount is matched; it was kept as an entry, and no further rule is tried. */
export const KEPT = 2;
export type Outcome = typeof NOT_MATCHED | typeof MATCHED | typeof KEPT;

/**
 * Where groups and contra rules take part in matching: the matcher calls, in the places that docs/semantics.md says.
 * An entry's number stands for one record in one lane; `core.items` knows its lanes in the same pool.
 */
export interface GroupHooks {
  /** Records that take the place of others in breaks, and in matches. */
  readonly heirs: BreakHeirs;
  readonly legs: LegReplacing;
  /** Groups that convert by published rates. */
  readonly rates: GroupRates;
  /** Events that stand for those of many members. */
  readonly events: GroupEvents;
  /** Reads what groups keep of an entry, so that it is near. @returns something of no meaning */
  touch(entry: number): number;
  /**
   * A group rule's turn for the row at hand, which has looked at its key (`rule.hasKey`; of several keys the first).
   * To match the row it is made an entry by `core.keep(state, side)`, and then consumed with the others by
   * `consuming.consume`; its due times are `core.laneDue` and `core.itemDue`. KEPT: the entry is `core.kept`.
   */
  tryRow(state: ReconciliationState, side: number, rule: CompiledRule): Outcome;
  /** The row at hand stays in memory as `entry`: it joins the group of every group and contra rule under which it has a key. */
  join(state: ReconciliationState, side: number, entry: number): void;
  /** An entry that has just arrived is pending: if the signal of a group of its is reached, and the sums do not agree, the group breaks (C3). */
  pending(state: ReconciliationState, entry: number): void;
  /** An entry leaves memory, or this lane's chains: it leaves its groups. */
  leave(state: ReconciliationState, entry: number): void;
  /** C4: until when an entry's expiry waits for its groups in this lane; −∞ without any. */
  waitsUntil(state: ReconciliationState, entry: number): number;
  /** C4: the group rules in order at an entry's expiry; true when it was matched. */
  tryExpired(state: ReconciliationState, entry: number): boolean;
  /** C5: the contra rules in order; true when it was matched. */
  tryContra(state: ReconciliationState, entry: number): boolean;
  /** C5 b, c: an expired entry in no break joins or opens the break of its group; true when it is in one now. */
  breakUp(state: ReconciliationState, entry: number): boolean;
  /**
   * Members of a group break (−2 − number in an entry) were matched by the match whose first version has this position:
   * they are flagged CONSUMED.
   */
  heal(broken: number, n: number, sequence: number): void;
  /** Whether a group break that the entry’s item is in is one of the entry’s own lane. */
  isIn(broken: number, entry: number): boolean;
  /** Until when an entry's eviction waits for its groups and its group break; −∞ without any. */
  staysUntil(state: ReconciliationState, entry: number): number;
  /** The members of a group break leave memory unmatched, all in one step: it is forgotten. @returns its members */
  evict(broken: number): readonly number[];
  /** The event of an entry that is only remembered as the leg of a match (flag LEG) is due. */
  forget(state: ReconciliationState, entry: number): void;
  /** Whether a partial rule has matched part of an entry. */
  hasAllocation(entry: number): boolean;
  /** How much of an entry is open, minor units: what is left over where a partial rule has matched a part, else all. */
  openAmount(state: ReconciliationState, entry: number): number;
  /** An entry of which a partial rule has matched a part leaves memory, and stays a leg of that match. False: it is none. */
  retire(state: ReconciliationState, entry: number): boolean;
  /** Position of the first version of a group break. */
  positionOf(broken: number): { readonly sequence: number; readonly n: number };
  /** The next version of a group break, with a reason that later ones repeat. */
  setReason(broken: number, reason: string): void;
  /**
   * Members of a group break that are flagged CONSUMED leave without a match: the next version is `writtenOff` when
   * those are all, and goes on without them otherwise. @returns whether it was written off
   */
  writeOff(broken: number): boolean;
  /** A member of a group break stands under other rules, perhaps on another side. @param before the side it was on */
  sideChanged(broken: number, entry: number, before: number): void;
  /** A member leaves a group break without a version; the break is forgotten when nobody is left. */
  leaveSilently(broken: number, entry: number): void;
  /** The memory of a match, by the position of its first version, is forgotten; its late members stay as a group. */
  forgetMatch(state: ReconciliationState, sequence: number, n: number): void;
  /** All groups and remembered matches of a reconciliation are dropped; members stay in memory, in no group. */
  forgetGroups(state: ReconciliationState): void;
  /** Every group that has a key of the row at hand under a rule that has looked at it. */
  groupsOfRow(state: ReconciliationState, side: number, rule: CompiledRule): readonly number[];
  /**
   * A group all of whose events are due is found no more, although they are yet to be handled: a row with its key begins
   * another, as it would after them. @returns false where that is not so
   */
  detachIfOver(state: ReconciliationState, group: number): boolean;
  /** Shows the first member and leg of a group by side, and of its break. */
  showGroup(group: number, visitor: LinkVisitor): void;
  /** Shows what is linked with an entry by its groups, and by the break of a group; and these groups. */
  showLinked(state: ReconciliationState, entry: number, visitor: LinkVisitor): void;
  /** All of it for a snapshot: what its header keeps, and blocks. */
  snapshot(): { readonly header: GroupsHeader; readonly blocks: readonly Uint8Array[] };
  /** Takes over what `snapshot` gave; false when a block has a wrong size. @param take gives the next blocks */
  restore(header: GroupsHeader, take: (count: number) => readonly Uint8Array[]): boolean;
  /** The rules are in force again after `restore`: groups can be found from now on. */
  reindex(): void;
}
