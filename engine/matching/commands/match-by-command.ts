import type { Command } from '../../domain/index.ts';
import { toleranceLimit } from '../../rules/index.ts';
import type { KernelCore } from '../core.ts';
import type { Matcher } from '../matcher.ts';
import { LEFT, type ReconciliationState } from '../reconciliation-state.ts';
import { NO_CAUSES } from '../result-views.ts';
import { doSignsFit, saturate } from '../exact-sum.ts';
import { pointedRecords } from './pointed-records.ts';
import { sumOf } from './sums.ts';

type MatchCommand = Extract<Command, { kind: 'match' | 'adjust' }>;

/** A match that a command may make. */
export interface PlannedMatch {
  readonly state: ReconciliationState;
  /** Left ones in order of arrival, then right ones. */
  readonly legs: readonly number[];
  /** Σleft − Σright of the amounts, after `negate`. */
  readonly difference: number;
}

/** What a `match` or `adjust` command would tie; or why it may not, in one line. */
export function planMatch(
  core: KernelCore,
  state: ReconciliationState,
  command: MatchCommand,
): PlannedMatch | string {
  if (command.records.length < 2) return 'a match ties at least two records';
  const legs = pointedRecords(core, state, command.records);
  if (typeof legs === 'string') return legs;
  const { blobs, entries } = core;
  const [first] = legs;
  for (const entry of legs) {
    if (blobs.account(entries.blob(entry)) !== blobs.account(entries.blob(first!)))
      return 'the records are of different accounts';
    if (core.currency(entry) !== core.currency(first!)) return 'the records are of different currencies';
    if (core.groups.hasAllocation(entry)) return 'part of a record is matched already';
  }
  const ordered = [...legs].sort(
    (a, b) => core.sideOf(a) - core.sideOf(b) || entries.arrival(a) - entries.arrival(b),
  );
  const [left, right] = sumsOf(core, state, ordered);
  const difference = saturate(left - right);
  if (command.kind === 'match') {
    const limit = limitOf(core, state, ordered, left, right);
    if (!doSignsFit(left, right)) return 'the two sides have opposite signs';
    if (Math.abs(difference) > limit)
      return `the sides differ by ${difference} minor units, more than the tolerance of ${limit}; adjust takes any difference`;
  }
  return { state, legs: ordered, difference };
}

/** Makes a planned match: the records are consumed, and their breaks heal. */
export function makeMatch(
  { core, consuming }: Matcher,
  { state, legs, difference }: PlannedMatch,
  kind: 'match' | 'adjust',
): void {
  const { entries, blobs, reader, emitter } = core;
  const times = legs.map((entry) => entries.time(entry));
  const lagMs = Math.max(...times) - Math.min(...times);
  const blob = entries.blob(legs[0]!);
  const n = emitter.match(state, {
    state: 'matched',
    matchSequence: emitter.sequence,
    matchN: emitter.n,
    version: 1,
    rule: kind,
    fields: [],
    account: reader.accounts.text(blobs.account(blob)),
    currency: reader.currencies.text(blobs.currency(blob)),
    legs: emitter.recordsOf(legs),
    difference,
    causes:
      difference === 0
        ? NO_CAUSES
        : kind === 'match'
          ? { tolerance: difference }
          : { adjustment: difference },
    lagMs,
  });
  state.totals(blobs.currency(blob)).match(difference, lagMs);
  consuming.consume(legs, n);
}

/** Σ of the amounts of each side, after `negate`. */
function sumsOf(core: KernelCore, state: ReconciliationState, legs: readonly number[]): [number, number] {
  const { pairing } = state.rules[0]!;
  const sumOfSide = (side: number): number =>
    // A sum of 0 is not −0.
    0 +
    pairing.sign(side) *
      sumOf(legs.filter((entry) => core.sideOf(entry) === side).map((entry) => core.entries.amount(entry)));
  return [sumOfSide(LEFT), sumOfSide(1 - LEFT)];
}

/** The tolerance of the first rule; where only one side has records, its amount alone. */
function limitOf(
  core: KernelCore,
  state: ReconciliationState,
  legs: readonly number[],
  left: number,
  right: number,
): number {
  const { tolerance } = state.rules[0]!.rule;
  const currency = core.reader.currencies.text(core.currency(legs[0]!));
  const isOneSided = core.sideOf(legs[0]!) === core.sideOf(legs.at(-1)!);
  return isOneSided
    ? toleranceLimit({ amount: tolerance.amount }, 0, 0, currency)
    : toleranceLimit(tolerance, left, right, currency);
}
