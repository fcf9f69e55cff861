import { describe, expect, it } from 'vitest';
import { CollectingSink } from '../../testing/collect.ts';
import { PART_STORIES } from '../../testing/stories-parts.ts';
import { Teller } from '../../testing/story.ts';
import { sidesOfResults, type SideStanding } from '../../testing/summary-of-results.ts';
import { traceOfSeed } from '../../testing/agreement-batch.ts';
import { BY_RECORDS } from '../../testing/trace-run.ts';
import { referenceRun, type Trace } from '../../testing/trace.ts';
import { createKernel } from '../index.ts';

const NOTHING: SideStanding = { matched: 0, matchedAmount: 0, broken: 0, brokenAmount: 0 };

describe('the summary of what is matched in part', () => {
  it('counts what is left over as pending or broken, and the rest as matched', () => {
    // 100.00 with a fee of 3.00: the rule compares 97.00.
    const [{ rules }] = PART_STORIES as [(typeof PART_STORIES)[number]];
    const kernel = createKernel(BY_RECORDS);
    const sink = new CollectingSink();
    const teller = new Teller(
      { rules },
      {
        apply: (message) => (kernel.apply(message, sink), sink.take()),
        finish: () => (kernel.finish(sink), sink.take()),
      },
    );
    const left = (): unknown => {
      const { matched, matchedAmount, pendingAmount, broken, brokenAmount } =
        kernel.summary().reconciliations[0]!.sides.left;
      return { matched, matchedAmount, pendingAmount, broken, brokenAmount };
    };
    teller.tell('shop s1 100.00 A 10:00 fee=3.00 invoice=I1');
    teller.tell('bank b1 40.00 B 10:10 invoice=I1');
    expect(left()).toEqual({
      matched: 0,
      matchedAmount: 4300,
      pendingAmount: 5700,
      broken: 0,
      brokenAmount: 0,
    });
    teller.tell('bank b9 1.00 Z 11:10:00.001');
    expect(left()).toEqual({
      matched: 0,
      matchedAmount: 4300,
      pendingAmount: 0,
      broken: 1,
      brokenAmount: 5700,
    });
    teller.tell('bank b2 50.00 B 11:00 invoice=I1');
    expect(left()).toEqual({
      matched: 0,
      matchedAmount: 9300,
      pendingAmount: 0,
      broken: 1,
      brokenAmount: 700,
    });
    teller.tell('bank b3 7.00 B 11:00 invoice=I1');
    expect(left()).toEqual({
      matched: 1,
      matchedAmount: 10_000,
      pendingAmount: 0,
      broken: 0,
      brokenAmount: 0,
    });
  });

  it('is what the results say, in pools too', () => {
    const first = Number(process.env['COUNTERFOIL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    for (let seed = first; seed < first + 12; seed++) {
      const { trace } = traceOfSeed(seed, ['partial', 'pools', 'captureAll', 'hold', 'late', 'contra']);
      expect(wrongSides(trace), `seed ${seed}`).toEqual([]);
    }
  });
});

/** Sides of the kernel's summary that are not what its results say. */
function wrongSides(trace: Trace): unknown[] {
  const kernel = createKernel(BY_RECORDS);
  const sink = new CollectingSink();
  const messages = referenceRun(trace, BY_RECORDS).messages;
  for (const message of messages) kernel.apply(message, sink);
  kernel.finish(sink);
  const rules = trace.steps.find((step) => step.kind === 'rules')!.rules;
  const expected = sidesOfResults(messages, sink.take(), rules, true);
  return kernel.summary().reconciliations.flatMap(({ reconciliation, currency, sides }) =>
    (['left', 'right'] as const).flatMap((side) => {
      const { records, amount, pending, pendingAmount, ...found } = sides[side];
      const { matched, matchedAmount, broken, brokenAmount } = found;
      const said = expected.get(`${reconciliation} ${side} ${currency}`) ?? NOTHING;
      const isRight =
        records === matched + pending + broken &&
        isSum(amount, [matchedAmount, pendingAmount, brokenAmount]) &&
        Object.entries(said).every(([name, value]) => found[name as keyof SideStanding] === value);
      return isRight ? [] : [{ reconciliation, side, currency, found: sides[side], said }];
    }),
  );
}

/** Sums as they are shown are held at ±(2^53 − 1): of those nothing can be said. */
function isSum(sum: number, parts: readonly number[]): boolean {
  const isExact = [sum, ...parts].every((each) => Math.abs(each) < Number.MAX_SAFE_INTEGER);
  return !isExact || BigInt(sum) === parts.reduce((total, part) => total + BigInt(part), 0n);
}
