import { membersKey } from './outcome.ts';
import type { BreakOutcome, MatchOutcome } from './outcome.ts';
import type { Judgement } from './people.ts';
import type { RuleRun } from './rule-run.ts';

/** Matches of the two runs that share records, in one reconciliation. */
export interface MatchChange {
  readonly before: readonly MatchOutcome[];
  readonly after: readonly MatchOutcome[];
}

/** What a person said, and whether the rules alone say the same: for `unmatch`, whether they tie what was undone. */
export interface Agreement {
  readonly judgement: Judgement;
  readonly byOld: boolean;
  readonly byNew: boolean;
}

/** How two runs over one partition differ. */
export interface PartitionComparison {
  /** Equal matches, by `reconciliation currency`. */
  readonly agreed: Map<string, number>;
  /** Nothing of it was matched, and now is; or was, and now is not. */
  readonly gained: readonly MatchOutcome[];
  readonly lost: readonly MatchOutcome[];
  readonly changed: readonly MatchChange[];
  /** Equal breaks, by `reconciliation currency`. */
  readonly agreedBreaks: Map<string, number>;
  readonly breaksGained: readonly BreakOutcome[];
  readonly breaksLost: readonly BreakOutcome[];
  readonly people: readonly Agreement[];
}

/** @param agreed equal matches that the runs hold no more */
export function compareRuns(
  before: RuleRun,
  after: RuleRun,
  agreed: ReadonlyMap<string, number>,
  judgements: readonly Judgement[],
): PartitionComparison {
  const old = new Map([...before.matches.values()].map((match) => [matchKey(match), match]));
  const fresh = new Map([...after.matches.values()].map((match) => [matchKey(match), match]));
  const people = judgements.map((judgement) => {
    const key = matchKey(judgement.match);
    return { judgement, byOld: old.has(key), byNew: fresh.has(key) };
  });
  const equal = new Map(agreed);
  for (const [key, match] of old) {
    if (fresh.get(key)?.difference !== match.difference) continue;
    old.delete(key);
    fresh.delete(key);
    increment(equal, match);
  }
  return {
    ...overlaps([...old.values()], [...fresh.values()]),
    agreed: equal,
    ...compareBreaks(before, after),
    people,
  };
}

function compareBreaks(
  before: RuleRun,
  after: RuleRun,
): Pick<PartitionComparison, 'agreedBreaks' | 'breaksGained' | 'breaksLost'> {
  const key = (broken: BreakOutcome): string =>
    `${broken.kind} ${broken.amount} ${membersKey(broken.reconciliation, broken.members)}`;
  const old = new Map([...before.breaks.values()].map((broken) => [key(broken), broken]));
  const agreedBreaks = new Map<string, number>();
  const breaksGained: BreakOutcome[] = [];
  for (const broken of after.breaks.values()) {
    if (old.delete(key(broken))) increment(agreedBreaks, broken);
    else breaksGained.push(broken);
  }
  return { agreedBreaks, breaksGained, breaksLost: [...old.values()] };
}

/** Sorts the matches that differ into those that stand alone and those that took each other's records. */
function overlaps(
  old: readonly MatchOutcome[],
  fresh: readonly MatchOutcome[],
): Pick<PartitionComparison, 'gained' | 'lost' | 'changed'> {
  const all = [...old, ...fresh];
  const byRecord = new Map<string, number[]>();
  for (const [i, match] of all.entries()) {
    for (const { sequence, ordinal } of match.legs) {
      const record = `${match.reconciliation} ${sequence}.${ordinal}`;
      const holders = byRecord.get(record) ?? [];
      holders.push(i);
      byRecord.set(record, holders);
    }
  }
  const gained: MatchOutcome[] = [];
  const lost: MatchOutcome[] = [];
  const changed: MatchChange[] = [];
  const seen = new Set<number>();
  for (let first = 0; first < all.length; first++) {
    if (seen.has(first)) continue;
    seen.add(first);
    const part = [first];
    // Grows while it is walked: everything that is tied to something in it belongs to it.
    for (const i of part) {
      const { reconciliation, legs } = all[i]!;
      for (const { sequence, ordinal } of legs) {
        for (const other of byRecord.get(`${reconciliation} ${sequence}.${ordinal}`)!) {
          if (!seen.has(other)) part.push(other);
          seen.add(other);
        }
      }
    }
    const before = part.filter((i) => i < old.length).map((i) => all[i]!);
    const after = part.filter((i) => i >= old.length).map((i) => all[i]!);
    if (after.length === 0) lost.push(...before);
    else if (before.length === 0) gained.push(...after);
    else changed.push({ before, after });
  }
  return { gained, lost, changed };
}

function matchKey(match: MatchOutcome): string {
  return membersKey(match.reconciliation, match.legs);
}

function increment(counts: Map<string, number>, of: { reconciliation: string; currency: string }): void {
  const key = `${of.reconciliation} ${of.currency}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
