import { describe, expect, test } from 'vitest';
import { FEATURES } from './random-features.ts';
import { randomTrace } from './random-trace.ts';
import type { Result } from './results.ts';
import { BY_RECORDS, BY_SOURCES } from './trace-run.ts';
import { referenceRun } from './trace.ts';

type Match = Extract<Result, { type: 'match' }>;
type Break = Extract<Result, { type: 'break' }>;

/**
 * What must hold of any results whatever the rules are; a line for each place where it does not.
 * @param byHand whether people may undo versions that never were, and bring records back that are broken or matched
 */
function contradictions(results: readonly Result[], byHand: boolean): string[] {
  const found: string[] = [];
  const matches = new Map<string, Match>();
  const breaks = new Map<string, Break>();
  for (const result of results) {
    if (result.type === 'match') {
      const id = `match ${result.matchSequence}-${result.matchN}`;
      const before = matches.get(id);
      if (!byHand && result.version !== (before?.version ?? 0) + 1)
        found.push(`${id}: version ${result.version}`);
      matches.set(id, result);
      const sum = Object.values(result.causes).reduce((total, part) => total + part, 0);
      const apart =
        Object.hasOwn(result.causes, 'fee') || Object.hasOwn(result.causes, 'tax') ? sum : result.difference;
      if (sum !== apart) found.push(`${id}: causes sum to ${sum}, not ${apart}`);
    } else if (result.type === 'break') {
      const id = `break ${result.breakSequence}-${result.breakN}`;
      const before = breaks.get(id);
      if (result.version !== (before?.version ?? 0) + 1) found.push(`${id}: version ${result.version}`);
      if (before !== undefined && before.state !== 'open') found.push(`${id}: a version after the last`);
      if (result.members.length === 0) found.push(`${id}: no members`);
      breaks.set(id, result);
    }
  }
  if (byHand) return found;
  const poolOf = (result: Match | Break, side: 'left' | 'right'): string =>
    result.pools[side === 'left' ? 0 : 1];
  const matched = new Map<string, string>();
  for (const [id, match] of matches) {
    if (match.state === 'unmatched') continue;
    for (const leg of match.legs) {
      const who = `${leg.sequence}.${leg.ordinal} in ${poolOf(match, leg.side)}`;
      const other = matched.get(who);
      if (other !== undefined) found.push(`${who}: in ${other} and ${id}`);
      matched.set(who, id);
    }
  }
  const broken = new Map<string, string>();
  for (const [id, each] of breaks) {
    if (each.state !== 'open' || each.kind === 'amended' || each.why.condition === 'residual') continue;
    for (const member of each.members) {
      const who = `${member.sequence}.${member.ordinal} in ${poolOf(each, member.side)}`;
      const other = broken.get(who);
      if (other !== undefined) found.push(`${who}: in ${other} and ${id}`);
      broken.set(who, id);
      const match = matched.get(who);
      if (match !== undefined) found.push(`${who}: in ${match} and ${id}`);
    }
  }
  return found;
}

const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 2);
const SEED = Number(process.env['COUNTERFOIL_SEED'] ?? 1);

describe('whatever the rules are', () => {
  test.each(FEATURES.map((feature) => [feature]))(
    '%s: nothing is matched twice, or broken twice, or both',
    (feature) => {
      for (let seed = SEED; seed < SEED + RUNS; seed++) {
        for (const options of [BY_SOURCES, BY_RECORDS]) {
          const trace = randomTrace(seed, { features: [feature], steps: 60 });
          const { results } = referenceRun(trace, options);
          expect({
            seed,
            watermark: options.watermark,
            found: contradictions(results, feature === 'commands'),
          }).toEqual({
            seed,
            watermark: options.watermark,
            found: [],
          });
        }
      }
    },
  );
});
