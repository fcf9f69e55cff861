import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DAY_MS,
  OVERDUE_PARTITION,
  type LogMessage,
  type MoneyRecord,
  type ReconciliationSummary,
} from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import {
  CollectingSink,
  ofType,
  randomTrace,
  recordsMessage,
  rulesMessage,
  type Result,
} from '../testing/index.ts';
import { STORIES } from '../testing/stories.ts';
import { play, Teller, type StoryListener } from '../testing/story.ts';
import { WATERMARK_STORIES } from '../testing/watermark-story.ts';
import { createKernel, restoreKernel, type Kernel, type KernelOptions } from './index.ts';
import { lagBucket } from './totals.ts';

const OPTIONS: KernelOptions = { epoch: 1, partition: 3, watermark: 'sources' };
const START = Date.UTC(2026, 10, 22);

function listenerOf(kernel: Kernel): StoryListener {
  const sink = new CollectingSink();
  return {
    apply(message: LogMessage): Result[] {
      kernel.apply(message, sink);
      return sink.take();
    },
    finish(): Result[] {
      kernel.finish(sink);
      return sink.take();
    },
  };
}

function record(source: string, id: string, amount: number, time: number, reference: string): MoneyRecord {
  return aRecord({ source, id, amount: BigInt(amount), time, references: { reference } });
}

const RULES = {
  reconciliations: [
    {
      name: 'gateway-to-bank',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: 0, after: 3_600_000, grace: 0 },
      retain: DAY_MS,
      rules: [{ name: 'by-reference', keys: ['references.reference' as const], tolerance: {} }],
      nullValues: [],
    },
  ],
  sources: ['gateway', 'bank', 'unused'].map((name) => ({
    name,
    outOfOrder: 0,
    idleTimeout: DAY_MS,
    onIdReuse: 'accept' as const,
  })),
  partitionBy: ['account' as const],
  maxAhead: 2 * DAY_MS,
  seenHorizon: null,
  maxOpenRecords: 3,
};

describe('worked cases', () => {
  test.each(STORIES)('$name', (story) => {
    // The partition that tells of overdue sources.
    const kernel = createKernel({ ...OPTIONS, partition: OVERDUE_PARTITION, watermark: story.watermark });
    expect(play(story, listenerOf(kernel))).toEqual(story.expected);
  });

  test.each(WATERMARK_STORIES)('watermark: $name', ({ rules, lines }) => {
    const kernel = createKernel(OPTIONS);
    const teller = new Teller({ rules }, listenerOf(kernel));
    for (const [told, expected] of lines) {
      teller.tell(told);
      const { watermark } = kernel.summary();
      expect(watermark === null ? '-' : new Date(watermark).toISOString().slice(11, 16), told).toBe(expected);
    }
  });
});

describe('the summary', () => {
  test('is what the results come to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
        const kernel = createKernel(OPTIONS);
        const sink = new CollectingSink();
        const trace = randomTrace(seed, { steps: 60 });
        const rulesStay = trace.messages.filter((message, i) => i === 0 || message.frame.kind !== 'rules');
        for (const message of rulesStay) kernel.apply(message, sink);
        const results = sink.take();
        const summary = kernel.summary();
        expect(summary.records).toBe(ofType(results, 'accepted').length);
        expect(summary.duplicates).toBe(ofType(results, 'duplicate').length);
        expect(summary.deadLetters).toBe(ofType(results, 'refused').length);
        expect(summary.findings).toBe(ofType(results, 'finding').length);
        expect(summary.sequence).toBe(rulesStay.at(-1)!.sequence);
        for (const each of summary.reconciliations) expectSummary(each, results);
        const matched = summary.reconciliations.reduce((sum, each) => sum + each.matches, 0);
        expect(matched).toBe(ofType(results, 'match').length);
      }),
      { numRuns: 60 },
    );
  });
});

/** The sum as the summary shows it: exact, and held at ±(2^53 − 1). */
function sumOf(values: readonly number[]): number {
  const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(exact > most ? most : exact < -most ? -most : exact);
}

/** Compares the summary of one reconciliation and currency with the results that name them. */
function expectSummary(summary: ReconciliationSummary, results: readonly Result[]): void {
  const mine = (each: { reconciliation: string; currency: string }): boolean =>
    each.reconciliation === summary.reconciliation && each.currency === summary.currency;
  const matches = ofType(results, 'match').filter(mine);
  expect(summary.matches).toBe(matches.length);
  expect(summary.difference).toBe(sumOf(matches.map((match) => match.difference)));
  const lag = summary.lag.map(() => 0);
  for (const { lagMs } of matches) lag[lagBucket(lagMs)]! += 1;
  expect(summary.lag).toEqual(lag);
  const versions = ofType(results, 'break').filter(mine);
  const latest = [
    ...new Map(versions.map((each) => [`${each.breakSequence}-${each.breakN}`, each])).values(),
  ];
  const open = latest.filter((each) => each.state === 'open');
  expect(summary.healed).toBe(latest.length - open.length);
  expect(summary.breaks.unmatched ?? 0).toBe(open.filter((each) => each.kind === 'unmatched').length);
  expect(summary.breaks.amount ?? 0).toBe(open.filter((each) => each.kind === 'amount').length);
  const dayOf = (each: { dueTime: number }): number => Math.floor(each.dueTime / DAY_MS);
  const days = [...new Set(open.map(dayOf))].sort((a, b) => a - b);
  expect(summary.ageing).toEqual(
    days.map((day) => {
      const due = open.filter((each) => dayOf(each) === day);
      return [day, due.length, sumOf(due.map((each) => Math.abs(each.amount)))];
    }),
  );
  for (const [i, side] of (['left', 'right'] as const).entries()) {
    const it = summary.sides[side];
    const matchedAmount = sumOf(matches.map((match) => match.legs[i]!.allocated));
    expect({ matched: it.matched, amount: it.matchedAmount }).toEqual({
      matched: matches.length,
      amount: matchedAmount,
    });
    expect(it.matched + it.pending + it.broken).toBe(it.records);
    const amounts = [it.matchedAmount, it.pendingAmount, it.brokenAmount];
    const held = [...amounts, it.amount].some((amount) => Math.abs(amount) === Number.MAX_SAFE_INTEGER);
    if (!held) expect(sumOf(amounts)).toBe(it.amount);
  }
}

