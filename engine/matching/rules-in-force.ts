import { CounterfoilError, type RuleSet } from '../domain/index.ts';
import { Calendars, ratesInForce, type RecordFields } from '../rules/index.ts';
import { compareRules, refusalOf, type RulesChange } from './commands/rules-change.ts';
import { MAX_LANES, type KernelCore } from './core.ts';
import { DueSchedule } from './due-schedule.ts';
import type { Terms } from './pairing.ts';
import { LEFT, ReconciliationState, RIGHT } from './reconciliation-state.ts';
import type { RowReader } from './row-reader.ts';

/** One side of one reconciliation, and the pool of that side: equal numbers for equal names. */
export interface Lane {
  readonly state: ReconciliationState;
  readonly side: number;
  readonly pool: number;
}

/** Where a source's records go. */
export interface Route {
  /** Place of the source in the rules. */
  readonly source: number;
  readonly rejectsIdReuse: boolean;
  /** A later version of a record takes the place of the one before. */
  readonly amends: boolean;
  /** Its records may take the place of others, or others theirs. */
  readonly isConcerned: boolean;
  /** In configured order; of one reconciliation left comes first. */
  readonly lanes: readonly Lane[];
  /** Some lane takes only some of the records: {@link selectLanes} says which. */
  readonly isSelective: boolean;
  /** Some of the lanes are of one pool. */
  readonly isShared: boolean;
  /** Neither concerned nor shared: its records simply arrive in their lanes, as most do. */
  readonly isSimple: boolean;
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
    const pools = poolNumbers(reconciliations);
    const interims = new Set(set.sources.flatMap(({ supersedes }) => supersedes?.sources ?? []));
    const routes: (Route | undefined)[] = [];
    for (const [index, source] of set.sources.entries()) {
      const lanes = reconciliations.flatMap((state) => {
        const { left, right } = state.definition;
        const laneOf = (side: 0 | 1): Lane => ({ state, side, pool: pools.get(state.pools[side])! });
        const isLeft = left.sources.includes(source.name);
        // A left side without a condition takes all that the right one could.
        const isRight = right.sources.includes(source.name) && !(isLeft && left.where === undefined);
        return [...(isLeft ? [laneOf(LEFT)] : []), ...(isRight ? [laneOf(RIGHT)] : [])];
      });
      const fields = new Set(
        lanes.flatMap(({ state, side }) => state.slots.layouts[side === LEFT ? 0 : 1].fields),
      );
      const isConcerned =
        source.amends !== undefined || source.supersedes !== undefined || interims.has(source.name);
      const isShared = new Set(lanes.map((lane) => lane.pool)).size < lanes.length;
      routes[reader.sources.internText(source.name)] = {
        source: index,
        rejectsIdReuse: source.onIdReuse === 'reject',
        amends: source.amends !== undefined,
        isConcerned,
        lanes,
        isSelective: lanes.some(({ state, side }) => state.where[side === LEFT ? 0 : 1] !== undefined),
        isShared,
        isSimple: !isConcerned && !isShared,
        plainFields: [...fields].filter((field) => reader.isPlain(field)),
      };
    }
    this.routes = routes;
  }

  /**
   * Compiles rules without putting them in force: nothing of the kernel changes but for numbers given to names.
   * @param before the rules in force: reconciliations that mean the same keep their state
   * @param slots slot by name of reconciliation, when a snapshot is restored
   * @returns why the rules are refused, in one line, or what is needed to put them in force
   */
  static prepare(
    set: RuleSet,
    json: string,
    hash: string,
    before: RulesInForce | undefined,
    core: KernelCore,
    slots?: ReadonlyMap<string, number>,
  ): PreparedRules | string {
    try {
      const refusal = before && refusalOf(before.set, set);
      if (refusal !== undefined) return refusal;
      if (set.reconciliations.length > MAX_RECONCILIATIONS) {
        return `${set.reconciliations.length} reconciliations are more than the ${MAX_RECONCILIATIONS} that are possible`;
      }
      const change = compareRules(before?.set ?? { ...set, reconciliations: [] }, set);
      const calendars = new Calendars(set.calendars);
      for (const { due } of set.sources) if (due !== undefined) new DueSchedule(due, calendars);
      const states = compile(set, calendars, change, before, core, slots);
      const rules = new RulesInForce(set, json, hash, states, core.reader);
      return { rules, change, enact: () => rules.#enact(before, core) };
    } catch (error) {
      // Rules that a command carries may be anything.
      if (error instanceof CounterfoilError || error instanceof TypeError || error instanceof RangeError)
        return error.message;
      throw error;
    }
  }

  /**
   * The same rules with further published rates, for which every reconciliation keeps its state. The hash stays: it
   * tells which rules were given, and these are they.
   */
  withRates(set: RuleSet, reader: RowReader): RulesInForce {
    return new RulesInForce(set, JSON.stringify(set), this.hash, this.reconciliations, reader);
  }

  #enact(before: RulesInForce | undefined, core: KernelCore): void {
    for (const { slot } of before?.reconciliations ?? []) core.states[slot] = undefined;
    const shared = sharedPools(this.reconciliations);
    for (const [place, state] of this.reconciliations.entries()) {
      for (const side of [LEFT, RIGHT] as const) {
        if (!shared.has(state.pools[side])) continue;
        state.extended[side] = true;
        state.tiesOnlyGroups = false;
      }
      core.setState(state);
      core.order[state.slot * 2] = place;
      core.order[state.slot * 2 + 1] = place;
    }
    core.maxOpen = this.set.maxOpenRecords;
    core.wheel.heap.rebuild();
  }
}

