import { KeyIndex } from '../key-index.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { GroupRule } from './group-rule.ts';

/** What a reconciliation has of groups. */
export class StateGroups {
  readonly state: ReconciliationState;
  /** By place of the rule; undefined for rules that tie pairs. */
  readonly rules: readonly (GroupRule | undefined)[];
  /** Rules that tie both sides, in order. */
  readonly gathering: readonly GroupRule[];
  /** Those of them that match in parts. */
  readonly partial: readonly GroupRule[];
  /** Rules that cancel records of one side, in order. */
  readonly contra: readonly GroupRule[];
  /** By place of the rule: groups by the hash of their key. */
  readonly indexes: readonly KeyIndex[];
  /** Likewise, where a record may have several keys: groups by the text of a key. */
  readonly byText: readonly Map<string, number>[];

  constructor(state: ReconciliationState) {
    this.state = state;
    this.rules = state.rules.map(({ kind, index }) =>
      kind === 'pair' ? undefined : new GroupRule(state.definition, index, state.terms),
    );
    const all = this.rules.filter((rule) => rule !== undefined);
    this.gathering = all.filter((rule) => rule.contra < 0);
    this.partial = this.gathering.filter((rule) => rule.partial);
    this.contra = all.filter((rule) => rule.contra >= 0);
    this.indexes = this.rules.map(() => new KeyIndex());
    this.byText = this.rules.map(() => new Map<string, number>());
  }
}
