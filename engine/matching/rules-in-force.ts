import type { Reconciliation, RuleSet } from '../domain/index.ts';
import type { Matcher } from './matcher.ts';
import { MAX_LANES } from './matcher.ts';
import { LEFT, ReconciliationState, RIGHT } from './reconciliation-state.ts';
import type { RowReader } from './row-reader.ts';

/** Where a source's records go. */
export interface Route {
  /** Place of the source in the rules. */
  readonly source: number;
  readonly rejectsIdReuse: boolean;
  readonly lanes: readonly { readonly state: ReconciliationState; readonly side: number }[];
  /** Key fields that are no references, to be read from each row. */
  readonly plainFields: readonly number[];
}

/** The reconciliations in force, in the order of the configuration, and which records go to which. */
export class RulesInForce {
  readonly set: RuleSet;
  readonly hash: string;
  readonly json: string;
  readonly reconciliations: readonly ReconciliationState[];
  /** By source number of the reader; undefined for sources that are not in the rules. */
  readonly routes: readonly (Route | undefined)[];

  private constructor(
    set: RuleSet,
    json: string,
    hash: string,
    reconciliations: readonly ReconciliationState[],
    reader: RowReader,
  ) {
    this.set = set;
    this.json = json;
    this.hash = hash;
    this.reconciliations = reconciliations;
    const routes: (Route | undefined)[] = [];
    for (const [index, source] of set.sources.entries()) {
      const lanes = reconciliations.flatMap((state) => {
        if (state.definition.left.sources.includes(source.name)) return [{ state, side: LEFT }];
        return state.definition.right.sources.includes(source.name) ? [{ state, side: RIGHT }] : [];
      });
      const fields = new Set(lanes.flatMap(({ state }) => state.fields));
      routes[reader.sources.internText(source.name)] = {
        source: index,
        rejectsIdReuse: source.onIdReuse === 'reject',
        lanes,
        plainFields: [...fields].filter((field) => reader.isPlain(field)),
      };
    }
    this.routes = routes;
  }

  /** Why `next` may not replace `before`, in words; undefined if it may. */
  static refusal(before: RulesInForce, next: RuleSet): string | undefined {
    if (canonical(before.set.partitionBy) !== canonical(next.partitionBy)) {
      return 'partitionBy differs from that of the log; it is fixed when a log is created';
    }
    if (before.set.seenHorizon !== next.seenHorizon) {
      return 'the seen horizon differs from that of the log; it is fixed when a log is created';
    }
    const kept = new Set(next.reconciliations.map((definition) => canonical(definition)));
    for (const { definition, open } of before.reconciliations) {
      if (open > 0 && !kept.has(canonical(definition))) {
        return `reconciliation "${definition.name}" is changed or gone while ${open} of its records are unmatched; keep it as it is until they are matched or gone`;
      }
    }
    return undefined;
  }

  /**
   * Puts rules in force: reconciliations equal to one of `before` keep their state, others start empty.
   * @param slots slot by name of reconciliation, when a snapshot is restored
   */
  static enact(
    set: RuleSet,
    json: string,
    hash: string,
    before: RulesInForce | undefined,
    matcher: Matcher,
    reader: RowReader,
    slots?: ReadonlyMap<string, number>,
  ): RulesInForce {
    const known = new Map<string, ReconciliationState>();
    for (const state of before?.reconciliations ?? []) known.set(canonical(state.definition), state);
    const taken = set.reconciliations.map((definition) => known.get(canonical(definition)));
    const used = new Set(taken.map((state) => state?.slot));
    for (const state of known.values()) if (!used.has(state.slot)) matcher.states[state.slot] = undefined;
    let free = 0;
    const slotFor = (definition: Reconciliation): number => {
      const restored = slots?.get(definition.name);
      if (restored !== undefined) return restored;
      while (used.has(free)) free++;
      used.add(free);
      return free;
    };
    const reconciliations = taken.map(
      (state, i) =>
        state ??
        new ReconciliationState(
          set.reconciliations[i]!,
          slotFor(set.reconciliations[i]!),
          reader,
          matcher.memory,
        ),
    );
    for (const [place, state] of reconciliations.entries()) {
      matcher.states[state.slot] = state;
      matcher.order[state.slot * 2] = place;
      matcher.order[state.slot * 2 + 1] = place;
    }
    matcher.maxOpen = set.maxOpenRecords;
    matcher.wheel.heap.rebuild();
    return new RulesInForce(set, json, hash, reconciliations, reader);
  }
}

/** The most reconciliations that a kernel can have. */
export const MAX_RECONCILIATIONS: number = MAX_LANES / 2;

/** A JSON value as text that is the same for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
