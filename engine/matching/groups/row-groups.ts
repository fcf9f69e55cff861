import { readUtf8 } from '../../codec/index.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { KernelCore } from '../core.ts';
import { NO_ENTRY } from '../slab.ts';
import type { GroupStore } from './group-store.ts';
import type { StateGroups } from './state-groups.ts';

/** The groups that the row at hand belongs to under a rule: one, unless the rule finds several keys in a record. */
export class RowGroups {
  /** The distinct groups that are there, in the order of the keys; a matched one only if it is alone. */
  readonly groups: number[] = [];
  /** The texts of its keys; only where records may have several. */
  readonly keys: string[] = [];
  readonly #core: KernelCore;
  readonly #store: GroupStore;

  constructor(core: KernelCore, store: GroupStore) {
    this.#core = core;
    this.#store = store;
  }

  /** Finds them. @returns whether the row has a key at all */
  find(own: StateGroups, rule: CompiledRule, side: number): boolean {
    this.groups.length = 0;
    if (rule.several === undefined) {
      if (!rule.hasKey) return false;
      const group = this.#store.find(own, rule, side);
      if (group !== NO_ENTRY) this.groups.push(group);
      return true;
    }
    this.#readKeys(rule, side);
    if (this.keys.length === 0) return false;
    const { slab } = this.#store;
    let late = NO_ENTRY;
    let allMatched = true;
    for (const key of this.keys) {
      const group = own.byText[rule.index]!.get(key) ?? NO_ENTRY;
      if (group !== NO_ENTRY && slab.isMatched(group) && rule.rule.partial !== true) {
        if (late === NO_ENTRY) late = group;
        continue;
      }
      allMatched = false;
      if (group !== NO_ENTRY && !this.groups.includes(group)) this.groups.push(group);
    }
    // Whoever has any key of an open group belongs there; with keys of matched groups alone it is late for the first.
    if (allMatched) this.groups.push(late);
    return true;
  }

  /** The one group that the row joins, made or united from those found. */
  settle(own: StateGroups, rule: CompiledRule): number {
    const [first, ...others] = this.groups;
    if (rule.several === undefined) return first ?? this.#store.open(own, rule);
    const group = first ?? this.#store.openWithTexts(own, rule);
    if (this.#store.slab.isMatched(group) && rule.rule.partial !== true) return group;
    for (const other of others) this.#store.unite(own, group, other);
    for (const key of this.keys) {
      const known = own.byText[rule.index]!.get(key);
      if (known === undefined) this.#store.addText(own, group, key);
    }
    return group;
  }

  #readKeys(rule: CompiledRule, side: number): void {
    const { reader, row } = this.#core;
    const several = rule.several!;
    this.keys.length = 0;
    if (side !== several.side) {
      if (rule.hasKey) this.keys.push(this.#keyText(rule, side));
      return;
    }
    for (const text of several.text.texts(row)) {
      if (!rule.lookWith(reader, row, side, text)) continue;
      const key = this.#keyText(rule, side);
      if (!this.keys.includes(key)) this.keys.push(key);
    }
    rule.hasKey = this.keys.length > 0;
  }

  /** The key that the rule looked at last, as a text. */
  #keyText(rule: CompiledRule, side: number): string {
    const { reader, row } = this.#core;
    const texts = rule.fields[side === 0 ? 0 : 1].map((field) =>
      readUtf8(reader.fieldBytes[field]!, reader.fieldStart[field]!, reader.fieldEnd[field]!),
    );
    const currency = rule.rule.fx === undefined ? rule.keyCurrency(side, row) : '';
    return JSON.stringify([reader.account, currency, ...texts]);
  }
}
