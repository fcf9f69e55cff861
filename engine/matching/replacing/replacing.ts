import type { RecordFrame, SourceRule } from '../../domain/index.ts';
import { fieldsOf } from '../../rules/index.ts';
import { isUnmatched } from '../commands/pointed-records.ts';
import type { KernelCore } from '../core.ts';
import { laneOf } from '../entries.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT, SIDES } from '../reconciliation-state.ts';
import type { Lane } from '../rules-in-force.ts';
import { Amendments, type AmendmentsState } from './amendments.ts';
import { Inheriting } from './inheriting.ts';
import { Interims, type InterimsState } from './interims.ts';
import { PairLegs } from './pair-legs.ts';
import { isSameMoney } from './same-money.ts';
import { TrackedEntries } from './tracked-entries.ts';

/** What a snapshot keeps. */
export interface ReplacingState {
  readonly amendments: AmendmentsState;
  readonly interims: InterimsState;
  /** JSON. */
  readonly matches: string;
  /** JSON. */
  readonly amended: string;
}

/** A leg whose place the row at hand takes. */
interface MatchedLeg {
  readonly pool: string;
  /** The match goes on with the row. */
  readonly take: () => void;
}

/** Records that take the place of earlier ones: amendments by version, and final records of interim ones. */
export class Replacing {
  readonly amendments = new Amendments();
  readonly #interims = new Interims();
  readonly #matcher: Matcher;
  readonly #core: KernelCore;
  readonly #entries: TrackedEntries;
  readonly #inheriting: Inheriting;
  readonly #pairs: PairLegs;
  /** Numbers of the sources that amend. */
  #amending: ReadonlySet<number> = new Set();

  constructor(matcher: Matcher) {
    this.#matcher = matcher;
    this.#core = matcher.core;
    this.#entries = new TrackedEntries(matcher.core);
    this.#inheriting = new Inheriting(matcher);
    this.#pairs = new PairLegs(matcher.core);
    this.#core.wasReplaced = (arrival) => this.#interims.wasReplaced(arrival);
    this.#core.onTracked = (entry) => this.#entries.add(entry);
  }

