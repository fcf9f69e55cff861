import type { CarriedRecord, Command, Leg, RecordFrame, Side } from '../../domain/index.ts';
import { saturate } from '../exact-sum.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT, SIDES, type ReconciliationState } from '../reconciliation-state.ts';
import { NO_CAUSES } from '../result-views.ts';
import type { Lane } from '../rules-in-force.ts';
import { NO_ENTRY } from '../slab.ts';
import { carriedRows } from './carried-rows.ts';
import { findEntries } from './find-entries.ts';
import { arrivalOf, firstRepeated, isUnmatched } from './pointed-records.ts';
import { sumOf } from './sums.ts';

/** What the way back into memory asks of the kernel around. */
export interface RowHost {
  /**
   * The lanes that take the row at hand, in configured order, and reads what their rules compare of it; of a source that
   * is not in the rules none.
   */
  lanesOfRow(): readonly Lane[];
  /** A result of this partition as people name it. */
  identifierOf(sequence: number, n: number): string;
}

type UnmatchCommand = Extract<Command, { kind: 'unmatch' }>;
type ReopenCommand = Extract<Command, { kind: 'reopen' }>;
type Carried = readonly { readonly side: Side; readonly record: CarriedRecord }[];

/** Records that come back: rows of a frame, left ones first, each side in order of arrival. */
interface Returning {
  readonly state: ReconciliationState;
  readonly host: RowHost;
  readonly frame: RecordFrame;
  readonly carried: Carried;
  readonly arrivals: readonly number[];
}

/** What an `unmatch` command would undo; or why it may not, in one line. */
export function planUnmatch(
  matcher: Matcher,
  host: RowHost,
  state: ReconciliationState,
  { match, version, records }: UnmatchCommand,
): Returning | string {
  if (matcher.core.bars.wasUndone(match.sequence, match.n, version))
    return `version ${version} of match ${host.identifierOf(match.sequence, match.n)} was undone before`;
  return planReturn(matcher, host, state, records);
}

/** A match is undone: its records are open again, and together they are barred. */
export function unmatch(matcher: Matcher, returning: Returning, command: UnmatchCommand): void {
  const { state, carried, arrivals } = returning;
  const { core } = matcher;
  const { sequence, n } = command.match;
  core.remembered.forget((made) => made.sequence === sequence && made.n === n);
  core.groups.forgetMatch(state, sequence, n);
  core.bars.add(
    state.definition.name,
    sequence,
    n,
    command.version,
    [...arrivals].sort((a, b) => a - b),
  );
  const legs = carried.map(({ side, record }): Leg => ({
    side,
    source: record.source,
    id: record.id,
    sequence: record.sequence,
    ordinal: record.ordinal,
    allocated: record.amount,
  }));
  const { pairing } = state.rules[0]!;
  const sumOfSide = (side: Side): number =>
    sumOf(carried.filter((each) => each.side === side).map(({ record }) => record.amount));
  const left = pairing.sign(LEFT) * sumOfSide('left');
  const difference = saturate(left - pairing.sign(1 - LEFT) * sumOfSide('right'));
  const times = carried.map(({ record }) => record.time);
  const lagMs = Math.max(...times) - Math.min(...times);
  const right = carried.find(({ side }) => side === 'right') ?? carried[0]!;
  core.emitter.match(state, {
    state: 'unmatched',
    matchSequence: sequence,
    matchN: n,
    version: command.version + 1,
    rule: command.rule,
    fields: [],
    account: carried[0]!.record.account,
    currency: right.record.currency,
    legs,
    difference,
    causes: difference === 0 ? NO_CAUSES : { tolerance: difference },
    lagMs,
  });
  state.totals(core.reader.currencies.internText(right.record.currency)).unmatch(difference, lagMs);
  // What an amendment broke is no break any more: its record is open again.
  core.amended.settle(state, command.match);
  comeBack(matcher, returning, true);
}

