import type { KernelCore } from '../core.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { Counting } from '../counting.ts';
import { MATCHED, NOT_MATCHED, type GroupHooks, type Outcome } from '../group-hooks.ts';
import type { LinkVisitor } from '../linked-records.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { BreakHeirs } from './break-heirs.ts';
import { Completing } from './completing.ts';
import { Contra } from './contra.ts';
import { GroupBreaking } from './group-breaking.ts';
import { GroupEvents } from './group-events.ts';
import { GroupRates } from './group-rates.ts';
import { GroupLinks } from './group-links.ts';
import { type Consume, GroupMatching } from './group-matching.ts';
import { GroupResults } from './group-results.ts';
import { BREAK_GROUP, groupBreakOf } from './group-breaks.ts';
import { reindexGroups, restoreGroups, takeGroups, type GroupsHeader } from './group-snapshot.ts';
import type { GroupRule } from './group-rule.ts';
import { BREAK, CLOSING, DUE, MEMORY_ENDED, MEMORY_LEG } from './group-slab.ts';
import { GroupStore } from './group-store.ts';
import { LegReplacing } from './leg-replacing.ts';
import { Partial } from './partial.ts';
import { RowGroups } from './row-groups.ts';

/**
 * Rules that tie more than pairs (docs/semantics.md): groups of one key, their late members and their breaks, and
 * records of one side that cancel each other.
 */
export class Groups implements GroupHooks {
  readonly store: GroupStore;
  readonly breaking: GroupBreaking;
  readonly heirs: BreakHeirs;
  readonly legs: LegReplacing;
  readonly rates: GroupRates;
  readonly results: GroupResults;
  readonly events: GroupEvents;
  readonly #core: KernelCore;
  readonly #matching: GroupMatching;
  readonly #completing: Completing;
  readonly #row: RowGroups;
  readonly #links: GroupLinks;
  readonly #partial: Partial;
  readonly #contra: Contra;

