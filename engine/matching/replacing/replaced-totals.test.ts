import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BY_RECORDS,
  BY_SOURCES,
  CollectingSink,
  ofType,
  randomTrace,
  Teller,
  type Result,
} from '../../testing/index.ts';
import { REPLACING_GROUP_STORIES } from '../../testing/stories-replacing-groups.ts';
import { createKernel, type Kernel } from '../index.ts';

type Match = Extract<Result, { type: 'match' }>;

/** The latest versions of the matches of a reconciliation in a currency. */
function latestOf(results: readonly Result[], reconciliation: string, currency: string): Match[] {
  const latest = new Map(
    ofType(results, 'match').map((match) => [`${match.matchSequence}-${match.matchN}`, match]),
  );
  return [...latest.values()].filter(
    (match) => match.reconciliation === reconciliation && match.currency === currency,
  );
}

function tellerOf(kernel: Kernel, name: string): Teller {
  const sink = new CollectingSink();
  return new Teller(
    REPLACING_GROUP_STORIES.find((each) => each.name.startsWith(name))!,
    {
      apply(message) {
        kernel.apply(message, sink);
        return sink.take();
      },
      finish() {
        kernel.finish(sink);
        return sink.take();
      },
    },
  );
}

describe('totals', () => {
  test('count each match once, as its latest version is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const kernel = createKernel(BY_SOURCES);
        const sink = new CollectingSink();
        for (const message of randomTrace(seed, { features: ['replace', 'groups', 'late'] }).messages)
          if (message.frame.kind !== 'rules' || message.sequence === 1) kernel.apply(message, sink);
        const results = sink.take();
        for (const { reconciliation, currency, matches, difference } of kernel.summary().reconciliations) {
          const latest = latestOf(results, reconciliation, currency);
          expect(matches).toBe(latest.length);
          expect(BigInt(difference)).toBe(latest.reduce((sum, match) => sum + BigInt(match.difference), 0n));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('have a leg as the record that took its place, and the break that this made until it is settled', () => {
    const kernel = createKernel(BY_RECORDS);
    const teller = tellerOf(kernel, 'a line booked with another amount');
    const summary = (): object => {
      const { matches, difference, sides, breaks } = kernel.summary().reconciliations[0]!;
      const { records, amount, matchedAmount } = sides.right;
      return { matches, difference, breaks, right: { records, amount, matchedAmount } };
    };
    teller.tell('gateway g1 60.00 P1 10:00');
    teller.tell('gateway g2 40.00 P1 10:01');
    teller.tell('mt942 i1 100.00 P1 10:02 line=L1');
    const interim = { records: 1, amount: 10_000, matchedAmount: 10_000 };
    expect(summary()).toEqual({ matches: 1, difference: 0, breaks: {}, right: interim });
    teller.tell('mt940 f1 99.00 P1 10:30 line=L1');
    const booked = { records: 1, amount: 9900, matchedAmount: 9900 };
    expect(summary()).toEqual({ matches: 1, difference: 100, breaks: { amended: 1 }, right: booked });
    teller.tell('gateway fee -1.00 P1 10:31');
    expect(summary()).toEqual({ matches: 1, difference: 0, breaks: {}, right: booked });
  });

  test('have a record that takes a place in a break, late as it may be', () => {
    const kernel = createKernel(BY_RECORDS);
    const teller = tellerOf(kernel, 'a booked line takes the place of the interim one in the break');
    teller.tell('gateway g1 60.00 P1 10:00');
    teller.tell('mt942 i1 90.00 P1 10:02 line=L1');
    teller.tell('gateway g9 1.00 Z 14:00');
    teller.tell('mt940 f1 95.00 P1 10:05 line=L1');
    const { breaks, sides, ageing } = kernel.summary().reconciliations[0]!;
    expect(breaks).toEqual({ amount: 1 });
    expect(sides.right).toMatchObject({ records: 1, pending: 0, broken: 1, brokenAmount: 9500, late: 1 });
    expect(ageing.map(([, count, sum]) => [count, sum])).toEqual([[1, 3500]]);
  });
});
