import { readUtf8 } from '../../codec/index.ts';
import type { CompiledRule } from '../compiled-rule.ts';
import type { KernelCore } from '../core.ts';
import { NO_ENTRY } from '../slab.ts';
import type { GroupStore } from './group-store.ts';
import { uniteGroups } from './group-uniting.ts';
import type { StateGroups } from './state-groups.ts';

const NONE: readonly number[] = [];

/** The groups that the row at hand belongs to under a rule: one, unless the rule finds several keys in a record. */
export class RowGroups {
  /** The distinct groups that are there, in the order of the keys; a matched one only if it is alone. */
  groups: readonly number[] = NONE;
  /** The texts of its keys; only where records may have several. */
  readonly keys: string[] = [];
  readonly #core: KernelCore;
  readonly #store: GroupStore;
  readonly #one: number[] = [NO_ENTRY];
  /** For which rule, and which row that it looked at, the groups were found; undefined where they are not known. */
  #rule: CompiledRule | undefined = undefined;
  #look = 0;

  constructor(core: KernelCore, store: GroupStore) {
    this.#core = core;
    this.#store = store;
  }

  /** Finds them. @returns whether the row has a key at all */
  find(own: StateGroups, rule: CompiledRule, side: number): boolean {
    if (rule.several === undefined) {
      if (!rule.hasKey) {
        this.groups = NONE;
        this.#rule = undefined;
        return false;
      }
      // Found in the rule's turn at arrival, for the row that joins now.
      if (this.#rule === rule && this.#look === rule.looks) return true;
      const group = this.#store.find(own, rule, side);
      this.#one[0] = group;
      this.groups = group === NO_ENTRY ? NONE : this.#one;
      this.#rule = rule;
      this.#look = rule.looks;
      return true;
    }
    const groups: number[] = [];
    this.groups = groups;
    this.#rule = undefined;
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
      if (group !== NO_ENTRY && !groups.includes(group)) groups.push(group);
    }
    // Whoever has any key of an open group belongs there; with keys of matched groups alone it is late for the first.
    if (allMatched) groups.push(late);
    return true;
  }

  /** Every group that has a key of the row, matched ones too. */
  known(own: StateGroups, rule: CompiledRule, side: number): readonly number[] {
    if (rule.several === undefined) {
      this.find(own, rule, side);
      return this.groups;
    }
    this.#readKeys(rule, side);
    const groups = this.keys.map((key) => own.byText[rule.index]!.get(key) ?? NO_ENTRY);
    return groups.filter((group) => group !== NO_ENTRY);
  }

  /** The one group that the row joins, made or united from those found. */
  settle(own: StateGroups, rule: CompiledRule): number {
    this.#rule = undefined;
    if (rule.several === undefined) return this.groups[0] ?? this.#store.open(own, rule);
    const [first, ...others] = this.groups;
    const group = first ?? this.#store.openWithTexts(own, rule);
    if (this.#store.slab.isMatched(group) && rule.rule.partial !== true) return group;
    for (const other of others) uniteGroups(this.#store, own, group, other);
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
