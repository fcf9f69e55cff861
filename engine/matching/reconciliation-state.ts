import type { Reconciliation } from '../domain/index.ts';
import type { Blobs } from './blobs.ts';
import { comparedFields, CompiledRule, NullValues } from './compiled-rule.ts';
import type { Entries } from './entries.ts';
import { KeyChains } from './key-chains.ts';
import type { RowReader } from './row-reader.ts';
import { EntryLinks, SideLinks, type ChainLinks } from './rule-links.ts';
import { Totals } from './totals.ts';
import { Window } from './windows.ts';

export const LEFT = 0;
export const RIGHT = 1;
export const SIDES = ['left', 'right'] as const;

/** What all reconciliations of a kernel share. */
export class SharedMemory {
  readonly entries: Entries;
  readonly blobs: Blobs;
  readonly #further: SideLinks[] = [];
  readonly #first: EntryLinks;

  constructor(entries: Entries, blobs: Blobs) {
    this.entries = entries;
    this.blobs = blobs;
    this.#first = new EntryLinks(entries);
  }

  /** Links of the rule at a place in its reconciliation. */
  linksOf(rule: number): ChainLinks {
    return rule === 0 ? this.#first : this.furtherLinksOf(rule);
  }

  furtherLinksOf(rule: number): SideLinks {
    while (this.#further.length < rule) this.#further.push(new SideLinks());
    return this.#further[rule - 1]!;
  }

  /** Links of the second and further rules, as far as there are any. */
  get furtherLinks(): readonly SideLinks[] {
    return this.#further;
  }
}

/** One reconciliation with everything it remembers. */
export class ReconciliationState {
  readonly definition: Reconciliation;
  /** Names the reconciliation in its entries, whatever its place in the configuration. */
  readonly slot: number;
  readonly pools: readonly [string, string];
  readonly window: Window;
  readonly rules: readonly CompiledRule[];
  /** Fields that the rules compare, in the order of the blobs. */
  readonly fields: readonly number[];
  /** By side, then by rule. */
  readonly chains: readonly [readonly KeyChains[], readonly KeyChains[]];
  /** Unmatched records in memory. */
  open = 0;
  readonly #totals: (Totals | undefined)[] = [];

  constructor(definition: Reconciliation, slot: number, reader: RowReader, memory: SharedMemory) {
    this.definition = definition;
    this.slot = slot;
    this.pools = [
      definition.left.pool ?? `${definition.name}.left`,
      definition.right.pool ?? `${definition.name}.right`,
    ];
    this.window = new Window(definition.window.before, definition.window.after);
    const compared = definition.rules.flatMap((rule) => comparedFields(rule));
    const fields = [...new Set(compared.map((field) => reader.fieldNumber(field)))];
    const nullValues = new NullValues(definition.nullValues);
    this.fields = fields;
    this.rules = definition.rules.map((rule) => new CompiledRule(rule, fields, nullValues, reader));
    const chainsOf = (): KeyChains[] =>
      this.rules.map((rule, i) => new KeyChains(rule, memory.linksOf(i), memory.entries, memory.blobs));
    this.chains = [chainsOf(), chainsOf()];
  }

  totals(currency: number): Totals {
    let totals = this.#totals[currency];
    if (totals === undefined) {
      totals = new Totals(currency);
      this.#totals[currency] = totals;
    }
    return totals;
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
