import { poolOf, type Reconciliation, type RuleSet } from '../domain/index.ts';
import { compileFilter, type RecordFields } from '../rules/index.ts';
import { CompiledRule } from './compiled-rule.ts';
import type { KernelCore } from './core.ts';
import { KeyChains } from './key-chains.ts';
import { KeySlots } from './key-slots.ts';
import { NullValues } from './null-values.ts';
import { Pairing, type Terms } from './pairing.ts';
import { Totals } from './totals.ts';
import { Twins } from './twins.ts';
import { Window } from './windows.ts';

export const LEFT = 0;
export const RIGHT = 1;
export const SIDES = ['left', 'right'] as const;

type Filter = ((record: RecordFields) => boolean) | undefined;

/** One reconciliation with everything it remembers. */
export class ReconciliationState {
  readonly definition: Reconciliation;
  /** Names the reconciliation in its entries, whatever its place in the configuration. */
  readonly slot: number;
  readonly pools: readonly [string, string];
  readonly window: Window;
  readonly terms: Terms;
  readonly rules: readonly CompiledRule[];
  readonly slots: KeySlots;
  /** Which records of its sources each side takes. */
  readonly where: readonly [Filter, Filter];
  /** By side: whether windows are measured by another date than a record's time. */
  readonly isAnchored: readonly [boolean, boolean];
  /** How long after its window's end a record still waits, in milliseconds. */
  readonly grace: number;
  /** Distinct holds of its rules, ascending, in milliseconds. */
  readonly holds: readonly number[];
  readonly hasGroups: boolean;
  /**
   * Nothing but the group of its one rule can concern a record: that rule gathers whole records by one key each, and no
   * pool is shared.
   */
  tiesOnlyGroups: boolean;
  /** By side: whether entries are EXTENDED (items.ts). A pool that is shared is known once all definitions are. */
  readonly extended: [boolean, boolean];
  /** By side: earlier records that a later one may repeat. */
  readonly twins: readonly [Twins | undefined, Twins | undefined];
  readonly hasTwins: boolean;
  /** By side, then by rule; those of group and contra rules stay empty. */
  readonly chains: readonly [readonly KeyChains[], readonly KeyChains[]];
  /** Unmatched records in memory. */
  open = 0;
  readonly #totals: (Totals | undefined)[] = [];

  constructor(
    definition: Reconciliation,
    slot: number,
    core: KernelCore,
    set: Pick<RuleSet, 'calendars'>,
    terms: Terms,
  ) {
    this.definition = definition;
    this.slot = slot;
    this.terms = terms;
    this.pools = [poolOf(definition, 'left'), poolOf(definition, 'right')];
    const window = new Window(definition.window.before, definition.window.after);
    this.window = window;
    this.slots = new KeySlots(definition, set, terms.calendars, core.reader);
    const nullValues = new NullValues(definition.nullValues);
    this.rules = definition.rules.map(
      (rule, i) =>
        new CompiledRule(definition, i, this.slots, nullValues, new Pairing(definition, rule, terms, window)),
    );
    const { left, right } = definition;
    const filterOf = (side: Reconciliation['left']): Filter =>
      side.where === undefined ? undefined : compileFilter(side.where);
    this.where = [filterOf(left), filterOf(right)];
    const isAnchored = ({ at }: Reconciliation['left']): boolean => at !== undefined && at !== 'time';
    this.isAnchored = [isAnchored(left), isAnchored(right)];
    this.grace = definition.window.grace;
    const holds = this.rules.filter((rule) => rule.hold >= 0).map((rule) => rule.hold);
    this.holds = [...new Set(holds)].sort((a, b) => a - b);
    this.hasGroups = this.rules.some((rule) => rule.kind !== 'pair');
    const [first, ...others] = this.rules;
    this.tiesOnlyGroups =
      others.length === 0 &&
      first?.kind === 'group' &&
      first.several === undefined &&
      first.rule.partial !== true;
    const isExtended = this.holds.length > 0 || this.hasGroups;
    this.extended = [isExtended, isExtended];
    const twinsOf = (fields: Reconciliation['left']['duplicates']): Twins | undefined =>
      fields === undefined ? undefined : new Twins(fields, definition.retain);
    this.twins = [twinsOf(left.duplicates), twinsOf(right.duplicates)];
    this.hasTwins = left.duplicates !== undefined || right.duplicates !== undefined;
    const chainsOf = (side: number): KeyChains[] =>
      this.rules.map((rule, i) => new KeyChains(rule, side, core.linksOf(i), core));
    this.chains = [chainsOf(LEFT), chainsOf(RIGHT)];
  }

  totals(currency: number): Totals {
    let totals = this.#totals[currency];
    if (totals === undefined) {
      totals = new Totals(currency);
      this.#totals[currency] = totals;
    }
    return totals;
  }

  /** Goes on counting where the reconciliation stopped under its former definition. */
  takeTotals(before: ReconciliationState): void {
    for (const totals of before.allTotals()) this.#totals[totals.currency] = totals;
  }

  /** One for each currency that occurred. */
  allTotals(): Totals[] {
    return this.#totals.filter((totals) => totals !== undefined);
  }

  get indexBytes(): number {
    let bytes = 0;
    for (const chains of this.chains) for (const { index } of chains) bytes += index.byteLength;
    return bytes;
  }
}
