import type { CompiledRule } from '../compiled-rule.ts';
import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import type { Completing } from './completing.ts';
import type { GroupBreaking } from './group-breaking.ts';
import { BREAK_FIRST, groupBreakOf, LATE_N } from './group-breaks.ts';
import type { GroupRule } from './group-rule.ts';
import type { GroupStore } from './group-store.ts';
import type { StateGroups } from './state-groups.ts';

/** What groups do when other rates are published: those that convert by them are tried, and their breaks keep their word. */
export class GroupRates {
  readonly #store: GroupStore;
  readonly #breaking: GroupBreaking;
  readonly #completing: Completing;
  /** The unmatched members of a group are matched. */
  readonly #match: (own: StateGroups, rule: GroupRule, group: number) => void;
  /** Of the first records of a break by side. */
  readonly #firsts: readonly [StoredFields, StoredFields];

  constructor(
    core: KernelCore,
    store: GroupStore,
    breaking: GroupBreaking,
    completing: Completing,
    match: (own: StateGroups, rule: GroupRule, group: number) => void,
  ) {
    this.#store = store;
    this.#breaking = breaking;
    this.#completing = completing;
    this.#match = match;
    this.#firsts = [core.cursor(), core.cursor()];
  }

  /**
   * A group rule alone is tried for an entry whose group has no match: as at an arrival, or once the group is due as at
   * its end.
   * @returns whether it matched
   */
  tryNow(state: ReconciliationState, entry: number, { index }: CompiledRule): boolean {
    const own = this.#store.of(state);
    const rule = own.rules[index]!;
    const group = this.#store.groupOf(index, entry);
    if (group === NO_ENTRY || this.#store.slab.isMatched(group)) return false;
    if (!this.#completing.isCompleteNow(rule, group)) return false;
    if (this.#completing.isBarred(state, rule, [group], -1)) return false;
    this.#match(own, rule, group);
    return true;
  }

  /**
   * At what rate a rule converts the members of a break now; undefined where there is none, or the break does not ask for
   * one: it is of another rule or about late members, or no group adds to it.
   * @param code as entries say in which break they are
   */
  rateOf(code: number, { index }: CompiledRule): string | undefined {
    const number = groupBreakOf(code);
    const { breaks, notes } = this.#breaking;
    const isOfRule = breaks.rule(number) === index && notes.get(number)?.unbound === undefined;
    if (!isOfRule || breaks.int(number, LATE_N) >= 0) return undefined;
    const rule = this.#breaking.ruleOf(number);
    if (rule.rule.fx === undefined) return undefined;
    const firstOf = (side: 0 | 1): StoredFields | undefined => {
      const entry = breaks.int(number, BREAK_FIRST + side);
      return entry === NO_ENTRY ? undefined : this.#firsts[side].to(entry);
    };
    const left = firstOf(0);
    return left && rule.rate(left, firstOf(1));
  }

  /** Until its next version a break says what its last one said. */
  keepTold(state: ReconciliationState, code: number): void {
    this.#breaking.keepTold(state, groupBreakOf(code));
  }
}