  setSources(sources: readonly SourceRule[]): void {
    const { reader, tracked } = this.#core;
    // Slots may be empty, and those of a restored kernel are holes, which only some methods pass over.
    const retains = this.#core.states.flatMap((state) => state?.definition.retain ?? []);
    this.#interims.setSources(sources, Math.max(0, ...retains));
    const amending = new Set<number>();
    for (const { name, amends } of sources) {
      if (amends !== undefined) amending.add(reader.sources.internText(name));
    }
    for (const source of this.#amending) if (!amending.has(source)) this.amendments.end(source);
    this.#amending = amending;
    const names = sources.filter(
      ({ name, amends }) => amends !== undefined || this.#interims.isInterim(name),
    );
    const numbers = names.map(({ name }) => reader.sources.internText(name));
    const isSame = numbers.length === tracked.size && numbers.every((number) => tracked.has(number));
    tracked.clear();
    for (const number of numbers) tracked.add(number);
    if (!isSame) this.#entries.findAll();
  }

  /**
   * Arrival of the record whose place the row at hand takes, which nobody else takes any more; −1 without one.
   * @param former arrival of the version that it amends, or −1
   */
  replacedBy(former: number): number {
    const { row, watermark } = this.#core;
    const before = former >= 0 ? former : this.#interims.take(row, watermark);
    if (former >= 0) this.#interims.replaced(former, this.amendments.formerTime, watermark);
    this.#interims.add(row, watermark);
    return before;
  }

  /** The entries of a record that arrived then, as far as they are in memory. */
  entriesOf(arrival: number): readonly number[] {
    return arrival < 0 ? [] : this.#entries.of(arrival);
  }

  state(bucket: number): ReplacingState {
    const { watermark, remembered } = this.#core;
    return {
      amendments: this.amendments.state(bucket),
      interims: this.#interims.state(watermark),
      matches: remembered.state(),
      amended: this.#core.amended.state(),
    };
  }

  /** False when bytes are of another size. */
  restore(state: ReplacingState): boolean {
    this.#core.remembered.restore(state.matches);
    this.#core.amended.restore(state.amended);
    return this.amendments.restore(state.amendments) && this.#interims.restore(state.interims);
  }

  /**
   * The row at hand arrives in the place of an earlier record.
   * @param before arrival of that one
   */
  arrive(frame: RecordFrame, lanes: readonly Lane[], isShared: boolean, before: number): void {
    const core = this.#core;
    const { entries, order, row, watermark, wasReplaced } = core;
    const own = this.#entries.take(before);
    const open = own
      .filter((entry) => isUnmatched(core, entry))
      .sort((a, b) => order[laneOf(entries.packed(a))]! - order[laneOf(entries.packed(b))]!);
    const openPools = new Set(open.map((entry) => poolOf(core, entry)));
    const legs = this.#legsOf(frame, own, before);
    const heirs = this.#inheriting.leave(open, lanes);
    const closed = new Set<string>();
    for (const { pool, take } of legs) {
      if (openPools.has(pool)) continue;
      closed.add(pool);
      take();
    }
    const isClosed = ({ state, side }: Lane): boolean => closed.has(state.pools[side === LEFT ? 0 : 1]);
    // A lane learns of the row even where that is a leg already: a later one may repeat it.
    for (const lane of lanes) {
      if (isClosed(lane)) lane.state.twins[lane.side === LEFT ? 0 : 1]?.meet(row, watermark, wasReplaced);
    }
    const left = lanes.filter((lane) => !isClosed(lane));
    if (heirs.size > 0) this.#inheriting.arrive(left, heirs);
    else if (isShared) this.#matcher.arriveShared(left);
    else this.#matcher.arrive(left);
  }

  /**
   * The legs that a record is in remembered matches, in the order of the pools in which the rules in force look for it.
   * @param own its entries
   */
  #legsOf(frame: RecordFrame, own: readonly number[], arrival: number): readonly MatchedLeg[] {
    const core = this.#core;
    const { groups, remembered, watermark } = core;
    const legs = new Map<string, () => void>();
    const matches = remembered.of(arrival, watermark);
    for (const match of matches) {
      const leg = match.legs.find((each) => each.arrival === arrival)!;
      const state = core.states.find((each) => each?.definition.name === match.reconciliation)!;
      const side = SIDES.indexOf(leg.side);
      legs.set(state.pools[side === LEFT ? 0 : 1], () => {
        this.#pairs.take(frame, state, match, leg, this.#matcher.dueIn(state, side));
      });
    }
    const inGroups = own.filter((entry) => groups.legs.isReplaceable(entry));
    for (const entry of inGroups) {
      legs.set(poolOf(core, entry), () => {
        groups.legs.replace(entry, this.#matcher.dueIn(core.stateOf(entry), core.sideOf(entry)));
      });
    }
    if (legs.size === 0) return [];
    const [first] = inGroups;
    const record =
      first === undefined
        ? matches[0]!.legs.find((leg) => leg.arrival === arrival)!.record
        : core.recordAt(first);
    if (!isSameMoney(core, record)) return [];
    return poolsOf(core, fieldsOf(record)).flatMap((pool) => {
      const take = legs.get(pool);
      return take === undefined ? [] : [{ pool, take }];
    });
  }
}

/** The pools in which the rules in force look for a record, in the order of its lanes. */
function poolsOf({ order, states }: KernelCore, record: ReturnType<typeof fieldsOf>): string[] {
  const pools = new Set<string>();
  const inOrder = states
    .filter((state) => state !== undefined)
    .sort((a, b) => order[a.slot * 2]! - order[b.slot * 2]!);
  for (const state of inOrder) {
    const takes = (side: 0 | 1): boolean =>
      state.definition[SIDES[side]].sources.includes(record.text('source')) &&
      (state.where[side]?.(record) ?? true);
    if (takes(0)) pools.add(state.pools[0]);
    else if (takes(1)) pools.add(state.pools[1]);
  }
  return [...pools];
}

function poolOf(core: KernelCore, entry: number): string {
  return core.stateOf(entry).pools[core.sideOf(entry) === LEFT ? 0 : 1];
}
