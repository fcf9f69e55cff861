import type { CompiledRule } from '../compiled-rule.ts';
import type { KernelCore } from '../core.ts';
import { addExact, exactSum, saturate } from '../exact-sum.ts';
import { KEPT, MATCHED, NOT_MATCHED, type Outcome } from '../group-hooks.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import { Allocating } from './allocating.ts';
import type { BreakMembers } from './break-members.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { MATCH_N, MATCH_SEQUENCE, VERSION } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { PartSettling } from './part-settling.ts';
import type { RowGroups } from './row-groups.ts';
import type { StateGroups } from './state-groups.ts';

/**
 * Rules that match what fits as it comes: an arriving record is allocated against earlier ones of the other side, and
 * what is left of either stays open. All that a group allocates is one match, with a version for each arrival.
 */
export class Partial {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #allocating: Allocating;
  readonly #settling: PartSettling;

  /** @param members who is in the breaks of groups */
  constructor(core: KernelCore, store: GroupStore, results: GroupResults, members: BreakMembers) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
    this.#allocating = new Allocating(core, store, results);
    this.#settling = new PartSettling(core, store, members);
  }

  /** The row at hand in the rule's turn, with the groups of its keys. */
  tryRow(own: StateGroups, rule: GroupRule, compiled: CompiledRule, found: RowGroups, side: number): Outcome {
    const core = this.#core;
    const allocating = this.#allocating;
    rule.measure(side, core.row);
    const others = rule.value === 0 ? [] : allocating.partners(rule, found.groups, side, rule.value);
    if (others.length === 0) return NOT_MATCHED;
    const entry = core.keep(own.state, side);
    const group = found.settle(own, compiled);
    this.#store.enter(rule, group, entry, side, core.row, core.due(entry));
    const touched = allocating.allocate(rule, group, entry, others);
    const isDone = this.#store.lists(rule.index).links.value(entry) === 0;
    this.#emit(own.state, rule, group);
    this.#settling.settle(own, rule, group, touched, allocating.openBefore);
    if (isDone) return MATCHED;
    core.kept = entry;
    return KEPT;
  }

  /** How much of an entry is open, minor units: what is left over where a part is matched, else all of it. */
  openAmount(state: ReconciliationState, entry: number): number {
    const rule = this.#ruleOf(state, entry);
    if (rule === undefined) return this.#core.entries.amount(entry);
    return this.#store.lists(rule.index).links.value(entry);
  }

  hasAllocation(entry: number): boolean {
    return this.#ruleOf(this.#core.stateOf(entry), entry) !== undefined;
  }

  /** An entry of which a part is matched leaves memory, and stays a leg of that match. False: it is none. */
  retire(state: ReconciliationState, entry: number): boolean {
    const rule = this.#ruleOf(state, entry);
    if (rule === undefined) return false;
    const group = this.#store.groupOf(rule.index, entry);
    this.#store.memory.moveToLeg(rule, group, this.#core.sideOf(entry), entry);
    this.#core.leaveLane(state, entry);
    this.#core.entries.setBreak(entry, NO_ENTRY);
    if (this.#store.slab.members(group) === 0) this.#store.end(this.#store.of(state), group);
    return true;
  }

  /** The rule that has matched a part of an entry, if one has. */
  #ruleOf(state: ReconciliationState, entry: number): GroupRule | undefined {
    for (const rule of this.#store.of(state).partial) {
      if (this.#store.hasAllocation(rule, entry)) return rule;
    }
    return undefined;
  }

  #emit(state: ReconciliationState, rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    const { emitter } = this.#core;
    const { links } = this.#store.lists(rule.index);
    if (!slab.isMatched(group)) {
      slab.setNumber(group, MATCH_SEQUENCE, emitter.sequence);
      slab.setInt(group, MATCH_N, emitter.n);
    }
    slab.setInt(group, VERSION, slab.int(group, VERSION) + 1);
    const legs = this.#allocating.legs(rule, group);
    const sums = new Float64Array(4);
    for (const leg of legs) {
      const side = this.#core.sideOf(leg);
      addExact(sums, 2 * side, rule.sides[side]!.sign * links.part(leg));
    }
    const difference = saturate(exactSum(sums, 0) - exactSum(sums, 2));
    const currency = this.#results.currencyOf(rule, legs[legs.length - 1]!);
    const facts = {
      sequence: slab.number(group, MATCH_SEQUENCE),
      n: slab.int(group, MATCH_N),
      version: slab.int(group, VERSION),
      currency,
      difference,
      causes: difference === 0 ? {} : { tolerance: difference },
      rate: undefined,
    };
    const lagMs = this.#results.match(state, rule, legs, facts, (leg) => links.part(leg));
    this.#store.memory.countMatch(state, group, currency, difference, lagMs);
  }
}
