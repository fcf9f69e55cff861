import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { randomTrace } from './random-trace.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import { ofType, withoutPositions, withoutWording, type Result } from './results.ts';
import { shrinkTrace } from './shrink-trace.ts';
import { recut, type Trace } from './trace.ts';
import { traceArbitrary } from './trace-arbitrary.ts';

const OPTIONS: KernelOptions = { epoch: 1, partition: 0, watermark: 'sources' };

function run(trace: Trace): { results: Result[]; matcher: ReferenceMatcher } {
  const matcher = new ReferenceMatcher(OPTIONS);
  return { results: trace.messages.flatMap((message) => matcher.apply(message)), matcher };
}

describe('random traces', () => {
  it('are the same for the same seed, and a shorter one is the beginning of a longer', () => {
    expect(randomTrace(7, { steps: 30 }).messages).toEqual(randomTrace(7, { steps: 30 }).messages);
    expect(randomTrace(7, { steps: 50 }).steps.slice(0, 31)).toEqual(randomTrace(7, { steps: 30 }).steps);
    expect(randomTrace(8, { steps: 30 }).steps).not.toEqual(randomTrace(7, { steps: 30 }).steps);
  });

  it('reach every situation that the specification speaks of', () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (let seed = 0; seed < 150; seed++) {
      const { results, matcher } = run(randomTrace(seed));
      const owners = new Map<string, string>();
      for (const [i, result] of results.entries()) {
        count(result.type === 'refused' ? `refused ${result.code}` : result.type);
        if (result.type === 'finding') count(`finding ${result.kind}`);
        if (result.type === 'match' && result.difference !== 0) count('match within tolerance');
        if (result.type !== 'break') continue;
        const id = `${result.breakSequence}-${result.breakN}`;
        const before = owners.get(id);
        owners.set(id, result.kind);
        if (result.state === 'resolved') {
          count(`resolved ${result.kind}`);
          const after = results[i + 1];
          const released = result.members[1];
          if (after?.type === 'break' && after.members.some((member) => member.id === released?.id)) {
            count('released and broken at once');
          }
        } else count(`${before ?? 'new'} → ${result.kind}`);
      }
      const counts = matcher.counts();
      for (const name of ['duplicates', 'unrouted', 'late', 'commands', 'open'] as const) {
        if (counts[name] > 0) count(name);
      }
      if (counts.watermark === -Infinity) count('no watermark yet');
    }
    for (const situation of [
      'accepted',
      'duplicate',
      'refused idConflict',
      'refused unknownSource',
      'match within tolerance',
      'finding idReused',
      'finding rulesRefused',
      'finding balance',
      'new → unmatched',
      'new → amount',
      'unmatched → amount',
      'amount → amount',
      'amount → unmatched',
      'resolved unmatched',
      'resolved amount',
      'released and broken at once',
      'duplicates',
      'unrouted',
      'late',
      'commands',
      'open',
    ]) {
      expect(seen.get(situation) ?? 0, situation).toBeGreaterThan(5);
    }
  });

  it('give the same results, places apart, however they are cut into frames', () => {
    fc.assert(
      fc.property(traceArbitrary({ steps: 40 }), fc.integer(), (trace, seed) => {
        const again = recut(trace, seed);
        const expected = withoutWording(run(trace).results);
        const found = withoutWording(run(again).results);
        expect(withoutPositions(again.messages, found)).toEqual(withoutPositions(trace.messages, expected));
      }),
      { numRuns: 40 },
    );
  });

  it('leave every record in at most one match and one open break per reconciliation', () => {
    fc.assert(
      fc.property(traceArbitrary({ steps: 60 }), (trace) => {
        const { results } = run(trace);
        const matched = new Set<string>();
        for (const match of ofType(results, 'match')) {
          for (const leg of match.legs) {
            const key = `${match.reconciliation} ${leg.sequence}-${leg.ordinal}`;
            expect(matched.has(key)).toBe(false);
            matched.add(key);
          }
        }
        const latest = new Map(
          ofType(results, 'break').map((each) => [`${each.breakSequence}-${each.breakN}`, each]),
        );
        const broken = new Set<string>();
        for (const each of latest.values()) {
          if (each.state === 'resolved') continue;
          for (const member of each.members) {
            const key = `${each.reconciliation} ${member.sequence}-${member.ordinal}`;
            expect(broken.has(key) || matched.has(key)).toBe(false);
            broken.add(key);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('shrink to the few messages that a failure needs', () => {
    const resolves = (trace: Trace): boolean =>
      ofType(run(trace).results, 'break').some((each) => each.state === 'resolved');
    const seed = Array.from({ length: 50 }, (_, i) => i).find((i) => resolves(randomTrace(i)))!;
    const small = shrinkTrace(randomTrace(seed), resolves);
    expect(resolves(small)).toBe(true);
    // A record, its counterpart, and something in between that moves the watermark.
    expect(small.steps.filter((step) => step.kind === 'records').length).toBeLessThanOrEqual(4);
    expect(small.steps.length).toBeLessThanOrEqual(6);
  });
});