/** Rules that may be put in force. */
export interface PreparedRules {
  readonly rules: RulesInForce;
  /** What becomes of each reconciliation. */
  readonly change: RulesChange;
  /** Puts them in force; what is in memory under changed or gone reconciliations must have been taken out. */
  readonly enact: () => void;
}

/** The states of new rules, in their order: those of before where they mean the same, else empty ones. */
function compile(
  set: RuleSet,
  calendars: Calendars,
  change: RulesChange,
  before: RulesInForce | undefined,
  core: KernelCore,
  slots: ReadonlyMap<string, number> | undefined,
): readonly ReconciliationState[] {
  const known = new Map(before?.reconciliations.map((state) => [state.definition.name, state]));
  const terms: Terms = { calendars, feeContracts: set.feeContracts, rates: ratesInForce(set) };
  const slotOf = (name: string): number | undefined => slots?.get(name) ?? known.get(name)?.slot;
  // A slot that is gone is not given away at once: its entries are still told by it.
  const used = new Set([...known.values()].map(({ slot }) => slot));
  for (const { name } of set.reconciliations) if (slotOf(name) !== undefined) used.add(slotOf(name)!);
  let free = 0;
  const freeSlot = (): number => {
    while (used.has(free)) free++;
    used.add(free);
    if (free >= MAX_RECONCILIATIONS)
      throw new RangeError('too many reconciliations change at once; change them in two steps');
    return free;
  };
  return set.reconciliations.map((definition) => {
    const state = known.get(definition.name);
    if (state !== undefined && change.fates.get(definition.name) === 'kept') return state;
    return new ReconciliationState(definition, slotOf(definition.name) ?? freeSlot(), core, set, terms);
  });
}

/** The lanes of a route that take a record: a side's condition must hold, and of both sides the left one takes it. */
export function selectLanes(route: Route, record: RecordFields): readonly Lane[] {
  if (!route.isSelective) return route.lanes;
  const selected: Lane[] = [];
  for (const lane of route.lanes) {
    const where = lane.state.where[lane.side === LEFT ? 0 : 1];
    if (where !== undefined && !where(record)) continue;
    if (lane.side === RIGHT && selected.at(-1)?.state === lane.state) continue;
    selected.push(lane);
  }
  return selected;
}

function poolNumbers(reconciliations: readonly ReconciliationState[]): ReadonlyMap<string, number> {
  const names = new Set(reconciliations.flatMap((state) => state.pools));
  return new Map([...names].map((name, number) => [name, number]));
}

/** The pools that more than one side names. */
function sharedPools(reconciliations: readonly ReconciliationState[]): ReadonlySet<string> {
  const names = reconciliations.flatMap((state) => state.pools);
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}

/** The most reconciliations that a kernel can have. */
const MAX_RECONCILIATIONS: number = MAX_LANES / 2;