/** What a `reopen` command would do, in words and as the records that come back; or why it may not. */
export function planReopen(
  matcher: Matcher,
  host: RowHost,
  state: ReconciliationState,
  command: ReopenCommand,
): PlannedReopen | string {
  const { match, records } = command;
  const { bars } = matcher.core;
  if (match === undefined && records === undefined) return 'reopen names a match whose bar goes, or records';
  const does: string[] = [];
  if (match !== undefined) {
    if (bars.countOf(state.definition.name, match.sequence, match.n) === 0)
      return `there is no bar of match ${host.identifierOf(match.sequence, match.n)}`;
    does.push('the bar is taken away');
  }
  if (records === undefined) return { state, match, does: does.join('; '), returning: undefined };
  const returning = planReturn(matcher, host, state, records);
  if (typeof returning === 'string') return returning;
  does.push(records.length === 1 ? '1 record open again' : `${records.length} records open again`);
  return { state, match, does: does.join('; '), returning };
}

interface PlannedReopen {
  readonly state: ReconciliationState;
  readonly match: ReopenCommand['match'];
  readonly does: string;
  readonly returning: Returning | undefined;
}

export function reopen(matcher: Matcher, { state, match, returning }: PlannedReopen): void {
  if (match !== undefined) matcher.core.bars.remove(state.definition.name, match.sequence, match.n);
  if (returning !== undefined) comeBack(matcher, returning, false);
}

function planReturn(
  matcher: Matcher,
  host: RowHost,
  state: ReconciliationState,
  records: Carried,
): Returning | string {
  const { core } = matcher;
  const arrivals = records.map(({ record }) => arrivalOf(record));
  const twice = firstRepeated(arrivals);
  if (twice >= 0) return `record "${records[twice]!.record.id}" is listed twice`;
  const carried = [...records].sort(
    (a, b) => SIDES.indexOf(a.side) - SIDES.indexOf(b.side) || arrivalOf(a.record) - arrivalOf(b.record),
  );
  const frame = carriedRows(carried.map(({ record }) => record));
  if (typeof frame === 'string') return frame;
  const returning = { state, host, frame, carried, arrivals: carried.map(({ record }) => arrivalOf(record)) };
  core.reader.bind(frame);
  for (const [row, { side, record }] of carried.entries()) {
    const lane = lanesOf(matcher, returning, row).find((each) => each.state === state);
    if (lane === undefined || SIDES[lane.side] !== side) {
      return `record "${record.id}" of source "${record.source}" is none of the ${side} side of reconciliation "${state.definition.name}"`;
    }
  }
  let here = -1;
  findEntries(core.entries, returning.arrivals, (place, entry) => {
    const pool = core.stateOf(entry).pools[core.sideOf(entry) === LEFT ? 0 : 1];
    if (isUnmatched(core, entry) && pool === state.pools[carried[place]!.side === 'left' ? 0 : 1])
      here = place;
  });
  if (here < 0) return returning;
  const { source, id } = carried[here]!.record;
  return `record "${id}" of source "${source}" is open already`;
}

/** Moves to a row of what comes back, and gives the lanes that take it. The frame must be bound. */
function lanesOf({ core }: Matcher, { host, arrivals }: Returning, row: number): readonly Lane[] {
  const { reader } = core;
  reader.read(row);
  if (reader.source < 0) return [];
  reader.readReferences();
  core.row.arrival = arrivals[row]!;
  return host.lanesOfRow();
}

/** Records are pending again in all lanes of their pool; no rule is tried. */
function comeBack(matcher: Matcher, returning: Returning, wereMatched: boolean): void {
  const { core } = matcher;
  const { reader } = core;
  const { state, frame, carried } = returning;
  reader.bind(frame);
  for (const row of carried.keys()) {
    const all = lanesOf(matcher, returning, row);
    const own = all.find((each) => each.state === state)!;
    const lanes = all.filter(({ pool }) => pool === own.pool);
    const due = Math.max(...lanes.map((lane) => matcher.dueIn(lane.state, lane.side)));
    let first = NO_ENTRY;
    for (const lane of lanes) {
      const { side } = lane;
      lane.state.slots.compute(reader, core.row, side);
      for (const rule of lane.state.rules) rule.look(reader, core.row, side);
      core.ring = first;
      core.laneDue = matcher.dueIn(lane.state, side);
      core.itemDue = due;
      const entry = core.keep(lane.state, side);
      if (first === NO_ENTRY) first = entry;
      const totals = lane.state.totals(reader.currency);
      if (lane === own) totals.reopened(side, reader.amount, wereMatched);
      else totals.moved(side, reader.amount, false, 1);
      if (lane.state.hasGroups) core.groups.join(lane.state, side, entry);
    }
    matcher.expiring.schedule(first, due);
  }
}
