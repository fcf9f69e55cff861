import type { KernelCore } from '../core.ts';
import { EXTENDED, LEG, pack } from '../entries.ts';
import { LEFT, type ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { Completing } from './completing.ts';
import type { GroupResults } from './group-results.ts';
import type { GroupRule } from './group-rule.ts';
import { MATCH_N, MATCH_SEQUENCE, VERSION } from './group-slab.ts';
import type { GroupStore } from './group-store.ts';
import { IS_LEG } from './member-links.ts';
import type { Standing } from './standing.ts';

/** Puts the row at hand in the place of a leg of a group's match, for as long as that is remembered. */
export class LegReplacing {
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #results: GroupResults;
  readonly #completing: Completing;

  constructor(core: KernelCore, store: GroupStore, results: GroupResults, completing: Completing) {
    this.#core = core;
    this.#store = store;
    this.#results = results;
    this.#completing = completing;
  }

  /** Whether an entry is the leg of a match that may go on with another record: of none in parts. */
  isReplaceable(entry: number): boolean {
    return (this.#core.entries.packed(entry) & LEG) !== 0 && this.#ruleOf(entry) !== undefined;
  }

  /**
   * The match goes on with the row as its leg; where its sums do not agree now, that is a break.
   * @param dueTime when the row is due in the lane of the leg, epoch milliseconds
   */
  replace(entry: number, dueTime: number): void {
    const core = this.#core;
    const { memory, slab } = this.#store;
    const { entries, reader } = core;
    const state = core.stateOf(entry);
    const side = core.sideOf(entry);
    const rule = this.#ruleOf(entry)!;
    const group = this.#store.groupOf(rule.index, entry);
    state.totals(core.currency(entry)).legChanged(side, entries.amount(entry), -1);
    memory.takeLegOut(rule, group, side, entry);
    memory.keepKey(group, entry);
    this.#hold(state, side, entry);
    memory.putLegIn(rule, group, side, entry);
    state.totals(reader.currency).legChanged(side, reader.amount, 1);
    slab.setInt(group, VERSION, slab.int(group, VERSION) + 1);
    const standing = this.#completing.standLegs(rule, group);
    this.#emitMatch(state, rule, group, standing);
    if (standing.sumsAgree) {
      core.amended.settle(state, this.positionOf(group));
      return;
    }
    const [view] = core.emitter.recordsOf([entry]);
    const { source, id, sequence, ordinal, amount } = view!;
    const { currency, difference, limit } = standing;
    const leftCurrency = rule.rule.fx?.from;
    core.amended.tell(state, this.positionOf(group), dueTime, {
      kind: 'amended',
      account: reader.accounts.text(reader.account),
      currency,
      ...(leftCurrency === undefined ? {} : { leftCurrency }),
      members: [{ source, id, sequence, ordinal, side: view!.side, amount }],
      amount: difference,
      why: {
        rule: rule.name,
        condition: 'amended',
        difference,
        tolerance: limit,
        match: this.positionOf(group),
      },
    });
  }

  /** Of the first version of a group's match. */
  positionOf(group: number): { readonly sequence: number; readonly n: number } {
    const { slab } = this.#store;
    return { sequence: slab.number(group, MATCH_SEQUENCE), n: slab.int(group, MATCH_N) };
  }

  /** The rule by whose match an entry is remembered as a leg. */
  #ruleOf(entry: number): GroupRule | undefined {
    return this.#store.of(this.#core.stateOf(entry)).gathering.find((rule) => {
      if (rule.partial || this.#store.groupOf(rule.index, entry) === NO_ENTRY) return false;
      return (this.#store.lists(rule.index).links.flags(entry) & IS_LEG) !== 0;
    });
  }

  /** The entry holds the row at hand from now on; the blob that it had is somebody else's. */
  #hold(state: ReconciliationState, side: number, entry: number): void {
    const { blobs, entries, reader, row, tracked, wheel } = this.#core;
    const layout = state.slots.layouts[side === LEFT ? 0 : 1];
    // The row's own lanes need not compare what this one does.
    reader.readFields(layout.fields.filter((field) => reader.isPlain(field)));
    state.slots.compute(reader, row, side);
    const ends = wheel.isScheduled(entry) ? entries.event(entry) : undefined;
    wheel.cancel(entry);
    entries.setBlob(entry, blobs.write(reader, layout));
    entries.setRecord(entry, reader.amount, reader.time, row.arrival);
    const lane = pack((state.slot << 1) | side, reader.dayPrecise, reader.offsetMinutes);
    entries.setPacked(entry, lane | LEG | (entries.packed(entry) & EXTENDED));
    if (ends !== undefined) wheel.schedule(entry, ends);
    if (tracked.has(reader.source)) this.#core.onTracked(entry);
  }

  #emitMatch(state: ReconciliationState, rule: GroupRule, group: number, standing: Standing): void {
    const { memory, slab } = this.#store;
    const { links } = this.#store.lists(rule.index);
    const legs = this.#store.legs(rule.index, group);
    const { currency, difference, rate } = standing;
    const lagMs = this.#results.match(state, rule, legs, {
      ...this.positionOf(group),
      version: slab.int(group, VERSION),
      currency,
      difference,
      causes: this.#results.causes(rule, links, legs, standing),
      rate,
    });
    memory.countMatch(state, group, currency, difference, lagMs);
  }
}
