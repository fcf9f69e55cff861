import { describe, expect, test } from 'vitest';
import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { CollectingSink, ofType, recordsMessage, rulesMessage, tickMessage } from '../testing/index.ts';
import { createKernel, restoreKernel, type Kernel, type KernelOptions } from './index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 22);
const PER_RECORD = 2;
const PER_MESSAGE = 100;
const OPTIONS: KernelOptions = {
  epoch: 1,
  partition: 0,
  watermark: 'sources',
  expiry: { perRecord: PER_RECORD, perMessage: PER_MESSAGE },
};

const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'gateway-to-bank',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: HOUR, after: HOUR, grace: 0 },
      retain: 30 * DAY,
      rules: [{ name: 'by-reference', keys: ['references.reference'], tolerance: {} }],
      nullValues: [],
    },
  ],
  sources: [
    { name: 'gateway', outOfOrder: 0, idleTimeout: HOUR, onIdReuse: 'accept' },
    { name: 'bank', outOfOrder: 0, idleTimeout: HOUR, onIdReuse: 'accept' },
  ],
  partitionBy: ['account'],
  maxAhead: DAY,
  seenHorizon: null,
  maxOpenRecords: 100_000,
  calendars: [],
} as unknown as RuleSet;

function record(source: string, id: string, time: number, reference: string, amount = 100n): MoneyRecord {
  return aRecord({ source, id, amount, time, references: { reference } });
}

const OPEN = 3000;

/** A kernel with records of one moment, all of which have become due by the last message, number 4. */
function withMassExpiry(options = OPTIONS): { kernel: Kernel; sink: CollectingSink } {
  const kernel = createKernel(options);
  const sink = new CollectingSink();
  kernel.apply(rulesMessage(1, START, RULES), sink);
  const open = Array.from({ length: OPEN }, (_, i) => record('gateway', `g${i}`, START, `R${i}`));
  kernel.apply(recordsMessage(2, START, open), sink);
  kernel.apply(recordsMessage(3, START, [record('bank', 'b', START, 'other')]), sink);
  sink.take();
  kernel.apply(tickMessage(4, START + 4 * HOUR), sink);
  return { kernel, sink };
}

function catchUp(kernel: Kernel, sink: CollectingSink, from: number): number {
  let sequence = from;
  for (; kernel.isBehind; sequence++) kernel.apply(tickMessage(sequence, START + 4 * HOUR), sink);
  return sequence - from;
}

describe('when many records are due at once', () => {
  test('a message handles as many as its budget allows, and further ones the rest, in order', () => {
    const { kernel, sink } = withMassExpiry();
    expect(kernel.isBehind).toBe(true);
    const first = ofType(sink.take(), 'break');
    expect(first.length).toBeLessThanOrEqual(PER_MESSAGE);
    expect(catchUp(kernel, sink, 5)).toBeGreaterThanOrEqual((OPEN / PER_MESSAGE) * 0.9);
    const ids = [...first, ...ofType(sink.take(), 'break')].map(({ members }) => members[0]!.id);
    expect(ids).toEqual([...Array.from({ length: OPEN }, (_, i) => `g${i}`), 'b']);
  });

  test('without a budget all are handled at once', () => {
    const { epoch, partition, watermark } = OPTIONS;
    const { kernel, sink } = withMassExpiry({ epoch, partition, watermark });
    expect(kernel.isBehind).toBe(false);
    expect(ofType(sink.take(), 'break')).toHaveLength(OPEN + 1);
  });

  test('a row finds what it has to do with broken already, and has others handled by the way', () => {
    const { kernel, sink } = withMassExpiry();
    sink.take();
    // The last of them, which has not come to its turn.
    const late = record('bank', 'b1', START + HOUR, `R${OPEN - 1}`, 90n);
    kernel.apply(recordsMessage(5, START + 4 * HOUR, [late]), sink);
    const breaks = ofType(sink.take(), 'break');
    expect(breaks.some(({ members }) => members[0]!.id === `g${OPEN - 1}`)).toBe(true);
    expect(breaks.length).toBeLessThanOrEqual(PER_RECORD * 128 + 1);
    expect(kernel.isBehind).toBe(true);
    const match = record('bank', 'b2', START + HOUR, `R${OPEN - 2}`);
    kernel.apply(recordsMessage(6, START + 4 * HOUR, [match]), sink);
    const results = sink.take();
    expect(ofType(results, 'match')).toHaveLength(1);
    const versions = ofType(results, 'break').filter(({ members }) => members[0]!.id === `g${OPEN - 2}`);
    expect(versions.map(({ state }) => state)).toEqual(['open', 'resolved']);
  });

  test('a command finds all of it handled', () => {
    const { kernel, sink } = withMassExpiry();
    const frame = { kind: 'command', json: '{}' } as const;
    kernel.apply({ sequence: 5, logTime: START + 4 * HOUR, frame }, sink);
    expect(kernel.isBehind).toBe(false);
    expect(ofType(sink.take(), 'break')).toHaveLength(OPEN + 1);
  });

  test('a restored kernel goes on at the same place', () => {
    const { kernel, sink } = withMassExpiry();
    const snapshot = kernel.snapshot();
    const blocks = snapshot.blocks.map((block) => block.slice());
    const restored = restoreKernel(OPTIONS, { ...snapshot, blocks }, kernel.pendingSeen());
    kernel.seenWritten();
    sink.take();
    const again = new CollectingSink();
    expect(catchUp(restored, again, 5)).toBe(catchUp(kernel, sink, 5));
    expect(again.take()).toEqual(sink.take());
  });
});