describe('the kernel refuses', () => {
  test('records before any rules', () => {
    const kernel = createKernel(OPTIONS);
    const message = recordsMessage(1, START, [record('gateway', 'g1', 1, START, 'A')]);
    expect(() => kernel.apply(message, new CollectingSink())).toThrow(
      expect.objectContaining({ code: 'logMismatch' }),
    );
  });

  test('more open records than allowed, naming the setting', () => {
    const kernel = createKernel(OPTIONS);
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, RULES), sink);
    const open = [1, 2, 3, 4].map((i) => record('gateway', `g${i}`, i, START, `R${i}`));
    kernel.apply(recordsMessage(2, START, [...open.slice(0, 3), record('bank', 'b1', 1, START, 'R1')]), sink);
    expect(kernel.summary().open).toBe(2);
    kernel.apply(recordsMessage(3, START, [record('gateway', 'g5', 5, START, 'R5')]), sink);
    expect(() => kernel.apply(recordsMessage(4, START, open.slice(3)), sink)).toThrow(
      expect.objectContaining({
        code: 'openRecordsLimit',
        message: expect.stringContaining('engine.maxOpenRecords') as string,
      }),
    );
  });

  test('a snapshot of another layout, or one with a block too few or too short', () => {
    const kernel = createKernel(OPTIONS);
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, RULES), sink);
    kernel.apply(recordsMessage(2, START, [record('gateway', 'g1', 1, START, 'A')]), sink);
    const snapshot = kernel.snapshot();
    const seen = kernel.pendingSeen();
    const unreadable = expect.objectContaining({ code: 'checkpointUnreadable' }) as Error;
    expect(restoreKernel(OPTIONS, snapshot, seen).summary()).toEqual(kernel.summary());
    expect(() => restoreKernel(OPTIONS, { ...snapshot, version: snapshot.version + 1 }, seen)).toThrow(
      unreadable,
    );
    expect(() => restoreKernel(OPTIONS, snapshot, [])).toThrow(unreadable);
    for (let i = 0; i < snapshot.blocks.length; i++) {
      const without = snapshot.blocks.filter((_, other) => other !== i);
      expect(() => restoreKernel(OPTIONS, { ...snapshot, blocks: without }, seen), `block ${i}`).toThrow(
        unreadable,
      );
      const block = snapshot.blocks[i]!;
      if (block.length === 0) continue;
      const short = snapshot.blocks.with(i, block.subarray(0, block.length - 1));
      expect(() => restoreKernel(OPTIONS, { ...snapshot, blocks: short }, seen), `block ${i}`).toThrow(
        unreadable,
      );
    }
  });
});

describe('the kernel takes', () => {
  test('ids and references of any length', () => {
    const kernel = createKernel({ ...OPTIONS, watermark: 'records' });
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, { ...RULES, maxOpenRecords: 1000 }), sink);
    const lengths = [1, 127, 128, 300, 9000, 40_000];
    const references = lengths.map((length) => 'é'.repeat(length));
    const sides = ['gateway', 'bank'].map((source) =>
      lengths.map((_, i) => record(source, `${source} ${references[i]!}`, 5, START, references[i]!)),
    );
    kernel.apply(recordsMessage(2, START, sides.flat()), sink);
    expect(ofType(sink.take(), 'match').map((match) => match.legs.map((leg) => leg.id))).toEqual(
      references.map((reference) => [`gateway ${reference}`, `bank ${reference}`]),
    );
    expect(kernel.summary().open).toBe(0);
  });

  test('thousands of records with one key, and matches them in order of arrival', () => {
    const kernel = createKernel({ ...OPTIONS, watermark: 'records' });
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, { ...RULES, maxOpenRecords: 10_000 }), sink);
    const count = 3000;
    const side = (source: string): MoneyRecord[] =>
      Array.from({ length: count }, (_, i) => record(source, `${source}${i}`, 5, START, 'A'));
    kernel.apply(recordsMessage(2, START, side('gateway')), sink);
    kernel.apply(recordsMessage(2 + count, START, side('bank')), sink);
    expect(ofType(sink.take(), 'match').map((match) => match.legs.map((leg) => leg.id))).toEqual(
      Array.from({ length: count }, (_, i) => [`gateway${i}`, `bank${i}`]),
    );
  });

  test('amounts at the end of the range, their difference held there', () => {
    const kernel = createKernel({ ...OPTIONS, watermark: 'records' });
    const sink = new CollectingSink();
    const most = Number.MAX_SAFE_INTEGER;
    kernel.apply(rulesMessage(1, START, RULES), sink);
    kernel.apply(
      recordsMessage(2, START, [
        record('gateway', 'g', most, START, 'A'),
        record('bank', 'b', -most, START, 'A'),
      ]),
      sink,
    );
    kernel.finish(sink);
    const [broken] = ofType(sink.take(), 'break');
    expect(broken).toMatchObject({
      kind: 'amount',
      amount: most,
      sequence: 4,
      why: { rule: 'by-reference', condition: 'sign' },
    });
    expect(kernel.summary().reconciliations[0]?.ageing).toEqual([
      [Math.floor(broken!.dueTime / DAY_MS), 1, most],
    ]);
  });
});
