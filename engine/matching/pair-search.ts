import type { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import type { KernelFields } from './kernel-fields.ts';
import { ALONE, FREE } from './candidate-search.ts';
import { UNMATCHED } from './breaks.ts';
import type { ReconciliationState } from './reconciliation-state.ts';
import { NO_ENTRY } from './slab.ts';
import type { StoredFields } from './stored-fields.ts';

/** Finds counterparts under rules with any options: what candidate-search.ts does for plain rules. */
export class PairSearch {
  readonly #core: KernelCore;
  readonly #other: StoredFields;

  constructor(core: KernelCore) {
    this.#core = core;
    this.#other = core.cursor();
  }

  /** The first entry of the other side with the key of the row at hand, which has looked at the rule; or −1. */
  firstForRow(state: ReconciliationState, rule: CompiledRule, side: number): number {
    return state.chains[side === 0 ? 1 : 0][rule.index]!.first(rule.hash, side);
  }

  /** The first entry of a side with the key of an entry, whichever side that is on; or −1. */
  firstForEntry(state: ReconciliationState, rule: CompiledRule, entry: number, wantedSide: number): number {
    const side = this.#core.sideOf(entry);
    const mine = state.chains[side === 0 ? 0 : 1][rule.index]!;
    if (mine.links.next(entry) === NO_ENTRY) return NO_ENTRY;
    return state.chains[wantedSide === 0 ? 0 : 1][rule.index]!.firstLike(entry, side, mine.links.hash(entry));
  }

  /** Whether two records, `x` being on `side`, may match by a rule: near, agreeing, not barred. */
  #fits(
    state: ReconciliationState,
    rule: CompiledRule,
    x: KernelFields,
    side: number,
    y: KernelFields,
  ): boolean {
    const [left, right] = side === 0 ? [x, y] : [y, x];
    const { pairing } = rule;
    if (!pairing.isNear(left, right)) return false;
    pairing.compare(left, right);
    if (!pairing.agrees) return false;
    const { bars } = this.#core;
    return !bars.any || !bars.hasPair(state.definition.name, x.arrival, y.arrival);
  }

  /** The best candidate for `x` in a chain of the other side that starts with `first`, or −1. */
  candidate(
    state: ReconciliationState,
    rule: CompiledRule,
    x: KernelFields,
    side: number,
    first: number,
  ): number {
    const { links } = state.chains[side === 0 ? 1 : 0][rule.index]!;
    const { pairing } = rule;
    let best = NO_ENTRY;
    let bestDifference = Number.POSITIVE_INFINITY;
    let bestDistance = Number.POSITIVE_INFINITY;
    let entry = first;
    do {
      if (this.#fits(state, rule, x, side, this.#other.to(entry))) {
        const difference = Math.abs(pairing.difference);
        // The chain is in order of arrival: of equals the first stays.
        if (
          difference < bestDifference ||
          (difference === bestDifference && pairing.distance < bestDistance)
        ) {
          best = entry;
          bestDifference = difference;
          bestDistance = pairing.distance;
        }
      }
      entry = links.next(entry);
    } while (entry !== first);
    return best;
  }

  /** All candidates for `x` in a chain of the other side, best first. @param first −1: there is no chain */
  candidates(
    state: ReconciliationState,
    rule: CompiledRule,
    x: KernelFields,
    side: number,
    first: number,
  ): number[] {
    if (first === NO_ENTRY) return [];
    const { links } = state.chains[side === 0 ? 1 : 0][rule.index]!;
    const { pairing } = rule;
    const found: { readonly entry: number; readonly difference: number; readonly distance: number }[] = [];
    let entry = first;
    do {
      if (this.#fits(state, rule, x, side, this.#other.to(entry))) {
        found.push({ entry, difference: Math.abs(pairing.difference), distance: pairing.distance });
      }
      entry = links.next(entry);
    } while (entry !== first);
    // Stable: of equals the earlier arrival stays first.
    found.sort((a, b) => a.difference - b.difference || a.distance - b.distance);
    return found.map((each) => each.entry);
  }

  /**
   * The nearest entry of the other side to an entry that does not fit it, or −1: inside the window and the date
   * conditions, with a rate, and with values that do not agree.
   * @param wanted FREE or ALONE
   */
  nearest(
    state: ReconciliationState,
    rule: CompiledRule,
    x: StoredFields,
    side: number,
    wanted: number,
  ): number {
    const first = this.firstForEntry(state, rule, x.entry, 1 - side);
    if (first === NO_ENTRY) return NO_ENTRY;
    const { links } = state.chains[side === 0 ? 1 : 0][rule.index]!;
    const { pairing } = rule;
    let best = NO_ENTRY;
    let bestDifference = Number.POSITIVE_INFINITY;
    let bestDistance = Number.POSITIVE_INFINITY;
    let entry = first;
    do {
      if (this.#isWanted(entry, wanted)) {
        const y = this.#other.to(entry);
        const [left, right] = side === 0 ? [x, y] : [y, x];
        if (pairing.isNear(left, right) && pairing.compare(left, right) && !pairing.agrees) {
          const difference = Math.abs(pairing.difference);
          if (
            difference < bestDifference ||
            (difference === bestDifference && pairing.distance < bestDistance)
          ) {
            best = entry;
            bestDifference = difference;
            bestDistance = pairing.distance;
          }
        }
      }
      entry = links.next(entry);
    } while (entry !== first);
    return best;
  }

  #isWanted(entry: number, wanted: number): boolean {
    const { entries, breaks } = this.#core;
    const broken = entries.break(entry);
    if (wanted === FREE) return broken === NO_ENTRY;
    if (wanted !== ALONE || broken < 0) return false;
    return (
      breaks.owner(broken) === entry &&
      breaks.joined(broken) === NO_ENTRY &&
      breaks.kind(broken) === UNMATCHED
    );
  }
}
