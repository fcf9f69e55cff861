import type { KernelCore } from '../core.ts';
import type { KernelFields } from '../kernel-fields.ts';
import { NO_ENTRY } from '../slab.ts';
import type { StoredFields } from '../stored-fields.ts';
import type { GroupRule } from './group-rule.ts';
import { COUNT, FIRST, SIGNAL_COUNT, SIGNALS_STALE, TOTAL, TOTAL_ARRIVAL } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { SIGNALS } from './member-links.ts';
import type { Signals } from './signals.ts';

/** What the members of groups say of how many they are and what they sum up to, kept along as they come and go. */
export class GroupSignals {
  readonly #store: GroupStore;
  readonly #cursor: StoredFields;

  constructor(core: KernelCore, store: GroupStore) {
    this.#store = store;
    this.#cursor = core.cursor();
  }

  /** A member says something. */
  hear(rule: GroupRule, group: number, side: number, fields: KernelFields): void {
    const { slab } = this.#store;
    const signal = rule.signalOf(side);
    const { groupCount, groupTotal, arrival } = fields;
    if (groupCount !== undefined && groupCount > slab.int(group, SIGNAL_COUNT + signal)) {
      slab.setInt(group, SIGNAL_COUNT + signal, groupCount);
    }
    if (groupTotal === undefined) return;
    const known = slab.number(group, TOTAL + signal);
    if (!Number.isNaN(known) && arrival < slab.number(group, TOTAL_ARRIVAL + signal)) return;
    slab.setNumber(group, TOTAL + signal, groupTotal);
    slab.setNumber(group, TOTAL_ARRIVAL + signal, arrival);
  }

  /** What left members said no longer counts. */
  #refresh(rule: GroupRule, group: number): void {
    const { slab } = this.#store;
    if (slab.int(group, SIGNALS_STALE) === 0) return;
    slab.setInt(group, SIGNALS_STALE, 0);
    for (let signal = 0; signal < 2; signal++) {
      slab.setInt(group, SIGNAL_COUNT + signal, -1);
      slab.setNumber(group, TOTAL + signal, Number.NaN);
    }
    const { links } = this.#store.lists(rule.index);
    for (let side = 0; side < 2; side++) {
      for (let entry = slab.int(group, FIRST + side); entry !== NO_ENTRY; entry = links.next(entry)) {
        if ((links.flags(entry) & SIGNALS) === 0) continue;
        this.hear(rule, group, side, this.#cursor.to(entry));
      }
    }
  }

  /** Adds what members say of a side, and what it has. */
  read(rule: GroupRule, group: number, side: 0 | 1, signals: Signals): void {
    this.#refresh(rule, group);
    const { slab } = this.#store;
    signals.has(side, slab.int(group, COUNT + side), slab.raw(group, side));
    signals.says(
      side,
      slab.int(group, SIGNAL_COUNT + side),
      slab.number(group, TOTAL + side),
      slab.number(group, TOTAL_ARRIVAL + side),
    );
  }
}
