import { CleanGroups } from './clean-groups.ts';
import type { KernelCore } from './core.ts';
import { MET } from './entries.ts';
import type { Lane } from './rules-in-force.ts';
import { NO_ENTRY } from './slab.ts';

/** Records that are looked through at most for one row: about ten milliseconds. */
const MOST_MET = 65_536;

/** Is shown records, and groups, that are linked with the record at hand. */
export interface LinkVisitor {
  /** @param entry −1: none */
  reach(entry: number): void;
  /** A group that the record at hand belongs to. */
  inGroup(group: number): void;
}

/**
 * Finds the records in memory that a row can have to do with, directly or through others: those that share a key, a
 * group, a break or an item. Whatever happens to others neither changes what becomes of the row, nor is changed by it.
 */
export class LinkedRecords implements LinkVisitor {
  /** Of those found last: whose event is due, in no order. */
  readonly due: number[] = [];
  readonly clean: CleanGroups = new CleanGroups();
  readonly #core: KernelCore;
  /** Entries found, flagged MET; those from `#next` on are to be looked at. */
  readonly #met: number[] = [];
  #next = 0;
  /** The records at hand are known to have nothing that is due. */
  #isClean = false;

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /**
   * Finds what is due among the records that the row at hand is linked with in these lanes.
   * @param replaced entries whose place the row takes
   * @returns false when they are too many
   */
  find(lanes: readonly Lane[], replaced: readonly number[]): boolean {
    this.due.length = 0;
    this.clean.begin();
    for (const lane of lanes) this.#seed(lane);
    for (const entry of replaced) {
      this.reach(entry);
      this.#walk();
    }
    const { entries } = this.#core;
    for (const entry of this.#met) entries.clearFlag(entry, MET);
    const isWhole = this.#met.length <= MOST_MET;
    this.#met.length = 0;
    this.#next = 0;
    return isWhole;
  }

  reach(entry: number): void {
    if (entry === NO_ENTRY) return;
    const { entries } = this.#core;
    if ((entries.packed(entry) & MET) !== 0) return;
    entries.setFlag(entry, MET);
    this.#met.push(entry);
  }

  inGroup(group: number): void {
    if (this.clean.meet(group, this.#core.watermark)) this.#isClean = true;
  }

  /** What the row finds by its keys in one lane, each with all that is linked with it. */
  #seed({ state, side }: Lane): void {
    const { reader, row, groups, watermark } = this.#core;
    state.slots.compute(reader, row, side);
    for (const [i, rule] of state.rules.entries()) {
      const hasKey = rule.look(reader, row, side);
      if (rule.kind !== 'pair') {
        if (rule.kind === 'contra' && rule.contra !== side) continue;
        for (const group of groups.groupsOfRow(state, side, rule)) {
          // However large it is, it need not be broken, and forgotten, before the row.
          if (groups.detachIfOver(state, group)) continue;
          if (this.clean.meet(group, watermark)) continue;
          if (groups.events.show(state, group, this.#seeEvent)) continue;
          groups.showGroup(group, this);
          this.#walk();
        }
      } else if (hasKey) {
        for (const chains of state.chains) {
          this.reach(chains[i]!.first(rule.hash, side));
          this.#walk();
        }
      }
    }
  }

  /** An entry, or −1, that is linked with the row: its event, if it has one, is due, or the next that is not. */
  readonly #seeEvent = (entry: number): void => {
    const { entries, watermark, wheel } = this.#core;
    if (entry === NO_ENTRY || !wheel.isScheduled(entry)) return;
    const time = entries.event(entry);
    if (time < watermark) this.due.push(entry);
    else this.clean.sawEvent(time);
  };

  /** Looks at what has been reached, and at what that is linked with. */
  #walk(): void {
    while (this.#next < this.#met.length && this.#met.length <= MOST_MET && !this.#isClean) {
      this.#look(this.#met[this.#next++]!);
    }
    // What was reached of records that have nothing due need not be looked at.
    this.#isClean = false;
    this.#next = this.#met.length;
  }

  #look(entry: number): void {
    const core = this.#core;
    const { entries } = core;
    this.#seeEvent(entry);
    const state = core.stateOf(entry);
    const side = core.sideOf(entry);
    this.reach(core.sibling(entry));
    const mine = state.chains[side === 0 ? 0 : 1];
    const others = state.chains[side === 0 ? 1 : 0];
    for (const [i, { links }] of mine.entries()) {
      if (state.rules[i]!.kind !== 'pair') continue;
      const next = links.next(entry);
      if (next === NO_ENTRY) continue;
      this.reach(next);
      // The first of the chain, after its last, looks for the other side.
      if (entries.arrival(links.previous(entry)) < entries.arrival(entry)) continue;
      this.reach(others[i]!.firstLike(entry, side, links.hash(entry)));
    }
    const broken = entries.break(entry);
    if (broken >= 0) {
      this.reach(core.breaks.owner(broken));
      this.reach(core.breaks.joined(broken));
    }
    if (state.hasGroups || broken < NO_ENTRY) core.groups.showLinked(state, entry, this);
  }
}
