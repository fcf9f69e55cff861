import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { Completing } from './completing.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupStore } from './group-store.ts';

/** Ties records of one side that cancel each other. */
export class Contra {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #completing: Completing;
  /** Entries matched by match `n` of this message leave memory and their breaks. */
  readonly #consume: (legs: readonly number[], n: number) => void;

  constructor(
    core: KernelCore,
    store: GroupStore,
    results: GroupResults,
    completing: Completing,
    consume: (legs: readonly number[], n: number) => void,
  ) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
    this.#completing = completing;
    this.#consume = consume;
  }

  /** The contra rules in order at an entry's expiry; true when it was matched. */
  tryExpired(state: ReconciliationState, entry: number): boolean {
    const own = this.#store.of(state);
    const { slab } = this.#store;
    for (const rule of own.contra) {
      const group = this.#store.groupOf(rule.index, entry);
      if (group === NO_ENTRY || slab.members(group) < 2) continue;
      const sum = slab.sum(group, rule.contra);
      const currency = this.#core.reader.currencies.text(this.#core.currency(entry));
      if (Math.abs(sum) > rule.limit(0, 0, currency)) continue;
      if (this.#completing.isBarred(state, rule, [group], -1)) continue;
      const legs = this.#store.members(rule.index, group);
      const { emitter } = this.#core;
      const n = emitter.n;
      const difference = rule.contra === 0 ? sum : 0 - sum;
      const causes = difference === 0 ? {} : { tolerance: difference };
      const { sequence } = emitter;
      const facts = { sequence, n, version: 1, currency, difference, causes, rate: undefined };
      const lagMs = this.#results.match(state, rule, legs, facts);
      state.totals(this.#core.currency(entry)).match(difference, lagMs);
      this.#consume(legs, n);
      return true;
    }
    return false;
  }
}