  constructor(core: KernelCore, counting: Counting, consume: Consume) {
    this.#core = core;
    this.store = new GroupStore(core);
    this.#row = new RowGroups(core, this.store);
    this.results = new GroupResults(core);
    this.#completing = new Completing(core, this.store, this.results);
    this.breaking = new GroupBreaking(core, counting, this.store, this.results);
    this.events = new GroupEvents(core, this.store, this.breaking.breaks, this.breaking.members);
    this.heirs = new BreakHeirs(core, this.store, this.breaking);
    this.legs = new LegReplacing(core, this.store, this.results, this.#completing);
    this.#matching = new GroupMatching(core, consume, this.store, this.results, this.#completing, this.legs);
    this.rates = new GroupRates(core, this.store, this.breaking, this.#completing, (own, rule, group) =>
      this.#matching.match(own, rule, group),
    );
    this.#links = new GroupLinks(core, this.store, this.breaking);
    this.#partial = new Partial(core, this.store, this.results, this.breaking.members);
    this.#contra = new Contra(core, this.store, this.results, this.#completing, consume);
  }

  tryRow(state: ReconciliationState, side: number, compiled: CompiledRule): Outcome {
    const own = this.store.of(state);
    const rule = own.rules[compiled.index]!;
    const found = this.#row;
    if (!found.find(own, compiled, side) || found.groups.length === 0) return NOT_MATCHED;
    if (rule.partial) return this.#partial.tryRow(own, rule, compiled, found, side);
    const isLate = this.store.slab.isMatched(found.groups[0]!);
    if (!isLate && rule.completion === 'onWindowEnd') return NOT_MATCHED;
    // Cheapest first: most rows find a group that lacks more than the sums.
    const completing = this.#completing;
    if (!isLate && !completing.mayComplete(rule, found.groups, side)) return NOT_MATCHED;
    if (!completing.standWithRow(rule, found.groups, side).sumsAgree) return NOT_MATCHED;
    if (!isLate && !completing.isCutOff(rule, found.groups, side)) return NOT_MATCHED;
    if (completing.isBarred(state, rule, found.groups, this.#core.row.arrival)) return NOT_MATCHED;
    const entry = this.#core.keep(state, side);
    const group = found.settle(own, compiled);
    this.#enter(rule, group, side, entry);
    this.#matching.match(own, rule, group);
    return MATCHED;
  }

  touch(entry: number): number {
    return this.store.groupOf(0, entry);
  }

  join(state: ReconciliationState, side: number, entry: number): void {
    const own = this.store.of(state);
    for (const rule of own.rules) {
      if (rule === undefined || (rule.contra >= 0 && rule.contra !== side)) continue;
      const compiled = state.rules[rule.index]!;
      if (this.#row.find(own, compiled, side))
        this.#enter(rule, this.#row.settle(own, compiled), side, entry);
    }
  }

  pending(state: ReconciliationState, entry: number): void {
    const own = this.store.of(state);
    const { slab } = this.store;
    for (const rule of own.gathering) {
      if (rule.completion !== 'onSignal' || rule.partial) continue;
      const group = this.store.groupOf(rule.index, entry);
      if (group === NO_ENTRY || slab.isMatched(group)) continue;
      if (!this.#completing.isSignalled(rule, group)) continue;
      if (this.#completing.stand(rule, group).sumsAgree) continue;
      if (this.#completing.hasFree(rule, group)) this.breaking.breakGroup(state, rule, group);
      return;
    }
  }

  leave(state: ReconciliationState, entry: number): void {
    const own = this.store.of(state);
    for (const rule of own.rules) {
      if (rule === undefined || !this.store.isMember(rule.index, entry)) continue;
      this.store.leave(own, rule, entry);
    }
  }

  waitsUntil(state: ReconciliationState, entry: number): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const rule of this.store.of(state).gathering) {
      const group = this.store.groupOf(rule.index, entry);
      if (group !== NO_ENTRY) latest = Math.max(latest, this.store.slab.number(group, DUE));
    }
    return latest;
  }

  tryExpired(state: ReconciliationState, entry: number): boolean {
    const own = this.store.of(state);
    const { slab } = this.store;
    for (const rule of own.gathering) {
      const group = this.store.groupOf(rule.index, entry);
      if (group === NO_ENTRY || rule.partial) continue;
      const standing = this.#completing.stand(rule, group);
      if (!standing.sumsAgree) continue;
      if (!slab.isMatched(group)) {
        if (!standing.bothSides || !standing.hasCardinality(rule)) continue;
        if (rule.completion === 'onSignal' && !this.#completing.signalsOf(rule, [group]).allReached) continue;
      }
      if (this.#completing.isBarred(state, rule, [group], -1)) continue;
      this.#matching.match(own, rule, group);
      return true;
    }
    return false;
  }

  tryContra(state: ReconciliationState, entry: number): boolean {
    return this.#contra.tryExpired(state, entry);
  }

  breakUp(state: ReconciliationState, entry: number): boolean {
    const own = this.store.of(state);
    const { slab } = this.store;
    for (const late of [true, false]) {
      for (const rule of own.gathering) {
        const group = this.store.groupOf(rule.index, entry);
        if (group === NO_ENTRY) continue;
        if (late ? rule.partial || !slab.isMatched(group) : !this.#canBreak(rule, group, entry)) continue;
        this.breaking.breakGroup(state, rule, group);
        return true;
      }
    }
    return false;
  }

  /** Whether a group that has no match can have a break: there are others, or something is left over of the entry. */
  #canBreak(rule: GroupRule, group: number, entry: number): boolean {
    if (rule.partial) return this.store.lists(rule.index).links.value(entry) !== 0;
    return this.store.slab.members(group) >= 2;
  }

  heal(broken: number, n: number, sequence: number): void {
    this.breaking.heal(broken, n, sequence);
  }

  isIn(broken: number, entry: number): boolean {
    return this.breaking.isIn(broken, entry);
  }

  staysUntil(state: ReconciliationState, entry: number): number {
    const broken = this.#core.entries.break(entry);
    const own = this.store.staysUntil(state, entry);
    // No member of a group stays longer than the group.
    if (this.events.carriesBreak(state, entry)) return own;
    return broken < NO_ENTRY && this.isIn(broken, entry)
      ? Math.max(own, this.breaking.members.staysUntil(broken, entry))
      : own;
  }

  evict(broken: number): readonly number[] {
    const number = groupBreakOf(broken);
    const { breaks } = this.breaking;
    const group = breaks.int(number, BREAK_GROUP);
    const members = breaks.members(number);
    const isWhole = group !== NO_ENTRY && this.store.slab.members(group) === members;
    const rule = isWhole ? this.breaking.ruleOf(number) : undefined;
    const leaving = this.breaking.dissolve(broken);
    // As they would one by one.
    if (rule !== undefined && !rule.partial) {
      this.store.leaveAll(this.store.of(this.#core.stateOf(leaving[0]!)), rule, group);
    }
    return leaving;
  }

  forget(state: ReconciliationState, entry: number): void {
    const own = this.store.of(state);
    const { slab } = this.store;
    for (const rule of own.gathering) {
      const group = this.store.groupOf(rule.index, entry);
      if (group === NO_ENTRY || slab.int(group, MEMORY_LEG) !== entry) continue;
      const ends = slab.number(group, DUE) + rule.retain;
      if (ends > this.#core.entries.event(entry)) this.#core.wheel.schedule(entry, ends);
      else if (slab.members(group) === 0) this.store.end(own, group);
      else slab.setInt(group, MEMORY_ENDED, 1);
      return;
    }
  }

  hasAllocation(entry: number): boolean {
    return this.#partial.hasAllocation(entry);
  }

  openAmount(state: ReconciliationState, entry: number): number {
    return this.#partial.openAmount(state, entry);
  }

  retire(state: ReconciliationState, entry: number): boolean {
    return this.#partial.retire(state, entry);
  }

  positionOf(broken: number): { readonly sequence: number; readonly n: number } {
    return this.breaking.positionOf(broken);
  }

  setReason(broken: number, reason: string): void {
    this.breaking.setReason(broken, reason);
  }

  writeOff(broken: number): boolean {
    return this.breaking.writeOff(broken);
  }

  sideChanged(broken: number, entry: number, before: number): void {
    this.breaking.sideChanged(broken, entry, before);
  }

  leaveSilently(broken: number, entry: number): void {
    this.breaking.leaveSilently(broken, entry);
  }

  forgetMatch(state: ReconciliationState, sequence: number, n: number): void {
    const own = this.store.of(state);
    const group = this.store.memory.matchedAs(state, sequence, n);
    if (group === NO_ENTRY) return;
    this.#unbindBreak(state, group);
    this.store.forgetMatch(own, group);
  }

  forgetGroups(state: ReconciliationState): void {
    const own = this.store.of(state);
    for (const group of this.store.memory.groupsOf(state)) {
      this.#unbindBreak(state, group);
      this.store.disband(own, group);
    }
  }

  groupsOfRow(state: ReconciliationState, side: number, rule: CompiledRule): readonly number[] {
    return this.#row.known(this.store.of(state), rule, side);
  }

  detachIfOver(state: ReconciliationState, group: number): boolean {
    if (!this.events.areOver(state, group)) return false;
    this.store.detach(this.store.of(state), group);
    return true;
  }

  showGroup(group: number, visitor: LinkVisitor): void {
    this.#links.showGroup(group, visitor);
  }

  showLinked(state: ReconciliationState, entry: number, visitor: LinkVisitor): void {
    this.#links.showLinked(state, entry, visitor);
  }

  snapshot(): { readonly header: GroupsHeader; readonly blocks: readonly Uint8Array[] } {
    return takeGroups(this.store, this.breaking);
  }

  restore(header: GroupsHeader, take: (count: number) => readonly Uint8Array[]): boolean {
    return restoreGroups(this.store, this.breaking, header, take);
  }

  reindex(): void {
    reindexGroups(this.store, this.#core.states);
  }

  #unbindBreak(state: ReconciliationState, group: number): void {
    const broken = this.store.slab.int(group, BREAK);
    if (broken !== NO_ENTRY) this.breaking.unbind(state, broken);
  }

  /** An entry that was just kept becomes a member. */
  #enter(rule: GroupRule, group: number, side: number, entry: number): void {
    const { slab } = this.store;
    this.store.enter(rule, group, entry, side, this.#core.row, this.#core.due(entry));
    if (
      rule.completion === 'onCutoff' &&
      side === rule.closingSide &&
      Number.isNaN(slab.number(group, CLOSING))
    ) {
      slab.setNumber(group, CLOSING, rule.closing(this.#core.row));
    }
    // Its match is remembered for as long as the new member may be matched.
    if (slab.int(group, MEMORY_ENDED) === 1) {
      slab.setInt(group, MEMORY_ENDED, 0);
      this.#core.wheel.schedule(slab.int(group, MEMORY_LEG), slab.number(group, DUE) + rule.retain);
    }
  }
}
