import type { KernelCore } from '../core.ts';
import { LEG } from '../entries.ts';
import { NO_ENTRY } from '../slab.ts';
import type { Completing } from './completing.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { DUE, MATCH_N, MATCH_SEQUENCE, MEMORY_LEG, VERSION } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import type { LegReplacing } from './leg-replacing.ts';
import type { StateGroups } from './state-groups.ts';

/** Entries matched by a match of this message, in order of its legs, leave memory and their breaks. */
export type Consume = (legs: readonly number[], n: number, sequence?: number) => void;

/** Makes the matches of groups that agree, and their later versions. */
export class GroupMatching {
  readonly #core: KernelCore;
  readonly #consume: Consume;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #completing: Completing;
  readonly #legs: LegReplacing;

  constructor(
    core: KernelCore,
    consume: Consume,
    store: GroupStore,
    results: GroupResults,
    completing: Completing,
    legs: LegReplacing,
  ) {
    this.#core = core;
    this.#consume = consume;
    this.#store = store;
    this.#results = results;
    this.#completing = completing;
    this.#legs = legs;
  }

  /** The unmatched members of a group are matched, as its match or as a later version of it. */
  match(own: StateGroups, rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    const { state } = own;
    const { emitter, entries, wheel } = this.#core;
    const standing = this.#completing.stand(rule, group);
    const { links } = this.#store.lists(rule.index);
    const isFirst = !slab.isMatched(group);
    const n = emitter.n;
    if (isFirst) {
      slab.setNumber(group, MATCH_SEQUENCE, emitter.sequence);
      slab.setInt(group, MATCH_N, n);
      if (standing.rate !== undefined) this.#store.rates.set(group, standing.rate);
    }
    slab.setInt(group, VERSION, slab.int(group, VERSION) + 1);
    const fresh = this.#store.members(rule.index, group);
    this.#store.memory.moveToLegs(rule, group);
    const legs = isFirst ? fresh : this.#store.legs(rule.index, group);
    const lagMs = this.#results.match(state, rule, legs, {
      sequence: slab.number(group, MATCH_SEQUENCE),
      n: slab.int(group, MATCH_N),
      version: slab.int(group, VERSION),
      currency: standing.currency,
      difference: standing.difference,
      causes: this.#results.causes(rule, links, legs, standing),
      rate: standing.rate,
    });
    this.#store.memory.countMatch(state, group, standing.currency, standing.difference, lagMs);
    this.#core.amended.settle(state, this.#legs.positionOf(group));
    for (let i = 0; i < fresh.length; i++) entries.setFlag(fresh[i]!, LEG);
    this.#consume(fresh, slab.int(group, MATCH_N), slab.number(group, MATCH_SEQUENCE));
    if (this.#store.memory.isOver(rule, group)) {
      this.#store.end(own, group);
    } else if (slab.int(group, MEMORY_LEG) === NO_ENTRY) {
      const leg = fresh[0]!;
      slab.setInt(group, MEMORY_LEG, leg);
      wheel.schedule(leg, slab.number(group, DUE) + rule.retain);
    }
  }
}
